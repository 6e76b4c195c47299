"""The forecast of one person as a page to print, a chart, a table and sentences."""
