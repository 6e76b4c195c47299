"""Write what calibration comes to, and the pages on it, from the posteriors that come with the package.

``python docs/reference/generate_calibration.py`` writes ``src/afterglow/calibrate/data/foretold.json`` (parameters,
rivals, and each study foretold from the others; the studio reads it), from it ``docs/reference/calibration.md``, and
``docs/explanation/what-would-change-our-mind.md``. Run it after every calibration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from afterglow.calibrate.diagnostics.comparisons import GROUPS
from afterglow.calibrate.diagnostics.left_out import (
    LEFT_OUT_FILE,
    LeftOutPredictions,
    predict_left_out,
    read_left_out,
    write_left_out,
)
from afterglow.calibrate.diagnostics.scores import Row
from afterglow.calibrate.diagnostics.sensitivity import Candidate, discrimination, durability
from afterglow.cohort import RIVALS
from afterglow.medicines import MEDICINES, WINDOW_MEDICINES
from afterglow.parameters import PARAMETERS
from afterglow.posterior import Posterior, shipped
from afterglow.posterior.stacking import weighed
from afterglow.posterior.weights import WEIGHTS_FILE
from afterglow.protocol import Protocol, starter

DOCS = Path(__file__).resolve().parents[1]
DATA = DOCS.parent / "src" / "afterglow" / "calibrate" / "data" / LEFT_OUT_FILE
WEIGHTS = DOCS.parent / "src" / "afterglow" / "posterior" / "data" / WEIGHTS_FILE
HEAD = "<!-- written by docs/reference/generate_calibration.py; do not edit -->\n\n"


def reference(found: LeftOutPredictions) -> str:
    """Return the page of numbers."""
    facts = found.facts
    parts = [
        "# Calibration\n",
        (
            f"The shipped posterior was made by `afterglow calibrate`: {len(facts['studies'])} studies, "
            f"{facts['rows']} published numbers, {facts['people']} virtual people per arm, {facts['draws']} draws "
            "weighed by the model "
            f"itself. Pareto k {facts['pareto_k']:.2f} (below 0.7 the weights can be trusted), "
            f"{facts['effective_draws']:.0f} effective draws.\n"
        ),
        "Departures of trials from the model, in SDs between people: "
        + ", ".join(f"{name} {value:.2f}" for name, value in facts["spread"].items())
        + ".\n",
        "## Parameters, prior and posterior\n",
        (
            "Shrinkage is one minus the posterior's SD over the prior's. Below 0.3 the trials say little, and the "
            "number rests on its prior.\n"
        ),
        "| parameter | unit | prior, 5-95 % | posterior, 5-95 % | shrinkage | |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{r['name']}` | {PARAMETERS[r['name']].unit} | {ranged(r['prior'])} | {ranged(r['posterior'])} | "
            f"{r['shrinkage']:.2f} | {'rests on its prior' if r['rests_on_prior'] else ''} |"
            for r in found.parameters
        ),
        "\n## Rival explanations\n",
        "Weights by stacking on the log predictive density of each study, foretold from all others.\n",
        *rivals_table(found.rivals),
        "\n## Each study foretold from the others\n",
        (
            "Leave-one-study-out, along the straight line through the mode, all explanations by their weights. "
            "Differences are the contrasts that were published, and each studied arm less each control arm. Errors and "
            "widths are in SDs between people; a slope of published on predicted numbers below 1 says that predictions "
            "are too large, each study counting once. The baselines are means over the other studies: of the "
            "medicine's arms, of the condition's arms, of the medicine's differences against that kind of control.\n"
        ),
        "| | rows | studies | inside 90 % intervals | error a row | error a study | CRPS | width | slope |",
        "|---|---|---|---|---|---|---|---|---|",
        *(figures_line(*line) for group in GROUPS for line in told_of(group, found.summary[group])),
        *(line for group in GROUPS for line in rows_table(group, [r for r in found.rows if r.group == group])),
    ]
    return HEAD + "\n".join(parts) + "\n"


def told_of(group: str, total: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the model's figures of a group and those of its baselines, with what to call them."""
    if not total["rows"]:
        return []
    beside = [(f"{group}, the {name}'s", total.get(f"baseline_{name}")) for name in ("medicine", "condition")]
    return [(f"**{group}, the model**", total), *((name, figures) for name, figures in beside if figures is not None)]


def figures_line(name: str, told: Mapping[str, Any]) -> str:
    """Return a line of the table of how well numbers are foretold."""
    names = ("coverage90", "mae_sd", "mae_sd_by_study", "crps", "width_sd", "slope")
    shown = ("-" if told[key] is None else f"{told[key]:.2f}" for key in names)
    return f"| {name} | {told['rows']} | {told['studies']} | {' | '.join(shown)} |"


def rows_table(group: str, rows: Sequence[Row]) -> list[str]:
    """Return the lines of the table of a group's rows."""
    if not rows:
        return []
    lines = [
        f"\n### Each number: {group}\n",
        "| study | arm | scale | kind | day | published | foretold | 90 % interval | inside |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        arm = f"{r.arm} against {r.versus}" if r.versus else r.arm
        digits = 1 if r.sd > 1 else 2
        foretold = f"{r.published:.{digits}f} | {r.predicted:.{digits}f} | {r.low:.{digits}f} to {r.high:.{digits}f}"
        kind, inside = r.kind.replace("_", " "), "yes" if r.inside else "**no**"
        lines.append(f"| {r.study} | {arm} | {r.scale} | {kind} | {r.day:g} | {foretold} | {inside} |")
    return lines


def ranged(value: Mapping[str, float]) -> str:
    """Return a value with its range."""
    return f"{value['value']:.3g} ({value['low']:.2g} to {value['high']:.2g})"


def rivals_table(weighed: Mapping[str, Any]) -> list[str]:
    """Return the lines of the rivals' table, the studies that move it, and the verdict."""
    lines = ["| rival | weight | log predictive density | behind the best |", "|---|---|---|---|"]
    for row in weighed["rivals"]:
        behind = f"{row['behind']:.1f} ± {row['behind_se']:.1f}" if row["behind"] else "best"
        lines.append(f"| `{row['rival']}` | {row['weight']:.2f} | {row['log_density']:.1f} | {behind} |")
    lines += ["", weighed["verdict"], "", "| study | favours | over | log ratio |", "|---|---|---|---|"]
    for row in weighed["studies"][:10]:
        lines.append(f"| {row['study']} | `{row['favours']}` | `{row['over']}` | {row['log_ratio']:.1f} |")
    return lines


def _protocol(title: str, population: dict[str, Any], arms: list[dict[str, Any]], days: list[float]) -> Protocol:
    return Protocol.made(
        {
            "title": title,
            "horizon_days": 185,
            "population": population,
            "blinding": {"design": "open"},
            "arms": arms,
            "assessments": [{"scale": population["scale"], "days": [-1, *days]}],
        }
    )


DEPRESSED = {"condition": "major_depression", "scale": "MADRS", "baseline_mean": 32, "baseline_sd": 5}
TRAUMATISED = {"condition": "ptsd", "scale": "CAPS-5", "baseline_mean": 44, "baseline_sd": 6}
DOSES = {
    "psilocybin": ["psilocybin 25 mg oral"],
    "ketamine": ["ketamine 0.5 mg/kg iv over 40 min, every 3 days x 6"],
    "mdma": ["mdma 120 mg oral", "mdma 120 mg oral on day 28"],
}


def candidates() -> list[Candidate]:
    """Trials yet to be run that differ in what the rivals say of them."""
    found = []
    for medicine, doses in DOSES.items():
        people = TRAUMATISED if MEDICINES[medicine].condition == "ptsd" else DEPRESSED
        early = [f"integration 90 min individual on day {d}" for d in (1, 4, 8, 11, 15, 18)]
        late = [f"integration 90 min individual on day {d}" for d in (57, 60, 64, 67, 71, 74)]
        pairs = {
            "six hours of integration from day 1, against none": (doses + early, doses),
            "the same six sessions from day 1, against from day 57": (doses + early, doses + late),
            "the medicine against none, the same six sessions from day 1 in both": (doses + early, early),
        }
        for title, (a, b) in pairs.items():
            arms = [{"id": "a", "steps": a}, {"id": "b", "steps": b}]
            for day in (28.0, 90.0, 180.0):
                protocol = _protocol(title, people, arms, [28, 90, 180])
                found.append(Candidate(f"{medicine}: {title}", protocol, day))
    return found


def explanation(found: dict[str, Posterior]) -> str:
    """Return the page on what would change our mind."""
    parts = [
        "# What would change our mind\n",
        "Both parts are computed from the calibrated posteriors. They say what to measure next, not what is true.\n",
        "## Which parameters drive durability\n",
        (
            "For the starter protocol of each medicine: how much of the gain of day 14 is left on day 180, over draws "
            "of the posterior, and the parameters whose rank goes with it; with few effective draws, correlations "
            "below 0.3 are noise. The more a parameter rests on its prior "
            "([calibration](../reference/calibration.md)), the more a trial that pins it down would tell.\n"
        ),
        "| medicine | left on day 180: median, 5-95 % | hangs most on (rank correlation) |",
        "|---|---|---|",
    ]
    for medicine in WINDOW_MEDICINES:
        protocol = Protocol.from_yaml(starter(medicine))
        first = protocol.model_copy(update={"arms": protocol.arms[:1]})
        scale = protocol.population.scale
        days = [{"scale": scale, "days": [-1, 14, 180]}]
        moved = Protocol.made({**first.model_dump(mode="json", exclude_none=True), "assessments": days})
        left, ranked = durability(moved, found["window"], early=14, late=180)
        low, middle, high = (
            sorted(left)[len(left) // 20],
            sorted(left)[len(left) // 2],
            sorted(left)[-1 - len(left) // 20],
        )
        top = ", ".join(f"`{name}` {r:+.2f}" for name, r in ranked[:5])
        parts.append(f"| {medicine} | {middle:.0%}, {low:.0%} to {high:.0%} | {top} |")
    rows = discrimination(candidates(), found)
    names = list(RIVALS)
    parts += [
        "\n## Which trial would tell the rivals apart\n",
        (
            "Two arms of 60 people each, compared on one day. In the cells: what each rival expects of the first arm "
            "minus the second, in points, with the SD of what would be seen. Information is the mutual information "
            "of the rival and the result when all four are equally likely before; ln 4 = 1.39 nats would settle it.\n"
        ),
        "| trial | day | " + " | ".join(f"`{n}`" for n in names) + " | information, nats |",
        "|---|---|" + "---|" * (len(names) + 1),
    ]
    for row in rows[:15]:
        cells = " | ".join(f"{row['expected'][n][0]:+.1f} ± {row['expected'][n][1]:.1f}" for n in names)
        parts.append(f"| {row['name']} | {row['day']:g} | {cells} | {row['information']:.2f} |")
    return HEAD + "\n".join(parts) + "\n"


def main() -> None:
    """Write the file and both pages."""
    found = {rival: shipped(rival) for rival in RIVALS}
    every = weighed(found)
    held = {"weights": every.weights, "posteriors": every.digests}
    WEIGHTS.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    print(f"src/afterglow/posterior/data/{WEIGHTS_FILE}")
    DATA.parent.mkdir(exist_ok=True)
    write_left_out(predict_left_out(found), DATA)
    print(f"src/afterglow/calibrate/data/{LEFT_OUT_FILE}")
    (DOCS / "reference" / "calibration.md").write_text(reference(read_left_out(DATA, found)), encoding="utf-8")
    print("reference/calibration.md")
    (DOCS / "explanation" / "what-would-change-our-mind.md").write_text(explanation(found), encoding="utf-8")
    print("explanation/what-would-change-our-mind.md")


if __name__ == "__main__":
    main()
