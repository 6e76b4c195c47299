"""Keeps the batches of a run that is under way, so that one that was interrupted goes on where it stopped."""

from __future__ import annotations

import io
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from afterglow.errors import FileError
from afterglow.files import write_bytes_atomically
from afterglow.runs.store import usual_store
from afterglow.trial.simulation.batch import Simulated

__all__ = ["KeptBatches", "kept_batches"]

_FOLDER = "trials"
_MOST_RUNS = 20
"""Interrupted runs that are kept; the oldest make room."""


@dataclass(frozen=True)
class KeptBatches:
    """The batches of one run, a file each.

    Parameters
    ----------
    folder : Path
    """

    folder: Path

    def read(self, first: int) -> Simulated | None:
        """Return the batch that begins with a trial, or None if it has to be simulated; a damaged one is removed."""
        path = self._path(first)
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
                return {name: held[name] for name in held.files}
        except (OSError, ValueError, zipfile.BadZipFile, KeyError):
            with suppress(OSError):
                path.unlink()
            return None

    def write(self, first: int, batch: Simulated) -> None:
        """Keep a batch; one that cannot be kept costs time if the run is interrupted, and nothing else."""
        held = io.BytesIO()
        np.savez(held, **batch)  # type: ignore[arg-type]
        with suppress(OSError, FileError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_bytes_atomically(self._path(first), held.getvalue(), wait_for_disk=False)

    def forget(self) -> None:
        """Remove the batches of a run that is done, and those of runs that were left long ago."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            others = sorted(self.folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)
            for path in others[:-_MOST_RUNS]:
                shutil.rmtree(path, ignore_errors=True)

    def _path(self, first: int) -> Path:
        return self.folder / f"{first:07d}.npz"


def kept_batches(key: str) -> KeptBatches | None:
    """Return where the batches of a run lie, beside the user's runs; None where none are kept."""
    store = usual_store()
    return None if store is None else KeptBatches(store.folder / _FOLDER / key)
