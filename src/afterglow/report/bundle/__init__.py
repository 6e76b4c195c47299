"""A run as one archive to hand on: tables with a data dictionary, protocol, report and methods."""
