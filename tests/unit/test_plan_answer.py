"""A schedule that is chosen from real runs: what is chosen, how sure it is, what it costs, what to learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from tests import plans
from typer.testing import CliRunner

from afterglow import Protocol, simulate
from afterglow.cli.main import app
from afterglow.cohort import Draw
from afterglow.errors import ParameterError, ProtocolError
from afterglow.plan.answer import AS_WRITTEN, Answer
from afterglow.plan.learning import WHICH, concerns, evpi, evppi, unknowns
from afterglow.plan.optimise import optimise
from afterglow.plan.plain import plain_answer, plan_rows, sentences, strip_sentences
from afterglow.plan.question import Question
from afterglow.plan.space.space import Space
from afterglow.plan.strip import session_strip
from afterglow.protocol import STARTERS, Population, starter

SMALL = {"participants": 16, "draws": 16}
FEW = ["-n", "16", "--draws", "16"]


def asked(**optimise: Any) -> Question:
    return Question.from_data(plans.clinic(**optimise))


@pytest.fixture(scope="module")
def answer() -> Answer:
    return optimise(asked(), **SMALL)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clinic") / "clinic.yaml"
    path.write_text(yaml.safe_dump(plans.clinic()))
    return path


def command(*words: Any) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


# ---- the answer -----------------------------------------------------------------------------------


def test_all_six_plans_are_tried_and_hours_fall_along_the_front(answer: Answer) -> None:
    assert answer.found.is_exhaustive
    assert answer.found.feasible == len(answer.found.points) == 6
    front = sorted((p for p in answer.plans if p.on_front), key=lambda p: p.valued.effort.therapist_hours)
    merits = [p.standing.merit for p in front]
    assert merits == sorted(merits)


def test_the_numbers_are_those_of_simulate_with_the_same_people_and_draws(answer: Answer) -> None:
    result = simulate(answer.protocol, **SMALL, twins=False, store=False)
    row = next(r for r in result.rows["scores"] if r["day"] == 56)
    told = next(r for r in plan_rows(answer) if r["plan"] == answer.answer.id)
    error = 0.03  # of the solver, which steps to other days where courses are kept
    assert told["aim"] == pytest.approx(row["mean"], abs=error)
    assert told["aim_low"] == pytest.approx(row["mean_low"], abs=error)
    assert told["aim_high"] == pytest.approx(row["mean_high"], abs=error)
    lasting = result.rows["lasting"][0]
    assert told["lasting"] == pytest.approx(lasting["share"], abs=0.005)
    assert answer.bank.lasting_from == lasting["from_day"]


def test_the_answer_is_the_cheapest_of_those_that_cannot_be_told_from_the_best(answer: Answer) -> None:
    alike = [answer.plans[k] for k in answer.choice.alike]
    assert answer.best in alike
    assert answer.answer.valued.course_cost == min(p.valued.course_cost for p in alike)
    assert all(p.standing.behind <= 1.645 * p.standing.behind_error + 1e-6 for p in alike)


def test_plans_are_not_judged_on_endless_people() -> None:
    with pytest.raises(ParameterError, match="at most 1000000 people, not 100000000"):
        optimise(asked(), participants=100_000_000)


def test_where_nothing_differs_the_answer_is_the_cheapest_and_says_so() -> None:
    """Sessions after the day that counts change nothing on it."""
    data = plans.clinic(move={"sessions": [{"kind": "integration", "number": [0, 2, 4], "day": 29}]})
    data["optimise"]["aim"] = "mean score on day 7"
    found = optimise(Question.from_data(data), **SMALL)
    assert len(found.choice.alike) == 3
    integrations = [s for s in found.answer.valued.arm.sessions if s.kind == "integration"]
    assert integrations == []
    said = " ".join(sentences(found))
    assert "3 of the 3 plans judged cannot be told from the best" in said
    assert "the answer is the cheapest of those" in said


def test_if_therapy_does_nothing_hours_go_to_zero_where_money_counts() -> None:
    move = {"sessions": [{"kind": "integration", "number": [0, 2, 4, 6], "hours": 1.5, "every_days": 5}]}
    found = optimise(asked(aim="net benefit", move=move), **SMALL, rival="drug_only")
    assert [s.kind for s in found.answer.valued.arm.sessions if s.kind == "integration"] == []
    assert any(s.label == "safety visit" for s in found.answer.valued.arm.sessions)


def test_a_margin_makes_more_plans_alike() -> None:
    wide = optimise(asked(margin=60), **SMALL)
    assert len(wide.choice.alike) == 6
    assert wide.answer.valued.course_cost == min(p.valued.course_cost for p in wide.permitted)
    assert "within the margin of 60" in " ".join(sentences(wide))


def test_a_plan_difference_needs_ten_times_fewer_people_than_with_fresh_draws(answer: Answer) -> None:
    """The spread between people of the same person's two lives, against that of two different people."""
    one, other = answer.plans[0].valued, answer.plans[-1].valued
    at = one.outcome.at(56)
    first, second = (v.outcome.expected[..., at].astype(float) for v in (one, other))
    paired = (first - second).var(axis=1, ddof=1).mean()
    fresh = (first.var(axis=1, ddof=1) + second.var(axis=1, ddof=1)).mean()
    assert fresh >= 10 * paired


def test_regret_is_zero_for_the_best_plan_under_each_explanation(answer: Answer) -> None:
    standings = [p.standing for p in answer.permitted]
    for name in standings[0].regret_under:
        assert min(s.regret_under[name] for s in standings) == pytest.approx(0, abs=1e-9)
    own = [p.standing for p in answer.plans if p.id != AS_WRITTEN]
    assert sum(s.chance_best for s in own) == pytest.approx(1)
    assert all(s.worst_tenth <= s.merit for s in own)
    assert all(s.regret >= 0 for s in own)


@pytest.mark.parametrize(
    "aim", ["lasting responses", "cost per lasting response", "therapist hours per lasting response", "net benefit"]
)
def test_every_aim_has_an_answer_and_its_own_number(aim: str) -> None:
    found = optimise(asked(aim=aim), **SMALL)
    row = plan_rows(found)[[p.id for p in found.plans].index(found.answer.id)]
    lasting = row["lasting"]
    numbers = {
        "lasting responses": lasting,
        "cost per lasting response": row["cost"] / lasting,
        "therapist hours per lasting response": row["therapist_hours"] / lasting,
        "net benefit": 150_000 * row["qalys"] - row["cost_to_horizon"],
    }
    assert row["aim"] == pytest.approx(numbers[aim])
    assert row["aim_low"] <= row["aim"] <= row["aim_high"]


def test_the_same_question_and_seed_give_the_same_answer(answer: Answer) -> None:
    again = optimise(asked(), **SMALL)
    assert plain_answer(again)["plans"] == plain_answer(answer)["plans"]


# ---- limits and mistakes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"limits": {"therapist_hours": 10}}, "none of the 6 plans keeps the limits; .* 18.5 therapist hours"),
        ({"limits": {"cost": 100}}, "above the limit of 100"),
        ({"limits": {"largest_dose": "1 mg/kg"}}, "largest_dose is in mg/kg"),
        ({"limits": {"last_day": 400}}, "day 400 lies beyond the horizon of 57 days"),
        ({"aim": "mean score on day 400"}, "day 400 lies beyond the horizon of 57 days"),
        ({"aim": "mean score on day 50"}, "not assessed on day 50; choose one of 1, 7, 14"),
        ({"aim": "mean CAPS-5 on day 56"}, "CAPS-5 is not assessed; assessed: MADRS"),
        ({"aim": "mean BOO on day 56"}, "unknown scale"),
        ({"aim": "happiness"}, "unknown aim 'happiness'"),
        ({"aim": "lasting response"}, "did you mean 'lasting responses'"),
        ({"arm": "other"}, "no arm is called 'other'"),
        ({"move": {}}, "nothing moves"),
        ({"evaluations": 1}, "must be at least 10"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_a_sentence(section: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        optimise(asked(**section), **SMALL)
    assert "\n" not in str(caught.value)


def test_an_option_that_no_plan_within_the_limits_has_is_named_with_the_reason() -> None:
    move = {"dosings": {"number": [1, 2], "days_between": [12, 14]}, "sessions": [{"kind": "integration", "number": 1}]}
    found = optimise(asked(move=move, limits={"shortest_gap_days": 20}), **SMALL)
    assert found.never == (("dosings: number 2", "14 days between dosings, below the limit of 20"),)
    assert "No plan within the limits has dosings: number 2" in " ".join(sentences(found))
    assert found.bank.lasting_from == 14  # two weeks after the last dosing of any plan that may be chosen


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"optimise": []}, "must be a mapping of words to values"),
        ({"optimize": {}}, "unknown word 'optimize': did you mean 'optimise'"),
        ({"optimise": {"aim": 3, "move": {}}}, "an aim is a sentence"),
        ({"optimise": {"move": {"dose": ["25 mg", "25 g"]}}}, "25000 mg psilocybin is more than 100 times"),
    ],
)
def test_a_section_that_is_none_is_refused_in_a_sentence(data: dict[str, Any], words: str) -> None:
    held = {**plans.clinic(), **data}
    if "optimize" in data:
        del held["optimise"]
    with pytest.raises(ProtocolError, match=words):
        optimise(Question.from_data(held), **SMALL)


def test_a_file_without_the_section_says_what_it_needs() -> None:
    data = plans.clinic()
    del data["optimise"]
    with pytest.raises(ProtocolError, match="needs an 'optimise' section"):
        Question.from_data(data)


def test_the_schema_knows_the_sections() -> None:
    schema = json.loads(json.dumps(Question.json_schema()))
    assert schema["properties"]["optimise"] == {"$ref": "#/$defs/Optimise"}
    assert set(schema["$defs"]["Moves"]["properties"]) == {"dose", "dosings", "sessions", "practice", "group"}
    assert "threshold" in schema["$defs"]["EconomicsSection"]["properties"]


# ---- learning -------------------------------------------------------------------------------------


def test_perfect_information_of_two_plans_by_hand() -> None:
    values = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 4.0]])
    assert evpi(values, np.array([0.4, 0.4, 0.2])) == pytest.approx(0.8 + 0.2 * 4 - 1.0)
    assert evpi(values[:1], np.full(3, 1 / 3)) == 0


def test_partial_information_of_a_normal_is_the_closed_form() -> None:
    """Plan B gains x ~ N(0, 1) over plan A: knowing x is worth E[max(x, 0)] = 0.3989; knowing nothing of it, 0."""
    rng = np.random.default_rng(3)
    x, noise = rng.standard_normal((2, 4000))
    values, weights = np.stack([np.zeros(4000), x + noise]), np.full(4000, 1 / 4000)
    assert evppi(values, weights, np.stack([np.ones(4000), x], axis=1)) == pytest.approx(0.3989, abs=0.02)
    assert evppi(values, weights, np.ones((4000, 1))) == pytest.approx(0, abs=1e-12)
    assert evpi(values, weights) == pytest.approx(0.3989 * 2**0.5, abs=0.03)


def learnt(gain: Any, count: int = 64) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    x, other = rng.standard_normal((2, count))
    draws = [
        Draw(
            rival=rival,
            typical={"session_gain": float(np.exp(a)), "expectancy_days": float(np.exp(b))},
            weight=1 / count,
        )
        for rival, a, b in zip(["window", "drug_only"] * (count // 2), x, other, strict=True)
    ]
    values = np.stack([np.zeros(count), gain(x, np.array([d.rival == "window" for d in draws]))])
    population = Population.made(plans.plan.RESISTANT)
    return {one.name: one for one in unknowns(values, draws, population, ["psilocybin"])}


def test_what_decides_is_told_and_what_does_not_is_not() -> None:
    found = learnt(lambda x, _: x)
    assert found["session_gain"].told
    assert found["session_gain"].gain == pytest.approx(0.4, abs=0.15)
    assert not found["expectancy_days"].told
    assert found["session_gain"].best == (("low", 0), ("high", 1))
    by_rival = learnt(lambda x, window: np.where(window, 1.0, -1.0))
    assert dict(by_rival[WHICH].best) == {"window": 1, "drug_only": 0}
    assert by_rival[WHICH].gain == pytest.approx(0.5)
    assert not by_rival["session_gain"].told


def test_parameters_of_other_medicines_and_people_are_left_out() -> None:
    people = Population.made(plans.plan.RESISTANT)
    assert concerns("closing_days_psilocybin", people, {"psilocybin"})
    assert not concerns("closing_days_mdma", people, {"psilocybin"})
    assert not concerns("small_trial_excess", people, {"psilocybin"})
    assert concerns("easing_days_treatment_resistant_depression", people, {"psilocybin"})
    assert not concerns("easing_days_ptsd", people, {"psilocybin"})
    assert concerns("medicine_strength_resistant", people, {"psilocybin"})
    assert not concerns("medicine_strength_ptsd", people, {"psilocybin"})


# ---- the best day ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return Protocol.from_yaml(starter("psilocybin"))


def test_one_more_session_adds_most_in_the_open_window_if_the_window_story_is_true(protocol: Protocol) -> None:
    strip = session_strip(protocol, days=[1, 30], on_day=42, rival="window", participants=8, draws=8)
    early, late = strip.days
    assert early.points < late.points < 0
    assert strip.best is early
    assert early.alike
    assert not late.alike
    assert early.by_rival == ()


def test_a_late_session_that_makes_the_course_longer_says_so(protocol: Protocol) -> None:
    strip = session_strip(protocol, days=[1, 70], participants=8, draws=8)
    assert strip.course_until == 21
    assert strip.best.day == 70
    assert strip.best_within is strip.days[0]
    said = " ".join(strip_sentences(strip))
    assert "The arm's own course ends on day 21" in said
    assert "Within the course most is added on day 1" in said


def test_one_person_tells_no_plan_from_another() -> None:
    found = optimise(asked(), participants=1, draws=8)
    assert len(found.choice.alike) == len(found.permitted) - 1
    assert "by 1 person and 8 draws" in " ".join(sentences(found))


def test_a_strip_is_the_difference_of_two_runs(protocol: Protocol) -> None:
    asked = {"participants": 8, "draws": 8}
    strip = session_strip(protocol, days=[10], on_day=84, hours=1.5, **asked)
    data = protocol.model_dump()
    own = data["arms"][0]
    more = {**own, "id": "more", "sessions": sorted(
        [*own["sessions"], {"day": 10, "kind": "integration", "hours": 1.5}], key=lambda s: s["day"])}  # fmt: skip
    pair = Protocol.made({**data, "arms": [more, own]})
    rows = simulate(pair, **asked, twins=False, store=False).rows["contrasts"]
    row = next(r for r in rows if r["day"] == 84)
    gain = strip.days[0]
    assert gain.points == pytest.approx(row["mean_difference"], abs=1e-6)
    assert gain.low == pytest.approx(row["credible_low"], abs=1e-6)
    assert gain.high == pytest.approx(row["credible_high"], abs=1e-6)
    assert gain.by_rival[0].rival == "window"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"arm": "x"}, "no arm is called 'x'"),
        ({"days": [400]}, "day 400 lies outside the days that can be tried"),
        ({"on_day": 5}, "not assessed on day 5; choose one of 1, 7"),
        ({"kind": "dozing"}, "unknown kind of session 'dozing'"),
        ({"hours": 0}, "must be above 0"),
    ],
)
def test_a_strip_that_cannot_be_made_is_refused(protocol: Protocol, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        session_strip(protocol, **more, participants=8, draws=8)


# ---- the command line -----------------------------------------------------------------------------


def test_optimise_prints_json_that_says_all(file: Path) -> None:
    done = command("optimise", file, *FEW, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["answer"] in [row["plan"] for row in told["plans"]]
    assert {"incremental", "acceptability", "figures", "threshold", "horizon_days"} <= set(told["money"])
    assert [side["unit"] for side in told["learning"]] == ["MADRS points", "USD"]
    assert told["search"]["exhaustive"]
    assert all(figure["source"] or figure["kind"] in ("assumed", "yours") for figure in told["money"]["figures"])


def test_optimise_writes_a_protocol_that_simulate_reads_and_the_figures(file: Path, tmp_path: Path) -> None:
    done = command("optimise", file, *FEW, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "Answer: plan" in done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "acceptability.png",
        "answer.json",
        "chosen.yaml",
        "front.png",
    ]
    Protocol.from_file(tmp_path / "out" / "chosen.yaml")
    assert json.loads((tmp_path / "out" / "answer.json").read_text())["schedule"]


def test_simulate_and_check_pass_over_the_sections(file: Path) -> None:
    for words in (["check", file], ["simulate", file, "-n", "8", "--draws", "4"]):
        done = command(*words)
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize("medicine", STARTERS)
def test_new_writes_a_section_that_fits_each_starter(medicine: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    done = command("new", medicine, "--schedule", "-o", path)
    assert done.exit_code == 0, done.output
    question = Question.from_file(path)
    assert Space(question.protocol, "", question.optimise.move, question.optimise.limits).size == 40
    dosed = path.read_text().replace("    # dose", "    dose")
    held = Question.from_data(yaml.safe_load(dosed)).optimise
    assert Space(question.protocol, "", held.move, held.limits).size == 80
    assert "two files" in str(command("new", medicine, "--schedule", "--trial").exception)


def test_a_mistake_in_the_section_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(plans.clinic(aim="happiness"), sort_keys=False))
    done = command("optimise", path)
    assert isinstance(done.exception, ProtocolError)
    assert "optimise.aim" in str(done.exception)
    assert "(line " in str(done.exception)


def test_best_day_prints_a_row_a_day_and_writes_its_figure(file: Path, tmp_path: Path) -> None:
    done = command("best-day", file, "--out", tmp_path / "strip.svg", "--format", "csv")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0].startswith("day,points,low,high")
    assert "<svg" in (tmp_path / "strip.svg").read_text()


# ---- both views, and what the sentences say --------------------------------------------------------


def test_money_is_seen_by_a_payer_and_by_society(answer: Answer) -> None:
    assert set(answer.benefits) == {"payer", "society"}
    rows = plain_answer(answer)["money"]["incremental"]
    for row in rows:
        assert row["net_benefit"] == pytest.approx(row["net_benefit_payer"])
        assert row["net_benefit_society"] < row["net_benefit_payer"]  # time of the person, and what illness costs


def test_society_is_left_out_where_its_prices_are_in_another_currency() -> None:
    data = plans.clinic()
    data["economics"] = {
        "currency": "GBP",
        "threshold": 30000,
        "therapist_hour": 60,
        "dosing_day": {"psilocybin": 800},
    }
    found = optimise(Question.from_data(data), **SMALL)
    assert set(found.benefits) == {"payer"}
    assert all(figure.unit.startswith("USD") is False or figure.kind == "yours" or not figure.value
               for figure in found.prices.figures)  # fmt: skip


def test_the_explanation_under_which_sessions_do_nothing_is_named(answer: Answer) -> None:
    said = " ".join(sentences(answer))
    cheapest = min(answer.permitted, key=lambda plan: plan.valued.course_cost)
    regrets = cheapest.standing.regret_under
    assert min(regrets, key=lambda name: regrets[name]) == "drug_only"
    assert ("drug only (0.25) is true, the cheapest plan" in said) == (
        regrets["drug_only"] <= 0.1 * max(regrets.values())
    )


def test_best_day_prints_json_with_every_explanation(file: Path) -> None:
    done = command("best-day", file, "--kind", "psychotherapy", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["session"] == {"kind": "psychotherapy", "hours": 1.0}
    assert {under["rival"] for under in told["days"][0]["by_rival"]} == set(told["explanations"])
    assert told["best_day"] in [day["day"] for day in told["days"]]
