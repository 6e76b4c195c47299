"""Write the page of registered designs from simulated trials; `make docs` runs it, and a test holds the page to a run.

The trials are those of the predictions on record: what is known of them is in their protocols, and no result is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from afterglow.figures.words import interval, rival_name, signed
from afterglow.predictions import record
from afterglow.predictions.frozen import read_forecast
from afterglow.predictions.registration import RegisteredTrial
from afterglow.report.trial.decision import decision_sentences
from afterglow.report.trial.wording import analysis_words, difference, share, shares_words
from afterglow.trial import TRIALS, Trial, operating_characteristics
from afterglow.trial.characteristics.average import WEIGHTED
from afterglow.trial.designs.sizes import Wanted, detectable_difference
from afterglow.trial.sensitivity.sensitivity import Sensitivity, sensitivity_of

FOLDER = Path(__file__).parents[2] / "examples" / "registered"
RECORD = Path(record.__file__).parent
PAGE = Path(__file__).parents[1] / "explanation" / "registered-designs.md"

INTRODUCTION = """\
# Three registered designs, on paper

What the plan of a trial looks like before the first person is enrolled: three registered trials, each with the power
that a usual calculation gives its size, and with the assurance that Afterglow gives it. What is known of them is what
their registrations say: arms, doses, sessions, size, outcome and day. None of them is in the evidence, and no result of
theirs was looked for or read; their forecasts are [on record](../predictions/README.md), frozen before they report.

**Planned effect and power** are not in these registrations, and no page that was read says them. In their place stands
what a size is good for: the difference that a *t* test of it finds with a power of 80 and 90 %, in SDs between people
and, with the SD of the simulated control arm, in points. Power is for one difference; **assurance** is the same chance
over all that is known: explanations by their weights, their parameters, how far a trial departs from the model, and
dropout. Where the two lie far apart, the trial is planned for an effect of which the evidence is not sure."""

AGAIN = """\
## Do it again

The plans are the protocols on record with a `trial` section, and in NCT06559826 the score at inclusion is rated before
the preparation that one arm alone has. The whole report of one, with its methods paragraph:

```sh
afterglow trial examples/registered/NCT06308653.yaml --out plan
```"""


def trials() -> list[Path]:
    """Return the plans, by number."""
    return sorted(FOLDER.glob("*.yaml"))


def simulated(path: Path, *, count: int = TRIALS) -> Sensitivity:
    """Simulate the plan of a registered trial."""
    return sensitivity_of(operating_characteristics(Trial.from_file(path), trials=count))


def page(found: Iterable[tuple[Path, Sensitivity]]) -> str:
    """Write the whole page."""
    held = list(found)
    parts = [INTRODUCTION, overview(held), *(section(path, told) for path, told in held), AGAIN]
    return "\n\n".join(parts) + "\n"


def overview(held: list[tuple[Path, Sensitivity]]) -> str:
    """Write one line a trial."""
    rows = []
    for path, told in held:
        row = told.plan.row
        alone = [figure.value or 0.0 for name, figure in row.power.items() if name != WEIGHTED]
        sizes = " + ".join(str(n) for n in told.found.trial.people(row.n)[::-1])
        span = f"{100 * min(alone):.0f} to {100 * max(alone):.0f}"
        rows.append(f"{path.stem} | {sizes} | {detectable(told, 0.9)} | {share(row.assurance)} | {span}")
    head = "trial | people | found with 90 % power | assurance, % (MC error) | power by explanation, %"
    return table(head, rows)


def section(path: Path, told: Sensitivity) -> str:
    """Write one trial."""
    registration, row = RegisteredTrial.from_file(path).registration, told.plan.row
    number = registration.number
    pages = ", ".join(f"<{source}>" for source in registration.sources)
    curve = row.blinding["curve"]
    guesses = (
        f"{share(row.correct_guess)} % of those who name an arm guess right, unblinding adds "
        f"{difference(row.bias_points)} points to the difference, and at one half of right guesses it is "
        f"{difference(curve.at_half)} points instead of {difference(curve.observed)}."
        if curve.at_half.value is not None
        else f"Everybody knows the arm; that adds {difference(row.bias_points)} points to the difference."
    )
    checks = (
        f"Type I error {share(row.type1, digits=2)} %, coverage of the 95 % interval {share(row.coverage)} %. "
        f"{guesses} In brackets one Monte-Carlo error."
    )
    parts = [
        f"## {number}: {registration.title}",
        f"Registered ({pages}; read on {registration.read_on}):",
        facts(path, told),
        "What the assurance is made of:",
        explanations(told),
        checks,
        frozen(path, told),
        "What would change the decision:\n\n" + "\n".join(f"- {sentence}" for sentence in decision_sentences(told)),
        (
            f"Made from {told.found.simulated.count:,} trials, run `{told.found.simulated.spec.key}`, with {row.n} "
            "people of the control arm."
        ),
    ]
    return "\n\n".join(parts)


def facts(path: Path, told: Sensitivity) -> str:
    """Write what is registered, what is assumed, and what the size is good for."""
    registration, trial, row = RegisteredTrial.from_file(path).registration, told.found.trial, told.plan.row
    lost = shares_words(told.arms, [arm.lost for arm in told.arms])
    source = "" if trial.dropout is None else trial.dropout.source
    arms = ", ".join(f"{arm.label} {n}" for arm, n in zip(trial.arms, trial.people(row.n), strict=True))
    rows = [
        f"compared | {arms}",
        f"primary outcome | change in {registration.scale} to day {registration.day:g}",
        f"level | {registration.alpha:g}, two-sided",
        f"analysis | {analysis_words(trial.section.analyses[0])}; assumed",
        f"dropout by day {trial.section.day:g} | {lost}; {source}",
        f"found with 80 % power | {detectable(told, 0.8)}",
        f"found with 90 % power | {detectable(told, 0.9)}",
        *(f"assumed | {line}" for line in registration.assumed if "everybody" not in line),
    ]
    return table("what | as registered, or assumed", rows)


def detectable(told: Sensitivity, power: float) -> str:
    """Write the difference that a t test of the plan finds."""
    control, *active = told.found.trial.people(told.plan.row.n)
    sd = told.arms[0].sd[-1]
    found = detectable_difference(1.0, active[0], control, Wanted(power=power, alpha=told.found.trial.section.alpha))
    return f"{found:.2f} SD, {found * sd:.1f} points"


def explanations(told: Sensitivity) -> str:
    """Write the true difference and the power under each explanation."""
    power = told.plan.row.power
    rows = [
        f"{rival_name(effect.name)} | {effect.weight:.2f} | {signed(effect.mean.value or 0.0)} "
        f"({interval(effect.low, effect.high)}) | {share(power[effect.name])}"
        for effect in sorted(told.effects, key=lambda effect: (effect.name != WEIGHTED, -effect.weight))
    ]
    return table("explanation | weight | true difference, points (90 % of trials) | power, % (MC error)", rows)


def frozen(path: Path, told: Sensitivity) -> str:
    """Set the forecast on record beside the assurance."""
    rows = read_forecast(RECORD / f"{path.stem}.json")["weighted"]["contrasts"]
    primary = next(row for row in rows if row["primary"])
    published, so = primary["positive"]["probability"], primary["without_excess"]["positive"]["probability"]
    return (
        f"The [forecast on record](../predictions/README.md) gives a probability of {published:.2f} of a positive "
        "trial. It foretells what is published, so it adds the excess that published effects of small trials have over "
        f"what is so; without it, in closed form and with everybody analysed, it is {so:.2f}. The assurance, with "
        f"dropout and the analysis above, is {(told.plan.row.assurance.value or 0.0):.2f}."
    )


def table(heads: str, lines: Iterable[str]) -> str:
    """Write a table."""
    rule = "|".join("---" for _ in heads.split("|"))
    return "\n".join([f"| {heads} |", f"|{rule}|", *(f"| {line} |" for line in lines)])


if __name__ == "__main__":
    PAGE.write_text(page([(path, simulated(path)) for path in trials()]), encoding="utf-8")
    print(f"wrote {PAGE.name}")
