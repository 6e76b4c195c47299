"""Compare: arms side by side."""
