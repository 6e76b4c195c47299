"""Write docs/predictions/README.md from the forecasts on record; `make docs` runs it, and a test compares the two.

It makes no forecast: a frozen one is only ever made by `afterglow predict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from afterglow.predictions import record
from afterglow.predictions.frozen import SCORING, read_forecast
from afterglow.predictions.registration import RegisteredTrial

RECORD = Path(record.__file__).parent
PAGE = Path(__file__).parents[1] / "predictions" / "README.md"
BESIDE = "../../src/afterglow/predictions/record"
"""Where the files lie, as the page links to them: they come with the package."""

INTRODUCTION = """\
# Predictions on record

What the model foretells of registered trials that have not reported: made before, kept as they were made, and scored
when the trial is published. Each is a protocol (`.yaml`, from the registration alone, with what had to be assumed) and
a frozen forecast (`.json`) under each explanation and weighted. Both come with the package; the studio shows them on
its page Evidence.

No result of these trials was looked for or read. Left out were trials whose results had been announced or may have been
by the day of the forecast (COMP005, COMP006, MAPP2), and those whose registration, as it could be read, does not say
doses or sessions well enough to lay them out (NCT05837845, MDMA with cognitive processing therapy; NCT06713616,
ketamine or esketamine, a test of not being worse)."""

HOW = """\
## How to check, and to score

- `afterglow predict --check NUMBER` says whether the forecast is whole (its digest fits), which
  version made it, and whether today's model says the same. A newer model may differ: the forecast stays.
- `afterglow predict --check NUMBER --results STUDY.yaml` scores it against a study in the
  evidence format whose arms bear the ids of the protocol.
- `afterglow predict PROTOCOL.yaml --out FILE.json` makes a new one, and never writes over one that is there.

## How it is scored

{scoring}

The probability of a positive trial is averaged over draws of the parameters and explanations. At each draw, with the
difference Δ that the model foretells, the SD τ by which differences depart from trial to trial, and the standard error
s of the trial's own size, it is Φ((−c s − Δ) / √(τ² + s²)), where c is the critical value of the test."""


def page() -> str:
    """Write the whole page."""
    parts = [INTRODUCTION, *(section(path) for path in forecasts()), HOW.format(scoring=bullets(SCORING))]
    return "\n\n".join(parts) + "\n"


def forecasts() -> list[Path]:
    """Return the forecasts on record, by number."""
    return [RECORD / f"{number}.json" for number in record.trials_on_record()]


def section(path: Path) -> str:
    """Write one forecast."""
    held = read_forecast(path)
    made, registration = held["made"], RegisteredTrial.from_data(held["trial"]).registration
    number = registration.number
    rows = [
        contrast_line(name, row)
        for name, numbers in {"weighted": held["weighted"], **held["by_explanation"]}.items()
        for row in numbers["contrasts"]
        if row["primary"] or name == "weighted"
    ]
    arms = [arm_line(row) for row in held["weighted"]["arms"]]
    by = f"Afterglow {made['version']}, model `{made['model']}`, {made['draws']} draws, seed {made['seed']}"
    about = (
        f"[Protocol]({BESIDE}/{number}.yaml), [forecast]({BESIDE}/{path.name}). Made on {made['date']} by {by}; "
        f"digest `{held['digest']}`. Positive: {held['positive']}. Registration read on {registration.read_on}."
    )
    parts = [
        f"## {number}: {registration.title}",
        about,
        table(f"explanation | arms | difference on {registration.scale} | probability of positive", rows),
        table(f"arm | n | change on {registration.scale}, day {registration.day:g} | response | remission", arms),
        "Assumed:\n\n" + bullets(registration.assumed),
    ]
    return "\n\n".join(parts)


def contrast_line(name: str, row: Mapping[str, Any]) -> str:
    """Write one difference."""
    p = row["positive"]
    probability = f"{p['probability']:.2f} ({p['low']:.2f} to {p['high']:.2f})"
    return f"{name} | {row['arm']} v {row['versus']} | {points(row['difference'])} | {probability}".replace("_", " ")


def arm_line(row: Mapping[str, Any]) -> str:
    """Write one arm."""
    remission = share(row["remission"]) if "remission" in row else ""
    cells = (row["arm"].replace("_", " "), str(row["n"]), points(row["change"]), share(row["response"]), remission)
    return " | ".join(cells)


def points(told: Mapping[str, float]) -> str:
    """Write points with their interval."""
    return f"{told['value']:.1f} ({told['low']:.1f} to {told['high']:.1f})".replace("-", "−")


def share(told: Mapping[str, float]) -> str:
    """Write a share with its interval."""
    return f"{told['value']:.0%} ({told['low']:.0%} to {told['high']:.0%})"


def table(heads: str, lines: Iterable[str]) -> str:
    """Write a table."""
    rule = "|".join("---" for _ in heads.split("|"))
    return "\n".join([f"| {heads} |", f"|{rule}|", *(f"| {line} |" for line in lines)])


def bullets(lines: Iterable[str]) -> str:
    """Write a list."""
    return "\n".join(f"- {line}" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
