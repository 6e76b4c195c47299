"""Money: the arithmetic of published evaluations from their own inputs, and closed forms."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from tests import plans

from afterglow.citations import reference
from afterglow.errors import ProtocolError
from afterglow.plan.economics.figures import EconomicsSection, prices_of
from afterglow.plan.economics.ratios import acceptability, expected_loss, icer, incremental, net_benefit
from afterglow.plan.economics.worth import cost_of, illness_cost, qalys
from afterglow.protocol import Protocol

# mccrone2023, abstract: healthcare cost in GBP and QALYs over six months, the lower price of psilocybin.
MCCRONE = {
    "psilocybin": (6132.0, 0.310),
    "medication": (3528.0, 0.278),
    "CBT": (4250.0, 0.283),
    "both": (4197.0, 0.287),
}
DEARER = 7652.0


def protocol(condition: str = "treatment_resistant_depression") -> Protocol:
    data = plans.clinic()
    del data["optimise"]
    data["population"] = {**data["population"], "condition": condition}
    return Protocol.made(data)


# ---- mccrone2023 ----------------------------------------------------------------------------------


def test_mccrone2023_cbt_is_dominated_and_psilocybin_buys_qalys_dearly() -> None:
    names = list(MCCRONE)
    steps = {names[s.plan]: s for s in incremental(*zip(*MCCRONE.values(), strict=True))}
    assert steps["medication"].status == "cheapest"
    assert steps["CBT"].status == "dominated"  # by both together, which cost 53 less and give 0.004 more
    assert steps["both"].ratio == pytest.approx((4197 - 3528) / (0.287 - 0.278))
    assert steps["psilocybin"].ratio == pytest.approx((6132 - 4197) / (0.310 - 0.287))
    assert 74_000 < steps["both"].ratio < 75_000
    assert 84_000 < steps["psilocybin"].ratio < 85_000


def test_mccrone2023_psilocybin_is_not_worth_30000_pounds_a_qaly_at_either_price() -> None:
    for cost in (6132.0, DEARER):
        own = net_benefit(cost, MCCRONE["psilocybin"][1], 30_000)
        assert all(own < net_benefit(c, q, 30_000) for name, (c, q) in MCCRONE.items() if name != "psilocybin")


def test_mccrone2023_how_much_cheaper_psilocybin_has_to_be() -> None:
    """It says that half the support and a price of 400 to 800 would do: together 1,644 pounds, at 30,000 a QALY."""
    rival = max(net_benefit(c, q, 30_000) for name, (c, q) in MCCRONE.items() if name != "psilocybin")
    needed = rival - net_benefit(6132.0, 0.310, 30_000)
    assert needed == pytest.approx(6132 - 0.310 * 30_000 - (3528 - 0.278 * 30_000))
    assert needed == pytest.approx(1644)
    assert net_benefit(6132.0 - needed - 1, 0.310, 30_000) > rival


# ---- avancena2025 ---------------------------------------------------------------------------------


def test_avancena2025_ratio_from_its_rounded_inputs() -> None:
    """117,517 a QALY from 3,639 and 0.031: the QALYs as printed are rounded to 1.6 %, so the ratio is too."""
    low, high = 3639 / 0.0315, 3639 / 0.0305
    assert icer(3639, 0.031) == pytest.approx(117_387, abs=1)
    assert low < 117_517 < high


def test_avancena2025_losses_differ_by_the_net_benefit() -> None:
    """The expected losses of 301 and 1,307 at 150,000 a QALY differ by what one plan is worth more than the other."""
    worth = net_benefit(3639, 0.031, 150_000)
    assert worth == pytest.approx(1011)
    assert pytest.approx(worth, abs=150_000 * 0.0005 + 1) == 1307 - 301  # within the rounding of the QALYs


def test_avancena2025_acceptability_follows_the_price_of_a_course() -> None:
    """Of 95, 75 and 1 % at courses of 3,000, 5,000 and 10,000: one spread of net benefit gives all three."""
    rng = np.random.default_rng(1)
    spread = 1750.0
    gained = 0.031 + spread / 150_000 * rng.standard_normal(20_000)
    weights = np.full(gained.size, 1 / gained.size)
    for price, printed in ((3000, 0.95), (5000, 0.75), (10_000, 0.01)):
        costs = np.stack([np.zeros(gained.size), np.full(gained.size, 3639.0 - 5000 + price)])
        effects = np.stack([np.zeros(gained.size), gained])
        found = acceptability(costs, effects, weights, [150_000])[0, 1]
        assert found == pytest.approx(printed, abs=0.04)
        assert found == pytest.approx(float(ndtr((1011 + 5000 - price) / spread)), abs=0.01)
        losses = expected_loss(costs, effects, weights, 150_000)
        assert losses[0] - losses[1] == pytest.approx(150_000 * gained.mean() - costs[1, 0])


# ---- ratios ---------------------------------------------------------------------------------------


def test_two_plans_that_mixed_give_as_much_for_less_dominate_extendedly() -> None:
    steps = {s.plan: s for s in incremental([0, 100, 120, 110], [0.0, 1.0, 2.0, 0.5])}
    assert [steps[k].status for k in range(4)] == ["cheapest", "extendedly dominated", "on the frontier", "dominated"]
    assert steps[2].ratio == 60


def test_nothing_gained_has_no_ratio() -> None:
    assert math.isnan(icer(100.0, 0.0))
    assert [s.status for s in incremental([5.0, 5.0], [1.0, 1.0])] == ["cheapest", "dominated"]


def test_acceptability_sums_to_one_and_losses_are_never_below_zero() -> None:
    rng = np.random.default_rng(2)
    costs, effects = rng.normal(1000, 300, (4, 30)), rng.normal(0.5, 0.1, (4, 30))
    weights = rng.dirichlet(np.ones(30))
    assert acceptability(costs, effects, weights, [0, 1e4, 1e5]).sum(axis=1) == pytest.approx(1)
    assert (expected_loss(costs, effects, weights, 1e5) >= 0).all()
    cheapest = acceptability(costs, effects, weights, [0])[0]
    assert cheapest == pytest.approx((costs == costs.min(axis=0)) @ weights)


# ---- one plan -------------------------------------------------------------------------------------


def test_a_course_costs_its_therapists_and_its_dosing_days() -> None:
    own = protocol()
    prices = prices_of(EconomicsSection(), own)
    hours = 4 + 2 * 7 + 3 * 1.5  # two on the dosing day
    assert cost_of(own.arms[0], prices, own.horizon_days) == pytest.approx(hours * 81.09 + 2173)
    section = EconomicsSection(therapist_hour=100, dosing_day={"psilocybin": 500}, therapists_dosing=1, course=50)
    assert cost_of(own.arms[0], prices_of(section, own), 57) == pytest.approx(100 * 15.5 + 500 + 50)
    society = prices.for_view("society")
    assert cost_of(own.arms[0], society, 57) == pytest.approx(hours * 81.09 + 2173 + 15.5 * society.person_hour)


def states(*shares: tuple[bool, bool]) -> tuple[np.ndarray, np.ndarray]:
    """One draw of one person: response and remission on each day."""
    return tuple(np.array(column)[None, None] for column in zip(*shares, strict=True))  # type: ignore[return-value]


def test_qalys_run_straight_between_ratings() -> None:
    own = protocol()
    section = EconomicsSection(
        discount=0, horizon_days=50, utility={"no_response": 0.5, "response": 0.7, "remission": 1.0}
    )
    prices = prices_of(section, own)
    days = np.array([-1.0, 10.0, 30.0])
    responds, remits = states((False, False), (True, False), (True, True))
    at_0 = 0.5 + 0.2 / 11  # a day of eleven up to 0.7
    expected = (10 * (at_0 + 0.7) / 2 + 20 * (0.7 + 1.0) / 2 + 20 * 1.0) / 365.25
    assert qalys(responds, remits, days, prices) == pytest.approx(expected)


def test_a_year_in_one_state_is_its_utility_and_discounting_takes_off_what_the_formula_says() -> None:
    own = Protocol.made({**protocol().model_dump(), "horizon_days": 731})
    days = np.array([-1.0, 28.0])
    never = states((False, False), (False, False))
    for rate in (0.0, 0.03):
        prices = prices_of(EconomicsSection(discount=rate, horizon_days=730.5), own)
        years = 2.0 if not rate else (1 - 1.03**-2) / math.log(1.03)
        assert qalys(*never, days, prices) == pytest.approx(0.58 * years, rel=1e-3)


def test_society_counts_what_illness_costs_and_a_payer_does_not() -> None:
    own = protocol()
    days = np.array([-1.0, 28.0])
    ill, well = states((False, False), (False, False)), states((False, False), (True, True))
    payer = prices_of(EconomicsSection(), own)
    assert illness_cost(*ill, days, payer) == pytest.approx(0)
    society = payer.for_view("society")
    assert illness_cost(*ill, days, society) == pytest.approx(15714 * 57 / 365.25, rel=0.01)
    assert illness_cost(*well, days, society) < illness_cost(*ill, days, society)


# ---- figures and their sources --------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["treatment_resistant_depression", "ptsd"])
@pytest.mark.parametrize("view", ["payer", "society"])
def test_every_figure_has_a_source_that_was_read_or_says_that_it_is_assumed(condition: str, view: Any) -> None:
    for figure in prices_of(EconomicsSection(view=view), protocol(condition)).figures:
        assert figure.note
        if figure.kind == "assumed":
            assert not figure.source
        else:
            assert reference(figure.source).was_read


def test_the_therapists_hour_is_that_of_the_papers() -> None:
    prices = prices_of(EconomicsSection(), protocol())
    assert prices.therapist_hour == pytest.approx(3467 / 0.509 / 84, abs=0.01)
    assert prices.dosing_day["mdma"] == pytest.approx((11_537 - 3467 / 0.509) / 3, abs=1)
    assert prices.dosing_day["psilocybin"] == pytest.approx(5000 - 981 / 0.347, abs=1)
    assert prices.person_hour == pytest.approx(58_260 / 2080, abs=0.01)
    society = prices_of(EconomicsSection(view="society"), protocol())
    assert society.illness_year == pytest.approx(330e9 / 21e6, abs=1)


def test_a_figure_of_your_own_says_that_it_is_yours() -> None:
    found = prices_of(EconomicsSection(therapist_hour=60), protocol())
    assert {f.name: (f.value, f.kind) for f in found.figures}["therapist_hour"] == (60, "yours")


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"horizon_days": 400}, "the protocol ends on day 57"),
        ({"currency": "GBP"}, "in GBP, name these too: therapist_hour, threshold, dosing day of psilocybin"),
        ({"discount": 1.5}, "must be below 1"),
        ({"view": "patient"}, "'payer' or 'society'"),
        ({"dosing_day": {"psilocybine": 3}}, "dosing_day has no price for 'psilocybine'"),
        ({"utility": {"response": 3}}, "must be at most 1"),
        ({"treshold": 5}, "did you mean 'threshold'"),
        ({"threshold": "20k"}, "must be a plain number"),
    ],
)
def test_impossible_money_is_refused_in_a_sentence(section: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        prices_of(EconomicsSection.made(section), protocol())


def test_the_page_has_the_figures_of_the_package() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "schedule.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ") and line.count("|") == 4]
    told = {row[1].strip(): row[2].strip() for row in rows}
    prices = prices_of(EconomicsSection(view="society"), protocol())
    assert told["hour of a clinician"] == f"{prices.therapist_hour} USD"
    assert told["clinicians in a dosing session"] == f"{prices.therapists.dosing:g}"
    assert told["dosing day of psilocybin"] == f"{prices.dosing_day['psilocybin']:,.0f} USD"
    assert told["dosing day of MDMA"] == f"{prices.dosing_day['mdma']:,.0f} USD"
    both = f"{prices.dosing_day['esketamine']:g}, {prices.dosing_day['ketamine']:g} USD"
    assert told["dosing day of esketamine, ketamine"] == both
    assert told["what a QALY may cost"] == f"{prices.threshold:,.0f} USD"
    assert told["hour of the person"] == f"{prices.person_hour} USD"
    assert told["year of depression"] == f"{prices.illness_year:,.0f} USD"
    worth = ", ".join(f"{prices.utility[state]}" for state in ("no_response", "response", "remission"))
    assert told["quality of life without response, in response, in remission"] == worth
