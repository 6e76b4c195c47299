"""Files that the field exchanges: registry records and USDM read, USDM and FHIR written."""

from __future__ import annotations

from afterglow.exchange.fhir import to_fhir
from afterglow.exchange.reading import Imported, import_file
from afterglow.exchange.usdm.writing import to_usdm

__all__ = ["Imported", "import_file", "to_fhir", "to_usdm"]
