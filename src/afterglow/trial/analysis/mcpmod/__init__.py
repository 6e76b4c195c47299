"""MCP-Mod: is there a dose response, of which shape, and which dose gives enough (bretz2005, pinheiro2014)."""

from __future__ import annotations

from afterglow.trial.analysis.mcpmod.analysis import McpMod, mcpmod
from afterglow.trial.analysis.mcpmod.contrast_test import ContrastTest, contrast_power, contrast_test, contrasts_for
from afterglow.trial.analysis.mcpmod.dose_fit import DoseFit, averaged_dose, fit_shape
from afterglow.trial.analysis.mcpmod.shapes import SHAPES, Shape, shape, usual_shapes

__all__ = [
    "SHAPES",
    "ContrastTest",
    "DoseFit",
    "McpMod",
    "Shape",
    "averaged_dose",
    "contrast_power",
    "contrast_test",
    "contrasts_for",
    "fit_shape",
    "mcpmod",
    "shape",
    "usual_shapes",
]
