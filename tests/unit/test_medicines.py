"""The records of the medicines: found by their folders, whole, and with sources that exist."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import afterglow.medicines as package
from afterglow import citations
from afterglow.errors import ParameterError
from afterglow.medicines import COMPARATORS, FELT_MEDICINES, MEDICINES, WINDOW_MEDICINES, medicine, users_of
from afterglow.model.course import course
from afterglow.observation.dropout import DROPOUT_RATES
from afterglow.parameters import PARAMETERS


def test_every_folder_is_a_medicine_in_the_order_of_its_record() -> None:
    folders = {path.parent.name for path in Path(package.__file__).parent.glob("*/record.py")}
    assert set(MEDICINES) == folders
    assert [m.order for m in MEDICINES.values()] == sorted(m.order for m in MEDICINES.values())


def test_kinds_are_as_the_field_knows_them() -> None:
    assert WINDOW_MEDICINES == ("ketamine", "esketamine", "psilocybin", "mdma")
    assert FELT_MEDICINES == ("ketamine", "esketamine", "psilocybin", "mdma", "midazolam", "niacin")
    assert COMPARATORS == ("placebo", "midazolam", "niacin")
    assert [m.id for m in MEDICINES.values() if m.is_inert] == ["placebo"]
    assert [m.id for m in MEDICINES.values() if not m.is_modelled] == ["escitalopram"]


def test_an_unknown_medicine_gets_the_nearest_name() -> None:
    assert medicine("mdma").display_name == "MDMA"
    with pytest.raises(ParameterError, match="did you mean 'psilocybin'"):
        medicine("psilocibin")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "MDMA"}, "identifier in lower case"),
        ({"display_name": "Ecstasy"}, "its id in other letters' case"),
        ({"routes": ("oral", "iv")}, "has a dose limit"),
        ({"window": ()}, "constants of a window"),
        ({"kind": "comparator, felt"}, "constants of a window"),
        ({"analytes": ()}, "has kinetics, engagement and analytes"),
        ({"free": ("signal_gain_ketamine",)}, "not its own"),
        ({"terminal_h": (24.0, 6.0)}, "terminal hours must rise"),
    ],
)
def test_a_record_whose_parts_do_not_fit_together_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        replace(MEDICINES["mdma"], **change)


def test_every_source_of_a_record_is_in_the_bibliography() -> None:
    known = {reference.key for reference in citations.references()}
    used: set[str] = set()
    for m in MEDICINES.values():
        words = (m.words.reopened, m.words.prepared, m.words.supported, m.words.next_day, *m.words.brain)
        used |= set(chain.from_iterable(part.sources for part in words))
        used |= {rate.source for rate in m.dropout_rates}
        for way in m.ways:
            used |= set(way.source.split("; ")) - {""}
        if m.usual is not None:
            used |= {m.usual.supplement.source} if m.usual.supplement else set()
    assert len(used) > 20
    assert used <= known


def test_a_constant_matters_to_the_medicines_whose_equations_read_it() -> None:
    model = course()
    read: dict[str, set[str]] = {}
    for layer in (x for x in model.layers if x.medicine):
        expressions = [*(state.derivative for state in layer.states), *(q.expression for q in layer.quantities)]
        for name in {s.name for expression in expressions for s in expression.free_symbols}:
            read.setdefault(name, set()).add(layer.medicine)
    for (own, _), entries in model.entries.items():
        for entry in entries:
            for name in {s.name for s in entry.fraction.free_symbols} | {entry.lag_h, entry.duration_h}:
                read.setdefault(name, set()).add(own)
    everybodys = {"plasticity_switch"}  # a rival explanation turns it off for every medicine
    read = {name: readers for name, readers in read.items() if name in PARAMETERS and name not in everybodys}
    assert {name: set(users_of(name)) for name in read} == read
    beside = {"prosocial_rate", "reconsolidation_rate", "relaxation"}  # of processes that a medicine acts on
    beside |= {f"signal_gain_{name}" for name in WINDOW_MEDICINES}  # read where the signals are added up
    assert {name for name in PARAMETERS if users_of(name)} == set(read) | beside


@pytest.mark.parametrize(
    ("name", "medicines"),
    [
        ("signal_gain_ketamine", {"ketamine"}),
        ("signal_gain_esketamine", {"esketamine"}),
        ("excitation_half", {"psilocybin"}),
        ("release_half", {"mdma"}),
        ("reconsolidation_rate", {"mdma"}),
        ("window_learning", set()),
    ],
)
def test_a_constant_matters_with_its_medicine_alone_or_always(name: str, medicines: set[str]) -> None:
    assert users_of(name) == medicines


def test_every_dropout_rate_that_a_record_names_exists() -> None:
    named = set(chain.from_iterable(m.dropout or () for m in MEDICINES.values()))
    assert {m.id for m in MEDICINES.values() if m.dropout} == set(WINDOW_MEDICINES)
    assert named <= set(DROPOUT_RATES)
