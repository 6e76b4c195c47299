"""``afterglow trial boundaries``: how large the statistic must be at each look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from afterglow.cli.options import FormatOption, JsonOption, WideOption
from afterglow.cli.output.tables import Table, chosen_format, number, print_json, show
from afterglow.errors import ParameterError

if TYPE_CHECKING:
    from afterglow.trial.designs import Boundaries, Characteristics

__all__ = ["boundaries_command"]

_KINDS = (
    "obrien-fleming, pocock, wang-tsiatis, lan-demets-obrien-fleming, lan-demets-pocock, hwang-shih-decani or power"
)


def boundaries_command(
    kind: Annotated[str, typer.Option("--kind", help=f"{_KINDS}.")],
    looks: Annotated[int | None, typer.Option("--looks", help="Number of looks, equally spaced.")] = None,
    alpha: Annotated[float, typer.Option("--alpha", help="Type I error, of one side or of both.")] = 0.025,
    sided: Annotated[int, typer.Option("--sided", help="1, or 2 for symmetric boundaries.")] = 1,
    information: Annotated[
        str | None, typer.Option("--information", metavar="FRACTIONS", help="At the looks, such as 0.5,0.75,1.")
    ] = None,
    delta: Annotated[float | None, typer.Option("--delta", help="Exponent of wang-tsiatis.")] = None,
    gamma: Annotated[float | None, typer.Option("--gamma", help="Of hwang-shih-decani; default: -4.")] = None,
    rho: Annotated[float | None, typer.Option("--rho", help="Exponent of power; default: 3.")] = None,
    power: Annotated[float | None, typer.Option("--power", help="Also say what this power costs.")] = None,
    futility: Annotated[
        str | None,
        typer.Option("--futility", help="A spending function of type II error, or statistics such as 0,0.5."),
    ] = None,
    futility_gamma: Annotated[float | None, typer.Option("--futility-gamma")] = None,
    futility_rho: Annotated[float | None, typer.Option("--futility-rho")] = None,
    binding: Annotated[bool, typer.Option("--binding", help="Count on futility being obeyed.")] = False,
    final: Annotated[
        bool, typer.Option("--final", help="The last look ended the trial, below information 1 or above.")
    ] = False,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
) -> None:
    """Say how large the statistic must be at each look for the trial to stop with a result."""
    designs = import_module("afterglow.trial.designs")
    found = designs.boundaries(
        kind,
        looks,
        alpha,
        sided=sided,
        information=None if information is None else _numbers("--information", information),
        delta=delta,
        gamma=gamma,
        rho=rho,
        power=power,
        futility=_futility(futility),
        futility_gamma=futility_gamma,
        futility_rho=futility_rho,
        binding=binding,
        final=final,
    )
    form = chosen_format(form, as_json)
    null = designs.characteristics(found, 0.0)
    effect = None if found.drift is None else designs.characteristics(found, found.drift)
    if form == "json":
        print_json(_plain(found, null, effect))
    else:
        show(_table(found, null, effect), *_sentences(found, null, effect), form=form, wide=wide)


def _numbers(name: str, text: str) -> list[float]:
    words = text.replace(";", " ").replace(",", " ").split()
    try:
        return [float(word.removesuffix("%")) / (100 if word.endswith("%") else 1) for word in words]
    except ValueError:
        raise ParameterError(
            f"{name} must be numbers with commas between, such as 0.5,0.75,1, got '{text[:60]}'"
        ) from None


def _futility(text: str | None) -> str | Sequence[float] | None:
    if text is None or not any(letter.isdigit() for letter in text):
        return text
    return _numbers("--futility", text)


def _plain(found: Boundaries, null: Characteristics, effect: Characteristics | None) -> dict[str, Any]:
    looks = [{key: value for key, value in asdict(look).items() if value is not None} for look in found.looks]
    plain: dict[str, Any] = {"kind": found.kind, "sided": found.sided, "alpha": found.alpha}
    plain |= {"parameter": found.parameter, "looks": looks, "without_effect": _does(null)}
    if effect is not None:
        plain |= {
            "power": found.power,
            "drift": found.drift,
            "inflation": found.inflation,
            "with_effect": _does(effect),
        }
    return {**plain, "binding": found.binding}


def _does(at: Characteristics) -> dict[str, Any]:
    return {
        "crosses": at.power,
        "stops": list(at.stops),
        "expected_information": at.expected_information,
    }


def _table(found: Boundaries, null: Characteristics, effect: Characteristics | None) -> Table:
    sides = "one side" if found.sided == 1 else "both sides"
    parameter = "" if found.parameter is None else f", parameter {found.parameter:g}"
    rows = [{**asdict(look), "stops_without_effect": stop} for look, stop in zip(found.looks, null.stops, strict=True)]
    columns = [
        number("look", "look", "d"),
        number("information", "information", ".4g"),
        number("z", "z", ".4f"),
        number("p", "p", ".4g"),
        number("alpha spent", "spent", ".4g"),
    ]
    if _gives_up(found):
        columns.append(number("futility z", "futility_z", ".4f"))
        if effect is not None:
            columns.append(number("beta spent", "futility_spent", ".4g"))
    columns.append(number("ends here without effect", "stops_without_effect", ".4f"))
    if effect is not None:
        rows = [{**row, "stops_with_effect": stop} for row, stop in zip(rows, effect.stops, strict=True)]
        columns.append(number("with effect", "stops_with_effect", ".4f"))
    return Table("looks", rows, columns, title=f"{found.kind}{parameter}, alpha {found.alpha:g} of {sides}")


def _gives_up(found: Boundaries) -> bool:
    return any(look.futility_z is not None for look in found.looks)


def _sentences(found: Boundaries, null: Characteristics, effect: Characteristics | None) -> list[str]:
    said = []
    if _gives_up(found):
        said.append(
            "Futility binds: alpha counts on it being obeyed."
            if found.binding
            else "Futility does not bind: alpha holds whether it is obeyed or not."
        )
    if effect is not None and found.inflation is not None:
        said.append(
            f"Power {found.power:g} takes at most {found.inflation:.4f} times the people of a trial without looks; "
            f"on average {found.inflation * effect.expected_information:.4f} times with that effect and "
            f"{found.inflation * null.expected_information:.4f} times without any."
        )
    return said
