"""The data of a trial, or of many trials of one size: who is in which arm, and what was rated at which visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError, nearest

__all__ = ["TrialData"]


@dataclass(frozen=True, eq=False)
class TrialData:
    """Ratings of one trial, or of many simulated trials of the same size, which then have a first axis of their own.

    Parameters
    ----------
    arm : integer array (people,) or (trials, people)
        Position of each person's arm in `arms`.
    arms : sequence of str
        The first is the reference, which the others are compared with.
    visits : sequence of str
        After baseline, in order of time.
    outcomes : array (people, visits) or (trials, people, visits)
        NaN where missing.
    baseline : array (people,) or (trials, people), optional
        The outcome before treatment.
    covariates : mapping of name to array (people,), (trials, people) or, changing by visit, (people, visits)
        Numbers are lines, words are classes.
    people : sequence of str
        Names, for messages; may be left out.

    Raises
    ------
    ParameterError
        If shapes do not agree, there is one arm alone, a name stands twice, or an arm is none of those.
    """

    arm: NDArray[np.intp]
    arms: Sequence[str]
    visits: Sequence[str]
    outcomes: NDArray[np.float64]
    baseline: NDArray[np.float64] | None = None
    covariates: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    people: Sequence[str] = ()

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "arms", tuple(str(name) for name in self.arms))
        set_(self, "visits", tuple(str(name) for name in self.visits))
        set_(self, "outcomes", np.asarray(self.outcomes, np.float64))
        set_(self, "arm", np.asarray(self.arm))
        if self.baseline is not None:
            set_(self, "baseline", np.asarray(self.baseline, np.float64))
        set_(self, "covariates", {str(name): np.asarray(held) for name, held in self.covariates.items()})
        self._check_names()
        self._check_shapes()

    @property
    def count(self) -> int:
        """People of a trial."""
        return int(self.outcomes.shape[-2])

    @property
    def many(self) -> bool:
        """Whether there is a first axis for trials."""
        return self.outcomes.ndim == 3

    @property
    def trials(self) -> int:
        """How many trials are held."""
        return int(self.outcomes.shape[0]) if self.many else 1

    def trial(self, number: int) -> TrialData:
        """Return one of many trials."""
        return self._of(number)

    def parts(self, size: int) -> list[TrialData]:
        """Return many trials in parts of at most so many."""
        return [self._of(slice(k, k + size)) for k in range(0, self.trials, size)]

    def _of(self, which: int | slice) -> TrialData:
        shape = self.outcomes.shape

        def of(held: NDArray[Any]) -> NDArray[Any]:
            return np.asarray(held[which] if held.shape in (shape[:-1], shape) else held)

        return replace(
            self,
            arm=of(self.arm),
            outcomes=self.outcomes[which],
            baseline=None if self.baseline is None else of(self.baseline),
            covariates={name: of(held) for name, held in self.covariates.items()},
        )

    def visit(self, name: str | int) -> int:
        """Return the place of a visit by its name, or by its number from the first (0) or the last (-1).

        Raises
        ------
        ParameterError
            If there is no such visit.
        """
        if isinstance(name, int):
            if not -len(self.visits) <= name < len(self.visits):
                raise ParameterError(f"there are {len(self.visits)} visits, so none has the number {name}")
            return name % len(self.visits)
        if name not in self.visits:
            raise ParameterError(f"no visit is called '{name[:60]}'; {nearest(name, self.visits)}")
        return tuple(self.visits).index(name)

    def covariate(self, name: str) -> NDArray[Any]:
        """Return a covariate; `baseline` is one too where it is held.

        Raises
        ------
        ParameterError
            If there is none of that name.
        """
        if name in self.covariates:
            return self.covariates[name]
        if name == "baseline" and self.baseline is not None:
            return self.baseline
        known = [*self.covariates, *(["baseline"] if self.baseline is not None else [])]
        hint = nearest(name, known) if known else "the data hold none"
        raise ParameterError(f"no covariate is called '{name[:60]}'; {hint}")

    def against(self, reference: str) -> TrialData:
        """Return the same data with another arm as the reference.

        Raises
        ------
        ParameterError
            If there is no such arm.
        """
        if reference not in self.arms:
            raise ParameterError(f"no arm is called '{reference[:60]}'; {nearest(reference, self.arms)}")
        order = [tuple(self.arms).index(reference)]
        order += [k for k in range(len(self.arms)) if k != order[0]]
        return replace(self, arm=np.argsort(order)[self.arm], arms=[self.arms[k] for k in order])

    def _check_names(self) -> None:
        for what, names in (("arm", self.arms), ("visit", self.visits)):
            twice = [name for name, times in Counter(names).items() if times > 1]
            if twice:
                raise ParameterError(f"two {what}s are called '{twice[0][:60]}'; give each a name of its own")
        if len(self.arms) < 2:
            held = f"only '{self.arms[0][:60]}'" if self.arms else "none"
            raise ParameterError(f"a comparison needs two arms, and the data have {held}")
        if not self.visits:
            raise ParameterError("the data have no visit after baseline")

    def _check_shapes(self) -> None:
        shape = self.outcomes.shape
        if len(shape) not in (2, 3):
            raise ParameterError(f"outcomes must be (people, visits) or (trials, people, visits), got {shape}")
        if shape[-1] != len(self.visits):
            raise ParameterError(f"outcomes have {shape[-1]} visits, and {len(self.visits)} are named")
        fitting = {shape[-2:-1], shape[:-1]}
        if self.arm.shape not in fitting:
            raise ParameterError(f"the arm of each person must be {shape[:-1]}, got {self.arm.shape}")
        if not np.issubdtype(self.arm.dtype, np.integer) or self.arm.size == 0:
            raise ParameterError("the arm of each person must be its place in the list of arms, a whole number")
        if self.arm.min() < 0 or self.arm.max() >= len(self.arms):
            raise ParameterError(f"a person's arm must lie from 0 to {len(self.arms) - 1}")
        if self.baseline is not None and self.baseline.shape not in fitting:
            raise ParameterError(f"the baseline must be {shape[:-1]}, got {self.baseline.shape}")
        for name, held in self.covariates.items():
            if held.shape not in {*fitting, shape}:
                raise ParameterError(f"the covariate '{name[:60]}' must be {shape[:-1]}, got {held.shape}")
