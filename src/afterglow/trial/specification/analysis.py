"""How a trial is analysed, as it is written in its section."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, get_args

from pydantic import Field, field_validator, model_validator

from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Plain
from afterglow.protocol.sentences.text import Label
from afterglow.protocol.vocabulary import known_word
from afterglow.trial.analysis.covariance import STRUCTURES
from afterglow.trial.analysis.imputation import STRATEGIES
from afterglow.trial.analysis.mmrm import DegreesOfFreedom
from afterglow.trial.specification.sentences import known_phrase

__all__ = ["METHODS", "AnalysisPlan"]

METHODS = ("mmrm", "ancova", "responders", "factorial", "reference-based", "mcp-mod", "log-rank", "cox")
"""Mixed model for repeated measures, analysis of covariance, shares of responders, the 2 x 2 factorial, imputation
based on the reference arm, dose response, and relapse."""

_DF = get_args(DegreesOfFreedom)
_COVARIATES = ("baseline", "site")
_ENDPOINTS = ("response", "remission")
_INFERENCES = ("linear", "rubin")
"""Those of `INFERENCES` that thousands of trials can wait for."""
_SPELLINGS = {
    "responder": "responders",
    "reference_based": "reference-based",
    "jump_to_reference": "jr",
    "mcp_mod": "mcp-mod",
    "mcpmod": "mcp-mod",
    "log_rank": "log-rank",
    "logrank": "log-rank",
    "responder_analysis": "responders",
    "cmh": "responders",
    "mixed_model": "mmrm",
    "unstructured": "us",
    "un": "us",
    "compound_symmetry": "cs",
    "exchangeable": "cs",
    "autoregressive": "ar1",
    "toeplitz": "toep",
    "kenward_roger": "kenward-roger",
    "kr": "kenward-roger",
    "jackknife": "linear",
    "bayes": "rubin",
    "rubins_rules": "rubin",
    "rubin's_rules": "rubin",
}


def _word(value: Any, known: Iterable[str], what: str) -> str:
    word = known_phrase(value) if isinstance(value, str) else value
    return known_word(_SPELLINGS.get(word, word) if isinstance(word, str) else word, known, what)


class AnalysisPlan(Part):
    """One analysis of the difference between the active and the control arm.

    Parameters
    ----------
    id : str
        By which results name it; by default its method.
    method : str
        One of `METHODS`.
    covariance : str
        Of the MMRM: one of `STRUCTURES`, such as us, unstructured.
    df : {"satterthwaite", "kenward-roger"}
        Of the MMRM.
    covariates : tuple of {"baseline", "site"}
        Beside arm and visit.
    endpoint : {"response", "remission"}
        Of a responder analysis.
    imputation : {"jr", "mar", "cr", "cir"}
        Of a reference-based analysis: jump to reference, missing at random, copy reference, copy increments.
    inference : {"linear", "rubin"}
        Of a reference-based analysis, where standard errors come from: from how far the estimate varies from trial to
        trial, or from Rubin's rules, which are wider where what is filled in is borrowed from the reference.
    fall : float or None
        Share of the baseline score by which a responder's has fallen; None for the scale's usual definition.

    Notes
    -----
    May be written as one word, such as ``mmrm``.
    """

    id: Annotated[Label, Field(max_length=60)] = ""
    method: str
    covariance: str = "us"
    df: str = "satterthwaite"
    covariates: Annotated[tuple[str, ...], Field(max_length=len(_COVARIATES))] = ("baseline",)
    endpoint: str = "response"
    imputation: str = "jr"
    inference: str = "linear"
    fall: Annotated[Plain, Field(gt=0, le=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, data: Any) -> Any:
        return {"method": data} if isinstance(data, str) else data

    @field_validator("method", mode="before")
    @classmethod
    def _method(cls, value: Any) -> str:
        return _word(value, METHODS, "analysis")

    @field_validator("covariance", mode="before")
    @classmethod
    def _covariance(cls, value: Any) -> str:
        return _word(value, STRUCTURES, "covariance")

    @field_validator("df", mode="before")
    @classmethod
    def _df(cls, value: Any) -> str:
        return _word(value, _DF, "degrees of freedom")

    @field_validator("imputation", mode="before")
    @classmethod
    def _imputation(cls, value: Any) -> str:
        return _word(value, STRATEGIES, "imputation")

    @field_validator("inference", mode="before")
    @classmethod
    def _inference(cls, value: Any) -> str:
        return _word(value, _INFERENCES, "inference")

    @field_validator("endpoint", mode="before")
    @classmethod
    def _endpoint(cls, value: Any) -> str:
        return _word(value, _ENDPOINTS, "endpoint")

    @field_validator("covariates", mode="before")
    @classmethod
    def _covariates(cls, value: Any) -> Any:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)):
            raise ValueError(f"covariates are a list of {' and '.join(_COVARIATES)}, got {str(value)[:40]!r}")
        return tuple(dict.fromkeys(_word(word, _COVARIATES, "covariate") for word in words))

    @property
    def better(self) -> float:
        """Sign of a difference that favours the active arm: scores and hazards are better lower, shares higher."""
        return 1.0 if self.method == "responders" else -1.0

    @property
    def jumps(self) -> bool:
        """Whether people who stop are taken to jump to the reference."""
        return self.method == "reference-based" and self.imputation == "jr"

    @model_validator(mode="after")
    def _named(self) -> AnalysisPlan:
        if not self.id:
            object.__setattr__(self, "id", self.method)
        return self
