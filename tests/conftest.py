"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_shared_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs are calculated: one that was read from the user's store, or from another test's, would prove nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERGLOW_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("AFTERGLOW_RUNS_MB", "0")
        yield
