"""Exposure, curves and windows count from doses: closed forms, several doses a day, and hours of the day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Protocol, Result, simulate
from afterglow.cohort import Cohort, Draw, People, people_at_draws
from afterglow.compile.linear import levels, modes
from afterglow.figures import concentration
from afterglow.outcomes.exposure import Exposure
from afterglow.protocol import Arm
from afterglow.simulate.grid import curve_days
from afterglow.simulate.kinetics import exposure
from afterglow.simulate.part import _crossings
from afterglow.simulate.problem import entering
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import Accuracy, solve_arm

PEOPLE = 8
PROTOCOL = Protocol.made(plan.protocol(plan.DEPRESSION, nothing={}))


def infused(hour: float, day: float = 0, mg: float = 35, hours: float | None = 2 / 3) -> dict[str, Any]:
    return {"day": day, "hour": hour, "medicine": "ketamine", "dose_mg": mg, "route": "iv", "duration_h": hours}


def by_mouth(medicine: str, hour: float, day: float = 0, mg: float = 40) -> dict[str, Any]:
    return {"day": day, "hour": hour, "medicine": medicine, "dose_mg": mg, "route": "oral"}


def read(*doses: dict[str, Any]) -> list[Exposure]:
    """Exposure to the first analyte of the one medicine given, by dosing day."""
    arm = Arm.model_validate({"id": "a", "doses": doses})
    medicine = doses[0]["medicine"]
    found = exposure(arm, medicine, PROTOCOL, Draw(), seed=1, count=PEOPLE, accuracy=Accuracy())
    return [row.exposure for row in found if row.analyte == found[0].analyte]


def people() -> People:
    return people_at_draws(PROTOCOL.population, 1, [Draw()], [0], PEOPLE)


def test_one_compartment_by_mouth_peaks_where_its_closed_form_does() -> None:
    p = people().values
    ka, volume = p["niacin_absorption"], p["niacin_volume"]
    k = p["niacin_clearance"] / volume
    (found,) = read(by_mouth("niacin", 9, mg=500))
    at = np.log(ka / k) / (ka - k)
    assert found.tmax_h == pytest.approx(at, abs=1e-3)
    cmax = 1000 * 500 / volume * ka / (ka - k) * (np.exp(-k * at) - np.exp(-ka * at))
    assert found.cmax_ng_per_ml == pytest.approx(cmax, rel=1e-6)
    assert found.auc_ng_h_per_ml == pytest.approx(1e6 * 0.5 / p["niacin_clearance"])


def test_the_peak_of_an_infusion_is_at_its_end_and_of_a_bolus_at_once() -> None:
    (over_hours,) = read(infused(22, hours=5))
    assert over_hours.tmax_h == pytest.approx(np.full(PEOPLE, 5.0))
    (bolus,) = read({"day": 3, "hour": 12, "medicine": "midazolam", "dose_mg": 2, "route": "iv"})
    assert bolus.tmax_h == pytest.approx(np.zeros(PEOPLE))
    assert bolus.cmax_ng_per_ml == pytest.approx(2000 / people().values["midazolam_volume"])


def test_four_doses_in_a_day_are_four_times_one() -> None:
    (one,) = read(infused(0, mg=17))
    (four,) = read(*(infused(6 * k, mg=17) for k in range(4)))
    assert four.auc_ng_h_per_ml == pytest.approx(4 * one.auc_ng_h_per_ml)
    assert np.all(four.cmax_ng_per_ml > one.cmax_ng_per_ml)
    assert four.tmax_h == pytest.approx(np.full(PEOPLE, 18 + 2 / 3))
    assert four.half_life_h == pytest.approx(one.half_life_h)


def test_a_day_counts_what_earlier_days_left_and_nothing_of_later_ones() -> None:
    (alone,) = read(infused(23.5))
    first, second = read(infused(23.5), infused(1, day=1))
    assert first.cmax_ng_per_ml == pytest.approx(alone.cmax_ng_per_ml)
    assert second.auc_ng_h_per_ml == pytest.approx(alone.auc_ng_h_per_ml)
    assert np.all(second.cmax_ng_per_ml > 1.05 * alone.cmax_ng_per_ml)


def test_a_long_infusion_has_a_half_life() -> None:
    short, long = read(infused(0))[0].half_life_h, read(infused(20, hours=20))[0].half_life_h
    assert long == pytest.approx(short, rel=0.15)


def test_areas_of_a_medicine_that_is_not_linear_make_the_whole() -> None:
    late, early = by_mouth("mdma", 22, mg=80), by_mouth("mdma", 1, day=1, mg=40)
    (whole,) = read({**late, "hour": 10}, {**early, "day": 0, "hour": 13})
    days = read(late, early)
    assert np.all(np.isfinite([day.half_life_h for day in days]))
    assert sum(day.auc_ng_h_per_ml for day in days) == pytest.approx(whole.auc_ng_h_per_ml, rel=2e-3)
    assert np.all(days[1].auc_ng_h_per_ml > read(early)[0].auc_ng_h_per_ml)


def test_exponentials_are_what_the_solver_evaluates() -> None:
    doses = [infused(23.5, hours=2), infused(3, day=1, hours=None)]
    protocol = Protocol.made(plan.protocol(plan.DEPRESSION, [-1, 2], a={"doses": doses}))
    arm, drawn = protocol.arms[0], Cohort(population=protocol.population, participants=PEOPLE, seed=4).people()
    days = np.linspace(0.9, 3, 50)
    names = ("concentration_ketamine", "concentration_norketamine")
    seen = solve_arm(schedule(arm, protocol), drawn, days=days, names=names).values
    given = [e for dose in arm.doses for e in entering(dose.start_day, dose, drawn.values, drawn.weight_kg)]
    closed = levels(modes("ketamine", drawn.values), given).at(days)
    np.testing.assert_allclose(seen.transpose(1, 0, 2), closed, rtol=1e-6, atol=1e-6)


def test_curves_are_kept_as_close_to_a_dose_at_any_hour() -> None:
    def after(hour: float) -> np.ndarray:
        arm = Arm.model_validate({"id": "a", "doses": [infused(hour, day=3), infused(hour + 5, day=3, hours=None)]})
        days = curve_days(-1, 365, arm)
        return 24 * (days[(days >= 3 + hour / 24) & (days < 3 + (hour + 36) / 24)] - 3) - hour

    assert after(18.5) == pytest.approx(after(0.0))
    assert np.isin(np.round([0, 2 / 3, 1, 5], 6), np.round(after(0.0), 6)).all()


def test_curves_of_many_doses_are_no_denser_than_of_one_dose_each() -> None:
    sprays = [{**infused(0, day=k), "hour": hour} for k in range(4) for hour in (0.0, 0.1, 0.2)]
    days = curve_days(0, 60, Arm.model_validate({"id": "a", "doses": sprays}))
    assert np.diff(days).min() > 0
    assert len(days) < 4 * 75 + 60


def at_hours(*hours: float) -> dict[str, Any]:
    arms = {
        f"at_{k}": {"doses": [infused(hour), {**infused(hour, day=2), "duration_h": None}]}
        for k, hour in enumerate(hours)
    }
    return {**plan.protocol(plan.DEPRESSION, [-1, 7, 28], **arms), "horizon_days": 28}


@pytest.fixture(scope="module")
def clinics() -> Result:
    """One plan at three hours of the day, at which a day's second row comes while the first window is open."""
    return simulate(Protocol.made(at_hours(0, 12, 23.5)), participants=32, draws=4, rival="window", twins=False)


def test_exposure_windows_and_curves_are_those_of_any_hour(clinics: Result) -> None:
    words = ("arm", "drug", "analyte")
    exposed: dict[str, list[list[float]]] = {arm.id: [] for arm in clinics.arms}
    for row in clinics.rows["exposure"]:
        exposed[row["arm"]].append([value for name, value in row.items() if name not in words])
    for k, hours in ((1, 12.0), (2, 23.5)):
        np.testing.assert_allclose(exposed[f"at_{k}"], exposed["at_0"], rtol=1e-9)
        for here, there in zip(clinics.run.windows[k], clinics.run.windows[0], strict=True):
            for moved, own in ((here.opens, there.opens), (here.closes, there.closes)):
                assert moved - hours / 24 == pytest.approx(own, abs=1e-4, nan_ok=True)


def test_curves_hold_the_peak(clinics: Result) -> None:
    run = clinics.run
    level = run.curves[0, :, :, run.curve_names.index("concentration_ketamine")]
    felt = run.curves[0, :, :, run.curve_names.index("felt")].max(axis=2)
    for k in range(3):
        cmax = max(row["cmax_ng_per_ml_median"] for row in clinics.rows["exposure"] if row["arm"] == f"at_{k}")
        assert np.median(level[k].max(axis=1)) == pytest.approx(cmax, rel=0.02)
        assert felt[k] == pytest.approx(felt[0], rel=1e-3)


def test_no_window_opens_before_its_dose_nor_closes_before_it_opens(clinics: Result) -> None:
    for k, hour in enumerate((0, 12, 23.5)):
        rows = [row for row in clinics.rows["windows"] if row["arm"] == f"at_{k}"]
        assert [row["dose_day"] for row in rows] == [0, 2]
        for row in rows:
            low, opens, closes = (
                row[name] for name in ("open_from_day_median_low", "open_from_day_median", "closes_day_median_low")
            )
            assert row["dose_day"] + hour / 24 <= low <= opens <= closes
        for window in clinics.run.windows[k]:
            known = np.isfinite(window.closes)
            assert np.all(window.opens[known] >= window.dose_day + hour / 24)
            assert np.all(window.closes[known] >= window.opens[known])


def test_a_window_that_dips_after_a_dose_closes_after_it_was_widest() -> None:
    days, opening = np.arange(6.0), np.array([0.6, 0.4, 0.8, 0.8, 0.2, 0.0])
    opens, closes = _crossings(days, opening[None], 0, 6)
    assert opens[0] == pytest.approx(1.25)
    assert closes[0] == pytest.approx(3 + np.log(0.5 / 0.8) / np.log(0.2 / 0.8))
    assert _crossings(days, opening[None], 0, 2)[1][0] == pytest.approx(np.log(0.5 / 0.6) / np.log(0.4 / 0.6))


def test_the_figure_counts_hours_from_the_first_dose_of_the_day(clinics: Result) -> None:
    whole, dosings = clinics.course("concentration_ketamine", "at_2"), clinics.run.arms[2].dosings("ketamine")
    assert whole is not None
    shown = concentration._after(whole, dosings[0.0][0], 6)
    assert shown.days[[0, shown.median.argmax()]] == pytest.approx([0, 2 / 3])
    assert shown.days[-2] < 6 <= shown.days[-1]
    assert concentration._later_h(dosings) == []
    twice = [by_mouth("mdma", 9), by_mouth("mdma", 10.75)]
    assert concentration._later_h(Arm.model_validate({"id": "a", "doses": twice}).dosings("mdma")) == [1.75]
