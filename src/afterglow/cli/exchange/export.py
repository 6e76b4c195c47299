"""``afterglow export``: a person of a run as SBML or OMEX, the model as LaTeX, a protocol as NONMEM, USDM or FHIR."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from afterglow.cli.options import (
    PARTICIPANTS,
    SEED,
    CmtOption,
    DrawsOption,
    PosteriorOption,
    RivalOption,
    UncalibratedOption,
    compartments,
)
from afterglow.cli.output.groups import Group
from afterglow.cli.output.tables import print_text, say
from afterglow.cohort import Draw
from afterglow.errors import FileError, ProtocolError, nearest
from afterglow.evidence import read_protocol, reading_of
from afterglow.files import write_bytes_atomically, write_text_atomically
from afterglow.posterior import fingerprint, read_posterior
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.events.writing import event_table
from afterglow.protocol.files.sections import SECTIONS
from afterglow.runs import Result
from afterglow.runs.simulate import spec_of
from afterglow.simulate.spec import RunSpec, draws_of

if TYPE_CHECKING:
    from afterglow.simulate.one_person.person import Person

__all__ = ["deliver", "export_app"]

export_app = typer.Typer(
    cls=Group, help="Write a person of a run, the model or a protocol for other programs.", no_args_is_help=True
)

_File = Annotated[Path, typer.Argument(help="Protocol.")]
_RunFile = Annotated[Path, typer.Argument(help="Protocol, or the result.nc of a run.")]
_ArmId = Annotated[str | None, typer.Option("--arm", help="Arm; default: the first.")]
_Participant = Annotated[int, typer.Option(help="Which participant of the draw, from 0.")]
_DrawPlace = Annotated[int, typer.Option("--draw", help="Which draw of the parameters, from 0.")]
_Participants = Annotated[int | None, PARTICIPANTS]
_Seed = Annotated[int | None, SEED]
_Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: the screen.")]
_Archive = Annotated[Path, typer.Option("--output", "-o", help="Archive to write.")]


def _arm(protocol: Protocol, wanted: str | None) -> Arm:
    if wanted is None:
        return protocol.arms[0]
    found = next((arm for arm in protocol.arms if arm.id == wanted), None)
    if found is None:
        raise ProtocolError(f"no arm is called '{wanted}': {nearest(wanted, [arm.id for arm in protocol.arms])}")
    return found


def deliver(text: str, output: Path | None) -> None:
    """Write a file, or print it."""
    if output is not None:
        write_text_atomically(output, text)
    else:
        print_text(text)


@export_app.command()
def sbml(
    file: _RunFile,
    arm: _ArmId = None,
    cmt: CmtOption = None,
    participant: _Participant = 0,
    draw: _DrawPlace = 0,
    participants: _Participants = None,
    draws: DrawsOption = None,
    seed: _Seed = None,
    rival: RivalOption = None,
    uncalibrated: UncalibratedOption = False,
    posterior: PosteriorOption = None,
    output: _Output = None,
) -> None:
    """Write one person's equations and events in one arm as SBML Level 3, with units.

    It is the person of the run that afterglow simulate makes with the same options: participant and draw are those of
    its result.nc. An arm's twin without integration is called 'ARM|no integration'.
    """
    asked = _asked(participants, draws, seed, rival, uncalibrated, posterior)
    person = _person(*_run(file, cmt, asked), arm, draw, participant)
    # Loads sympy, which no other command needs.
    to_sbml = import_module("afterglow.simulate.one_person.sbml").to_sbml
    deliver(to_sbml(person.plan, person.values, weight_kg=person.weight_kg, about=person.about), output)


@export_app.command()
def omex(
    file: _RunFile,
    output: _Archive,
    arm: _ArmId = None,
    cmt: CmtOption = None,
    participant: _Participant = 0,
    draw: _DrawPlace = 0,
    participants: _Participants = None,
    draws: DrawsOption = None,
    seed: _Seed = None,
    rival: RivalOption = None,
    uncalibrated: UncalibratedOption = False,
    posterior: PosteriorOption = None,
) -> None:
    """Write one person of a run as a COMBINE archive: SBML, SED-ML, the run's own course and what all of it is.

    Participant and draw are those of the result.nc that afterglow simulate writes with the same options.
    """
    spec, chosen = _run(file, cmt, _asked(participants, draws, seed, rival, uncalibrated, posterior))
    person = _person(spec, chosen, arm, draw, participant)
    to_omex = import_module("afterglow.simulate.one_person.omex").to_omex
    write_bytes_atomically(output, to_omex(person, spec.times))
    typer.echo(f"Archive: {output}")


@export_app.command()
def nonmem(file: _File, arm: _ArmId = None, cmt: CmtOption = None, output: _Output = None) -> None:
    """Write one arm as a NONMEM event table, for a person of the population's mean weight."""
    protocol = read_protocol(file, cmt=compartments(cmt))
    chosen = _arm(protocol, arm)
    deliver(event_table([chosen], weight_kg=protocol.population.weight_mean_kg), output)


@export_app.command()
def usdm(file: _File, cmt: CmtOption = None, output: _Output = None) -> None:
    """Write the protocol as USDM v4 (CDISC), which afterglow import reads back as the same protocol."""
    protocol = _alone(file, cmt, "USDM")
    deliver(import_module("afterglow.exchange").to_usdm(protocol), output)


@export_app.command()
def fhir(file: _File, cmt: CmtOption = None, output: _Output = None) -> None:
    """Write the protocol as a FHIR R5 bundle: a ResearchStudy, and a PlanDefinition for each arm."""
    protocol = _alone(file, cmt, "FHIR")
    deliver(import_module("afterglow.exchange").to_fhir(protocol), output)


@export_app.command()
def latex(output: _Output = None) -> None:
    """Write all equations and parameters as a LaTeX document."""
    deliver(import_module("afterglow.compile.latex").to_latex(), output)


def _alone(file: Path, cmt: list[str] | None, form: str) -> Protocol:
    """Return the protocol of a file, and say which sections beside it are not carried over."""
    reading = reading_of(file, cmt=compartments(cmt))
    protocol = read_protocol(file, cmt=compartments(cmt)) if reading.protocol is None else reading.protocol
    data = reading.source.data if reading.source is not None else None
    left = [name for name in SECTIONS if isinstance(data, Mapping) and name in data]
    if left:
        what = f"section{'s' * (len(left) > 1)} {', '.join(left)}"
        say(f"note: the {form} file holds the protocol alone, without the {what}", err=True)
    return protocol


def _asked(
    participants: int | None,
    draws: int | None,
    seed: int | None,
    rival: str | None,
    uncalibrated: bool,
    posterior: Path | None,
) -> dict[str, Any]:
    """Return what was said of the run; the rest is as usual."""
    said = {
        "participants": participants,
        "draws": draws,
        "seed": seed,
        "rival": rival,
        "calibrated": False if uncalibrated else None,
        "posterior": None if posterior is None else read_posterior(posterior),
    }
    return {name: value for name, value in said.items() if value is not None}


def _run(file: Path, cmt: list[str] | None, asked: dict[str, Any]) -> tuple[RunSpec, tuple[Draw, ...]]:
    """Return the specification and the draws of the run that a file holds, or that a protocol and options name."""
    if file.suffix != ".nc":
        spec, posteriors = spec_of(read_protocol(file, cmt=compartments(cmt)), **asked)
        return spec, draws_of(spec, posteriors)
    if cmt:
        asked = {"cmt": cmt, **asked}
    if asked:
        raise FileError(f"'{file}' is a run already, so leave out what would make another: {', '.join(asked)}")
    run = Result.load(file).run
    if run.spec.model != fingerprint():
        raise FileError(
            f"'{file}' was made by Afterglow {run.spec.version} with other equations or constants than those of this "
            "version; simulate its protocol again"
        )
    return run.spec, run.draws


def _person(spec: RunSpec, draws: tuple[Draw, ...], arm: str | None, draw: int, participant: int) -> Person:
    found: Person = import_module("afterglow.simulate.one_person.person").person_of(
        spec, draws, arm=arm, draw=draw, participant=participant
    )
    if not spec.calibrated:
        typer.echo("not calibrated: sizes rest on pharmacology facts and priors, not on trials", err=True)
    return found
