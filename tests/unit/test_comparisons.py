"""What a trial published as numbers to be foretold: pairs of arms, contrasts, kinds of control, and what arms share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests import protocols as plan

from afterglow.calibrate.controls import CONTROLS
from afterglow.calibrate.diagnostics.baselines import Baselines, Entry, baselines_of, plain_baselines
from afterglow.calibrate.diagnostics.comparisons import GROUPS, Comparison, comparisons_of, weights_of
from afterglow.calibrate.diagnostics.predictions import foretold, rows_of
from afterglow.calibrate.likelihood import Heterogeneity, trial_noise
from afterglow.calibrate.targets import Target, Trial
from afterglow.cohort import Draw
from afterglow.evidence.findings.finding import Finding
from afterglow.protocol import Protocol

DEPRESSED = plan.RESISTANT


def protocol(**arms: Any) -> Protocol:
    return Protocol.made(plan.protocol(DEPRESSED, **arms))


DOSES = protocol(
    high={"doses": [plan.psilocybin(mg=25)], "n": 40},
    middle={"doses": [plan.psilocybin(mg=10)], "n": 40},
    low={"doses": [plan.psilocybin(mg=1)], "n": 40},
)
PLACES = {"high": 0, "middle": 1, "low": 2}


def number(kind: str, arm: str, value: float, *, se: float = 1.0, unit: float = 10.0, **more: Any) -> Target:
    """A target and its finding: a change of an arm unless `more` says otherwise."""
    target_kind = more.pop("target", kind)
    told: dict[str, Any] = {"study": "s", "scale": "MADRS", "day": 21.0, "n": 40, **more}
    return Target(
        finding=Finding(arm=arm, kind=kind, value=value, **told),  # type: ignore[arg-type]
        kind=target_kind,
        arm=PLACES[arm],
        versus=PLACES.get(told.get("versus", ""), -1),
        value=value,
        se=se,
        unit=unit,
    )


def trial(*targets: Target, name: str = "s", made: Protocol = DOSES) -> Trial:
    return Trial(name, made, targets)


def differences(found: Trial) -> dict[tuple[str, str, float], Comparison]:
    return {(c.arm, c.versus, c.day): c for c in comparisons_of(found) if c.group == "differences"}


def test_each_studied_arm_is_set_against_each_control_arm_on_the_same_scale_and_day() -> None:
    one = trial(
        number("change", "high", -12.0, se=1.5, unit=12.0),
        number("change", "middle", -8.0),
        number("change", "low", -5.0, se=2.0, unit=8.0),
        number("change", "high", -11.0, day=42.0),
        number("change", "low", -4.0, day=84.0),
        number("change", "low", -3.0, scale="QIDS-SR16"),
    )
    found = differences(one)
    assert set(found) == {("high", "low", 21.0), ("middle", "low", 21.0)}
    pair = found["high", "low", 21.0]
    assert (pair.kind, pair.control, pair.medicine, pair.n) == ("difference", "low_dose", "psilocybin", 80)
    assert pair.published == -7.0
    assert pair.se == pytest.approx(2.5)
    assert pair.unit == pytest.approx(np.sqrt((144 + 64) / 2))
    np.testing.assert_array_equal(weights_of(one, [pair]), [[1, 0, -1, 0, 0, 0]])


def test_a_published_contrast_stands_in_for_its_pair_whichever_arm_comes_first() -> None:
    rows = [number("change", "high", -12.0), number("change", "low", -5.0)]
    for arm, versus, sign in (("high", "low", 1.0), ("low", "high", -1.0)):
        contrast = number("difference", arm, -6.6 * sign, versus=versus)
        found = differences(trial(*rows, contrast))
        assert list(found) == [(arm, versus, 21.0)]
        one = found[arm, versus, 21.0]
        assert (one.published, one.sign, one.control, one.medicine) == (-6.6 * sign, sign, "low_dose", "psilocybin")


def test_every_kind_of_number_has_its_group() -> None:
    found = comparisons_of(
        trial(
            number("relapse", "high", 0.3, target="relapse", unit=0.35),
            number("response", "high", 0.4, target="share", unit=-0.35),
            number("sustained_response", "high", 0.2, target="sustained", unit=-0.35),
            number("effect_size", "high", -0.5, versus="low", unit=1.0),
            number("change", "high", -12.0),
            number("change", "high", 2.3, target="log_sd", unit=0.0),
        )
    )
    assert [(c.group, c.kind) for c in found] == [
        ("means", "change_from_baseline"),
        ("differences", "effect_size"),
        ("shares", "response"),
        ("shares", "sustained_response"),
        ("relapse", "relapse"),
    ]
    assert all(c.unit > 0 for c in found)
    assert tuple(dict.fromkeys(c.group for c in found)) == GROUPS


def test_a_contrast_of_shares_is_guessed_in_sds_like_a_difference() -> None:
    """An odds ratio of response, and one of relapse, each of which says that the high dose does better."""
    response = number("effect_size", "high", 0.9, versus="low", target="log_odds_ratio", unit=-1.8)
    relapse = number("effect_size", "low", 0.36, versus="high", target="log_odds_ratio", unit=1.8, day=90.0)
    one = trial(response, relapse)
    first, second = comparisons_of(one)
    assert (first.group, first.control, first.sign, first.unit) == ("shares", "low_dose", -1.0, 1.8)
    assert (second.group, second.control, second.sign, second.unit) == ("relapse", "low_dose", -1.0, 1.8)
    plain = baselines_of([one])
    assert not plain.shares
    assert [e.values[0] for e in plain.differences] == pytest.approx([-0.5, -0.2])
    other = Baselines((), (entry("other", "psilocybin", "low_dose", -1.0),))
    assert other.of(first, "major_depression")["medicine"][0] == pytest.approx(1.8)
    assert other.of(second, "major_depression")["medicine"][0] == pytest.approx(1.8)


def test_what_two_arms_share_cancels_in_their_difference() -> None:
    """Draws that move both arms alike leave the difference where it is; of the departures only its own are left."""
    one = trial(number("change", "high", -12.0, se=1.5), number("change", "low", -5.0, se=2.0))
    shared = np.array([[-20.0], [0.0], [20.0]])
    values = np.array([[-10.0, -4.0]]) + shared
    spread = Heterogeneity(study=5.0, arm=0.3, row=0.2)
    noise = np.stack([trial_noise(one.targets, spread).at(1.0)] * 3)
    draws = [Draw(rival="window")] * 3
    high, low, gap = rows_of(one, foretold(one, draws, values, noise), Baselines(()))
    own = np.sqrt(1.5**2 + 2.0**2 + 2 * (0.3**2 + 0.2**2) * 10**2)
    assert gap.predicted == pytest.approx(-6.0)
    assert gap.spread == pytest.approx(own)
    assert gap.high - gap.low == pytest.approx(2 * 1.645 * own, rel=0.03)
    assert gap.inside
    assert min(high.spread, low.spread) > 50


def test_a_score_is_foretold_as_published_and_within_its_scale() -> None:
    start = Finding(study="s", arm="high", scale="MADRS", day=-1.0, kind="mean", value=30.0, baseline=True)
    row = number("mean", "high", 5.0, target="change")
    target = Target(
        finding=row.finding, kind="change", arm=0, versus=-1, value=-25.0, se=1.0, unit=10.0, baseline=start
    )
    one = trial(target)
    found = rows_of(
        one, foretold(one, [Draw(rival="window")], np.array([[-28.0]]), np.full((1, 1, 1), 9.0)), Baselines(())
    )
    assert (found[0].kind, found[0].published, found[0].predicted, found[0].low) == ("score", 5.0, 2.0, 0.0)
    assert found[0].high == pytest.approx(2 + 1.645 * 3, rel=0.03)
    assert found[0].origin == 30.0


THERAPY = [plan.session(7.0 * k, "psychotherapy") for k in range(8)]
SUPPORTIVE = [{**one, "approach": "supportive"} for one in THERAPY]
MIDAZOLAM = {"day": 0, "medicine": "midazolam", "dose_mg_per_kg": 0.045, "route": "iv", "duration_h": 0.667}
PLACEBO = {"day": 0, "medicine": "placebo", "route": "oral"}


@pytest.mark.parametrize(
    ("studied", "control", "kind"),
    [
        ({"doses": [plan.psilocybin(mg=25)]}, {}, "waiting_list"),
        ({"doses": [plan.psilocybin(mg=25)]}, {"background": {"care": "usual"}}, "usual_care"),
        ({"doses": [plan.psilocybin(mg=25)]}, {"doses": [PLACEBO]}, "inert"),
        ({"doses": [plan.ketamine(0)]}, {"doses": [MIDAZOLAM]}, "felt"),
        ({"doses": [plan.psilocybin(mg=25)]}, {"doses": [plan.psilocybin(mg=1)]}, "low_dose"),
        ({"doses": [plan.psilocybin(mg=25)]}, {"doses": [plan.psilocybin(mg=1), plan.psilocybin(21)]}, "low_dose"),
        ({"doses": plan.mdma(0, 125)}, {"doses": plan.mdma(0, 40)}, "low_dose"),
        ({"doses": plan.mdma(0, 125)}, {"doses": plan.mdma(0, 75)}, ""),
        ({"doses": [plan.psilocybin(mg=25)]}, {"doses": [plan.psilocybin(mg=10)]}, ""),
        ({"doses": [plan.psilocybin(mg=25)], "sessions": THERAPY}, {"sessions": THERAPY}, "other_therapy"),
        ({"sessions": THERAPY}, {"sessions": SUPPORTIVE}, "other_therapy"),
        ({"sessions": THERAPY}, {}, "waiting_list"),
        ({"sessions": THERAPY}, {"background": {"care": "usual"}}, "usual_care"),
        ({"doses": [plan.ketamine(0)], "sessions": THERAPY}, {"doses": [plan.ketamine(0)]}, "usual_care"),
    ],
)
def test_a_control_is_known_by_what_it_got(studied: dict[str, Any], control: dict[str, Any], kind: str) -> None:
    one = trial(made=protocol(a=studied, b=control))
    assert one.controls[:2] == ("", kind)
    assert not kind or kind in CONTROLS


# Baselines


def entry(study: str, medicine: str, what: str, *values: float, condition: str = "major_depression") -> Entry:
    return Entry(study, condition, medicine, what, values)


def test_a_difference_is_guessed_from_the_medicine_against_that_control_in_other_trials() -> None:
    plain = Baselines(
        arms=(),
        differences=(
            entry("one", "mdma", "inert", -1.0, -2.0),
            entry("two", "mdma", "inert", -0.5),
            entry("three", "mdma", "low_dose", -3.0),
            entry("four", "ketamine", "felt", -0.4),
        ),
    )
    assert plain.difference("mdma", "inert") == pytest.approx((-1.0, np.std([-1.0, -2.0, -0.5])))
    assert plain.without("one").difference("mdma", "inert") == pytest.approx((-0.5, 0.5))
    assert plain.difference("mdma", "felt")[0] == pytest.approx((-1.5 - 0.5 - 3.0) / 3)
    assert plain.difference("psilocybin", "felt")[0] == pytest.approx((-1.5 - 0.5 - 3.0 - 0.4) / 4)
    assert Baselines(()).difference("mdma", "inert") == (0.0, 0.5)
    assert plain.difference("mdma", "") == (0.0, 0.5)


def test_two_studied_arms_are_no_evidence_of_what_a_medicine_does() -> None:
    one = trial(number("difference", "high", -3.0, versus="middle"))
    (contrast,) = comparisons_of(one)
    assert contrast.control == ""
    assert baselines_of([one]).differences == ()


def test_a_share_is_guessed_from_the_medicine_s_arms_of_that_kind() -> None:
    plain = Baselines(
        arms=(),
        shares=(
            entry("one", "ketamine", "response", 0.6, 0.4),
            entry("two", "ketamine", "remission", 0.1),
            entry("three", "none", "response", 0.2),
        ),
    )
    assert plain.share("ketamine", "response")[0] == pytest.approx(0.5)
    assert plain.share("mdma", "response")[0] == pytest.approx(0.35)
    assert plain.without("two").share("ketamine", "remission")[0] == 0.4  # nothing is known


def test_baselines_are_counted_in_sds_the_studied_arm_first() -> None:
    one = trial(number("difference", "low", 6.0, versus="high", unit=12.0), number("change", "high", -12.0))
    plain = baselines_of([one])
    assert [(e.medicine, e.what, e.values) for e in plain.differences] == [("psilocybin", "low_dose", (-0.5,))]
    assert [(e.medicine, e.values) for e in plain.arms] == [("psilocybin", (-0.2,))]
    contrast = next(c for c in comparisons_of(one) if c.group == "differences")
    mean, sd = plain.of(contrast, "major_depression")["medicine"]
    assert mean == pytest.approx(6.0)
    assert sd == pytest.approx(np.hypot(0.5 * 12.0, 1.0))


def test_baselines_come_from_the_calibration_evidence_alone() -> None:
    plain = plain_baselines()
    assert len(plain.arms) > 20
    assert len(plain.differences) > 20
    assert {"response", "remission", "relapse"} <= {e.what for e in plain.shares}
    assert -0.6 < plain.condition("ptsd")[0] < 0
    assert plain.medicine("treatment_resistant_depression", "esketamine")[0] < 0
    assert "davis2021-mdd" not in {e.study for e in plain.without("davis2021-mdd").arms}
