"""Files that the field exchanges: registry records and USDM read, USDM and FHIR written."""
