"""Which arm of a trial is studied, and what kind of control each of the others is."""

from __future__ import annotations

from afterglow.medicines import MEDICINES, WINDOW_MEDICINES
from afterglow.protocol import Protocol
from afterglow.protocol.arm import Arm

__all__ = ["CONTROLS", "control_kinds", "main_medicine"]

CONTROLS = ("waiting_list", "usual_care", "inert", "felt", "low_dose", "other_therapy")
"""Nothing, care as usual, a placebo that is not felt, one that is, the same medicine at a low dose, other treatment."""

_LOW = 0.33
"""Share of the trial's largest first dose below which a dose is its control."""

_WEIGHT_KG = 75.0


def main_medicine(protocol: Protocol, arm: int) -> str:
    """Return the medicine that an arm gives, "none" where it gives none or an inactive comparator only."""
    given = [d.medicine for d in protocol.arms[arm].doses]
    active = [m for m in given if m in WINDOW_MEDICINES]
    return active[0] if active else "none"


def control_kinds(protocol: Protocol) -> tuple[str, ...]:
    """Say of each arm what kind of control it is, one of `CONTROLS`; nothing where it is an arm that is studied.

    In a trial of a medicine the arms with a full dose of it are studied, unless every arm has the same; then, as in a
    trial of therapy, those with the most of it to offer: a therapy that is not supportive, else a new antidepressant.
    Where nothing is given to anybody, all are controls.
    """
    arms, places = protocol.arms, range(len(protocol.arms))
    medicines = [_first_medicine(arm) for arm in arms]
    doses = [_first_dose(arm, medicine) for arm, medicine in zip(arms, medicines, strict=True)]
    given = list(zip(medicines, doses, strict=True))
    if len(set(given)) > 1:
        most = {medicine: max(dose for own, dose in given if own == medicine) for medicine in medicines}
        studied = [medicine != "none" and dose >= _LOW * most[medicine] for medicine, dose in given]
        return tuple("" if studied[k] else _kind(arms[k], medicines[k]) for k in places)
    well = bool(protocol.population.recovered_by)
    ranks = [_rank(arm, well) for arm in arms]
    best = max(ranks)
    studied = [rank == best and (best > 0 or bool(arm.timed)) for arm, rank in zip(arms, ranks, strict=True)]
    return tuple("" if studied[k] else _kind(arms[k], "none") for k in places)


def _first_medicine(arm: Arm) -> str:
    """Return the medicine of an arm's first dosing day; what it is given after a crossover does not count."""
    first = min((d.day for d in arm.doses), default=0.0)
    return next((d.medicine for d in arm.doses if d.day == first and d.medicine in WINDOW_MEDICINES), "none")


def _first_dose(arm: Arm, medicine: str) -> float:
    """Return how much of a medicine is given on the first day that it is given, in mg."""
    doses = [d for d in arm.doses if d.medicine == medicine]
    if medicine == "none" or not doses:
        return 0.0
    first = min(d.day for d in doses)
    return sum((d.dose_mg or 0.0) + (d.dose_mg_per_kg or 0.0) * _WEIGHT_KG for d in doses if d.day == first)


def _rank(arm: Arm, well: bool) -> int:
    """Say how much an arm without its own medicine has to offer: nothing, an antidepressant, or a therapy.

    Where people are well, one that is taken on is what is studied.
    """
    if any(s.kind == "training" or (s.kind == "psychotherapy" and s.approach != "supportive") for s in arm.sessions):
        return 2
    return int(arm.background.antidepressant in (("new", "continued") if well else ("new",)))


def _kind(arm: Arm, medicine: str) -> str:
    if medicine != "none":
        return "low_dose"
    pill = arm.background.antidepressant == "stopped" and not arm.sessions  # in its place
    hollow = not arm.doses and any(s.kind == "dosing" for s in arm.sessions)
    if pill or hollow or any(MEDICINES[d.medicine].is_inert for d in arm.doses):
        return "inert"
    if any(d.medicine not in WINDOW_MEDICINES for d in arm.doses):
        return "felt"
    if arm.sessions or arm.background.antidepressant == "new":
        return "other_therapy"
    cared = arm.doses or arm.background.care == "usual" or arm.background.antidepressant != "none"
    return "usual_care" if cared else "waiting_list"
