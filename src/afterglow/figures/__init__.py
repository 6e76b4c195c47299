"""The figures of a run: one function a figure, each from the tables of a run to a matplotlib figure."""
