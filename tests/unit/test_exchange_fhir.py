"""FHIR R5: a ResearchStudy and a PlanDefinition for each arm, checked by fhir.resources."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests import strategies
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import FileError
from afterglow.exchange.fhir import fhir_bundle, to_fhir
from afterglow.protocol import Protocol, starter

EXAMPLES = Path(__file__).parents[2] / "examples"
runner = CliRunner()


def exported(protocol: Protocol) -> list[dict[str, Any]]:
    """Return the resources of a bundle, each read by the library of its kind."""
    resources = [entry["resource"] for entry in json.loads(to_fhir(protocol))["entry"]]
    library = pytest.importorskip("fhir.resources")
    return [library.get_fhir_model_class(row["resourceType"]).model_validate(row).model_dump() for row in resources]


def test_a_study_and_a_plan_for_each_arm() -> None:
    protocol = Protocol.from_yaml(starter("mdma"))
    study, *plans = exported(protocol)
    assert study["resourceType"] == "ResearchStudy"
    assert [plan["resourceType"] for plan in plans] == ["PlanDefinition"] * len(protocol.arms)
    assert [group["name"] for group in study["comparisonGroup"]] == [arm.label for arm in protocol.arms]
    assert [row["name"] for row in study["outcomeMeasure"]] == ["CAPS-5"]


def test_a_plan_has_every_dose_session_and_visit_at_its_time() -> None:
    protocol = Protocol.from_yaml(starter("mdma"))
    plan = exported(protocol)[1]
    arm = protocol.arms[0]
    assert len(plan["action"]) == 1 + len(arm.timed) + len(arm.practice) + len(protocol.assessments[0].days)
    second = next(row for row in plan["action"] if row["title"] == "MDMA 40 mg oral")
    offset = second["relatedAction"][0]["offsetDuration"]
    assert (float(offset["value"]), offset["code"]) == (1.75, "h")
    defined = next(row for row in plan["contained"] if f"#{row['id']}" == second["definitionCanonical"])
    assert float(defined["dosage"][0]["doseAndRate"][0]["doseQuantity"]["value"]) == 40
    first = plan["action"][1]["relatedAction"][0]
    assert (first["relationship"], float(first["offsetDuration"]["value"])) == ("before-start", 21)


@given(strategies.protocols())
@settings(max_examples=15)
def test_any_protocol_is_valid(protocol: Protocol) -> None:
    assert len(exported(protocol)) == 1 + len(protocol.arms)


def test_the_library_refuses_what_is_wrong() -> None:
    bundle = fhir_bundle(Protocol.from_yaml(starter("mdma")))
    bundle["entry"][0]["resource"]["comparisonGroup"][0]["linkId"] = "not an id"
    library = pytest.importorskip("fhir.resources.bundle")
    with pytest.raises(ValueError, match="linkId"):
        library.Bundle.model_validate(bundle)


def test_without_the_library_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fhir.resources.bundle", None)
    with pytest.raises(FileError, match=r'pip install "afterglow-sim\[exchange\]"'):
        to_fhir(Protocol.from_yaml(starter("mdma")))


def test_the_commands_write_files(tmp_path: Path) -> None:
    for kind in ("usdm", "fhir"):
        out = tmp_path / f"{kind}.json"
        done = runner.invoke(app, ["export", kind, str(EXAMPLES / "comp001.yaml"), "-o", str(out)])
        assert done.exit_code == 0, done.output
        json.loads(out.read_text(encoding="utf-8"))
    done = runner.invoke(app, ["import", str(tmp_path / "usdm.json")])
    assert Protocol.from_yaml(done.stdout) == Protocol.from_file(EXAMPLES / "comp001.yaml")
