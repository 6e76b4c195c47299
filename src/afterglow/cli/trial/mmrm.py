"""``afterglow trial mmrm``: the mixed model for repeated measures of a table."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from afterglow.cli.options import FormatOption, JsonOption, WideOption
from afterglow.cli.output.tables import Table, chosen_format, interval, number, print_json, say, show, words
from afterglow.cli.trial.of_table import (
    ArmOption,
    BaselineOption,
    ClassesOption,
    CovariatesOption,
    LevelOption,
    OutcomeOption,
    ParameterOption,
    ReferenceOption,
    SubjectOption,
    TableArgument,
    VisitOption,
    VisitsOption,
    of_table,
    p_value,
)
from afterglow.trial.analysis import Mmrm, TrialData, mmrm
from afterglow.trial.analysis.covariance import STRUCTURES
from afterglow.trial.tables import read_table

__all__ = ["mmrm_command"]


def mmrm_command(
    table: TableArgument,
    outcome: OutcomeOption = None,
    arm: ArmOption = None,
    visit: VisitOption = None,
    subject: SubjectOption = None,
    covariates: CovariatesOption = None,
    classes: ClassesOption = None,
    baseline: BaselineOption = None,
    covariance: Annotated[str, typer.Option("--covariance", help=f"One of {', '.join(STRUCTURES)}.")] = "us",
    df: Annotated[str, typer.Option("--df", help="satterthwaite or kenward-roger.")] = "satterthwaite",
    reference: ReferenceOption = None,
    parameter: ParameterOption = None,
    visits: VisitsOption = None,
    level: LevelOption = 0.95,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
) -> None:
    """Compare the arms of TABLE at each visit by a mixed model for repeated measures (REML).

    The model has arm, visit and arm by visit, the baseline by visit where it is named, and covariates.
    """
    form = chosen_format(form, as_json)
    read = of_table(
        read_table(table),
        outcome=outcome,
        arm=arm,
        visit=visit,
        subject=subject,
        covariates=covariates,
        classes=classes,
        baseline=baseline,
        reference=reference,
        parameter=parameter,
        visits=visits,
        level=level,
    )
    fit = mmrm(read.data, covariance=covariance.strip().lower(), df=df.strip().lower(), level=level)  # type: ignore[arg-type]
    rows = _differences(fit, read.data)
    if form == "json":
        held = {"people": int(fit.people), "left_out": int(fit.left_out), "columns": read.columns, "notes": read.notes}
        print_json(
            {
                "minus2_log_likelihood": float(fit.minus2_log_likelihood),
                "reference": read.data.arms[0],
                "visits": rows,
                "means": _means(fit, read.data),
                "covariance": fit.structure,
                "covariance_matrix": fit.covariance.tolist(),
                "df": fit.df,
                "level": level,
                **held,
            }
        )
        return
    for note in read.notes:
        say(f"note: {note}", err=True)
    columns = [
        words("visit", "visit"),
        number("difference", "difference", ".4f"),
        number("SE", "se", ".4f"),
        number("df", "df", ".1f"),
        number("p", "p", p_value),
        interval(f"{level:.0%} interval", "low", "high", ".3f"),
    ]
    title = f"{read.columns['outcome']}: difference from {read.data.arms[0]}"
    show(
        Table("visits", rows, columns, title=title, by=("arm",)),
        f"{fit.people} people; {STRUCTURES[fit.structure]} covariance, REML, "
        f"{'Kenward and Roger' if fit.df == 'kenward-roger' else 'Satterthwaite'}; -2 log-likelihood "
        f"{float(fit.minus2_log_likelihood):.4f}.",
        *([f"People left out because they lack a covariate: {fit.left_out}."] if fit.left_out else []),
        form=form,
        wide=wide,
    )


def _differences(fit: Mmrm, data: TrialData) -> list[dict[str, Any]]:
    found, reference = fit.differences, data.arms[0]
    return [
        {
            "visit": visit,
            "arm": arm,
            "reference": reference,
            "difference": float(found.value[k, a]),
            "se": float(found.se[k, a]),
            "df": float(found.df[k, a]),
            "p": float(found.p[k, a]),
            "low": float(found.low[k, a]),
            "high": float(found.high[k, a]),
        }
        for k, arm in enumerate(data.arms[1:])
        for a, visit in enumerate(data.visits)
    ]


def _means(fit: Mmrm, data: TrialData) -> list[dict[str, Any]]:
    return [
        {
            "visit": visit,
            "arm": arm,
            "mean": float(fit.means.value[k, a]),
            "se": float(fit.means.se[k, a]),
            "df": float(fit.means.df[k, a]),
        }
        for k, arm in enumerate(data.arms)
        for a, visit in enumerate(data.visits)
    ]
