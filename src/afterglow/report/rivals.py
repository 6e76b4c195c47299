"""The same people under each rival explanation, with the weight that published trials give it."""

from __future__ import annotations

from afterglow.calibrate.diagnostics.weigh import weigh
from afterglow.cohort import RIVALS
from afterglow.posterior import shipped
from afterglow.report.markup import esc
from afterglow.report.reading import ResultLike, arms_of, rows, scales_of
from afterglow.simulate import Result, simulate

__all__ = ["rivals_table"]

_PEOPLE = 200


def rivals_table(result: ResultLike) -> str:
    """Return a table of the mean change on the last day under each rival; empty where nothing was calibrated."""
    scales = scales_of(result)
    if not isinstance(result, Result) or not result.calibrated or not scales:
        return ""
    weighed = weigh({rival: shipped(rival) for rival in RIVALS})
    views = arms_of(result)
    lines = []
    for row in weighed.rivals:
        rival = str(row["rival"])
        seen = result if rival == result.rival else _under(result, rival)
        cells = []
        for view in views:
            last = rows(seen.scores, arm=view.id, scale=scales[0]).iloc[-1]
            band = f"{last['change_mean_low']:+.1f} to {last['change_mean_high']:+.1f}"
            cells.append(f"<td>{last['change_mean']:+.1f} ({band})</td>")
        lines.append(
            f"<tr><th scope='row'>{esc(rival.replace('_', ' '))}</th><td>{row['weight']:.2f}</td>{''.join(cells)}</tr>"
        )
    head = "".join(f"<th scope='col'>{esc(view.label)}</th>" for view in views)
    day = float(result.scores["day"].max())
    columns = f"<th scope='col'>explanation</th><th scope='col'>weight</th>{head}"
    return (
        f"<h3>Under each rival explanation</h3><p>Mean change of the {esc(scales[0])} by day {day:g}, with its 90 % "
        f"credible band, in the same people. The weight is that of stacking on published trials left out of the fit. "
        f"{esc(weighed.verdict)}</p>"
        "<div class='scroll' tabindex='0' role='region' aria-label='Rival explanations'>"
        f"<table><thead><tr>{columns}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _under(result: Result, rival: str) -> Result:
    """Simulate some of the same people under another explanation."""
    return simulate(
        result.protocol,
        participants=min(_PEOPLE, result.participants),
        seed=result.seed,
        rival=rival,
        twins=False,
        threads=result.threads,
    )
