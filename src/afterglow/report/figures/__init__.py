"""The figures of the report: one function a figure, each from a result to a matplotlib figure."""
