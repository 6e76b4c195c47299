"""What a trial reports: change, response, remission, relapse, effect sizes, and simulated against published."""
