"""The warnings that a protocol and its population call up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from typing import Protocol as Structural

from afterglow.evidence.facts.fact import LEVELS, Level, SafetyFact
from afterglow.medicines import MEDICINES
from afterglow.safety.fact import facts, sentence_of
from afterglow.safety.words import NOTHING, label, normalise, recognise, suggestion

__all__ = ["GivesDoses", "SafetyWarning", "check_protocol"]

_ORDER = (*LEVELS, "note")
_SSRI = "SSRI use in the population"


class _Dose(Structural):
    @property
    def day(self) -> float: ...
    @property
    def medicine(self) -> str: ...


class _Arm(Structural):
    @property
    def id(self) -> str: ...
    @property
    def doses(self) -> Sequence[_Dose]: ...


class _Population(Structural):
    @property
    def condition(self) -> str: ...
    @property
    def ssri_fraction(self) -> float: ...
    @property
    def medications(self) -> Sequence[str]: ...
    @property
    def history(self) -> Sequence[str]: ...


class GivesDoses(Structural):
    """What the check reads of a protocol: its arms' doses, and its population's medications and history."""

    @property
    def arms(self) -> Sequence[_Arm]:
        """The arms."""

    @property
    def population(self) -> _Population:
        """Who takes part."""


@dataclass(frozen=True, kw_only=True)
class SafetyWarning:
    """One thing to know before anybody is dosed.

    Parameters
    ----------
    id : str
        Name of the safety fact, or ``note`` with the word that was not checked.
    level : str
        ``contraindication``, ``interaction``, ``caution``, ``monitoring``, ``risk_figure`` or ``note``.
    sentence : str
        What it says, with what called it up and how sure it is.
    source : str
        Address of the page that was read; empty when recalled.
    reference : str
        Key of the source in ``references.bib``; empty when recalled.
    verified : bool
        True when it was read in the text of the source.
    arm : str
        Ids of the arms it concerns, joined by a comma; empty for a note on the whole population.
    """

    id: str
    level: Level | Literal["note"]
    sentence: str
    source: str = ""
    reference: str = ""
    verified: bool = False
    arm: str = ""


def check_protocol(
    protocol: GivesDoses, *, medications: Iterable[str] = (), history: Iterable[str] = ()
) -> tuple[SafetyWarning, ...]:
    """List the published contraindications, interactions and precautions that a protocol meets.

    Every medicine of an arm is held against the population's medications and history, against the other medicines of
    the arm, and against SSRI use when some of the population take one. A word that is not known is never passed over:
    it gets a note.

    Parameters
    ----------
    protocol : GivesDoses
        The protocol.
    medications, history : iterable of str
        Further medications and medical history, beside the population's own.

    Returns
    -------
    tuple of SafetyWarning
        The gravest first; one a fact, naming every arm that it concerns.
    """
    told = (*protocol.population.medications, *protocol.population.history, *medications, *history)
    words = _classes(told)
    named = dict(words)
    if protocol.population.ssri_fraction > 0:
        named[_SSRI] = frozenset({"ssri"})
    condition = normalise(protocol.population.condition)
    named[condition] = named.get(condition, frozenset()) | recognise(condition)
    arms: dict[str, list[str]] = {}
    given: dict[str, set[str]] = {}
    reasons: dict[str, dict[str, None]] = {}
    for arm in protocol.arms:
        for found, why in _met(arm, named):
            arms.setdefault(found.id, []).append(arm.id)
            given.setdefault(found.id, set()).update(dose.medicine for dose in arm.doses)
            reasons.setdefault(found.id, {}).update(dict.fromkeys(why))
    warnings = [
        _warning(fact, given=given[fact.id], why=list(reasons[fact.id]), arms=arms[fact.id])
        for fact in facts()
        if fact.id in arms
    ]
    used = {word for why in reasons.values() for word in why}
    notes = [_note(word, classes) for word, classes in words.items() if word not in used]
    return tuple(sorted([*warnings, *notes], key=lambda warning: _ORDER.index(warning.level)))


def _classes(told: Iterable[str]) -> dict[str, frozenset[str]]:
    """Map each phrase as it was written to its classes."""
    return {text.strip(): recognise(text) for text in told if normalise(text) not in NOTHING}


def _met(arm: _Arm, named: Mapping[str, frozenset[str]]) -> list[tuple[SafetyFact, list[str]]]:
    """List the facts that an arm meets, each with the phrases that call it up."""
    given = {dose.medicine for dose in arm.doses}
    repeated = {medicine for medicine in given if len({d.day for d in arm.doses if d.medicine == medicine}) > 1}
    beside = {medicine: recognise(medicine) for medicine in given}
    met = []
    for fact in facts():
        about = given.intersection(fact.medicines)
        if not about:
            continue
        others = {medicine: classes for medicine, classes in beside.items() if medicine not in about}
        why = [word for word, classes in {**named, **others}.items() if classes.intersection(fact.when)]
        if why or fact.always_shown or (fact.when_repeated and repeated.intersection(fact.medicines)):
            met.append((fact, why))
    return met


def _warning(fact: SafetyFact, *, given: set[str], why: list[str], arms: list[str]) -> SafetyWarning:
    cause = "".join(f" with '{word}'{_called(word, fact)}" if word != _SSRI else f" with {_SSRI}" for word in why[:1])
    more = f" and {len(why) - 1} more" if len(why) > 1 else ""
    about = " or ".join(MEDICINES[name].display_name for name in fact.medicines if name in given)
    level = fact.level.replace("_", " ")
    return SafetyWarning(
        id=fact.id,
        level=fact.level,
        sentence=f"{level.capitalize()}, {about}{cause}{more}: {sentence_of(fact)}",
        source=next(iter(fact.pages), ""),
        reference=fact.reference,
        verified=fact.verified,
        arm=", ".join(arms),
    )


def _called(word: str, fact: SafetyFact) -> str:
    """Say the class of a word when the word is not its name."""
    classes = sorted(recognise(word).intersection(fact.when))
    plain = normalise(word)
    names = [label(name) for name in classes if normalise(label(name)) not in plain]
    return f" ({', '.join(names)})" if names else ""


def _note(word: str, classes: frozenset[str]) -> SafetyWarning:
    if classes:
        kinds = ", ".join(sorted(label(name) for name in classes))
        known = "" if normalise(kinds) in normalise(word) else f" ({kinds})"
        sentence = (
            f"'{word}'{known}: no fact here concerns it with the medicines of this protocol, "
            "which does not mean that it is safe."
        )
    else:
        hint = suggestion(word)
        sentence = f"'{word}' was not recognised and not checked" + (f"; {hint}" if hint else ".")
    return SafetyWarning(id=f"note:{normalise(word)}", level="note", sentence=sentence)
