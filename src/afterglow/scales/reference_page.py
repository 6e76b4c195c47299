"""The reference page on scales, written from the data that the package computes with."""

from __future__ import annotations

from collections.abc import Sequence

from afterglow.scales.instruments import SCALES
from afterglow.scales.links import FAMILIES, LINKS, TYPICAL_BASELINE, severity_to_score
from afterglow.scales.scale import Scale

__all__ = ["reference_page"]

_INTRO = """# Scales

This page is written by `afterglow.scales.reference_page`; edit the data, not the page.

A higher score is worse on every scale. Severity x lies between 0 and 1 and is MADRS / 60 for depression,
CAPS-5 / 80 for PTSD and HAM-A / 56 for anxiety. "Recalled" marks what is known from the publication but was
not read again. Names in
`code` are keys of the reference list.
"""
_SHOWN = (0.1, 0.25, 0.5, 0.75, 0.9)


def _source(source: str) -> str:
    return f"<{source}>" if source.startswith("http") else f"`{source}`"


def _points(value: float) -> str:
    return f"{value:g}"


def _response(scale: Scale) -> str:
    rule = scale.response
    return f"fall of {rule.fall:.0%} or more" if rule.kind == "fraction" else f"fall of {rule.fall:g} points or more"


def _remission(scale: Scale) -> str:
    if scale.remission is None:
        return "none defined"
    extra = " and diagnosis lost" if scale.remission.needs_diagnosis_loss else ""
    return f"{scale.remission.at_most:g} or less{extra}"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _overview() -> str:
    rows = [
        (
            s.id,
            s.family,
            s.rater,
            f"{s.low:g} to {s.high:g}",
            _response(s),
            _remission(s),
            f"{s.diagnosis_loss.at_most:g} or less" if s.diagnosis_loss else "",
            _points(s.measurement_sd),
            ", ".join(s.aliases),
        )
        for s in SCALES.values()
    ]
    header = ("scale", "family", "rater", "range", "response", "remission", "diagnosis lost", "error", "also called")
    return _table(header, rows)


def _details(scale: Scale) -> str:
    lines = [f"### {scale.id}", ""]
    if scale.bands:
        lines.append("- Bands: " + ", ".join(f"{b.name} {b.low:g} to {b.high:g}" for b in scale.bands) + ".")
    checked = "" if scale.error.verified else " Not all of it was read on the source's page."
    lines.append(f"- Error of one rating, {scale.measurement_sd:g} points: {scale.error.derivation}.{checked}")
    for name, rule in (
        ("Response", scale.response),
        ("Remission", scale.remission),
        ("Diagnosis", scale.diagnosis_loss),
    ):
        if rule is not None and rule.note:
            lines.append(f"- {name}: {rule.note}.")
    if scale.unverified:
        lines.append("- Recalled: " + ", ".join(scale.unverified) + ".")
    lines.append("- Read at: " + ", ".join(map(_source, scale.sources)) + ".")
    return "\n".join(lines)


def _links() -> str:
    rows = []
    for link in LINKS.values():
        pairs = ", ".join(f"{reference:g} = {score:g}" for reference, score in link.pairs)
        rows.append(
            (
                link.scale,
                link.reference,
                link.kind,
                pairs,
                link.note,
                ", ".join(map(_source, link.sources)),
                "yes" if link.verified else "no",
            )
        )
    return _table(("scale", "reference", "kind", "pairs (reference = scale)", "note", "sources", "pairs read"), rows)


def _values() -> str:
    rows = [
        (s.id, *(f"{float(severity_to_score(s, x)):.1f}" for x in _SHOWN)) for s in SCALES.values() if s.id in LINKS
    ]
    return _table(("scale", *(f"x = {x:g}" for x in _SHOWN)), rows)


def _families() -> str:
    rows = [(f, f"{TYPICAL_BASELINE[f].severity:.3f}", TYPICAL_BASELINE[f].where) for f in FAMILIES]
    return _table(("family", "typical severity at baseline", "taken from"), rows)


def reference_page() -> str:
    """Write the whole page in Markdown."""
    sections = (
        _INTRO.strip(),
        "## Overview\n\nError is the standard error of one rating, in points.\n\n" + _overview(),
        "## Links to severity\n\nFloor is tied to floor and ceiling to ceiling; between the pairs runs a strictly "
        "rising cubic that does not overshoot.\n\n" + _links(),
        "## Scores at a severity\n\nFor the scale's own family (depression for the SDS), without error.\n\n"
        + _values(),
        "## Scales in another family\n\nNo crosswalk joins families. A depression scale in PTSD, say, is read by equal "
        "standing: the log-odds of severity are shifted so that the typical baselines meet. Treat such scores as a "
        "weak link.\n\n" + _families(),
        "## Details\n\n" + "\n\n".join(_details(s) for s in SCALES.values()),
    )
    return "\n\n".join(sections) + "\n"
