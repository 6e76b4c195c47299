"""Selection at baseline: the published mean and spread, the threshold, and regression to the mean."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from afterglow.errors import ParameterError, ProtocolError
from afterglow.observation.baseline import baseline, candidates_needed, screen
from afterglow.observation.noise import observe, rate
from afterglow.scales.instruments import scale
from afterglow.scales.links import severity_to_score

CASES = [
    ("CAPS-5", 44.1, 6.0, 35.0),
    ("MADRS", 32.5, 6.0, 20.0),
    ("MADRS", 37.0, 5.7, 28.0),
    ("MADRS", 32.5, 6.0, None),
    ("HAM-D17", 19.2, 2.3, 17.0),
    ("BDI-II", 12.7, 8.4, None),
]


def draws(participants: int, candidates: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((participants, candidates, 2))


@pytest.mark.parametrize(("name", "mean", "sd", "threshold"), CASES)
def test_included_people_have_the_published_baseline(
    name: str, mean: float, sd: float, threshold: float | None
) -> None:
    """40,000 people: four standard errors of the mean and of the spread."""
    s, n = scale(name), 40_000
    k = candidates_needed(screen(s, mean, sd, threshold).accepted, n)
    severity, score = baseline(s, mean, sd, threshold, draws(n, k))
    assert score.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(n) + 0.01)
    assert score.std() == pytest.approx(sd, abs=4 * sd / np.sqrt(n) + 0.01)
    assert threshold is None or score.min() >= threshold
    assert np.all((severity > 0) & (severity < 1))


@pytest.mark.parametrize(("name", "mean", "sd", "threshold"), CASES)
def test_a_second_rating_regresses_to_the_mean_as_computed(
    name: str, mean: float, sd: float, threshold: float | None
) -> None:
    s, n = scale(name), 40_000
    screening = screen(s, mean, sd, threshold)
    severity, score = baseline(s, mean, sd, threshold, draws(n, candidates_needed(screening.accepted, n)))
    again = observe(s, severity, np.random.default_rng(2).standard_normal(n))
    assert (score - again).mean() == pytest.approx(screening.regression_to_mean, abs=0.08)
    if threshold is None:
        assert screening.regression_to_mean == pytest.approx(0.0, abs=0.02)


def test_regression_to_the_mean_is_that_of_two_correlated_normal_scores() -> None:
    """Theory: (1 - rho) * sd * phi(a) / (1 - Phi(a)) with a the standardised threshold.

    James KE. Biometrics 1973;29:121-130. CAPS-5 in mid-range, where the logit-normal is near normal and
    the error constant; the threshold acts on whole scores, so it lies half a point lower. Tolerance 5 %.
    """
    s = scale("CAPS-5")
    screening = screen(s, 44.0, 6.0, 36.0)
    z = draws(400_000, 1)[:, 0]
    true = screening.true_score(z[:, 0])
    rating = rate(s, true, z[:, 1])
    sd, rho = rating.std(), true.var() / rating.var()
    a = (35.5 - rating.mean()) / sd
    expected = (1 - rho) * sd * norm.pdf(a) / norm.sf(a)
    assert expected > 1.0
    assert screening.regression_to_mean == pytest.approx(expected, rel=0.05)


def test_a_stricter_threshold_means_more_regression() -> None:
    falls = [screen(scale("CAPS-5"), 44.0, 6.0, t).regression_to_mean for t in (28.0, 32.0, 35.0, 37.0)]
    assert falls == sorted(falls)
    assert falls[-1] > falls[0] + 0.5


def test_a_larger_cohort_keeps_the_first_participants() -> None:
    z = draws(500, 40)
    few = baseline(scale("MADRS"), 32.5, 6.0, 24.0, z[:100])
    many = baseline(scale("MADRS"), 32.5, 6.0, 24.0, z)
    np.testing.assert_array_equal(few[0], many[0][:100])
    np.testing.assert_array_equal(few[1], many[1][:100])


def test_each_participant_is_their_first_candidate_who_passes() -> None:
    z = draws(200, 60)
    s = scale("CAPS-5")
    severity, score = baseline(s, 44.1, 6.0, 37.0, z)
    screening = screen(s, 44.1, 6.0, 37.0)
    ratings = rate(s, screening.true_score(z[..., 0]), z[..., 1])
    for i in range(200):
        first = next(k for k in range(60) if ratings[i, k] >= 37.0)
        assert score[i] == ratings[i, first]
        true = float(screening.true_score(z[i, first, 0]))
        assert float(severity_to_score(s, severity[i])) == pytest.approx(true)


def test_severity_in_another_family_reads_back_on_the_scale() -> None:
    severity, _ = baseline(scale("MADRS"), 30.0, 6.0, None, draws(2_000, 1), family="ptsd")
    assert severity_to_score(scale("MADRS"), severity, family="ptsd").mean() == pytest.approx(30.0, abs=0.6)


def test_no_candidate_passes() -> None:
    z = draws(50, 3)
    z[7] = -4.0
    with pytest.raises(ParameterError, match=r"1 participants had no candidate .* CAPS-5 inclusion threshold of 40"):
        baseline(scale("CAPS-5"), 47.0, 5.5, 40.0, np.where(z < -4, -4, np.abs(z) * np.where(z == -4.0, -1, 1)))


@pytest.mark.parametrize(
    ("mean", "sd", "threshold", "sentence"),
    [
        (70.0, 5.0, None, "baseline mean of 70 lies outside the MADRS range of 0 to 60"),
        (30.0, 40.0, None, "baseline sd of 40 on the MADRS is impossible"),
        (30.0, 0.0, None, "expected above 0"),
        (30.0, 5.0, 61.0, "inclusion threshold of 61 lies outside"),
        (19.0, 5.0, 20.0, "is not above the inclusion threshold of 20"),
        (27.0, 6.0, 25.0, "too wide for a mean so close to the inclusion threshold of 25: expected an sd of about 2"),
        (35.0, 12.0, 20.0, "too wide for a mean so close to the inclusion threshold of 20: expected an sd of about 11"),
        (30.0, 1.5, None, "narrower than the error of one rating"),
        (float("nan"), 5.0, None, "baseline mean of nan"),
    ],
)
def test_impossible_baselines_are_refused_in_one_sentence(
    mean: float, sd: float, threshold: float | None, sentence: str
) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        screen(scale("MADRS"), mean, sd, threshold)


def test_candidates_have_a_shape() -> None:
    with pytest.raises(ParameterError, match="participant, candidate, 2"):
        baseline(scale("MADRS"), 30.0, 6.0, None, np.zeros((5, 2)))


def test_candidates_needed_keeps_its_promise() -> None:
    k = candidates_needed(0.2, 1000)
    assert 1000 * 0.8**k <= 1e-6 < 1000 * 0.8 ** (k - 1)
    assert candidates_needed(1.0, 10) == 1
    with pytest.raises(ParameterError):
        candidates_needed(0.0, 10)
