"""Published rows become typed findings, or say why they are not used."""

from __future__ import annotations

import math
from typing import Any

import pytest

from afterglow.evidence import (
    Finding,
    Unused,
    all_findings,
    findings_of,
    read_study,
    study,
    study_names,
    usable_studies,
)
from afterglow.evidence.findings.finding import OF_TWO
from afterglow.evidence.findings.of_study import read_rows
from afterglow.evidence.findings.selection import left_out
from afterglow.evidence.studies.as_protocol import study_arms
from afterglow.evidence.studies.study import Study
from afterglow.scales.instruments import SCALES

POOLED = {name: study(name).overlaps for name in study_names() if study(name).overlaps}
RETRACTED = {name for name in study_names() if study(name).retracted}
SAME_PEOPLE = {name: study(name).follow_up_of for name in study_names() if study(name).follow_up_of}
DRUG = {"day": 0, "drug": "psilocybin", "dose_mg": 25, "route": "oral"}


def made(*rows: dict[str, Any], contrasts: tuple[dict[str, Any], ...] = (), **more: Any) -> Study:
    """A study whose first arm has these rows."""
    return read_study(made_data(*rows, contrasts=contrasts, **more))


def made_data(*rows: dict[str, Any], contrasts: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    arms = [
        {"id": "drug", "n": 40, "doses": [DRUG], "sessions": [], "observations": list(rows)},
        {"id": "control arm", "n": 20, "doses": [{**DRUG, "dose_mg": 1}], "sessions": [], "observations": []},
    ]
    study = {"id": "made", "citation": "x", "condition": "major_depression", "arms": arms, "contrasts": list(contrasts)}
    return {**study, **more}


def one(row: dict[str, Any], **more: Any) -> Finding:
    used, unused = findings_of(made({"verified": True, "where": "Table 1", **row}, **more))
    assert unused == []
    assert len(used) == 1
    return used[0]


def contrast(row: dict[str, Any], *rows: dict[str, Any]) -> Finding:
    data = made(*rows, contrasts=({"arm": "drug", "versus": "control arm", "day": 21, "scale": "MADRS", **row},))
    return next(f for f in findings_of(read_study(data))[0] if f.versus)


def why(row: dict[str, Any], **more: Any) -> str:
    used, unused = findings_of(made(row, **more))
    assert used == []
    return unused[0].reason


def test_every_row_of_every_study_is_a_finding_or_says_why_not() -> None:
    rows = {name: len(study(name).rows) for name in study_names()}
    for name, count in rows.items():
        used, unused = findings_of(study(name))
        told = [one for one in unused if one.what != "the study"]
        assert len(used) + len(told) == count
        assert all(one.reason and one.what for one in unused)
        assert len(read_rows(study(name))) == count
    assert sum(rows.values()) > 1200
    used_rows, unused_rows = all_findings()
    assert len(used_rows) + len(unused_rows) >= sum(rows.values())
    assert len(used_rows) > 1100


def test_findings_hold_possible_numbers() -> None:
    for f in all_findings()[0]:
        assert f.scale in SCALES or (f.scale == "" and "relapse" in (f.kind, f.counts))
        assert math.isfinite(f.value)
        assert math.isfinite(f.day)
        assert f.sd is None or f.sd > 0
        assert f.se is None or f.se > 0
        if f.kind in ("response", "remission", "no_longer_meets_diagnosis", "sustained_response", "relapse"):
            assert 0 <= f.value <= 1
            assert f.events is None or f.n is None or 0 <= f.events <= f.n
        assert bool(f.versus) == (f.kind in ("difference", "effect_size", *OF_TWO))
        assert bool(f.counts) == (f.kind in OF_TWO)
        assert f.from_day is None or f.from_day < f.day
        assert f.in_words


def test_arms_are_called_as_in_the_protocol() -> None:
    for name in usable_studies():
        arms = {arm.id for arm in study_arms(study(name)).data["arms"]}
        assert any(f.arm in arms for f in findings_of(study(name))[0])
    row = {"scale": "MADRS", "day": 1, "mean": 10, "kind": "score"}
    data = made_data()
    data["arms"][1]["observations"] = [row]
    assert findings_of(read_study(data))[0][0].arm == "control_arm"


def test_a_score_and_a_change() -> None:
    score = one({"scale": "madrs", "day": -1, "mean": 31.9, "sd": 5.41, "n": 79, "kind": "score"})
    assert (score.scale, score.kind, score.value, score.sd, score.n, score.baseline) == (
        *("MADRS", "mean", 31.9, 5.41),
        *(79, True),
    )
    assert score.se == pytest.approx(5.41 / math.sqrt(79))
    assert (score.study, score.arm, score.versus, score.verified, score.where) == ("made", "drug", "", True, "Table 1")
    change = one(
        {"scale": "MADRS", "day": 21, "mean": -12.0, "ci95": [-14.8, -9.2], "n": 64, "kind": "change_from_baseline"}
    )
    assert (change.kind, change.value, change.baseline) == ("change", -12.0, False)
    assert change.se == pytest.approx(5.6 / 3.92)
    assert change.sd == pytest.approx(5.6 / 3.92 * 8)
    assert "SD from the standard error" in change.note
    bare = one({"scale": "MADRS", "day": 21, "mean": -12.0, "kind": "change_from_baseline", "verified": False})
    assert (bare.sd, bare.se, bare.n, bare.verified) == (None, None, None, False)


def test_mean_and_t_give_the_spread_of_murrough2013() -> None:
    used, _ = findings_of(study("murrough2013-midazolam"))
    changes = {f.arm: f for f in used if f.kind == "change"}
    assert changes["ketamine"].sd == pytest.approx(11.0, abs=0.1)  # the file's notes say about 11.0 and 9.5
    assert changes["midazolam"].sd == pytest.approx(9.5, abs=0.1)


@pytest.mark.parametrize(
    ("told", "value", "events"),
    [
        ({"events": 42, "n": 79}, 42 / 79, 42),
        ({"percent": 45.7, "n": 46}, 0.457, 0.457 * 46),
        ({"events": 10, "n": 15, "percent": 67}, 10 / 15, 10),
        ({"fraction": 0.25, "n": 40}, 0.25, 10),
        ({"proportion": 0.42}, 0.42, None),
    ],
)
def test_shares_in_every_form(told: dict[str, Any], value: float, events: float | None) -> None:
    f = one({"scale": "MADRS", "day": 21, "kind": "response", **told})
    assert (f.kind, f.value) == ("response", pytest.approx(value))
    assert f.events == (None if events is None else pytest.approx(events))


def test_the_standard_error_of_a_share() -> None:
    none = one({"scale": "MADRS", "day": 1, "events": 0, "n": 33, "kind": "remission"})
    p = 0.5 / 34
    assert none.value == 0
    assert none.se == pytest.approx(math.sqrt(p * (1 - p) / 33))
    pooled = one({"scale": "MADRS", "day": 1, "proportion": 0.42, "ci95": [0.39, 0.45], "kind": "response"})
    assert pooled.se == pytest.approx(0.06 / 3.92)
    percent = one({"scale": "MADRS", "day": 1, "percent": 42, "ci95": [39, 45], "kind": "response"})
    assert percent.se == pytest.approx(0.06 / 3.92)


def test_a_diagnosis_that_is_kept_is_turned() -> None:
    f = one({"scale": "CAPS-IV", "day": 152, "proportion_with_ptsd": 0.587, "kind": "diagnosis_kept"})
    assert (f.kind, f.value) == ("no_longer_meets_diagnosis", pytest.approx(0.413))
    assert "kept the diagnosis" in f.note


def test_a_median_is_the_day_on_which_half_have_relapsed() -> None:
    row = {"scale": "relapse", "day": "event-driven", "events": 39, "n": 86, "median_days": 273, "kind": "relapse"}
    f = one(row)
    assert (f.scale, f.day, f.value, f.n) == ("", 273, 0.5, 86)
    assert "39 of 86 by the end" in f.note
    f = one({"scale": "CAPS-5", "day": 14, "median_days": 27.5, "n": 10, "kind": "relapse"})
    assert (f.scale, f.day, f.value) == ("CAPS-5", 41.5, 0.5)
    f = one({"scale": "MADRS", "day": 365, "percent": 70, "median_days": 57, "kind": "relapse"})
    assert (f.day, f.value) == (365, 0.7)


BASELINE = {"scale": "MADRS", "day": -1, "mean": 32, "sd": 6, "n": 40, "kind": "score", "verified": True}


def later(row: dict[str, Any], *rows: dict[str, Any], **more: Any) -> Finding:
    """The finding of a row that stands after others of its arm."""
    return findings_of(made(*rows, {"verified": True, **row}, **more))[0][-1]


def test_an_effect_size_within_an_arm_is_a_fall_in_the_sds_of_its_baseline() -> None:
    row = {"scale": "MADRS", "day": 21, "effect_size_d": 1.5, "n": 36, "kind": "effect_difference"}
    told = later(row, BASELINE)
    assert (told.kind, told.value, told.assumed) == ("change", -9.0, "")
    assert told.se == pytest.approx(6 * math.sqrt((1 + 1.5**2 / 2) / 36))
    assert later({**row, "ci95": [1.3, 1.7]}, BASELINE).se == pytest.approx(6 * 0.4 / 3.92)
    unknown = later(row)
    assert unknown.value == pytest.approx(-1.5 * 6.7)
    assert "assumed" in unknown.assumed
    assert unknown.se > 0.3 * 1.5 * 6.7
    assert later(row, {**BASELINE, "verified": False}) == unknown
    pooled = later({"scale": "MADRS", "day": 42, "mean": -0.5, "kind": "hedges_g"}, BASELINE)
    assert pooled.value == -3.0


def test_schnurr2022_gives_the_changes_that_its_own_difference_confirms() -> None:
    used, _ = findings_of(study("schnurr2022-pe-vs-cpt"))
    pe, cpt = (f for f in used if f.kind == "change")
    assert (pe.value, cpt.value) == (pytest.approx(-8.6, abs=0.1), pytest.approx(-6.2, abs=0.1))
    assert pe.value - cpt.value == pytest.approx(-2.42, abs=0.1)
    assert pe.se == pytest.approx(0.41, abs=0.02)


def test_a_fall_in_percent_is_one_of_the_baseline() -> None:
    row = {"scale": "x", "day": 70, "range": [-15, -10], "kind": "percent_change"}
    told = later(row, BASELINE)
    assert (told.scale, told.kind, told.value, told.assumed) == ("MADRS", "change", -4.0, "")
    assert "assumed" in later(row).assumed


def test_an_average_over_days_keeps_its_first_and_last() -> None:
    f = one({"scale": "MADRS", "day": "1-3", "mean": 12, "kind": "score"})
    assert (f.from_day, f.day) == (1, 3)
    f = contrast({"day": "1-30 (average over days 1 to 30)", "standardized_beta": -0.61, "ci95": [-0.95, -0.28]})
    assert (f.kind, f.value, f.from_day, f.day) == ("effect_size", -0.61, 1, 30)
    assert f.se == pytest.approx(0.67 / 3.92)


@pytest.mark.parametrize("word", ["end of course", "end of treatment", "post-treatment"])
def test_the_end_of_a_course_is_the_day_after_its_last_dose_or_session(word: str) -> None:
    data = made_data({"scale": "MADRS", "day": word, "percent": 46, "n": 95, "kind": "remission"})
    data["arms"][0]["sessions"] = [{"day": 30, "kind": "integration", "hours": 1, "format": "individual"}]
    assert findings_of(read_study(data))[0][0].day == 31


@pytest.mark.parametrize("word", ["depression", "remission", "SCID", "diagnosis", "no_longer_case"])
def test_a_share_of_the_condition_itself_is_read_on_the_study_s_own_scale(word: str) -> None:
    row = {"scale": word, "day": 91, "proportion": 0.23, "kind": "remission"}
    assert later(row, BASELINE | {"scale": "HAM-D17", "mean": 20}).scale == "HAM-D17"
    assert one(row).scale == "MADRS"


def test_a_response_that_is_kept_is_no_relapse_among_the_responders() -> None:
    f = one({"scale": "PHQ-9", "day": 68, "percent": 80, "kind": "response_sustained"})
    assert (f.kind, f.value, f.among) == ("relapse", pytest.approx(0.2), "responders")


def test_relapse_counts_the_responders_unless_it_says_all() -> None:
    row = {"scale": "relapse", "day": 84, "events": 37, "n": 75, "kind": "relapse"}
    assert one(row).among == "responders"
    assert one({**row, "where": "events by week 12 among all dosed"}).among == "all"


def test_a_ratio_of_shares_and_a_difference_of_shares() -> None:
    f = contrast({"scale": "response", "odds_ratio": 2.85, "ci95": [1.14, 7.15]})
    assert (f.kind, f.counts, f.scale) == ("log_odds_ratio", "response", "MADRS")
    assert (f.value, f.se) == (pytest.approx(math.log(2.85)), pytest.approx(math.log(7.15 / 1.14) / 3.92))
    f = contrast({"kind": "relapse", "risk_ratio": 0.73, "ci95": [0.54, 0.98]})
    assert (f.kind, f.counts, f.value) == ("log_risk_ratio", "relapse", pytest.approx(math.log(0.73)))
    for given, value in ((15.2, 0.152), (0.152, 0.152), (-9.4, -0.094)):
        f = contrast({"scale": "remission", "risk_difference": given})
        assert (f.kind, f.counts, f.value) == ("share_difference", "remission", pytest.approx(value))
    f = contrast({"scale": "response", "risk_difference": 14.2, "ci95": [0.68, 27.67]})
    assert f.se == pytest.approx(0.2699 / 3.92)


def test_a_hazard_ratio_gives_the_other_arm_s_relapse() -> None:
    known = {"scale": "MADRS", "day": 273, "proportion": 0.5, "n": 86, "kind": "relapse", "verified": True}
    data = made_data(contrasts=({"scale": "relapse", "arm": "drug", "versus": "control arm", "verified": True},))
    data["arms"][1]["observations"] = [known]
    data["contrasts"][0] |= {"hazard_ratio": 0.49, "ci95": [0.29, 0.84], "day": "event-driven"}
    f = findings_of(read_study(data))[0][-1]
    assert (f.arm, f.versus, f.kind, f.scale, f.day) == ("drug", "", "relapse", "MADRS", 273)
    assert f.value == pytest.approx(1 - 0.5**0.49)
    spread = math.hypot(math.sqrt(0.25 / 86) / 0.5 * 0.49, math.log(0.5) * 0.49 * math.log(0.84 / 0.29) / 3.92)
    assert f.se == pytest.approx(0.5**0.49 * spread, rel=0.02)
    data["arms"][0]["observations"], data["arms"][1]["observations"] = [known], []
    f = findings_of(read_study(data))[0][-1]
    assert (f.arm, f.value) == ("control_arm", pytest.approx(1 - 0.5 ** (1 / 0.49)))
    data["arms"][1]["observations"] = [known]
    assert "both arms" in findings_of(read_study(data))[1][0].reason


def test_a_difference_on_another_scale_of_the_condition_becomes_an_effect_size() -> None:
    f = contrast({"scale": "POMS depression", "mean_difference": -7.65, "ci95": [-13.94, -1.36]})
    width = math.sqrt(1 / 40 + 1 / 20)
    assert (f.kind, f.scale) == ("effect_size", "MADRS")
    assert f.value == pytest.approx(-7.65 / (12.58 / 3.92) * width)
    assert contrast({"scale": "CES-D", "effect_size_d": 0.5}).value == -0.5


DEFINITIONS = [
    ("MADRS", "response", "abstract, 64 %", ""),
    ("MADRS", "response", "a fall of 50 % or more", ""),
    ("CAPS-5", "response", "abstract: at least 30 % fall, 67 %", "fall_30_percent"),
    ("CAPS-5", "response", "response = fall of 10 points or more", ""),
    ("CAPS-IV", "response", "response = fall of more than 30 %", ""),
    ("CAPS-IV", "response", "50% reduction", "fall_50_percent"),
    ("MADRS", "response", "fall of 12 points", "fall_12"),
    ("HAM-D17", "remission", "HAM-D < 7", "at_most_6"),
    ("HAM-D17", "remission", "score of 7 or less", ""),
    ("CAPS-5", "remission", "loss of diagnosis and CAPS-5 <= 11", ""),
    ("MADRS", "remission", "MADRS of 12 or less (p < 0.05)", "at_most_12"),
    ("MADRS", "remission", "50 % from week 1 kept to week 8", "sustained"),
    ("CAPS-IV", "remission", "6.9 % total remission", "not_said"),
]


@pytest.mark.parametrize(("scale", "kind", "where", "threshold"), DEFINITIONS)
def test_a_definition_that_is_not_usual_is_kept(scale: str, kind: str, where: str, threshold: str) -> None:
    f = one({"scale": scale, "day": 21, "events": 5, "n": 20, "kind": kind, "where": where})
    assert f.threshold == threshold


def test_a_definition_holds_for_the_study_s_other_rows() -> None:
    used, _ = findings_of(study("feder2021-ptsd"))
    assert {f.arm: f.threshold for f in used if f.kind == "response"} == {
        "ketamine": "fall_30_percent",
        "midazolam": "fall_30_percent",
    }
    ross, _ = findings_of(study("ross2016-cancer"))
    assert {f.threshold for f in ross if f.kind == "remission" and f.scale != "HADS-D"} == {"at_most_12"}
    assert {f.threshold for f in ross if f.kind == "response"} == {""}


def test_a_difference() -> None:
    f = contrast({"mean_difference": -6.6, "ci95": [-10.2, -2.9]})
    assert (f.kind, f.value, f.versus, f.n) == ("difference", -6.6, "control_arm", 60)
    assert f.se == pytest.approx(7.3 / 3.92)
    f = contrast({"mean_difference": -6.0, "effect_size_d": 0.5})
    assert (f.value, f.sd) == (-6.0, pytest.approx(12))
    assert f.se == pytest.approx(12 * math.sqrt(1 / 40 + 1 / 20))
    assert contrast({"mean_difference": -10.5, "se": 2.79}).se == 2.79


def test_the_sign_of_an_effect_size() -> None:
    f = contrast({"effect_size_d": 0.91, "d_ci95": [0.4, 1.4]})
    assert (f.kind, f.value) == ("effect_size", -0.91)
    assert f.se == pytest.approx(1 / 3.92)
    assert "sign turned" in f.note
    assert contrast({"smd": -0.7}).value == -0.7
    assert contrast({"hedges_g": 0.4, "favours": "control arm"}).value == 0.4
    assert contrast({"hedges_g": 0.4, "favours": "drug"}).value == -0.4
    free = contrast({"effect_size_d": 0.6})
    assert free.se == pytest.approx(math.sqrt(1 / 40 + 1 / 20 + 0.36 / 120))


def test_the_arms_own_numbers_decide_the_sign() -> None:
    row = {"scale": "MADRS", "day": 21, "sd": 8, "n": 20, "kind": "score"}
    data = made_data(
        {**row, "mean": 25}, contrasts=({"arm": "drug", "versus": "control arm", "day": 21, "scale": "MADRS"},)
    )
    data["arms"][1]["observations"] = [{**row, "mean": 20}]
    data["contrasts"][0]["effect_size_d"] = 0.5
    f = next(f for f in findings_of(read_study(data))[0] if f.versus)
    assert f.value == 0.5
    assert f.note == ""


def test_the_error_of_a_difference_may_come_from_its_arms() -> None:
    row = {"scale": "MADRS", "day": 21, "kind": "change_from_baseline"}
    data = made_data(
        {**row, "mean": -15, "sd": 12, "n": 36}, contrasts=({"arm": "drug", "versus": "control arm", **row},)
    )
    data["arms"][1]["observations"] = [{**row, "mean": -5, "sd": 10, "n": 25}]
    data["contrasts"][0] |= {"mean_difference": -10}
    f = next(f for f in findings_of(read_study(data))[0] if f.versus)
    assert f.se == pytest.approx(math.hypot(2, 2))


NOT_USED = [
    ({"scale": "HADS-X", "day": 1, "mean": 5, "kind": "score"}, "no scale here is called 'HADS-X'"),
    (
        {"scale": "C-SSRS suicidal ideation", "day": 2, "events": 14, "n": 42, "kind": "remission"},
        "read and not modelled",
    ),
    ({"scale": "LSAS", "day": 60, "mean": -44, "kind": "change_from_baseline"}, "'LSAS' is read and not modelled"),
    ({"scale": "remission", "day": 70, "proportion": 0.2, "upper_bound": True, "kind": "remission"}, "an upper bound"),
    ({"scale": "abstinence", "day": 35, "events": 13, "n": 27, "kind": "response"}, "use of a substance"),
    ({"scale": "attrition", "day": 180, "events": 32, "kind": "dropout"}, "'dropout' is not modelled"),
    ({"scale": "MADRS", "day": 14, "range_d": [0.6, 0.8], "kind": "effect_difference"}, "given as a range"),
    ({"scale": "MADRS", "mean": 12, "kind": "score"}, "no day is given"),
    ({"scale": "MADRS", "day": "long-term", "percent": 46, "n": 95, "kind": "remission"}, "in words, as 'long-term'"),
    ({"scale": "MADRS", "day": 3, "mean": None, "kind": "score"}, "no mean is given"),
    ({"scale": "MADRS", "day": 3, "events": 4, "kind": "response"}, "events without a number of people"),
    ({"scale": "MADRS", "day": 3, "kind": "response"}, "no share is given"),
    ({"scale": "MADRS", "day": 3, "mean": 12}, "the row says no kind"),
    ({"scale": "MADRS", "day": 3, "mean": 61, "kind": "score"}, "is impossible on the MADRS"),
    ({"day": 3, "mean": 12, "kind": "score"}, "the row names no scale"),
    (
        {"scale": "MADRS", "day": 38, "events": 3, "n": 7, "kind": "remission", "where": "kept, among the 7 remitters"},
        "counts only those who had got better",
    ),
]


@pytest.mark.parametrize(("row", "reason"), NOT_USED)
def test_what_is_not_used_says_why(row: dict[str, Any], reason: str) -> None:
    assert reason in why(row)


NO_CONTRAST = [
    ({"hazard_ratio": 0.49, "ci95": [0.29, 0.84]}, "gives only a hazard ratio, and not of relapse"),
    ({"scale": "relapse", "hazard_ratio": 0.49}, "neither arm's share on its day"),
    ({"odds_ratio": 2.2}, "gives only an odds ratio"),
    ({"scale": "SSI response", "odds_ratio": 2.2}, "'SSI response' is not modelled"),
    ({"percent_difference": 12}, "gives only a difference in percent"),
    ({"direction": "favours drug"}, "gives no size"),
    ({"versus": "own_baseline", "mean_difference": -30}, "a change within one arm"),
    ({"versus": "pooled", "mean_difference": -3}, "the study lists no arm 'pooled'"),
    ({"arm": None, "mean_difference": -3}, "compares no two arms"),
    ({"scale": "LSAS", "effect_size_d": 1.4}, "'LSAS' is read and not modelled"),
    ({"scale": "SSI", "effect_size_d": 0.75}, "'SSI' is read and not modelled"),
    ({"scale": "CES-D", "mean_difference": -4}, "no effect size follows"),
]


@pytest.mark.parametrize(("row", "reason"), NO_CONTRAST)
def test_a_contrast_that_is_not_used_says_why(row: dict[str, Any], reason: str) -> None:
    data = made(contrasts=({"arm": "drug", "versus": "control arm", "day": 21, "scale": "MADRS", **row},))
    used, unused = findings_of(data)
    assert used == []
    assert reason in unused[0].reason
    assert unused[0].what


def test_a_study_without_a_number_says_so() -> None:
    assert findings_of(made()) == (
        [],
        [Unused(study="made", arm="", what="the study", reason="reports no number")],
    )


def test_the_baseline_is_the_row_called_so_or_the_earliest() -> None:
    rows = [{"scale": "MADRS", "day": day, "mean": 30 + day, "kind": "score"} for day in (-14, -1, 1)]
    used, _ = findings_of(made(*rows))
    assert [f.baseline for f in used] == [True, False, False]
    rows[1]["where"] = "data set, baseline"
    used, _ = findings_of(made(*rows))
    assert [f.baseline for f in used] == [False, True, False]
    assert one({"scale": "MADRS", "day": "baseline", "mean": 30, "kind": "score"}).baseline


@pytest.mark.parametrize(
    ("name", "arm", "last"),
    [
        ("ross2016-cancer", "psilocybin", 49),
        ("griffiths2016-cancer", "control", 35),
        ("mithoefer2011-pilot", "mdma", 88),
    ],
)
def test_rows_after_a_crossover_are_marked(name: str, arm: str, last: float) -> None:
    rows = [f for f in findings_of(study(name))[0] if f.arm == arm]
    assert max(f.day for f in rows if not f.after_crossover) == last
    assert any(f.after_crossover and f.day >= last for f in rows)


def test_an_arm_of_everybody_after_full_doses_is_after_the_crossover() -> None:
    used, _ = findings_of(study("mithoefer2018-veterans"))
    assert {f.after_crossover for f in used if f.arm == "all_full_dose" and f.day > 0} == {True}
    assert not any(f.after_crossover for f in used if f.arm == "mdma125" and f.day <= 58)


def test_pools_and_their_members_are_never_fitted_together() -> None:
    for usable in (usable_studies(),):
        assert usable == tuple(sorted(set(usable)))
        assert not set(usable) & RETRACTED
        for pool, members in POOLED.items():
            assert not (pool in usable and set(members) & set(usable))
    known = set(study_names())
    assert set(POOLED) | {name for members in POOLED.values() for name in members} <= known
    assert RETRACTED == {"mithoefer2019-pooled", "jerome2020-ltfu"} <= set(POOLED)


def test_what_a_file_says_it_shares_people_with_is_known() -> None:
    pairs = {frozenset((pool, name)) for pool, members in POOLED.items() for name in members}
    for name in study_names():
        for other in study(name).as_data().get("pooled_with") or []:
            assert frozenset((name, other)) in pairs


def test_the_trial_is_kept_unless_nothing_of_it_was_read() -> None:
    usable = usable_studies()
    assert {"davis2021-mdd", "ross2016-cancer", "mithoefer2018-veterans", "resick2012-cpt-pe-10year"} <= set(usable)
    assert "carhartharris2018-trd-followup" in usable
    assert "carhartharris2016-trd" not in usable
    assert "of which more was read" in left_out("carhartharris2016-trd")
    assert "retracted" in left_out("jerome2020-ltfu")
    assert "davis2021-mdd" in left_out("gukasyan2022-followup")
    assert "use of a substance" in left_out("grabski2022-kare")
    assert left_out("goodwin2022-comp001") == ""


def test_a_follow_up_can_be_added_with_its_people_named() -> None:
    added = set(usable_studies(follow_ups=True)) - set(usable_studies())
    assert (
        added
        == set(SAME_PEOPLE)
        == {
            *("gukasyan2022-followup", "aginliebes2020-followup", "atli2025-comp004"),
        }
    )
    for name, trial in SAME_PEOPLE.items():
        assert trial in usable_studies()
        later = max(f.day for f in findings_of(study(name))[0])
        assert later > max(f.day for f in findings_of(study(trial))[0])
