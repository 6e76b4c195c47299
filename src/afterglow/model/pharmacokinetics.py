"""Layer 1: concentration, hour by hour: where each dose goes, how it spreads, and how it leaves.

A medicine is a tree of compartments joined by first-order flows, so each linear layer has real exponents.
Amounts are in mg and concentrations in ng/mL; clearances and flows are given in L/h, rate constants in 1/h.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy

from afterglow.model.symbols import Input, Layer, Quantity, State, symbol

__all__ = ["ROUTES", "Entry", "comparator", "ketamine_like", "layers", "mdma", "psilocybin"]

_HOURS = 24
_NG_PER_ML = 1000
_PSILOCIN_PER_PSILOCYBIN = sympy.Float(0.7186)
_MDA_PER_MDMA = sympy.Float(0.9274)
_HMMA_PER_MDMA = sympy.Float(1.0104)
_DEVICE_MG = 28
_OUT = ""
_ONE = sympy.Integer(1)


@dataclass(frozen=True)
class Entry:
    """One way by which a part of a dose enters the body.

    Parameters
    ----------
    state : str
        Compartment that receives it.
    fraction : sympy.Expr
        Part of the dose (mg in the compartment per mg given); may hold parameters and the symbol ``dose_mg``.
    lag_h : str
        Name of the parameter that holds the delay in hours; empty for none.
    duration_h : str
        Name of the parameter that holds the length of a constant release in hours; when empty the dose's
        own duration applies, and a dose without one is a bolus.
    """

    state: str
    fraction: sympy.Expr
    lag_h: str = ""
    duration_h: str = ""


@dataclass(frozen=True)
class _Flow:
    """First-order flow: `rate` (per day) times the amount in `source`; `yield_` mg arrive per mg that leave."""

    source: str
    target: str
    rate: sympy.Expr
    yield_: sympy.Expr = _ONE


def _past_the_gut(medicine: str, share: sympy.Expr) -> sympy.Expr:
    """Part of the dose that reaches the liver when `share` of it is swallowed."""
    return share * symbol(f"{medicine}_gut_fraction")


def _nasal_share() -> sympy.Expr:
    """Part of an esketamine dose that the nose takes up: the second and later 28 mg devices give less."""
    dose, first = symbol("dose_mg"), symbol("esketamine_nasal_fraction")
    later = symbol("esketamine_later_device")
    return sympy.Piecewise(
        (first, dose <= _DEVICE_MG),
        (first * (_DEVICE_MG + later * (dose - _DEVICE_MG)) / dose, True),
    )


def _local(route: str, depot: str) -> tuple[Entry, Entry]:
    """Racemic ketamine through a mucous membrane: part is taken up there, the rest is swallowed."""
    share = symbol(f"ketamine_{route}_fraction")
    return (
        Entry(depot, share),
        Entry("ketamine_gut", _past_the_gut("ketamine", 1 - share), lag_h="ketamine_gut_lag_h"),
    )


ROUTES: Mapping[tuple[str, str], tuple[Entry, ...]] = MappingProxyType(
    {
        ("ketamine", "iv"): (Entry("ketamine_central", _ONE),),
        ("ketamine", "im"): (Entry("ketamine_muscle", symbol("ketamine_muscle_fraction")),),
        ("ketamine", "intranasal"): _local("nasal", "ketamine_nose"),
        ("ketamine", "sublingual"): _local("sublingual", "ketamine_mouth"),
        ("ketamine", "oral"): (Entry("ketamine_gut", _past_the_gut("ketamine", _ONE), lag_h="ketamine_gut_lag_h"),),
        ("esketamine", "iv"): (Entry("esketamine_central", _ONE),),
        ("esketamine", "intranasal"): (
            Entry("esketamine_nose", _nasal_share()),
            Entry(
                "esketamine_swallowed",
                _past_the_gut("esketamine", 1 - _nasal_share()),
                duration_h="esketamine_swallowed_duration_h",
            ),
        ),
        ("esketamine", "oral"): (
            Entry("esketamine_gut", _past_the_gut("esketamine", _ONE), duration_h="esketamine_gut_duration_h"),
        ),
        ("psilocybin", "oral"): (
            Entry(
                "psilocin_depot",
                _PSILOCIN_PER_PSILOCYBIN * symbol("psilocin_oral_fraction"),
                lag_h="psilocin_lag_h",
            ),
        ),
        ("psilocybin", "iv"): (Entry("psilocin_central", _PSILOCIN_PER_PSILOCYBIN),),
        ("mdma", "oral"): (Entry("mdma_gut", _ONE, lag_h="mdma_lag_h", duration_h="mdma_release_duration_h"),),
        ("midazolam", "iv"): (Entry("midazolam_central", _ONE),),
        ("midazolam", "oral"): (Entry("midazolam_depot", symbol("midazolam_oral_fraction")),),
        ("niacin", "oral"): (Entry("niacin_depot", _ONE),),
    }
)
"""How a dose enters, by medicine and route."""


def _receives(state: str) -> bool:
    return any(entry.state == state for entries in ROUTES.values() for entry in entries)


def _per_day(name: str) -> sympy.Expr:
    """Rate constant of a parameter given in 1/h."""
    return _HOURS * symbol(name)


def _turnover(flow: str, volume: str) -> sympy.Expr:
    """Rate constant, per day, of a flow or clearance (L/h) out of a volume (L)."""
    return _HOURS * symbol(flow) / symbol(volume)


def _exchange(flow: str, one: tuple[str, str], other: tuple[str, str]) -> tuple[_Flow, _Flow]:
    """Flows both ways between two compartments, each (state, volume)."""
    (here, volume_here), (there, volume_there) = one, other
    return (
        _Flow(here, there, _turnover(flow, volume_here)),
        _Flow(there, here, _turnover(flow, volume_there)),
    )


def _compartments(meanings: Mapping[str, str], flows: tuple[_Flow, ...]) -> tuple[tuple[State, ...], tuple[Input, ...]]:
    """Build the states from their flows, and an input for each that receives doses."""
    states, inputs = [], []
    for name, meaning in meanings.items():
        arriving = [f.yield_ * f.rate * symbol(f.source) for f in flows if f.target == name]
        leaving = [f.rate * symbol(f.source) for f in flows if f.source == name]
        change = sympy.Add(*arriving) - sympy.Add(*leaving)
        if _receives(name):
            inputs.append(Input(name=f"{name}_rate", unit="mg/day", meaning=f"Constant input: {meaning.lower()}"))
            change += symbol(f"{name}_rate")
        states.append(State(name=name, unit="mg", meaning=meaning, derivative=change, vanishes=True))
    return tuple(states), tuple(inputs)


def _concentration(name: str, state: str, volume: str, meaning: str) -> Quantity:
    return Quantity(
        name=f"concentration_{name}",
        unit="ng/mL",
        meaning=f"Plasma level of {meaning}",
        expression=_NG_PER_ML * symbol(state) / symbol(volume),
    )


def _depots(medicine: str) -> Mapping[str, tuple[str, str]]:
    """Where a dose waits: name of the depot -> (compartment it drains into, meaning)."""
    if medicine == "ketamine":
        return {
            "nose": ("central", "taken up by the nose"),
            "mouth": ("central", "taken up under the tongue"),
            "muscle": ("central", "in the muscle"),
            "gut": ("liver", "swallowed, on its way to the liver"),
        }
    return {
        "nose": ("central", "taken up by the nose"),
        "swallowed": ("liver", "of the spray that is swallowed"),
        "gut": ("liver", "given by mouth, on its way to the liver"),
    }


def ketamine_like(medicine: str) -> Layer:
    """Return the kinetics of racemic ketamine or of esketamine, each with its own constants.

    Three compartments and a liver that is well stirred: what is swallowed meets it first, and it alone
    removes the drug, in part as the nor-metabolite, which has two compartments.

    Parameters
    ----------
    medicine : {"ketamine", "esketamine"}

    References
    ----------
    perezruixo2021 (structure)
    """
    m, nor = medicine, f"nor{medicine}"
    central = (f"{m}_central", f"{m}_central_volume")
    liver = (f"{m}_liver", f"{m}_liver_volume")
    depots = _depots(medicine)
    age = 1 - symbol("liver_flow_fall_per_year") * symbol("years_over_60")
    to_liver, from_liver = _exchange(f"{m}_liver_flow", central, liver)
    flows = (
        *(_Flow(f"{m}_{d}", f"{m}_{to}", _per_day(f"{m}_{d}_absorption")) for d, (to, _) in depots.items()),
        *_exchange(f"{m}_shallow_flow", central, (f"{m}_shallow", f"{m}_shallow_volume")),
        *_exchange(f"{m}_deep_flow", central, (f"{m}_deep", f"{m}_deep_volume")),
        _Flow(to_liver.source, to_liver.target, to_liver.rate * age),
        _Flow(from_liver.source, from_liver.target, from_liver.rate * age),
        _Flow(f"{m}_liver", _OUT, _per_day(f"{m}_liver_loss")),
        _Flow(f"{m}_liver", f"{nor}_central", _per_day(f"{m}_liver_conversion")),
        *_exchange(
            f"{nor}_flow",
            (f"{nor}_central", f"{nor}_central_volume"),
            (f"{nor}_peripheral", f"{nor}_peripheral_volume"),
        ),
        _Flow(f"{nor}_central", _OUT, _turnover(f"{nor}_clearance", f"{nor}_central_volume")),
    )
    meanings = {
        **{f"{m}_{d}": f"{m.capitalize()} {where}" for d, (_, where) in depots.items()},
        f"{m}_liver": f"{m.capitalize()} in the liver and its portal blood",
        f"{m}_central": f"{m.capitalize()} in plasma and what is at once in balance with it",
        f"{m}_shallow": f"{m.capitalize()} in tissue that fills fast",
        f"{m}_deep": f"{m.capitalize()} in tissue that fills slowly",
        f"{nor}_central": f"{nor.capitalize()} in plasma and what is in balance with it",
        f"{nor}_peripheral": f"{nor.capitalize()} in tissue",
    }
    states, inputs = _compartments(meanings, flows)
    return Layer(
        name=f"pharmacokinetics_{m}",
        meaning=f"Concentration of {m} and {nor}",
        medicine=m,
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(
            _concentration(m, f"{m}_central", f"{m}_central_volume", m),
            _concentration(nor, f"{nor}_central", f"{nor}_central_volume", nor),
        ),
    )


def psilocybin() -> Layer:
    """Return the kinetics of psilocin, the active product that is measured after psilocybin.

    Psilocybin loses its phosphate before it reaches plasma, so a dose is counted as psilocin. Two
    compartments with linear elimination give the two-phase fall that is reported.
    """
    central, peripheral = (
        ("psilocin_central", "psilocin_central_volume"),
        ("psilocin_peripheral", "psilocin_peripheral_volume"),
    )
    flows = (
        _Flow("psilocin_depot", "psilocin_central", _per_day("psilocin_absorption")),
        *_exchange("psilocin_flow", central, peripheral),
        _Flow("psilocin_central", _OUT, _turnover("psilocin_clearance", "psilocin_central_volume")),
    )
    meanings = {
        "psilocin_depot": "Psilocin in the gut",
        "psilocin_central": "Psilocin in plasma and what is at once in balance with it",
        "psilocin_peripheral": "Psilocin in tissue",
    }
    states, inputs = _compartments(meanings, flows)
    return Layer(
        name="pharmacokinetics_psilocybin",
        meaning="Concentration of psilocin after psilocybin",
        medicine="psilocybin",
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(
            _concentration("psilocybin", "psilocin_central", "psilocin_central_volume", "unconjugated psilocin"),
        ),
    )


def mdma() -> Layer:
    """Return the kinetics of MDMA, MDA and HMMA, with the CYP2D6 that MDMA itself inactivates.

    Clearance has a part through CYP2D6, scaled by the covariate ``cyp2d6_activity``, and a rest that is
    fixed. Volumes and clearances are apparent, after oral dosing.
    """
    loss, level = symbol("cyp2d6_loss"), symbol("concentration_mdma")
    by_cyp2d6 = _turnover("mdma_cyp2d6_clearance", "mdma_central_volume") * symbol("cyp2d6_activity") * (1 - loss)
    rest = _turnover("mdma_other_clearance", "mdma_central_volume")
    as_mda = symbol("mda_fraction")
    flows = (
        _Flow("mdma_gut", "mdma_central", _per_day("mdma_absorption")),
        _Flow("mdma_central", "mda_central", as_mda * (by_cyp2d6 + rest), _MDA_PER_MDMA),
        _Flow("mdma_central", "hmma_central", (1 - as_mda) * by_cyp2d6, _HMMA_PER_MDMA),
        _Flow("mdma_central", _OUT, (1 - as_mda) * rest),
        _Flow("mda_central", _OUT, _turnover("mda_clearance", "mda_volume")),
        _Flow("hmma_central", _OUT, _turnover("hmma_clearance", "hmma_volume")),
    )
    meanings = {
        "mdma_gut": "MDMA in the gut",
        "mdma_central": "MDMA in the body",
        "mda_central": "MDA in the body",
        "hmma_central": "HMMA in the body, with its conjugates",
    }
    states, inputs = _compartments(meanings, flows)
    inactivated = State(
        name="cyp2d6_loss",
        unit="fraction",
        meaning="Share of CYP2D6 that MDMA has inactivated",
        derivative=_per_day("cyp2d6_inactivation") * level / (symbol("cyp2d6_inactivation_half") + level) * (1 - loss)
        - _per_day("cyp2d6_renewal") * loss,
        vanishes=True,
    )
    return Layer(
        name="pharmacokinetics_mdma",
        meaning="Concentration of MDMA, MDA and HMMA, and the loss of CYP2D6",
        medicine="mdma",
        states=(*states, inactivated),
        inputs=inputs,
        quantities=(
            _concentration("mdma", "mdma_central", "mdma_central_volume", "MDMA"),
            _concentration("mda", "mda_central", "mda_volume", "MDA"),
            _concentration("hmma", "hmma_central", "hmma_volume", "HMMA"),
        ),
    )


def comparator(medicine: str) -> Layer:
    """Return the kinetics of a comparator that is felt: one compartment with first-order absorption.

    Parameters
    ----------
    medicine : {"midazolam", "niacin"}
    """
    m = medicine
    flows = (
        _Flow(f"{m}_depot", f"{m}_central", _per_day(f"{m}_absorption")),
        _Flow(f"{m}_central", _OUT, _turnover(f"{m}_clearance", f"{m}_volume")),
    )
    meanings = {f"{m}_depot": f"{m.capitalize()} in the gut", f"{m}_central": f"{m.capitalize()} in the body"}
    states, inputs = _compartments(meanings, flows)
    return Layer(
        name=f"pharmacokinetics_{m}",
        meaning=f"Concentration of {m}",
        medicine=m,
        linear=True,
        states=states,
        inputs=inputs,
        quantities=(_concentration(m, f"{m}_central", f"{m}_volume", m),),
    )


def layers() -> tuple[Layer, ...]:
    """Return the kinetics of every medicine."""
    return (
        ketamine_like("ketamine"),
        ketamine_like("esketamine"),
        psilocybin(),
        mdma(),
        comparator("midazolam"),
        comparator("niacin"),
    )
