"""A run as labelled arrays that hold all of it: as a dataset, and as NetCDF after the CF conventions, and back."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw
from afterglow.errors import FileError
from afterglow.outcomes.exposure import Exposure
from afterglow.simulate.kinetics import Doses
from afterglow.simulate.part import Counts, WindowDays
from afterglow.simulate.run import Run
from afterglow.simulate.scoring import Scores
from afterglow.simulate.spec import RunSpec
from afterglow.units import CONVENTIONS
from afterglow.version import __version__

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["attributes_in", "bytes_of", "dataset_of", "read_run"]

_Labelled = tuple[tuple[str, ...], Any, Mapping[str, str]]
"""Dimensions, values, and attributes of a variable."""

_CHECKSUM = "checksum"
_EMPTY = b"0" * 8
_DAYS = {"units": "days", "long_name": "Days from the first dosing day"}
_MEDICINE = {"long_name": "Medicine"}
_ONE = "1"
_QUANTITIES = {
    "cmax_ng_per_ml": ("ng/mL", "Peak concentration"),
    "tmax_h": ("h", "Hours from the first dose of the day to the peak"),
    "auc_ng_h_per_ml": ("ng h/mL", "Area under the concentration curve that the doses of the day add"),
    "half_life_h": ("h", "Terminal half-life"),
}
_SCORES = {
    "predicted": "without ups and downs or rating error",
    "expected": "expected over ups and downs and rating error",
    "observed": "as rated",
}
_COUNTS = {
    "people": (("draw", "arm"), "Participants solved"),
    "expected": (("draw", "arm", "{day}"), "Sum of expected scores in steps of 1/1048576 of a point"),
    "scores": (("draw", "arm", "{day}", "{point}"), "Participants with each whole score"),
    "responders": (("draw", "arm", "{day}"), "Participants who respond"),
    "remitters": (("draw", "arm", "{day}"), "Participants in remission"),
    "lasting": (("draw", "arm"), "Participants whose response lasts"),
    "relapse": (
        ("draw", "arm", "{day}", "{end}", "relapsed"),
        "Responders by first visit of response, last visit followed, and relapse",
    ),
}


def dataset_of(run: Run, provenance: Mapping[str, Any]) -> xr.Dataset:
    """Return all of a run: courses, scores, counts, windows and exposure, with units.

    Parameters
    ----------
    run : Run
    provenance : mapping
        Global attributes.
    """
    import xarray as xr

    return xr.Dataset(_variables(run), _coordinates(run), attrs=_attributes(run, provenance))


def bytes_of(run: Run, provenance: Mapping[str, Any]) -> bytes:
    """Return the same as bytes of NetCDF, with a checksum of them among the global attributes.

    Parameters
    ----------
    run : Run
    provenance : mapping
        Global attributes.
    """
    from scipy.io import netcdf_file

    held = io.BytesIO()
    out = netcdf_file(held, "w", version=2)
    setattr(out, _CHECKSUM, _EMPTY)  # the first attribute: its place in the file is known
    for name, value in _attributes(run, provenance).items():
        setattr(out, name, _stored(value))
    for name, labelled in _coordinates(run).items():
        _write(out, name, *labelled)
    for name, (dims, values, attributes) in _variables(run).items():
        beside = {"coordinates": "rival weight first_participant"} if "draw" in dims else {}
        _write(out, name, dims, values, {**attributes, **beside})
    out.flush()
    with held.getbuffer() as view:
        at = _checksum_place(view)
        view[at : at + len(_EMPTY)] = _checksum(view, at)
    return held.getvalue()


def read_run(content: bytes) -> tuple[Run, dict[str, Any]]:
    """Return the run that bytes of NetCDF hold, and the global attributes.

    Raises
    ------
    FileError
        If they hold none, or are not those that were written.
    """
    from scipy.io import netcdf_file

    try:
        at = _checksum_place(content)
        if content[at : at + len(_EMPTY)] != _checksum(content, at):
            raise FileError("the file is damaged: it is not what was written")
        held = netcdf_file(io.BytesIO(content), "r", mmap=False)
        attributes = _attributes_of(held)
        values = {name: _native(variable) for name, variable in held.variables.items()}
        return _read(attributes, values, held.variables), attributes
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise FileError(f"the file holds no run of Afterglow ({error})") from None


def attributes_in(path: str | Path) -> dict[str, Any]:
    """Return the global attributes of a file, without reading the rest.

    Raises
    ------
    FileError
        If it is no NetCDF file.
    """
    from scipy.io import netcdf_file

    try:
        with netcdf_file(path, "r", mmap=True) as held:
            return _attributes_of(held)
    except (OSError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise FileError(f"'{path}' holds no run of Afterglow ({error})") from None


def _coordinates(run: Run) -> dict[str, _Labelled]:
    kept = run.severity.shape[2]
    return {
        "arm": (("arm",), [arm.id for arm in run.arms], {"long_name": "Arm, or its twin without integration"}),
        "participant": (("participant",), np.arange(kept, dtype=np.int32), _named("Participant of a draw")),
        "time": (("time",), run.times, _DAYS),
        "curve_draw": (("curve_draw",), np.array(run.curve_draws, np.int32), _named("Draw at which curves are kept")),
        "draw": (("draw",), np.arange(len(run.draws), dtype=np.int32), _named("Draw of the parameters")),
        "rival": (("draw",), [draw.rival for draw in run.draws], {"long_name": "Explanation that a draw belongs to"}),
        "weight": (("draw",), [draw.weight for draw in run.draws], _named("Weight of a draw; they sum to one")),
        "first_participant": (
            ("draw",),
            np.array([run.spec.first_participant(draw.replicate) for draw in run.draws], np.float64),
            _named("Number in the cohort of the first participant of a draw"),
        ),
    }


def _variables(run: Run) -> dict[str, _Labelled]:
    variables: dict[str, _Labelled] = {
        "severity": (
            ("draw", "arm", "participant", "time"),
            run.severity,
            _named("Severity of the symptom as a share of the reference scale"),
        )
    }
    for k, name in enumerate(run.curve_names):
        units = "ng/mL" if name.startswith("concentration_") else _ONE
        about = {"units": units, "long_name": _in_words(name)}
        variables[name] = (("curve_draw", "arm", "participant", "time"), run.curves[:, :, :, k], about)
    for name, days in run.visits.items():
        day = f"visit_{name}"
        variables[f"visit_day_{name}"] = (("arm", day), days, {**_DAYS, "long_name": f"Day of each {name} rating"})
        for what, said in _SCORES.items():
            values = getattr(run.scores[name], what)
            variables[f"{what}_{name}"] = (
                ("draw", "arm", "participant", day),
                values,
                _named(f"{name} score in points, {said}"),
            )
        variables |= _counts(run, name)
    return variables | _windows(run) | _exposure(run)


def _attributes(run: Run, provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Conventions": CONVENTIONS,
        **provenance,
        "title": run.spec.protocol.title or "Run of a protocol without a title",
        "history": f"Written by Afterglow {__version__}",
        "spec": run.spec.to_json(),
        "draws": _draws_json(run),
    }


def _write(out: Any, name: str, dims: tuple[str, ...], values: Any, attributes: Mapping[str, str]) -> None:
    """Write a variable; one without values is left out, and texts become letters, as xarray reads and writes them."""
    stored, about = np.asarray(values), dict(attributes)
    if not stored.size:
        return
    if stored.dtype.kind == "U":
        letters = np.char.encode(stored, "utf-8")
        width = letters.dtype.itemsize
        stored, dims = letters.view("S1").reshape(*stored.shape, width), (*dims, f"string{width}")
        about["_Encoding"] = "utf-8"
    for dim, size in zip(dims, stored.shape, strict=True):
        if dim not in out.dimensions:
            out.createDimension(dim, size)
    variable = out.createVariable(name, stored.dtype, dims)
    variable[:] = stored
    for key, value in about.items():
        setattr(variable, key, _stored(value))


def _native(variable: Any) -> NDArray[Any]:
    """Return the values of a variable as this machine lays numbers out, and letters as texts."""
    values = variable[:]
    if values.dtype.kind == "S":
        return np.char.decode(np.ascontiguousarray(values).view(f"S{values.shape[-1]}")[..., 0], "utf-8")
    return np.asarray(values, values.dtype.newbyteorder("="))


def _stored(value: Any) -> Any:
    return value.encode("utf-8") if isinstance(value, str) else value


def _attributes_of(held: Any) -> dict[str, Any]:
    return {
        name: value.decode("utf-8") if isinstance(value, bytes) else value for name, value in held._attributes.items()
    }


def _checksum_place(content: bytes | memoryview) -> int:
    """Return where the letters of the checksum stand: after its name, its type and its length, 4 bytes each."""
    head = bytes(content[:65536])
    return head.index(_CHECKSUM.encode()) + len(_CHECKSUM) + 8


def _checksum(content: bytes | memoryview, at: int) -> bytes:
    """Return the checksum of all bytes but its own."""
    view = memoryview(content)
    return b"%08x" % zlib.crc32(view[at + len(_EMPTY) :], zlib.crc32(view[:at]))


def _read(attributes: Mapping[str, Any], held: Mapping[str, NDArray[Any]], variables: Mapping[str, Any]) -> Run:
    spec = RunSpec.from_json(attributes["spec"])
    draws = tuple(Draw(**row) for row in json.loads(attributes["draws"]))
    scales = [assessment.scale for assessment in spec.protocol.assessments]
    names = tuple(name for name, v in variables.items() if v.dimensions[0] == "curve_draw" and name != "curve_draw")
    counts = {
        scale: tuple(
            Counts(**{what: held[f"count_{what}_{scale}"][:, k].astype(np.int64) for what in _COUNTS})
            for k in range(len(spec.arms))
        )
        for scale in scales
    }
    return Run(
        spec,
        draws,
        held["time"],
        {scale: held[f"visit_day_{scale}"] for scale in scales},
        counts,
        {scale: Scores(**{what: held[f"{what}_{scale}"] for what in _SCORES}) for scale in scales},
        held["severity"],
        names,
        tuple(int(k) for k in held["curve_draw"]),
        np.stack([held[name] for name in names], axis=3),
        _windows_of(held, len(spec.arms)),
        _exposure_of(held, len(spec.arms)),
    )


def _draws_json(run: Run) -> str:
    return json.dumps([draw.plain() for draw in run.draws])


def _named(long_name: str) -> dict[str, str]:
    return {"units": _ONE, "long_name": long_name}


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _counts(run: Run, name: str) -> dict[str, _Labelled]:
    found: dict[str, _Labelled] = {}
    places = {"day": f"visit_{name}", "point": f"point_{name}", "end": f"end_{name}"}
    for what, (dims, said) in _COUNTS.items():
        values = np.stack([getattr(counts, what) for counts in run.counts[name]], axis=1)
        found[f"count_{what}_{name}"] = (
            tuple(dim.strip("{}") if dim[0] != "{" else places[dim.strip("{}")] for dim in dims),
            values.astype(np.float64 if what == "expected" else np.int32),
            _named(f"{said}, {name}"),
        )
    return found


def _windows(run: Run) -> dict[str, _Labelled]:
    rows = [(k, window) for k, windows in enumerate(run.windows) for window in windows]
    shape = (0, len(run.draws), run.severity.shape[2])
    held = {"opens": "Day on which a window is half open", "closes": "Day on which a window is half closed"}
    return {
        "window_arm": (("dosing_window",), np.array([k for k, _ in rows], np.int32), _named("Place of the arm")),
        "window_medicine": (("dosing_window",), [w.medicine for _, w in rows] or np.zeros(0, "U1"), _MEDICINE),
        "window_dose_day": (("dosing_window",), np.array([w.dose_day for _, w in rows], np.float64), _DAYS),
        **{
            f"window_{what}": (
                ("dosing_window", "draw", "participant"),
                np.stack([vars(w)[what] for _, w in rows]) if rows else np.zeros(shape),
                {"units": "days", "long_name": said},
            )
            for what, said in held.items()
        },
    }


def _windows_of(held: Mapping[str, Any], arms: int) -> tuple[tuple[WindowDays, ...], ...]:
    found: list[list[WindowDays]] = [[] for _ in range(arms)]
    columns = (held.get(f"window_{what}", ()) for what in ("arm", "medicine", "dose_day", "opens", "closes"))
    for arm, medicine, day, opens, closes in zip(*columns, strict=True):
        found[int(arm)].append(WindowDays(str(medicine), float(day), opens, closes))
    return tuple(map(tuple, found))


def _exposure(run: Run) -> dict[str, _Labelled]:
    rows = [(k, doses) for k, every in enumerate(run.exposure) for doses in every]
    people = len(rows[0][1].exposure.cmax_ng_per_ml) if rows else 0
    return {
        "exposure_arm": (("analyte",), np.array([k for k, _ in rows], np.int32), _named("Place of the arm")),
        "exposure_medicine": (("analyte",), [d.medicine for _, d in rows] or np.zeros(0, "U1"), _MEDICINE),
        "exposure_analyte": (("analyte",), [d.analyte for _, d in rows] or np.zeros(0, "U1"), {"long_name": "Analyte"}),
        "exposure_dose_day": (("analyte",), np.array([d.dose_day for _, d in rows], np.float64), _DAYS),
        **{
            f"exposure_{name}": (
                ("analyte", "exposed"),
                np.stack([getattr(d.exposure, name) for _, d in rows]) if rows else np.zeros((0, people)),
                {"units": units, "long_name": said},
            )
            for name, (units, said) in _QUANTITIES.items()
        },
    }


def _exposure_of(held: Mapping[str, Any], arms: int) -> tuple[tuple[Doses, ...], ...]:
    found: list[list[Doses]] = [[] for _ in range(arms)]
    columns = (held.get(f"exposure_{what}", ()) for what in ("arm", "medicine", "analyte", "dose_day", *_QUANTITIES))
    for arm, medicine, analyte, day, *quantities in zip(*columns, strict=True):
        found[int(arm)].append(Doses(str(medicine), str(analyte), float(day), Exposure(*quantities)))
    return tuple(map(tuple, found))
