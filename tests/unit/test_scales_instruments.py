"""Scales: names, ranges, cut-offs and the error of a rating."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from afterglow.errors import ParameterError, ProtocolError
from afterglow.scales.instruments import SCALES, scale
from afterglow.scales.others import OTHER_SCALES, other_scale
from afterglow.scales.reference_page import reference_page
from afterglow.scales.scale import Band, MeasurementError, ResponseRule, Scale

RANGES = {
    "PHQ-9": (9, 27),
    "MADRS": (10, 60),
    "HAM-D17": (17, 52),
    "GRID-HAMD": (17, 52),
    "QIDS-SR16": (16, 27),
    "BDI-II": (21, 63),
    "BDI-1A": (21, 63),
    "GAD-7": (7, 21),
    "HAM-A": (14, 56),
    "PCL-5": (20, 80),
    "CAPS-5": (20, 80),
    "CAPS-IV": (17, 136),
    "HADS-D": (7, 21),
    "HADS-A": (7, 21),
    "HADS": (14, 42),
    "HDRS-21": (21, 64),
    "DS-II": (16, 32),
    "PSS-I": (17, 51),
    "PDS": (17, 51),
    "IES-R": (22, 88),
    "SDS": (3, 30),
}


def test_every_scale_has_its_published_range() -> None:
    assert {s.id: (s.items, s.high) for s in SCALES.values()} == RANGES
    assert all(s.low == 0 and s.integer and s.direction == "higher_is_worse" for s in SCALES.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("madrs", "MADRS"), ("HRSD17", "HAM-D17"), ("qids", "QIDS-SR16"), ("BDI", "BDI-1A"), ("caps 5", "CAPS-5")],
)
def test_aliases_find_their_scale(name: str, expected: str) -> None:
    assert scale(name).id == expected


def test_an_instrument_that_is_not_modelled_says_what_it_measures() -> None:
    assert (other_scale("c-ssrs"), other_scale("POMS Depression"), other_scale("IDS")) == (
        *("suicidality", "depression", "depression"),
    )
    assert other_scale("CGI-S") == ""
    assert other_scale("MADRS") is None
    assert not {_plain(name) for name in OTHER_SCALES} & {
        _plain(a) for s in SCALES.values() for a in (s.id, *s.aliases)
    }


def test_no_alias_means_two_scales() -> None:
    names = [n.upper().replace("-", "").replace(" ", "") for s in SCALES.values() for n in {s.id, *s.aliases}]
    owners = {n: {s.id for s in SCALES.values() for a in (s.id, *s.aliases) if _plain(a) == n} for n in names}
    assert all(len(ids) == 1 for ids in owners.values())


def _plain(name: str) -> str:
    return name.upper().replace("-", "").replace(" ", "")


def test_unknown_scale_names_the_nearest() -> None:
    with pytest.raises(ProtocolError, match="unknown scale 'MADRX'; did you mean 'MADRS'"):
        scale("MADRX")


def test_bands_cover_the_range_without_gaps() -> None:
    for s in SCALES.values():
        if s.bands:
            assert s.bands[0].low == s.low
            assert s.bands[-1].high == s.high
            assert all(b.low == a.high + 1 for a, b in zip(s.bands[:-1], s.bands[1:], strict=True))


def test_band_of_a_score() -> None:
    assert scale("MADRS").band(34.4) == "moderate"
    assert scale("MADRS").band(34.5) == "severe"
    assert scale("CAPS-5").band(40) == ""


def test_halves_round_up_and_missing_stays_missing() -> None:
    rounded = scale("MADRS").whole([9.5, 10.5, 10.49, np.nan])
    np.testing.assert_array_equal(rounded, [10, 11, 10, np.nan])


def test_a_threshold_for_whole_scores_rounds_noise_free_scores() -> None:
    np.testing.assert_array_equal(scale("MADRS").at_most([10.4, 10.5, np.nan], 10), [True, False, False])


@pytest.mark.parametrize(
    ("name", "reliability", "spread"),
    [
        ("MADRS", 0.93, np.sqrt((6.7**2 + 11.0**2) / 2)),
        ("HAM-D17", 0.937, np.sqrt((6.7**2 + 11.0**2) / 2) / 1.3),
        ("QIDS-SR16", 0.86, np.sqrt((3.6**2 + 5.8**2) / 2)),
        ("BDI-1A", 0.93, np.sqrt((6.8**2 + 11.0**2) / 2)),
    ],
)
def test_error_follows_from_reliability_and_spread(name: str, reliability: float, spread: float) -> None:
    """The stated arithmetic, to the one decimal that is kept."""
    assert scale(name).measurement_sd == pytest.approx(spread * np.sqrt(1 - reliability), abs=0.05)


@pytest.mark.parametrize(("name", "reliable_change"), [("CAPS-5", (12, 13)), ("PCL-5", (15, 18))])
def test_error_reproduces_published_reliable_change(name: str, reliable_change: tuple[float, float]) -> None:
    """Marx 2022: reliable change is 1.96 * sqrt(2) standard errors."""
    assert reliable_change[0] <= 1.96 * np.sqrt(2) * scale(name).measurement_sd <= reliable_change[1]


def test_impossible_scales_are_refused() -> None:
    def build(low: float, high: float, sd: float, bands: tuple[Band, ...] = ()) -> Scale:
        rule = ResponseRule(kind="fraction", fall=0.5)
        error = MeasurementError(sd=sd, derivation="made up")
        return Scale(
            id="X", family="ptsd", rater="self", items=1, low=low, high=high, error=error, response=rule, bands=bands
        )

    for low, high, sd, bands in [
        (1.0, 1.0, 1.0, ()),
        (0.0, 1.0, 0.0, ()),
        (0.0, 9.0, 1.0, (Band(name="a", low=0, high=10),)),
        (0.0, 9.0, 1.0, (Band(name="a", low=0, high=5), Band(name="b", low=4, high=9))),
    ]:
        with pytest.raises(ParameterError):
            build(low, high, sd, bands)


def test_reference_page_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "scales.md"
    assert page.read_text(encoding="utf-8") == reference_page()
