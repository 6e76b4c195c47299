"""One person of a run as a COMBINE archive (OMEX), which other simulators open and run as it is.

It holds the equations (SBML), how to simulate them (SED-ML), the course that the run itself has, to compare with, the
specification of the run, and what all of it is.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from afterglow.simulate.one_person.person import Person
from afterglow.simulate.one_person.sbml import to_sbml
from afterglow.simulate.one_person.sedml import to_sedml
from afterglow.version import __version__

__all__ = ["COURSE", "to_omex"]

COURSE = "course.csv"
"""The file with the course that the run has: days from the start, days of the protocol, and the symptom."""

_SPECIFICATIONS = "http://identifiers.org/combine.specifications"
_MEDIA = "http://purl.org/NET/mediatypes"
_FORMATS = {
    "person.xml": f"{_SPECIFICATIONS}/sbml.level-3.version-1",
    "course.sedml": f"{_SPECIFICATIONS}/sed-ml.level-1.version-3",
    COURSE: f"{_MEDIA}/text/csv",
    "run.json": f"{_MEDIA}/application/json",
    "metadata.rdf": f"{_SPECIFICATIONS}/omex-metadata",
}
_MASTER = "course.sedml"
_ABOUT = {
    ".": "A virtual person of a run of Afterglow: equations, simulation and course",
    "./person.xml": "Equations, parameters and events of the person",
    "./course.sedml": "How to simulate the person",
    f"./{COURSE}": "The symptom as the run has it, to compare with",
    "./run.json": "Specification of the run",
}
_SHOWN = ("symptom", "window", "felt")


def to_omex(person: Person, days: NDArray[np.float64], *, created: dt.datetime | None = None) -> bytes:
    """Write one person of a run as a COMBINE archive.

    Parameters
    ----------
    person : Person
    days : array (times,)
        Days of the protocol on which the archive tells the run's own course.
    created : datetime, optional
        In UTC; by default now.

    Raises
    ------
    ProtocolError
        If the arm meets in groups.
    SolverError
        If the person could not be integrated.
    """
    plan = person.plan
    own = days[(days >= plan.begin) & (days <= plan.end)]
    files = {
        "person.xml": to_sbml(plan, person.values, weight_kg=person.weight_kg, about=person.about),
        "course.sedml": to_sedml("person.xml", days=plan.end - plan.begin, names=(*_SHOWN, *person.concentrations)),
        COURSE: _course(own - plan.begin, own, person.course(own)[0]),
        "run.json": person.spec.to_json(),
        "metadata.rdf": _metadata(person, created or dt.datetime.now(dt.UTC)),
    }
    return _zipped({"manifest.xml": _manifest(), **files})


def _course(times: NDArray[np.float64], days: NDArray[np.float64], symptom: NDArray[np.float64]) -> str:
    held = io.StringIO()
    rows = csv.writer(held, lineterminator="\n")
    rows.writerow(("time", "protocol_day", "symptom"))
    rows.writerows(zip(times.tolist(), days.tolist(), np.clip(symptom, 0.0, 1.0).tolist(), strict=True))
    return held.getvalue()


def _manifest() -> str:
    formats = {".": f"{_SPECIFICATIONS}/omex", "./manifest.xml": f"{_SPECIFICATIONS}/omex-manifest"}
    formats |= {f"./{name}": found for name, found in _FORMATS.items()}
    master = {f"./{_MASTER}": ' master="true"'}
    lines = (
        f" <content location={quoteattr(place)} format={quoteattr(found)}{master.get(place, '')}/>"
        for place, found in formats.items()
    )
    opening = f'<omexManifest xmlns="{_SPECIFICATIONS}/omex-manifest">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', opening, *lines, "</omexManifest>", ""])


def _metadata(person: Person, created: dt.datetime) -> str:
    when = f"<dcterms:W3CDTF>{created.strftime('%Y-%m-%dT%H:%M:%SZ')}</dcterms:W3CDTF>"
    said = {**_ABOUT, ".": " ".join((_ABOUT["."] + ".", *person.about))}
    parts = "".join(
        f' <rdf:Description rdf:about="{place}">\n'
        f"  <dcterms:title>{escape(_ABOUT[place])}</dcterms:title>\n"
        f"  <dcterms:description>{escape(text)}</dcterms:description>\n"
        '  <dcterms:creator rdf:parseType="Resource">\n'
        f"   <vCard:organization-name>Afterglow {__version__}</vCard:organization-name>\n"
        "  </dcterms:creator>\n"
        f'  <dcterms:created rdf:parseType="Resource">{when}</dcterms:created>\n'
        f'  <dcterms:modified rdf:parseType="Resource">{when}</dcterms:modified>\n'
        " </rdf:Description>\n"
        for place, text in said.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:vCard="http://www.w3.org/2006/vcard/ns#">\n'
        f"{parts}</rdf:RDF>\n"
    )


def _zipped(files: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return held.getvalue()
