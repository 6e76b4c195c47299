"""What the felt comparators share: one compartment, and an effect that follows the level and opens nothing."""

from __future__ import annotations

from collections.abc import Mapping

from afterglow.model.compartments import OUT, Entry, Flow, compartments, concentration, per_day, turnover
from afterglow.model.symbols import Layer, Quantity, hill, symbol

__all__ = ["felt_only", "one_compartment"]


def one_compartment(medicine: str, entries: Mapping[str, tuple[Entry, ...]], *, skin: bool = False) -> Layer:
    """Return the kinetics of a comparator that is felt: one compartment with first-order absorption.

    Parameters
    ----------
    medicine : {"midazolam", "niacin"}
    entries : mapping of str to tuple of Entry
        How a dose enters, by route.
    skin : bool
        Whether it is also given under the skin.
    """
    m = medicine
    under = (f"{m}_skin",) if skin else ()
    flows = (
        Flow(f"{m}_depot", f"{m}_central", per_day(f"{m}_absorption")),
        *(Flow(depot, f"{m}_central", per_day(f"{depot}_absorption")) for depot in under),
        Flow(f"{m}_central", OUT, turnover(f"{m}_clearance", f"{m}_volume")),
    )
    meanings = {
        f"{m}_depot": f"{m.capitalize()} in the gut",
        **dict.fromkeys(under, f"{m.capitalize()} under the skin"),
        f"{m}_central": f"{m.capitalize()} in the body",
    }
    states, inputs = compartments(meanings, flows, entries)
    return Layer(
        name=f"pharmacokinetics_{m}",
        meaning=f"Concentration of {m}",
        medicine=m,
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(concentration(m, f"{m}_central", f"{m}_volume", m),),
    )


def felt_only(medicine: str) -> Layer:
    """Return a comparator that is felt, and so blinds, but opens nothing."""
    return Layer(
        name=f"engagement_{medicine}",
        meaning=f"What is felt of {medicine}",
        medicine=medicine,
        quantities=(
            Quantity(
                name=f"felt_{medicine}",
                unit="fraction",
                meaning=f"Acute intensity of {medicine}",
                expression=hill(symbol(f"concentration_{medicine}"), symbol(f"felt_half_{medicine}"), 2),
            ),
        ),
    )
