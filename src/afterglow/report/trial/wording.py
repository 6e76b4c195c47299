"""How numbers and parts of a trial are written in its report."""

from __future__ import annotations

from collections.abc import Sequence

from afterglow.figures.words import rival_name
from afterglow.trial.analysis.registry import OF_EVENTS
from afterglow.trial.characteristics.average import Figure
from afterglow.trial.designs.design import GroupSequential
from afterglow.trial.sensitivity.expected import ExpectedArm
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.trial import Trial

__all__ = [
    "analysis_words",
    "arm_label",
    "design_words",
    "difference",
    "explanation",
    "joined",
    "percent",
    "plain",
    "share",
    "shares_words",
    "signed_share",
    "size_words",
]

_METHODS = {
    "ancova": "analysis of covariance",
    "factorial": "2 x 2 factorial mixed model",
    "mcp-mod": "MCP-Mod test for a dose response",
    "log-rank": "log-rank test of the time to relapse",
    "cox": "Cox regression of the time to relapse",
}
_IMPUTED = {
    "jr": "jump to reference",
    "mar": "missing at random",
    "cr": "copy reference",
    "cir": "copy increments in reference",
}
_STRUCTURES = {
    "us": "unstructured",
    "cs": "compound-symmetric",
    "ar1": "first-order autoregressive",
    "toep": "Toeplitz",
}


def percent(held: Figure) -> str:
    """Write a chance or a share in per cent."""
    if held.value is None:
        return "–"
    return f"{100 * held.value:.{0 if held.value >= 0.0995 or held.value == 0 else 1}f} %"


def share(held: Figure, *, digits: int = 1) -> str:
    """Write a chance or a share in per cent with its Monte-Carlo error."""
    if held.value is None:
        return "–"
    return f"{100 * held.value:.{digits}f}" + ("" if held.se is None else f" ({100 * held.se:.{digits}f})")


def signed_share(held: Figure) -> str:
    """Write a difference of shares in percentage points with its Monte-Carlo error."""
    if held.value is None:
        return "–"
    return difference(Figure(100 * held.value, None if held.se is None else 100 * held.se), digits=1)


def difference(held: Figure, *, digits: int = 2, sign: bool = True) -> str:
    """Write a number in points with its Monte-Carlo error."""
    if held.value is None:
        return "–"
    text = f"{held.value + 0.0:{'+' if sign else ''}.{digits}f}".replace("-", "−")
    return text + ("" if held.se is None else f" ({held.se:.{digits}f})")


def plain(held: Figure, *, digits: int = 1) -> str:
    """Write a number that needs no sign, with its Monte-Carlo error."""
    return difference(held, digits=digits, sign=False)


def explanation(name: str) -> str:
    """Write the name of an explanation."""
    return rival_name(name)


def joined(words: Sequence[str], last: str = "and") -> str:
    """Write a list as a sentence does."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def arm_label(trial: Trial, arm_id: str) -> str:
    """Write an arm as its label, with the id by which the report names it."""
    label = next((arm.label for arm in trial.arms if arm.id == arm_id), "")
    short = arm_id.replace("_", " ")
    return f"{label} ({short})" if label and label != short else short


def shares_words(arms: Sequence[ExpectedArm], held: Sequence[Sequence[Figure]]) -> str:
    """Write the share of each arm at the last visit."""
    return joined([f"{arm.id.replace('_', ' ')} {percent(one[-1])}" for arm, one in zip(arms, held, strict=True)])


def size_words(n: int, people: int) -> str:
    """Write a size."""
    return f"{n:,} people of the control arm, {people:,} in all"


def design_words(plan: DesignPlan, alpha: float) -> str:
    """Say what a design tests, when, and against what."""
    design, bounds = plan.design, plan.design.boundaries(alpha)
    looks = [(t, z) for t, z in zip(plan.looks, bounds.upper, strict=True) if z != float("inf")]
    said = f"{plan.id}: " + joined([stage.tested for stage in design.stages][-1:])
    if len(looks) > 1:
        at = joined([f"{100 * t:.0f} %" for t, _ in looks])
        said += f" at {at} of the people; z must reach {joined([f'{z:.3f}' for _, z in looks])}"
    elif looks and not design.test_days:
        said += f"; z must reach {looks[0][1]:.3f}"
    if design.test_days:
        days = [f"{day:g}" for day in design.test_days]
        said += f" on days {joined(days)}, in this order" if len(days) > 1 else f" on day {days[0]}"
    if isinstance(design, GroupSequential) and design.futility is not None:
        lower = [f"{z:.3f}" for z in bounds.futility[:-1]]
        said += f"; given up below {joined(lower)} ({'binding' if design.binding else 'non-binding'})"
    return said


def analysis_words(plan: AnalysisPlan) -> str:
    """Name an analysis as a protocol does."""
    used = [c for c in plan.covariates if plan.method not in OF_EVENTS or c != "baseline"]
    covariates = joined([{"baseline": "the baseline score", "site": "site"}[c] for c in used])
    by = f", adjusted for {covariates}" if covariates else ""
    if plan.method in ("mmrm", "reference-based"):
        structure = _STRUCTURES.get(plan.covariance, plan.covariance)
        df = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward-Roger"}[plan.df]
        model = f"mixed model for repeated measures with {structure} covariance (REML"
        if plan.method == "mmrm":
            return f"{model}, degrees of freedom by {df}){by}"
        errors = {"linear": "the jackknife, linearised", "rubin": "Rubin's rules"}[plan.inference]
        return (
            f"analysis of covariance after imputation by {_IMPUTED[plan.imputation]} from a {model}){by}; standard "
            f"errors by {errors}"
        )
    if plan.method == "responders":
        what = plan.endpoint if plan.fall is None else f"a fall by {100 * plan.fall:.0f} % of the baseline score"
        return f"difference of the shares with {what}, tested by the Cochran-Mantel-Haenszel test"
    return _METHODS[plan.method] + ("" if plan.method in ("mcp-mod", "log-rank") else by)
