"""The one place for fonts, sizes and colours: figures, report and web studio take them from here.

A medicine's own colour stands in its record. Colours are the eight of Okabe and Ito, told apart by people with any
common colour vision. Nothing is told by colour alone: arms also differ in line and marker, session kinds in shape and
label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from afterglow.medicines import MEDICINES
from afterglow.medicines.medicine import GREY

__all__ = [
    "BODY_FONTS",
    "DARK",
    "FIGURE_FONTS",
    "FIGURE_WIDTH_IN",
    "GREEN_DARK",
    "GRID",
    "INK",
    "LIGHT",
    "MUTED",
    "PAPER",
    "VERMILLION_DARK",
    "ArmStyle",
    "SessionStyle",
    "arm_style",
    "css_variables",
    "figure_settings",
    "medicine_colour",
    "medicine_name",
    "session_style",
]

BLACK, ORANGE, GREEN, BLUE, VERMILLION = "#000000", "#E69F00", "#009E73", "#0072B2", "#D55E00"

GREEN_DARK, VERMILLION_DARK = "#00795a", "#b34d00"
INK, MUTED, GRID, PAPER = "#1b1f24", "#565d66", "#dfe3e8", "#ffffff"
FIGURE_WIDTH_IN = 9.0
BODY_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
FIGURE_FONTS = ("DejaVu Sans", "Verdana", "Segoe UI", "Helvetica Neue", "Arial", "sans-serif")

LIGHT = {
    "page": "#fbfbf9",
    "surface": "#ffffff",
    "ink": INK,
    "muted": MUTED,
    "line": "#d5d9de",
    "accent": "#00598c",
    "warn-ink": "#5c2a00",
    "warn-surface": "#fff1e3",
    "warn-line": VERMILLION,
    "note-surface": "#eef4f8",
    "figure": PAPER,
}
DARK = {
    "page": "#14171a",
    "surface": "#1c2024",
    "ink": "#e8eaed",
    "muted": "#a9b0b8",
    "line": "#3a4048",
    "accent": "#8ccbf2",
    "warn-ink": "#ffdcbd",
    "warn-surface": "#3b2410",
    "warn-line": ORANGE,
    "note-surface": "#1d2a33",
    "figure": "#f7f7f5",
}


@dataclass(frozen=True, kw_only=True)
class ArmStyle:
    """How one arm is drawn: colour, and a marker that tells it apart in grey print."""

    colour: str
    marker: str


@dataclass(frozen=True, kw_only=True)
class SessionStyle:
    """How one kind of session is drawn: a shape, a colour and the word beside it."""

    label: str
    marker: str
    colour: str


_ARMS = tuple(
    ArmStyle(colour=colour, marker=marker)
    for colour, marker in (
        (BLUE, "o"),
        (VERMILLION, "s"),
        (GREEN, "^"),
        ("#9a4f7c", "D"),
        ("#8a5f00", "v"),
        (BLACK, "P"),
    )
)

_SESSIONS = {
    "preparation": SessionStyle(label="preparation", marker="<", colour="#2f7fb0"),
    "dosing": SessionStyle(label="dosing session", marker="p", colour=INK),
    "integration": SessionStyle(label="integration", marker="o", colour=GREEN),
    "psychotherapy": SessionStyle(label="psychotherapy", marker="s", colour=BLUE),
    "training": SessionStyle(label="training", marker="^", colour="#8a5f00"),
    "education": SessionStyle(label="education", marker="v", colour="#7a828b"),
    "group": SessionStyle(label="support group", marker="h", colour="#9a4f7c"),
    "practice": SessionStyle(label="practice", marker="_", colour=GREEN),
}


def arm_style(index: int) -> ArmStyle:
    """Colour and marker of the arm at `index`; repeats after six arms."""
    return _ARMS[index % len(_ARMS)]


def medicine_colour(medicine: str) -> str:
    """Colour of a medicine; grey for one that has none of its own."""
    return MEDICINES[medicine].colour if medicine in MEDICINES else GREY


def medicine_name(medicine: str) -> str:
    """Write a medicine as a reader expects it (``mdma`` becomes ``MDMA``)."""
    return MEDICINES[medicine].display_name if medicine in MEDICINES else medicine


def session_style(kind: str) -> SessionStyle:
    """Shape, colour and word of a kind of session, also of ``group`` meetings and ``practice``."""
    return _SESSIONS.get(kind, SessionStyle(label=kind, marker="X", colour=MUTED))


def css_variables(theme: dict[str, str]) -> str:
    """Write a theme as CSS custom properties, one ``--name: colour;`` each.

    Parameters
    ----------
    theme : dict
        `LIGHT` or `DARK`.
    """
    return " ".join(f"--{name}: {colour};" for name, colour in theme.items())


def figure_settings() -> dict[str, Any]:
    """Matplotlib settings for a figure, while it is drawn and while it is written."""
    return {
        "font.family": [FIGURE_FONTS[0]],
        "font.size": 9.0,
        "axes.titlesize": 9.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 7.0,
        "axes.labelsize": 8.5,
        "axes.labelcolor": MUTED,
        "axes.edgecolor": "#8b929a",
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": 8.0,
        "ytick.labelsize": 8.0,
        "xtick.major.size": 3.0,
        "ytick.major.size": 0.0,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "text.color": INK,
        "text.parse_math": False,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "svg.fonttype": "none",
        "svg.hashsalt": "afterglow",
        "path.simplify": True,
        "path.simplify_threshold": 0.3,
    }
