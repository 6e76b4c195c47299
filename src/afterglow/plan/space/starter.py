"""A commented protocol with an ``optimise:`` section to start from."""

from __future__ import annotations

from itertools import pairwise

from afterglow.protocol import Protocol, starter
from afterglow.simulate.schedule import dosing_days

__all__ = ["schedule_starter"]

_APART_DAYS = 14.0
"""Days between dosings from which sessions are laid after each of them; closer ones are a course, followed once."""

_SECTION = """
# What afterglow optimise FILE reads; the other commands pass over it. What is not named stays as the first arm has it.
optimise:
  aim: lasting responses # or mean score on day 84, cost or therapist hours per lasting response, net benefit
  move: # a value, a list, or a range such as 0 to 6 by 2
    # dose: [{dose}]
    sessions:
      - {{kind: integration, number: 0 to 4, day: 1, every_days: [3, 7], hours: [1, 1.5], after: {after}}}
    practice: {{hours_per_week: [0, 3], to_day: 60}}
    # group: {{size: [1, 6], integration: true}}
  limits:
    therapist_hours: 84 # of clinicians, for one person
    # cost: 12000
    # shortest_gap_days: 21
    # last_day: 120
    safety_visit: {{after: last, within_days: 2, hours: 0.5}} # added where a plan has no contact by then

# economics: {{view: society, threshold: 100000, therapist_hour: 60}} # in place of the package's published prices
"""


def schedule_starter(medicine: str) -> str:
    """Return the commented starter protocol of a medicine with an ``optimise:`` section, as YAML.

    Raises
    ------
    ProtocolError
        If there is none for it; the sentence names the nearest.
    """
    text = starter(medicine)
    arm = Protocol.from_yaml(text).arms[0]
    gaps = [later - earlier for earlier, later in pairwise(dosing_days(arm))]
    largest = max(arm.doses, key=lambda dose: (dose.dose_mg or 0.0, dose.dose_mg_per_kg or 0.0))
    half = (largest.dose_mg or largest.dose_mg_per_kg or 0.0) / 2
    unit = largest.amount.split()[1]
    after = "each" if not gaps or min(gaps) >= _APART_DAYS else "first"
    return text.rstrip("\n") + "\n" + _SECTION.format(dose=f"{half:g} {unit}, {largest.amount}", after=after)
