"""Properties every scale must have: rising links, exact inverses, scores inside the range."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from afterglow.observation.noise import observe
from afterglow.scales.hermite import MonotoneCurve
from afterglow.scales.instruments import SCALES
from afterglow.scales.links import FAMILIES, score_to_severity, severity_to_score

scales = st.sampled_from(sorted(SCALES)).map(SCALES.__getitem__)
families = st.sampled_from(FAMILIES)
severities = st.floats(0.001, 0.999)


@given(scales, families, severities)
def test_severity_survives_the_round_trip(scale, family, severity) -> None:
    score = severity_to_score(scale, severity, family=family)
    assert abs(float(score_to_severity(scale, score, family=family)) - severity) < 1e-10


@given(scales, families, st.floats(0.0, 1.0))
def test_score_survives_the_round_trip(scale, family, place) -> None:
    score = scale.low + place * (scale.high - scale.low)
    severity = score_to_severity(scale, score, family=family)
    assert 0.0 <= float(severity) <= 1.0
    assert abs(float(severity_to_score(scale, severity, family=family)) - score) < 1e-9


@given(scales, families, severities, st.floats(1e-6, 0.5))
def test_links_rise_strictly(scale, family, severity, step) -> None:
    higher = min(severity + step, 1.0)
    low, high = severity_to_score(scale, [severity, higher], family=family)
    assert scale.low < low < high <= scale.high


@given(scales, families)
def test_floor_meets_floor_and_ceiling_meets_ceiling(scale, family) -> None:
    np.testing.assert_allclose(severity_to_score(scale, [0.0, 1.0], family=family), [scale.low, scale.high], atol=1e-9)


@given(scales, families, st.floats(0.0, 1.0), st.floats(-6.0, 6.0))
def test_observed_scores_are_whole_and_inside_the_range(scale, family, severity, z) -> None:
    score = float(observe(scale, severity, z, family=family))
    assert scale.low <= score <= scale.high
    assert score == round(score)


@given(scales, severities, st.floats(-3.0, 3.0), st.floats(0.01, 3.0))
def test_a_larger_error_never_lowers_the_score(scale, severity, z, more) -> None:
    assert observe(scale, severity, z) <= observe(scale, severity, min(z + more, 3.0))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.01, 10.0)), min_size=1, max_size=8))
def test_any_rising_points_give_a_rising_curve_with_an_inverse(steps) -> None:
    x = (0.0, *np.cumsum([a for a, _ in steps]))
    y = (0.0, *np.cumsum([b for _, b in steps]))
    curve = MonotoneCurve(tuple(map(float, x)), tuple(map(float, y)))
    at = np.linspace(0.0, float(x[-1]), 401)
    height = curve(at)
    assert np.all(np.diff(height) > -1e-12)
    np.testing.assert_allclose(curve(curve.inverse(height)), height, atol=1e-9)
