"""The posteriors of one or several explanations, and how much of the answer each has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from afterglow.cohort import RIVALS
from afterglow.errors import FileError
from afterglow.posterior.store import Posterior, shipped

__all__ = ["WEIGHTS_FILE", "Posteriors", "shipped_posteriors"]

WEIGHTS_FILE = "weights.json"
"""Name of the file of weights, beside the posteriors: by rival, and the digests of the posteriors they belong to."""


@dataclass(frozen=True, eq=False)
class Posteriors:
    """The posteriors of one or several explanations, and how much of the answer each has.

    Parameters
    ----------
    by_rival : mapping of str to Posterior
    weights : mapping of str to float
        They sum to one.
    """

    by_rival: Mapping[str, Posterior]
    weights: Mapping[str, float]

    @classmethod
    def alone(cls, posterior: Posterior) -> Posteriors:
        """Return one explanation as the whole answer."""
        return cls({posterior.rival: posterior}, {posterior.rival: 1.0})

    @property
    def digests(self) -> dict[str, str]:
        """Digest of each posterior."""
        return {rival: posterior.digest for rival, posterior in self.by_rival.items()}


@cache
def shipped_posteriors(rival: str | None = None) -> Posteriors:
    """Return what comes with the package: all explanations by their weights, or one of them alone.

    Raises
    ------
    FileError
        If a posterior is missing or was made for other equations or constants, or the weights are those of others.
    """
    if rival is not None:
        return Posteriors.alone(shipped(rival))
    held = json.loads(files("afterglow.posterior").joinpath("data", WEIGHTS_FILE).read_text(encoding="utf-8"))
    found = Posteriors({name: shipped(name) for name in RIVALS}, held["weights"])
    if held["posteriors"] != found.digests:
        raise FileError(
            f"'{WEIGHTS_FILE}' holds the weights of other posteriors; run docs/reference/generate_calibration.py"
        )
    return found
