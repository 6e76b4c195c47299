"""Published studies as data: their arms as protocols."""
