"""``afterglow export``: the model as SBML or LaTeX, an arm as a NONMEM event table."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from afterglow.cli.engine import CmtOption, compartments
from afterglow.cohort import Cohort
from afterglow.errors import ProtocolError, nearest
from afterglow.evidence import read_protocol
from afterglow.files import write_text_atomically
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.events.writing import event_table
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import arm_values

__all__ = ["export_app"]

export_app = typer.Typer(help="Write the model or a protocol for other programs.", no_args_is_help=True)

_File = Annotated[Path, typer.Argument(help="Protocol.")]
_ArmId = Annotated[str | None, typer.Option("--arm", help="Arm; default: the first.")]
_Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: the screen.")]


def _arm(protocol: Protocol, wanted: str | None) -> Arm:
    if wanted is None:
        return protocol.arms[0]
    found = next((arm for arm in protocol.arms if arm.id == wanted), None)
    if found is None:
        raise ProtocolError(f"no arm is called '{wanted}': {nearest(wanted, [arm.id for arm in protocol.arms])}")
    return found


def _deliver(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text_atomically(output, text)


@export_app.command()
def sbml(
    file: _File,
    arm: _ArmId = None,
    cmt: CmtOption = None,
    participant: Annotated[int, typer.Option(min=0, help="Which virtual participant.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the cohort.")] = 1,
    output: _Output = None,
) -> None:
    """Write one participant's equations and events in one arm as SBML Level 3."""
    protocol = read_protocol(file, cmt=compartments(cmt))
    chosen = _arm(protocol, arm)
    people = Cohort(population=protocol.population, participants=participant + 1, seed=seed).people()
    values = {n: float(v[participant]) for n, v in arm_values(people, chosen.adherence).items()}
    weight_kg = float(people.weight_kg[participant])
    to_sbml = import_module("afterglow.simulate.one_person.sbml").to_sbml  # loads sympy, which no other command needs
    _deliver(to_sbml(schedule(chosen, protocol), values, weight_kg=weight_kg), output)


@export_app.command()
def nonmem(file: _File, arm: _ArmId = None, cmt: CmtOption = None, output: _Output = None) -> None:
    """Write one arm as a NONMEM event table, for a person of the population's mean weight."""
    protocol = read_protocol(file, cmt=compartments(cmt))
    chosen = _arm(protocol, arm)
    _deliver(event_table([chosen], weight_kg=protocol.population.weight_mean_kg), output)


@export_app.command()
def latex(output: _Output = None) -> None:
    """Write all equations and parameters as a LaTeX document."""
    _deliver(import_module("afterglow.compile.latex").to_latex(), output)
