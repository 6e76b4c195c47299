"""USDM v4 of CDISC: the digital definition of a study."""
