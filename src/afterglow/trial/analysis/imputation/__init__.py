"""Reference-based imputation: what those who stopped would have had, if they had gone on like the reference.

A mixed model for repeated measures says what is expected of each person in each arm. What is missing after somebody
stops is filled in by a strategy, completed data are analysed by analysis of covariance at each visit, and the standard
error holds that the model was estimated and that values were filled in.
"""

from __future__ import annotations

from afterglow.trial.analysis.imputation.analysis import INFERENCES, reference_based
from afterglow.trial.analysis.imputation.filling import STRATEGIES

__all__ = ["INFERENCES", "STRATEGIES", "reference_based"]
