"""What is asked of the model: lasting responses, relapse by time, and who is still seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from afterglow.calibrate.controls import CONTROLS
from afterglow.calibrate.predict import predict_at_draws
from afterglow.calibrate.targets import (
    Target,
    Trial,
    calibration_trials,
    diagnosis_cut,
    trial_of,
    why_not_asked,
)
from afterglow.cohort import Draw
from afterglow.evidence import read_study, study, study_names, usable_studies
from afterglow.observation.dropout import DROPOUT_RATES, share_seen
from afterglow.posterior import shipped
from afterglow.scales.instruments import SCALES


def trial(name: str) -> Trial:
    return next(t for t in calibration_trials() if t.name == name)


def of_kind(name: str, kind: str) -> list[Target]:
    return [t for t in trial(name).targets if t.kind == kind]


def foretold(own: Trial, *, as_published: bool = False) -> np.ndarray:
    """What the model says of a trial, without the excess of small trials unless it is asked for."""
    draw = Draw(typical=shipped().centre)
    return np.asarray(predict_at_draws([own], [draw], people=64, as_published=as_published)[0])


def asked(name: str, *targets: Target) -> np.ndarray:
    return foretold(trial(name).only(targets))


def test_lasting_responses_and_relapse_are_compared() -> None:
    kinds = [t.kind for found in calibration_trials() for t in found.targets]
    assert kinds.count("sustained") >= 4
    assert kinds.count("relapse") >= 30


def test_a_sustained_response_is_looked_at_on_the_trials_own_visits() -> None:
    for target in of_kind("goodwin2022-comp001", "sustained"):
        assert target.visits == (21.0, 42.0, 63.0, 84.0)


def test_fewer_respond_at_every_visit_than_at_the_last() -> None:
    sustained = of_kind("goodwin2022-comp001", "sustained")[0]
    shares = [t for t in of_kind("goodwin2022-comp001", "share") if t.arm == sustained.arm and t.finding.day == 84]
    at_last = next(t for t in shares if t.finding.kind == "response")
    every, last = asked("goodwin2022-comp001", sustained, at_last)
    assert 0 < every < last


def test_relapse_grows_with_time_and_lies_between_none_and_all() -> None:
    target = of_kind("wilkinson2017-cbt", "relapse")[0]
    assert target.visits[0] == 13, "the day on which response was counted"
    sooner = replace(target, visits=target.visits[:-1])
    early, late = asked("wilkinson2017-cbt", sooner, target)
    assert 0 < early < late < 1


def test_a_higher_score_raises_relapse_and_lowers_response() -> None:
    assert of_kind("wilkinson2017-cbt", "relapse")[0].unit > 0 > of_kind("wilkinson2017-cbt", "share")[0].unit


def test_those_no_longer_seen_count_as_not_having_responded() -> None:
    target = of_kind("goodwin2022-comp001", "sustained")[0]
    assert 0.85 < target.seen < 0.95
    everybody, seen = asked("goodwin2022-comp001", replace(target, seen=1.0), target)
    assert seen == pytest.approx(target.seen * everybody)


@pytest.mark.parametrize(("medicine", "row"), [("psilocybin", "psilocybin_active"), ("mdma", "mdma_active")])
def test_the_share_seen_meets_the_published_one(medicine: str, row: str) -> None:
    rate = DROPOUT_RATES[row]
    assert rate.by_day is not None
    assert share_seen(medicine, active=True, day=rate.by_day) == pytest.approx(1 - rate.fraction)
    assert share_seen(medicine, active=True, day=0) == share_seen("none", active=False, day=90) == 1.0


SUBSTANCE_USE = {
    *("dakwar2019-cocaine", "dakwar2020-alcohol", "das2019-reconsolidation", "grabski2022-kare"),
    *("krupitsky2002-heroin", "krupitsky2007-heroin", "rieser2025-alcohol"),
}


def test_of_most_studies_the_model_is_asked_for_a_number_and_every_other_says_why_not() -> None:
    silent = {name: why for name, why in why_not_asked().items() if why}
    assert set(why_not_asked()) == set(study_names())
    assert 1 - len(silent) / len(study_names()) >= 0.85
    assert set(silent) >= SUBSTANCE_USE
    assert all("use of a substance" in silent[name] for name in SUBSTANCE_USE)
    asked = {t.name for t in calibration_trials()}
    assert asked <= set(usable_studies())
    assert not asked & set(silent)


def made(*arms: dict[str, Any], contrasts: Sequence[dict[str, Any]] = (), **more: Any) -> Trial:
    for arm in arms:
        arm.setdefault("observations", [])
    data = {"citation": "x", "condition": "major_depression", "arms": list(arms), "contrasts": list(contrasts), **more}
    return trial_of(read_study(data), verified_only=False, to_fit=False)


def score(day: float, mean: float, **more: Any) -> dict[str, Any]:
    return {"scale": "MADRS", "day": day, "mean": mean, "sd": 8, "n": 40, "kind": "score", **more}


def predicted(made_trial: Trial, *targets: Target) -> np.ndarray:
    return foretold(made_trial.only(targets or made_trial.targets))


SESSIONS = [{"day": d, "kind": "psychotherapy", "hours": 1, "format": "individual"} for d in range(0, 70, 7)]
KETAMINE = {"day": 0, "drug": "ketamine", "dose_mg_per_kg": 0.5, "route": "iv"}
SALINE = {"day": 0, "drug": "placebo_saline", "dose_mg": 0, "route": "iv"}


def test_people_who_are_well_relapse_at_any_visit_at_the_level_of_the_scale() -> None:
    rows = [
        {"scale": "relapse", "day": d, "proportion": p, "n": 50, "kind": "relapse"} for d, p in ((90, 0.2), (365, 0.5))
    ]
    found = made(
        {"id": "a", "comparator": "untreated", "observations": rows},
        starts_well=True,
        population={"recovered_by": "therapy"},
    )
    early, late = found.targets
    assert (early.kind, early.finding.scale, early.visits[0], early.visits[-1]) == ("relapse", "HAM-D17", 0, 90)
    assert max(np.diff(late.visits)) <= 28
    first, second = predicted(found)
    assert 0 < first < second < 1
    worse = {**found.protocol.population.model_dump(), "baseline_mean": 9.0}
    ill = replace(
        found, protocol=found.protocol.model_copy(update={"population": type(found.protocol.population).made(worse)})
    )
    assert predicted(ill)[0] > first


def test_never_having_got_better_counts_where_all_are_counted() -> None:
    row = {"scale": "MADRS", "day": 84, "events": 37, "n": 75, "kind": "relapse"}
    arm = {"id": "a", "n": 75, "doses": [{"day": 0, "drug": "psilocybin", "dose_mg": 25, "route": "oral"}]}
    people = {"baseline": {"scale": "MADRS", "mean": 32, "sd": 6}}
    among = [
        made({**arm, "observations": [{**row, "among": word}]}, population=people, starts_well=False)
        for word in ("responders", "all")
    ]
    responders, everybody = (float(predicted(one)[0]) for one in among)
    assert responders < everybody < 1


def test_an_average_over_days_lies_between_the_differences_of_its_ends() -> None:
    def contrast(day: Any) -> dict[str, Any]:
        return {"scale": "MADRS", "day": day, "arm": "k", "versus": "s", "mean_difference": -5, "se": 2}

    arms = [{"id": "k", "n": 50, "doses": [KETAMINE]}, {"id": "s", "n": 50, "doses": [SALINE]}]
    found = made(*arms, contrasts=[contrast(1), contrast("1-30"), contrast(30)])
    assert [t.visits for t in found.targets][::2] == [(), ()]
    assert (found.targets[1].visits[0], found.targets[1].visits[-1]) == (1, 30)
    first, average, last = predicted(found)
    assert first < average < last < 0


def test_an_average_is_left_out_where_both_arms_tell_its_days() -> None:
    arms = [
        {"id": name, "n": 20, "doses": [dose], "observations": [score(0, 30), score(1, 20), score(3, 22)]}
        for name, dose in (("k", KETAMINE), ("s", SALINE))
    ]
    row = {"scale": "MADRS", "day": "1-3", "arm": "k", "versus": "s", "mean_difference": -5, "se": 2}
    found = made(*arms, contrasts=[row])
    assert [why for f, why in found.unused if f.versus] == ["both arms' own values are compared"]
    row["day"] = "1-60"
    arms[0]["observations"].pop()
    assert any(t.versus >= 0 for t in made(*arms, contrasts=[row]).targets)


@pytest.mark.parametrize("size", ["risk_difference", "odds_ratio", "risk_ratio"])
def test_shares_of_two_arms_are_set_beside_each_other(size: str) -> None:
    row = {"scale": "MADRS", "kind": "response", "day": 1, "arm": "k", "versus": "s", size: 0.3}
    shares = {"scale": "MADRS", "kind": "response", "day": 1, "n": 38}
    arms = [{"id": "k", "n": 40, "doses": [KETAMINE]}, {"id": "s", "n": 40, "doses": [SALINE]}]
    told = [{**arm, "observations": [{**shares, "percent": p}]} for arm, p in zip(arms, (50, 20), strict=True)]
    own, other = predicted(made(*told))
    found = made(*arms, contrasts=[row])
    expected = {
        "risk_difference": own - other,
        "odds_ratio": np.log(own / (1 - own) / other * (1 - other)),
        "risk_ratio": np.log(own / other),
    }
    assert predicted(found)[0] == pytest.approx(expected[size])
    assert found.targets[0].unit < 0, "a higher score, fewer responders"
    assert not any(t.versus >= 0 for t in made(*told, contrasts=[row]).targets)


def test_a_share_goes_by_the_definition_of_its_study() -> None:
    def share(kind: str, definition: str) -> float:
        row = {"scale": "MADRS", "kind": kind, "day": 1, "n": 40, "percent": 50, "definition": definition}
        return float(predicted(made({"id": "k", "n": 40, "doses": [KETAMINE], "observations": [score(0, 30), row]}))[0])

    assert share("response", "fall_30_percent") > share("response", "usual") > share("response", "fall_70_percent")
    assert share("response", "fall_15") == pytest.approx(share("response", "fall_50_percent"), abs=0.1)
    assert share("remission", "at_most_12") > share("remission", "usual") > share("remission", "at_most_6")


def test_a_diagnosis_by_interview_is_a_share_below_the_level_of_relapse() -> None:
    assert diagnosis_cut(SCALES["CAPS-5"]) == 24
    assert diagnosis_cut(SCALES["HAM-D17"]) == 13
    assert diagnosis_cut(SCALES["HAM-A"]) is None
    row = {"scale": "SCID", "day": 1277, "fraction": 0.44, "n": 67, "kind": "no_longer_meets_diagnosis"}
    found = made({"id": "a", "comparator": "untreated", "observations": [score(0, 30), row]})
    assert (found.targets[0].kind, found.targets[0].finding.scale) == ("share", "MADRS")
    assert 0 < predicted(found)[0] < 1


def test_a_contrast_stands_in_for_arms_whose_own_values_were_only_recalled() -> None:
    row = {"scale": "MADRS", "kind": "response", "day": 1, "verified": True}
    arms = [
        {"id": name, "n": 40, "doses": [dose], "observations": [{**row, "percent": 40, "n": 40, "verified": False}]}
        for name, dose in (("k", KETAMINE), ("s", SALINE))
    ]
    data = {"citation": "x", "condition": "major_depression", "arms": arms}
    data["contrasts"] = [{**row, "arm": "k", "versus": "s", "odds_ratio": 2.2}]
    assert [t.kind for t in trial_of(read_study(data)).targets] == ["log_odds_ratio"]
    assert {t.kind for t in trial_of(read_study(data), verified_only=False).targets} == {"share"}


def test_the_kinds_of_control() -> None:
    kinds = {
        name: dict(zip([a.id for a in t.protocol.arms], t.controls, strict=True)) for name, t in asked_of_all().items()
    }
    assert {kind for own in kinds.values() for kind in own.values()} == {"", *CONTROLS}
    for name, arm, kind in (
        ("goodwin2022-comp001", "psilocybin_25_mg", ""),
        ("goodwin2022-comp001", "psilocybin_10_mg", ""),
        ("goodwin2022-comp001", "psilocybin_1_mg", "low_dose"),
        ("mitchell2021-mapp1", "placebo", "inert"),
        ("davis2021-mdd", "control", "waiting_list"),
        ("murrough2013-midazolam", "midazolam", "felt"),
        ("popova2019-transform2", "placebo", "inert"),
        ("takahashi2021-japan", "e28", ""),
        ("carhartharris2021-escitalopram", "control", "low_dose"),
        ("schnurr2007-pe-vs-pct", "pct", "other_therapy"),
        ("schnurr2022-pe-vs-cpt", "cpt", ""),
        ("serfaty2009-talking-control", "talking", "other_therapy"),
        ("serfaty2009-talking-control", "tau", "usual_care"),
        ("foa2005-pe-pss", "wl", "waiting_list"),
        ("goldstein2004-antidepressant-weekly", "drug", ""),
        ("goldstein2004-antidepressant-weekly", "placebo", "inert"),
        ("lewis2021-antler-discontinuation", "discontinuation", "inert"),
        ("wilkinson2021-cbt", "tau", "usual_care"),
        ("price2022-asat", "sal_asat", "inert"),
        ("ross2016-cancer", "control", "felt"),
        ("griffiths2016-cancer", "control", "low_dose"),
        ("metapsy-ptsd-waitlist-by-week", "wl_w8", "waiting_list"),
        ("metapsy-depression-usual-care-course", "uc_phq9_w4_6", "usual_care"),
        ("wang2021-openlabel", "mdma", ""),
        ("reif2023-escape", "quetiapine", "other_therapy"),
    ):
        assert kinds[name][arm] == kind, (name, arm)
    comp = asked_of_all()["goodwin2022-comp001"]
    assert comp.controls == ("", "", "low_dose")


@cache
def asked_of_all() -> dict[str, Trial]:
    return {name: trial_of(study(name), to_fit=False) for name, why in why_not_asked().items() if not why}


def test_the_size_of_a_trial_goes_with_the_arm_that_is_studied() -> None:
    comp = asked_of_all()["goodwin2022-comp001"]
    by_arm = {t.finding.arm: t.small_trial for t in comp.targets if t.kind == "change"}
    assert by_arm["psilocybin_25_mg"] == pytest.approx(np.sqrt(1 / 79 + 1 / 79))
    assert by_arm["psilocybin_1_mg"] == 0
    assert {t.small_trial for t in comp.targets if t.kind == "log_sd"} == {0.0}
    alone = asked_of_all()["wang2021-openlabel"]
    assert next(t.small_trial for t in alone.targets if t.kind == "change") == pytest.approx(np.sqrt(2 / 37))
    both = asked_of_all()["jelovac2025-karmadep2"]
    assert [t.small_trial for t in both.targets] == pytest.approx([np.sqrt(2 / 31)] * 2)
    for pool in ("wilkinson2019-midazolam-saline", "han2016-pool", "metapsy-depression-waitlist-course"):
        assert {t.small_trial for t in asked_of_all()[pool].targets} == {0.0}


def test_what_is_published_of_a_small_trial_exceeds_what_is_so() -> None:
    comp = trial("goodwin2022-comp001")
    excess = shipped().centre["small_trial_excess"]
    assert excess > 0.05
    beside = foretold(comp) - foretold(comp, as_published=True)
    assert beside == pytest.approx([excess * t.small_trial * t.unit for t in comp.targets], abs=1e-9)
    assert {t.small_trial > 0 for t in comp.targets} == {True, False}


def test_a_number_that_rests_on_an_assumption_is_foretold_and_not_fitted() -> None:
    found = study("mcinnes2022-clinics")
    assert any(t.finding.assumed for t in trial_of(found, to_fit=False).targets)
    fitted = trial_of(found)
    assert fitted.targets
    assert not any(t.finding.assumed for t in fitted.targets)
    assert any("assumed" in why for _, why in fitted.unused)


def test_every_number_of_every_study_can_be_foretold() -> None:
    trials = [t for t in asked_of_all().values() if any(x.finding.verified for x in t.targets)]
    odd = [t.only([x for x in t.targets if x.kind not in ("change", "log_sd", "share", "sustained")]) for t in trials]
    odd = [t for t in odd if t.targets]
    values = predict_at_draws(odd, [Draw(typical=shipped().centre)], people=8)[0]
    assert np.isfinite(values).all()
    assert len(values) > 90
