"""Linear kinetics, routes, starting states. Made by `afterglow.compile.generate`; do not edit."""

from __future__ import annotations

# ruff: noqa
# mypy: ignore-errors
from numpy import exp, where


def matrix_ketamine(p):
    return {
        (0, 0): -24*p["ketamine_nose_absorption"],
        (1, 1): -24*p["ketamine_mouth_absorption"],
        (2, 2): -24*p["ketamine_muscle_absorption"],
        (3, 3): -24*p["ketamine_gut_absorption"],
        (4, 3): 24*p["ketamine_gut_absorption"],
        (4, 4): 24*(p["ketamine_liver_flow"]*(p["liver_flow_fall_per_year"]*p["years_over_60"] - 1) - p["ketamine_liver_volume"]*(p["ketamine_liver_conversion"] + p["ketamine_liver_loss"]))/p["ketamine_liver_volume"],
        (4, 5): 24*p["ketamine_liver_flow"]*(-p["liver_flow_fall_per_year"]*p["years_over_60"] + 1)/p["ketamine_central_volume"],
        (5, 0): 24*p["ketamine_nose_absorption"],
        (5, 1): 24*p["ketamine_mouth_absorption"],
        (5, 2): 24*p["ketamine_muscle_absorption"],
        (5, 4): 24*p["ketamine_liver_flow"]*(-p["liver_flow_fall_per_year"]*p["years_over_60"] + 1)/p["ketamine_liver_volume"],
        (5, 5): 24*(-p["ketamine_deep_flow"] + p["ketamine_liver_flow"]*(p["liver_flow_fall_per_year"]*p["years_over_60"] - 1) - p["ketamine_shallow_flow"])/p["ketamine_central_volume"],
        (5, 6): 24*p["ketamine_shallow_flow"]/p["ketamine_shallow_volume"],
        (5, 7): 24*p["ketamine_deep_flow"]/p["ketamine_deep_volume"],
        (6, 5): 24*p["ketamine_shallow_flow"]/p["ketamine_central_volume"],
        (6, 6): -24*p["ketamine_shallow_flow"]/p["ketamine_shallow_volume"],
        (7, 5): 24*p["ketamine_deep_flow"]/p["ketamine_central_volume"],
        (7, 7): -24*p["ketamine_deep_flow"]/p["ketamine_deep_volume"],
        (8, 4): 24*p["ketamine_liver_conversion"],
        (8, 8): 24*(-p["norketamine_clearance"] - p["norketamine_flow"])/p["norketamine_central_volume"],
        (8, 9): 24*p["norketamine_flow"]/p["norketamine_peripheral_volume"],
        (9, 8): 24*p["norketamine_flow"]/p["norketamine_central_volume"],
        (9, 9): -24*p["norketamine_flow"]/p["norketamine_peripheral_volume"],
    }


def outputs_ketamine(p):
    return {
        ("concentration_ketamine", 5): 1000/p["ketamine_central_volume"],
        ("concentration_norketamine", 8): 1000/p["norketamine_central_volume"],
    }


def matrix_esketamine(p):
    return {
        (0, 0): -24*p["esketamine_nose_absorption"],
        (1, 1): -24*p["esketamine_swallowed_absorption"],
        (2, 2): -24*p["esketamine_gut_absorption"],
        (3, 1): 24*p["esketamine_swallowed_absorption"],
        (3, 2): 24*p["esketamine_gut_absorption"],
        (3, 3): 24*(p["esketamine_liver_flow"]*(p["liver_flow_fall_per_year"]*p["years_over_60"] - 1) - p["esketamine_liver_volume"]*(p["esketamine_liver_conversion"] + p["esketamine_liver_loss"]))/p["esketamine_liver_volume"],
        (3, 4): 24*p["esketamine_liver_flow"]*(-p["liver_flow_fall_per_year"]*p["years_over_60"] + 1)/p["esketamine_central_volume"],
        (4, 0): 24*p["esketamine_nose_absorption"],
        (4, 3): 24*p["esketamine_liver_flow"]*(-p["liver_flow_fall_per_year"]*p["years_over_60"] + 1)/p["esketamine_liver_volume"],
        (4, 4): 24*(-p["esketamine_deep_flow"] + p["esketamine_liver_flow"]*(p["liver_flow_fall_per_year"]*p["years_over_60"] - 1) - p["esketamine_shallow_flow"])/p["esketamine_central_volume"],
        (4, 5): 24*p["esketamine_shallow_flow"]/p["esketamine_shallow_volume"],
        (4, 6): 24*p["esketamine_deep_flow"]/p["esketamine_deep_volume"],
        (5, 4): 24*p["esketamine_shallow_flow"]/p["esketamine_central_volume"],
        (5, 5): -24*p["esketamine_shallow_flow"]/p["esketamine_shallow_volume"],
        (6, 4): 24*p["esketamine_deep_flow"]/p["esketamine_central_volume"],
        (6, 6): -24*p["esketamine_deep_flow"]/p["esketamine_deep_volume"],
        (7, 3): 24*p["esketamine_liver_conversion"],
        (7, 7): 24*(-p["noresketamine_clearance"] - p["noresketamine_flow"])/p["noresketamine_central_volume"],
        (7, 8): 24*p["noresketamine_flow"]/p["noresketamine_peripheral_volume"],
        (8, 7): 24*p["noresketamine_flow"]/p["noresketamine_central_volume"],
        (8, 8): -24*p["noresketamine_flow"]/p["noresketamine_peripheral_volume"],
    }


def outputs_esketamine(p):
    return {
        ("concentration_esketamine", 4): 1000/p["esketamine_central_volume"],
        ("concentration_noresketamine", 7): 1000/p["noresketamine_central_volume"],
    }


def matrix_psilocybin(p):
    return {
        (0, 0): -24*p["psilocin_absorption"],
        (1, 0): 24*p["psilocin_absorption"],
        (1, 1): 24*(-p["psilocin_clearance"] - p["psilocin_flow"])/p["psilocin_central_volume"],
        (1, 2): 24*p["psilocin_flow"]/p["psilocin_peripheral_volume"],
        (2, 1): 24*p["psilocin_flow"]/p["psilocin_central_volume"],
        (2, 2): -24*p["psilocin_flow"]/p["psilocin_peripheral_volume"],
    }


def outputs_psilocybin(p):
    return {
        ("concentration_psilocybin", 1): 1000/p["psilocin_central_volume"],
    }


def matrix_midazolam(p):
    return {
        (0, 0): -24*p["midazolam_absorption"],
        (1, 0): 24*p["midazolam_absorption"],
        (1, 1): -24*p["midazolam_clearance"]/p["midazolam_volume"],
    }


def outputs_midazolam(p):
    return {
        ("concentration_midazolam", 1): 1000/p["midazolam_volume"],
    }


def matrix_niacin(p):
    return {
        (0, 0): -24*p["niacin_absorption"],
        (1, 0): 24*p["niacin_absorption"],
        (1, 1): -24*p["niacin_clearance"]/p["niacin_volume"],
    }


def outputs_niacin(p):
    return {
        ("concentration_niacin", 1): 1000/p["niacin_volume"],
    }


LINEAR = {
    "ketamine": (("ketamine_nose", "ketamine_mouth", "ketamine_muscle", "ketamine_gut", "ketamine_liver", "ketamine_central", "ketamine_shallow", "ketamine_deep", "norketamine_central", "norketamine_peripheral", ), ("concentration_ketamine", "concentration_norketamine", ), matrix_ketamine, outputs_ketamine),
    "esketamine": (("esketamine_nose", "esketamine_swallowed", "esketamine_gut", "esketamine_liver", "esketamine_central", "esketamine_shallow", "esketamine_deep", "noresketamine_central", "noresketamine_peripheral", ), ("concentration_esketamine", "concentration_noresketamine", ), matrix_esketamine, outputs_esketamine),
    "psilocybin": (("psilocin_depot", "psilocin_central", "psilocin_peripheral", ), ("concentration_psilocybin", ), matrix_psilocybin, outputs_psilocybin),
    "midazolam": (("midazolam_depot", "midazolam_central", ), ("concentration_midazolam", ), matrix_midazolam, outputs_midazolam),
    "niacin": (("niacin_depot", "niacin_central", ), ("concentration_niacin", ), matrix_niacin, outputs_niacin),
}

ROUTES = {
    ("ketamine", "iv"): (
        ("ketamine_central", lambda p: 1, "", ""),
    ),
    ("ketamine", "im"): (
        ("ketamine_muscle", lambda p: p["ketamine_muscle_fraction"], "", ""),
    ),
    ("ketamine", "intranasal"): (
        ("ketamine_nose", lambda p: p["ketamine_nasal_fraction"], "", ""),
        ("ketamine_gut", lambda p: p["ketamine_gut_fraction"]*(1 - p["ketamine_nasal_fraction"]), "ketamine_gut_lag_h", ""),
    ),
    ("ketamine", "sublingual"): (
        ("ketamine_mouth", lambda p: p["ketamine_sublingual_fraction"], "", ""),
        ("ketamine_gut", lambda p: p["ketamine_gut_fraction"]*(1 - p["ketamine_sublingual_fraction"]), "ketamine_gut_lag_h", ""),
    ),
    ("ketamine", "oral"): (
        ("ketamine_gut", lambda p: p["ketamine_gut_fraction"], "ketamine_gut_lag_h", ""),
    ),
    ("esketamine", "iv"): (
        ("esketamine_central", lambda p: 1, "", ""),
    ),
    ("esketamine", "intranasal"): (
        ("esketamine_nose", lambda p: where((p["dose_mg"] <= 28), p["esketamine_nasal_fraction"], p["esketamine_nasal_fraction"]*(p["esketamine_later_device"]*(p["dose_mg"] - 28) + 28)/p["dose_mg"]), "", ""),
        ("esketamine_swallowed", lambda p: p["esketamine_gut_fraction"]*(1 - where((p["dose_mg"] <= 28), p["esketamine_nasal_fraction"], p["esketamine_nasal_fraction"]*(p["esketamine_later_device"]*(p["dose_mg"] - 28) + 28)/p["dose_mg"])), "", "esketamine_swallowed_duration_h"),
    ),
    ("esketamine", "oral"): (
        ("esketamine_gut", lambda p: p["esketamine_gut_fraction"], "", "esketamine_gut_duration_h"),
    ),
    ("psilocybin", "oral"): (
        ("psilocin_depot", lambda p: 0.7186*p["psilocin_oral_fraction"], "psilocin_lag_h", ""),
    ),
    ("psilocybin", "iv"): (
        ("psilocin_central", lambda p: 0.718600000000000, "", ""),
    ),
    ("mdma", "oral"): (
        ("mdma_gut", lambda p: 1, "mdma_lag_h", "mdma_release_duration_h"),
    ),
    ("midazolam", "iv"): (
        ("midazolam_central", lambda p: 1, "", ""),
    ),
    ("midazolam", "oral"): (
        ("midazolam_depot", lambda p: p["midazolam_oral_fraction"], "", ""),
    ),
    ("niacin", "oral"): (
        ("niacin_depot", lambda p: 1, "", ""),
    ),
}


def starting_states(p):
    return {
        "alliance": p["alliance_start"],
        "old_pattern": p["trait_start"],
        "trait": p["trait_start"],
        "symptom": 1/(1 + exp(-p["rigidity"]*(p["offset"] + p["trait_start"]))),
    }
