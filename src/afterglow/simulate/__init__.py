"""From a protocol to the arrays of a run: schedule, solve, ensemble, scoring."""
