"""What a run says: scores, contrasts, relapse, windows and exposure, each a function of the run's arrays."""
