"""The protocol as tables: who, and what each arm gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from afterglow.figures import style
from afterglow.figures.reading import ArmView, arms_of, dose_text, medicines_of
from afterglow.figures.words import esc
from afterglow.protocol.dose import Dose
from afterglow.report.words import plain
from afterglow.results.tables import Tables

__all__ = ["arms_table", "protocol_tables"]


def protocol_tables(tables: Tables) -> str:
    """Write who takes part, how they are assessed, and one row an arm with doses, sessions and practice."""
    return _people(tables) + arms_table(arms_of(tables))


def _people(tables: Tables) -> str:
    protocol = tables.protocol
    population = protocol.population
    score = f"{population.scale} {population.baseline_mean:g} (SD {population.baseline_sd:g})"
    if population.inclusion_min is not None:
        score += f", included from {population.inclusion_min:g}"
    design = protocol.blinding.design + (
        f", comparator {protocol.blinding.comparator}" if protocol.blinding.comparator else ""
    )
    facts = {
        "Condition": plain(population.condition),
        "Score at the start": score,
        "Blinding": design,
        "Followed for": f"{protocol.horizon_days:g} days",
        "Assessed": "; ".join(f"{a.scale} on days {', '.join(f'{d:g}' for d in a.days)}" for a in protocol.assessments),
    }
    told = ", ".join(map(plain, (*population.medications, *population.history)))
    if told:
        facts["Medication and history"] = told
    return "<dl>" + "".join(f"<dt>{esc(key)}</dt><dd>{esc(value)}</dd>" for key, value in facts.items()) + "</dl>"


def arms_table(views: Sequence[ArmView]) -> str:
    """Write one row an arm with doses, sessions and practice."""
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Arm", "Doses", "Sessions", "Practice and group"))
    lines = []
    for view in views:
        tag = ' <span class="tag">extrapolation</span>' if view.extrapolated else ""
        cells = "".join(
            f"<td>{'<br>'.join(map(esc, texts)) or '–'}</td>"
            for texts in (_doses(view), _sessions(view), _habits(view))
        )
        lines.append(f'<tr><th scope="row">{esc(view.label)}{tag}</th>{cells}</tr>')
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="What each arm gets"><table>'
        f"<caption>What each arm gets. Day 0 is the day of the first dose.</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _doses(view: ArmView) -> list[str]:
    lines = []
    for medicine in medicines_of(view):
        groups: dict[str, list[float]] = {}
        for day, doses in view.arm.dosings(medicine).items():
            groups.setdefault(f"{dose_text(doses)} {doses[0].route_text}{_later(doses)}", []).append(day)
        lines += [f"{style.medicine_name(medicine)} {text}, day {_days(days)}" for text, days in groups.items()]
    return lines


def _later(doses: tuple[Dose, ...]) -> str:
    """Say how long an infusion runs, and after how many hours further doses follow."""
    extra = []
    lasting = {float(dose.duration_h) for dose in doses if dose.duration_h}
    if lasting:
        extra.append("over " + " and ".join(f"{hours * 60:.0f} min" for hours in sorted(lasting)))
    after = [f"{hours:g} h" for hours in sorted({dose.hour - doses[0].hour for dose in doses} - {0.0})]
    if after:
        extra.append(f"{'second' if len(after) == 1 else 'others'} after {' and '.join(after)}")
    return f" ({', '.join(extra)})" if extra else ""


def _sessions(view: ArmView) -> list[str]:
    groups: dict[tuple[str, str, float, str], list[float]] = {}
    for session in sorted(view.arm.sessions, key=lambda s: (s.day, s.hour)):
        key = session.kind, session.approach.replace("_", " "), float(session.hours), session.format
        groups.setdefault(key, []).append(float(session.day))
    return [
        f"{style.session_style(kind).label}{f' ({approach})' if approach else ''}, {hours:g} h {layout}, "
        f"day {_days(days)}"
        for (kind, approach, hours, layout), days in groups.items()
    ]


def _habits(view: ArmView) -> list[str]:
    arm = view.arm
    lines = [f"practice {p.hours_per_week:g} h a week, day {p.from_day:g} to {p.to_day:g}" for p in arm.practice]
    if arm.practice:
        lines.append(f"{100 * arm.adherence:.0f} % of it done on average")
    together = [word for word in ("dosing", "integration") if getattr(arm.group, word)]
    if arm.group.size > 1:
        lines.append(f"groups of {arm.group.size}" + (f" for {' and '.join(together)}" if together else ""))
    if arm.group.community:
        lines.append(f"support group every {arm.group.community_every_days:g} days")
    if arm.background.antidepressant != "none":
        lines.append(f"antidepressant {arm.background.antidepressant}")
    if arm.background.care != "none":
        lines.append(f"care as {arm.background.care}")
    return lines


def _days(days: list[float]) -> str:
    counted = Counter(days)
    return ", ".join(f"{day:g}" + (f" (×{count})" if count > 1 else "") for day, count in counted.items())
