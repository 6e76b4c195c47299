from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterglow.citations import reference
from afterglow.errors import AfterglowError, ProtocolError
from afterglow.evidence.facts.fact import LEVELS
from afterglow.evidence.facts.layouts import facts_of_row
from afterglow.safety.check import SafetyWarning, check_protocol
from afterglow.safety.fact import fact, facts, number_of, sentence_of
from afterglow.safety.purpose import PURPOSE
from afterglow.safety.words import recognise, word_classes


def protocol_of(
    *medicines: str,
    medications: tuple[str, ...] = (),
    history: tuple[str, ...] = (),
    ssri_fraction: float = 0.0,
    condition: str = "major_depression",
    days: tuple[float, ...] = (0.0,),
) -> SimpleNamespace:
    """One arm for each medicine; several joined by + are given in one arm."""
    arms = [
        SimpleNamespace(
            id=medicine,
            doses=tuple(SimpleNamespace(day=day, medicine=name) for name in medicine.split("+") for day in days),
        )
        for medicine in medicines
    ]
    population = SimpleNamespace(
        condition=condition, ssri_fraction=ssri_fraction, medications=medications, history=history
    )
    return SimpleNamespace(arms=tuple(arms), population=population)


def ids(warnings: tuple[SafetyWarning, ...]) -> set[str]:
    return {warning.id for warning in warnings}


@pytest.mark.parametrize(
    ("medicine", "word", "expected"),
    [
        ("mdma", "phenelzine 15 mg daily", "mdma_maoi"),
        ("mdma", "Moclobemide", "mdma_moclobemide_deaths_fi"),
        ("mdma", "paroxetine", "mdma_cyp2d6"),
        ("mdma", "fluoxetine", "mdma_cyp2d6"),
        ("mdma", "bupropion XL", "mdma_cyp2d6"),
        ("mdma", "ritonavir", "mdma_cyp2d6"),
        ("mdma", "sertraline", "mdma_ssri"),
        ("mdma", "venlafaxine", "mdma_ssri"),
        ("mdma", "uncontrolled hypertension", "mdma_hypertension"),
        ("mdma", "coronary artery disease", "mdma_cvd"),
        ("mdma", "bipolar I", "mdma_psychosis"),
        ("mdma", "prolonged QT interval", "mdma_qt"),
        ("mdma", "pregnant", "mdma_pregnancy"),
        ("psilocybin", "lithium carbonate", "psi_lithium"),
        ("psilocybin", "escitalopram", "psi_ssri"),
        ("psilocybin", "duloxetine", "psi_snri"),
        ("psilocybin", "Wellbutrin", "psi_bupropion"),
        ("psilocybin", "schizophrenia", "psi_psychosis_scz"),
        ("psilocybin", "manic episode in 2019", "psi_mania_excluded"),
        ("psilocybin", "mother with schizophrenia", "psi_family_history"),
        ("psilocybin", "untreated hypertension", "psi_uncontrolled_hypertension"),
        ("ketamine", "lorazepam", "ket_benzo_dose"),
        ("esketamine", "diazepam", "esk_benzo_aspire"),
        ("esketamine", "aortic aneurysm", "esk_aneurysm"),
        ("ketamine", "intracerebral hemorrhage", "esk_ich"),
        ("ketamine", "interstitial cystitis", "ket_cystitis"),
        ("ketamine", "psychosis", "ket_psychosis_excluded"),
        ("esketamine", "pregnancy", "esk_pregnancy"),
    ],
)
def test_a_word_calls_up_its_fact_for_that_medicine_only(medicine: str, word: str, expected: str) -> None:
    met = check_protocol(protocol_of(medicine, medications=(word,)))
    assert expected in ids(met)
    assert expected in ids(check_protocol(protocol_of(medicine, history=(word,))))
    assert expected in ids(check_protocol(protocol_of(medicine), medications=[word]))
    assert expected not in ids(check_protocol(protocol_of(medicine)))
    assert expected not in ids(check_protocol(protocol_of("placebo", medications=(word,))))
    sentence = next(warning.sentence for warning in met if warning.id == expected)
    assert f"'{word}'" in sentence


def test_the_gravest_comes_first_and_notes_last() -> None:
    met = check_protocol(
        protocol_of("mdma", "psilocybin", medications=("lithium", "phenelzine", "sertraline", "wobblol"), days=(0, 28))
    )
    order = [(*LEVELS, "note").index(warning.level) for warning in met]
    assert order == sorted(order)
    assert met[0].level == "contraindication"
    assert met[-1].level == "note"


def test_a_fact_names_every_arm_that_meets_it_and_no_other() -> None:
    protocol = protocol_of("mdma", "mdma+placebo", "placebo", medications=("phenelzine",))
    arms = {warning.id: warning.arm for warning in check_protocol(protocol)}
    assert arms["mdma_maoi"] == "mdma, mdma+placebo"


def test_monitoring_is_always_shown_for_what_is_given() -> None:
    shown = ids(check_protocol(protocol_of("esketamine")))
    assert {"esk_monitor", "esk_bp_check", "esk_driving"} <= shown
    assert not any(name.startswith(("mdma_", "psi_")) for name in shown)
    assert check_protocol(protocol_of("placebo")) == ()
    two_hours = next(w for w in check_protocol(protocol_of("esketamine")) if w.id == "esk_monitor")
    assert "2 hours" in two_hours.sentence


def test_repeated_ketamine_asks_about_the_bladder() -> None:
    assert "ket_cystitis" not in ids(check_protocol(protocol_of("ketamine")))
    assert "ket_cystitis" in ids(check_protocol(protocol_of("ketamine", days=(0, 3, 7))))


def test_ssri_use_in_the_population_counts_as_an_ssri() -> None:
    met = check_protocol(protocol_of("psilocybin", ssri_fraction=0.3))
    assert "psi_ssri" in ids(met)
    assert any("SSRI use in the population" in warning.sentence for warning in met)


def test_two_medicines_in_one_arm_are_held_against_each_other() -> None:
    assert "psi_ssri" in ids(check_protocol(protocol_of("psilocybin+escitalopram")))
    assert "psi_ssri" not in ids(check_protocol(protocol_of("psilocybin", "escitalopram")))


def test_a_condition_counts_as_history() -> None:
    assert "psi_psychosis_scz" in ids(check_protocol(protocol_of("psilocybin", condition="bipolar_depression")))
    assert "psi_psychosis_scz" not in ids(check_protocol(protocol_of("psilocybin")))


def test_an_unknown_word_is_said_not_to_be_checked() -> None:
    (note,) = (w for w in check_protocol(protocol_of("mdma", medications=("sertralin",))) if w.level == "note")
    assert "not recognised and not checked" in note.sentence
    assert "'sertraline'" in note.sentence


def test_a_known_word_without_a_fact_is_not_called_safe() -> None:
    (note,) = (w for w in check_protocol(protocol_of("ketamine", medications=("lamotrigine",))) if w.level == "note")
    assert "does not mean that it is safe" in note.sentence


@pytest.mark.parametrize("word", ["", "  ", "none", "None", "n/a"])
def test_nothing_written_gives_no_note(word: str) -> None:
    assert not any(w.level == "note" for w in check_protocol(protocol_of("mdma", medications=(word,))))


def test_family_history_is_not_ones_own() -> None:
    assert recognise("father had bipolar disorder") == {"family_psychosis"}
    assert recognise("Family history of hypertension") == frozenset()
    assert recognise("bipolar disorder") == {"mania"}


@pytest.mark.parametrize(
    "word", ["PHENELZINE", "Phénelzine", "phenelzine  15mg", "(phenelzine)", "phenelzine, stopped"]
)
def test_spelling_of_case_accents_and_doses_does_not_matter(word: str) -> None:
    assert "maoi" in recognise(word)


def test_a_word_inside_another_word_does_not_count() -> None:
    assert recognise("manicure") == frozenset()
    assert recognise("pre-eclampsia") == frozenset()


@given(st.text(max_size=80))
def test_any_text_is_checked_or_noted(text: str) -> None:
    met = check_protocol(protocol_of("mdma", medications=(text,)))
    assert all(warning.sentence for warning in met)


def test_every_verified_fact_has_a_known_source_and_the_rest_say_so() -> None:
    assert len(facts()) >= 55
    for row in facts():
        if row.verified:
            assert reference(row.reference).was_read
            assert "recalled" not in sentence_of(row)
        else:
            assert "recalled, not verified" in sentence_of(row)


def test_every_class_that_a_fact_names_exists() -> None:
    known = {entry.id for entry in word_classes()}
    assert {name for row in facts() for name in row.when} <= known


def test_every_fact_that_should_warn_can_be_called_up() -> None:
    for row in facts():
        assert row.when or row.when_repeated or row.level in {"monitoring", "risk_figure"}, row.id


def test_every_word_recognises_itself() -> None:
    for entry in word_classes():
        for word in entry.words:
            if entry.id != "family_psychosis":
                assert recognise(word), word


def test_numbers_are_written_with_unit_and_interval() -> None:
    assert number_of(fact("psi_ssri")) == "47 % (95 % interval 41 to 54 %)"
    assert number_of(fact("psi_bp")) == "systolic 145.93, diastolic 93.93 mmHg"
    assert number_of(fact("esk_sedation")) == "48, 61 %"
    assert number_of(fact("esk_aneurysm")) == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"verified": True}, "needs a source and a reference"),
        ({"verified": True, "reference": "x"}, "no page is named"),
        ({"value": 1.0}, "needs its units"),
        ({"level": "cauton"}, "did you mean 'caution'"),
        ({"medicines": []}, "must name at least one"),
        ({"medicines": "mdma"}, "must be a list of words"),
        ({"when": "ssri"}, "must be a list of words"),
        ({"when_repeated": "yes"}, "must be true or false"),
        ({"fact": "short"}, "at least 10 characters"),
        ({"medicine": "mdma"}, "unknown key 'medicine'"),
    ],
)
def test_a_wrong_row_is_refused(change: dict, sentence: str) -> None:
    row = {"id": "x", "medicines": ["mdma"], "level": "caution", "fact": "something to know", "reference": ""}
    row |= {"source": None, "verified": False}
    facts_of_row(row, topic="safety", file="safety")
    with pytest.raises(ProtocolError, match=sentence):
        facts_of_row({**row, **change}, topic="safety", file="safety")


def test_an_unknown_fact_names_the_nearest() -> None:
    with pytest.raises(AfterglowError, match="mdma_maoi"):
        fact("mdma_maio")


def test_the_purpose_says_what_it_is_not() -> None:
    assert "not medical advice" in PURPOSE


def test_the_reference_page_is_generated_from_the_facts() -> None:
    folder = Path(__file__).parents[2] / "docs" / "reference"
    page = runpy.run_path(str(folder / "generate_safety.py"))["page"]()
    assert (folder / "safety.md").read_text(encoding="utf-8") == page, "run make docs"
