"""The report of a run: tables, figures, and one self-contained HTML file."""
