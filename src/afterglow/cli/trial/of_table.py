"""Options of the commands that read a trial's table, and the reading itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from afterglow.errors import ParameterError
from afterglow.trial.tables import TrialTable, trial_of

__all__ = [
    "ArmOption",
    "BaselineOption",
    "ClassesOption",
    "CovariatesOption",
    "LevelOption",
    "OutcomeOption",
    "ParameterOption",
    "ReferenceOption",
    "SubjectOption",
    "TableArgument",
    "VisitOption",
    "VisitsOption",
    "checked_level",
    "of_table",
    "p_value",
    "several",
]

TableArgument = Annotated[
    Path, typer.Argument(metavar="TABLE", help="CSV, Parquet or Dataset-JSON; one row for each person and visit.")
]
OutcomeOption = Annotated[str | None, typer.Option("--outcome", metavar="COLUMN", help="Such as AVAL or CHG.")]
ArmOption = Annotated[str | None, typer.Option("--arm", metavar="COLUMN", help="Such as TRTP.")]
VisitOption = Annotated[str | None, typer.Option("--visit", metavar="COLUMN", help="Such as AVISIT.")]
SubjectOption = Annotated[str | None, typer.Option("--subject", metavar="COLUMN", help="Such as USUBJID.")]
CovariatesOption = Annotated[
    str | None,
    typer.Option("--covariates", metavar="COLUMNS", help="With commas; numbers are lines, words are classes."),
]
ClassesOption = Annotated[
    str | None, typer.Option("--classes", metavar="COLUMNS", help="Covariates whose numbers are names, such as sites.")
]
BaselineOption = Annotated[
    str | None, typer.Option("--baseline", metavar="COLUMN", help="The outcome before treatment, such as BASE.")
]
ReferenceOption = Annotated[
    str | None,
    typer.Option("--reference", metavar="ARM", help="Others are compared with it; default: placebo, else control."),
]
ParameterOption = Annotated[str | None, typer.Option("--parameter", help="Which PARAMCD, where there are several.")]
VisitsOption = Annotated[
    str | None, typer.Option("--visits", metavar="VISITS", help="With commas, in order of time; default: all.")
]
LevelOption = Annotated[float, typer.Option("--level", help="Of the confidence intervals.")]


def p_value(p: float) -> str:
    """Write a p value as trials do."""
    return "<0.0001" if p < 1e-4 else f"{p:.4f}"


def checked_level(level: float) -> float:
    """Return the level of a confidence interval.

    Raises
    ------
    ParameterError
        If it is none.
    """
    if not 0.5 <= level < 1:
        raise ParameterError(f"--level must be at least 0.5 and below 1, such as 0.95, got {level:g}")
    return level


def several(text: str | None) -> list[str]:
    """Return the names in a text with commas between."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def of_table(
    table: pd.DataFrame,
    *,
    outcome: str | None,
    arm: str | None,
    visit: str | None,
    subject: str | None,
    covariates: str | None,
    classes: str | None,
    baseline: str | None,
    reference: str | None,
    parameter: str | None,
    visits: str | None,
    level: float,
    guess_baseline: bool = False,
) -> TrialTable:
    """Make a trial of a table with the options of a command.

    Raises
    ------
    ParameterError
        If the table is not that of a trial, or the level is none.
    """
    checked_level(level)
    return trial_of(
        table,
        outcome=outcome,
        arm=arm,
        visit=visit,
        subject=subject,
        covariates=several(covariates),
        classes=several(classes),
        baseline=baseline,
        guess_baseline=guess_baseline,
        reference=reference,
        parameter=parameter,
        visits=several(visits),
    )
