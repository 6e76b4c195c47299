"""A run as a labelled dataset that holds all of it, and back; NetCDF after the CF conventions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from afterglow.cohort import Draw
from afterglow.errors import FileError
from afterglow.outcomes.exposure import Exposure
from afterglow.simulate.part import Counts, Doses, WindowDays
from afterglow.simulate.run import Run
from afterglow.simulate.scoring import Scores
from afterglow.simulate.spec import RunSpec

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["dataset_of", "run_of"]

_DAYS = {"units": "days", "long_name": "Days from the first dosing day"}
_ONE = "1"
_QUANTITIES = {
    "cmax_ng_per_ml": ("ng mL-1", "Peak concentration"),
    "tmax_h": ("h", "Hours from the dose to the peak"),
    "auc_ng_h_per_ml": ("ng h mL-1", "Area under the concentration curve"),
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

    kept = run.severity.shape[2]
    coordinates: dict[str, Any] = {
        "arm": ("arm", [arm.id for arm in run.arms], {"long_name": "Arm, or its twin without integration"}),
        "participant": ("participant", np.arange(kept, dtype=np.int32), _named("Participant of a draw")),
        "time": ("time", run.times, _DAYS),
        "curve_draw": ("curve_draw", np.array(run.curve_draws, np.int32), _named("Draw at which curves are kept")),
        "draw": ("draw", np.arange(len(run.draws), dtype=np.int32), _named("Draw of the parameters")),
        "rival": ("draw", [draw.rival for draw in run.draws], {"long_name": "Explanation that a draw belongs to"}),
        "weight": ("draw", [draw.weight for draw in run.draws], _named("Weight of a draw; they sum to one")),
        "first_participant": (
            "draw",
            np.array([run.spec.first_participant(draw.replicate) for draw in run.draws], np.float64),
            _named("Number in the cohort of the first participant of a draw"),
        ),
    }
    variables: dict[str, Any] = {
        "severity": (
            ("draw", "arm", "participant", "time"),
            run.severity,
            _named("Severity of the symptom as a share of the reference scale"),
        )
    }
    for k, name in enumerate(run.curve_names):
        units = "ng mL-1" if name.startswith("concentration_") else _ONE
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
    variables |= _windows(run) | _exposure(run)
    attributes = {"Conventions": "CF-1.11", **provenance, "spec": run.spec.to_json(), "draws": _draws_json(run)}
    return xr.Dataset(variables, coordinates, attrs=attributes)


def run_of(dataset: xr.Dataset) -> Run:
    """Return the run that a dataset holds.

    Raises
    ------
    FileError
        If it holds none.
    """
    try:
        return _read(dataset)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise FileError(f"the file holds no run of Afterglow ({error})") from None


def _read(dataset: xr.Dataset) -> Run:
    spec = RunSpec.from_json(dataset.attrs["spec"])
    draws = tuple(Draw(**row) for row in json.loads(dataset.attrs["draws"]))
    held = {str(name): np.asarray(values.values) for name, values in dataset.variables.items()}
    scales = [assessment.scale for assessment in spec.protocol.assessments]
    known = {"severity", "rival", "weight", "first_participant", *dataset.coords}
    names = tuple(
        name for name in map(str, dataset.data_vars)
        if dataset[name].dims[:1] == ("curve_draw",) and name not in known
    )  # fmt: skip
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
    return json.dumps([{**vars(draw), "typical": dict(draw.typical)} for draw in run.draws])


def _named(long_name: str) -> dict[str, str]:
    return {"units": _ONE, "long_name": long_name}


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _counts(run: Run, name: str) -> dict[str, Any]:
    found = {}
    places = {"day": f"visit_{name}", "point": f"point_{name}", "end": f"end_{name}"}
    for what, (dims, said) in _COUNTS.items():
        values = np.stack([vars(counts)[what] for counts in run.counts[name]], axis=1)
        found[f"count_{what}_{name}"] = (
            tuple(dim.strip("{}") if dim[0] != "{" else places[dim.strip("{}")] for dim in dims),
            values.astype(np.float64 if what == "expected" else np.int32),
            _named(f"{said}, {name}"),
        )
    return found


def _windows(run: Run) -> dict[str, Any]:
    rows = [(k, window) for k, windows in enumerate(run.windows) for window in windows]
    shape = (0, len(run.draws), run.severity.shape[2])
    held = {"opens": "Day on which a window is half open", "closes": "Day on which a window is half closed"}
    return {
        "window_arm": ("dosing_window", np.array([k for k, _ in rows], np.int32), _named("Place of the arm")),
        "window_medicine": ("dosing_window", [w.medicine for _, w in rows] or np.zeros(0, "U1"), {}),
        "window_dose_day": ("dosing_window", np.array([w.dose_day for _, w in rows], np.float64), _DAYS),
        **{
            f"window_{what}": (
                ("dosing_window", "draw", "participant"),
                np.stack([vars(w)[what] for _, w in rows]) if rows else np.zeros(shape, np.float32),
                {"units": "days", "long_name": said},
            )
            for what, said in held.items()
        },
    }


def _windows_of(held: Mapping[str, Any], arms: int) -> tuple[tuple[WindowDays, ...], ...]:
    found: list[list[WindowDays]] = [[] for _ in range(arms)]
    columns = (held[f"window_{what}"] for what in ("arm", "medicine", "dose_day", "opens", "closes"))
    for arm, medicine, day, opens, closes in zip(*columns, strict=True):
        found[int(arm)].append(WindowDays(str(medicine), float(day), opens, closes))
    return tuple(map(tuple, found))


def _exposure(run: Run) -> dict[str, Any]:
    rows = [(k, doses) for k, every in enumerate(run.exposure) for doses in every]
    people = len(rows[0][1].exposure.cmax_ng_per_ml) if rows else 0
    return {
        "exposure_arm": ("analyte", np.array([k for k, _ in rows], np.int32), _named("Place of the arm")),
        "exposure_medicine": ("analyte", [d.medicine for _, d in rows] or np.zeros(0, "U1"), {}),
        "exposure_analyte": ("analyte", [d.analyte for _, d in rows] or np.zeros(0, "U1"), {}),
        "exposure_dose_day": ("analyte", np.array([d.dose_day for _, d in rows], np.float64), _DAYS),
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
    columns = (held[f"exposure_{what}"] for what in ("arm", "medicine", "analyte", "dose_day", *_QUANTITIES))
    for arm, medicine, analyte, day, *quantities in zip(*columns, strict=True):
        found[int(arm)].append(Doses(str(medicine), str(analyte), float(day), Exposure(*quantities)))
    return tuple(map(tuple, found))
