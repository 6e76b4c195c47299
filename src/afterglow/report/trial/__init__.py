"""The report of a trial that is planned: one page to hand in, its figures and its tables as files."""
