"""What holds for every test, and small real runs that the tests of tables, figures and reports share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from afterglow import Protocol, Result, simulate
from tests import protocols as plan

settings.register_profile("afterglow", deadline=None)  # machines differ by a factor of three, and are shared
settings.load_profile("afterglow")


@pytest.fixture(scope="session", autouse=True)
def no_shared_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs are calculated: one that was read from the user's store, or from another test's, would prove nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERGLOW_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("AFTERGLOW_RUNS_MB", "0")
        patch.delenv("COLUMNS", raising=False)  # workers of a test run have one, and lines would be folded at it
        yield


@pytest.fixture(scope="session")
def small_run() -> Result:
    """Three arms, four explanations, two draws each on average, sixteen people: well under a second."""
    return simulate(Protocol.made(plan.three_arms()), participants=16, draws=8)


@pytest.fixture(scope="session")
def uncalibrated_run() -> Result:
    """The same plan without calibration: one draw, no interval."""
    return simulate(Protocol.made(plan.three_arms()), participants=16, calibrated=False)


@pytest.fixture(scope="session")
def placebo_run() -> Result:
    """One arm that has no medicine and nothing to leave out."""
    spec = plan.three_arms() | {"title": "Placebo alone"}
    spec["arms"] = [arm for arm in spec["arms"] if arm["id"] == "placebo"]
    return simulate(Protocol.made(spec), participants=8, draws=4)
