"""What free text of registries says of conditions and medicines."""

from __future__ import annotations

import re

from afterglow.medicines import MEDICINES
from afterglow.protocol.vocabulary import SPELLINGS

__all__ = ["arm_id", "clean", "condition_in", "medicines_in", "suggested_doses"]

_CONDITIONS: tuple[tuple[str, str], ...] = (
    (
        r"treatment[- ]?(?:resistant|refractory).{0,20}depress|depress.{0,30}(?:resistant|refractory)|\btrd\b",
        "treatment_resistant_depression",
    ),
    (r"bipolar", "bipolar_depression"),
    (r"ptsd|post[- ]?traumatic", "ptsd"),
    (r"social (?:anxiety|phobia)", "social_anxiety"),
    (r"generali[sz]ed anxiety|\bgad\b", "generalized_anxiety"),
    (r"demorali[sz]ation", "demoralization"),
    (
        r"(?:cancer|oncolog|neoplasm|life[- ]?threatening|terminal|palliative).*(?:distress|anxi|depress|adjust)",
        "cancer_distress",
    ),
    (
        r"(?:distress|anxi|depress|adjust).*(?:cancer|oncolog|neoplasm|life[- ]?threatening|terminal|palliative)",
        "cancer_distress",
    ),
    (r"depress|\bmdd\b", "major_depression"),
    (r"suicid", "suicidality"),
    (r"anxiety|anxious", "anxiety"),
)
"""The first that fits says the condition."""

_MORE_NAMES = {
    "mdma": ("3,4-methylenedioxymethamphetamine", "methylenedioxymethamphetamine", "midomafetamine"),
    "psilocybin": ("comp360", "psilocybin"),
    "niacin": ("nicotinic acid",),
    "placebo": ("normal saline", "inactive placebo"),
}
_ROUTES = (
    (r"intravenous|\biv\b|i\.v\.|infusion|infused", "iv"),
    (r"intramuscular|\bim\b", "im"),
    (r"subcutaneous", "subcutaneous"),
    (r"intranasal|nasal spray", "intranasal"),
    (r"sublingual", "sublingual"),
    (r"\boral|capsule|tablet|by mouth", "oral"),
)
_AMOUNT = r"(\d+(?:\.\d+)?)\s*(mg/kg|mg|milligrams?)(?![a-z/])"


def condition_in(texts: list[str]) -> str | None:
    """Return the condition that a list of diagnoses names, or None; the narrowest first."""
    joined = " ; ".join(texts).lower()
    return next((name for pattern, name in _CONDITIONS if re.search(pattern, joined)), None)


def medicines_in(text: str) -> tuple[str, ...]:
    """Return the ids of the medicines that a text names, in the order of the text."""
    plain = text.lower()
    found: dict[str, int] = {}
    for name, record in MEDICINES.items():
        spellings = {
            name,
            *record.spellings,
            *_MORE_NAMES.get(name, ()),
            *(s for s, w in SPELLINGS.items() if w == name),
        }
        places = [m.start() for s in spellings for m in re.finditer(rf"(?<![\w]){re.escape(s)}(?!\w)", plain)]
        if places:
            found[name] = min(places)
    if "esketamine" in found and "ketamine" in found and not re.search(r"(?<![\w(-])ketamine", plain):
        del found["ketamine"]  # 's-ketamine' holds the word
    return tuple(sorted(found, key=lambda name: found[name]))


def suggested_doses(names: str, text: str) -> tuple[str, ...]:
    """Return steps that an arm's words suggest, with DOSE where they give no single amount; the user decides.

    Parameters
    ----------
    names : str
        The arm's label and what it is given, by name.
    text : str
        All that is said of it, for route and amount.
    """
    plain = text.lower()
    found = []
    for name in medicines_in(names) or medicines_in(text):
        record = MEDICINES[name]
        said = next((route for pattern, route in _ROUTES if re.search(pattern, plain)), None)
        usual = "oral" if record.is_inert else record.routes[0]
        route = said if said in record.routes else usual
        words = (record.display_name, _amount(names, plain, record.is_inert), route.replace("_", " "), "on day 0")
        found.append(" ".join(word for word in words if word))
    return tuple(found)


def _amount(names: str, plain: str, is_inert: bool) -> str:
    if is_inert:
        return ""
    for text in (names.lower(), plain):
        amounts = {
            f"{number} {'mg' if unit.startswith('mill') else unit}" for number, unit in re.findall(_AMOUNT, text)
        }
        if amounts:
            return amounts.pop() if len(amounts) == 1 else "DOSE mg"
    return "DOSE mg"


def clean(text: object) -> str:
    """Return the text of a record on one line, without marks that would end a comment or a line."""
    if not isinstance(text, str):
        return "" if text is None else str(text)
    return " ".join("".join(c if c.isprintable() else " " for c in text.replace("\\", "")).split())


def arm_id(label: str, taken: set[str], number: int) -> str:
    """Return a short id for an arm, of its label's letters and digits, that no other arm has."""
    plain = re.sub(r"[\W_]+", "_", label.lower()).strip("_")[:50].strip("_") or f"arm_{number}"
    found, k = plain, 2
    while found in taken:
        found, k = f"{plain}_{k}", k + 1
    taken.add(found)
    return found
