"""How good the forecasts are, judged on tables of real people, each forecast from the scores before."""
