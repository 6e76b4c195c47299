"""Fitting the model to published trials, weighing rivals, and foretelling trials that it has not seen."""
