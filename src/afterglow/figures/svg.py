"""Turns a matplotlib figure into a small SVG that can live beside others in one page, or into PNG bytes."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from afterglow.figures.style import figure_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure_png", "figure_svg", "inline_svg", "settle"]

_LONG_NUMBER = re.compile(r"(-?\d+\.\d{3,})")
_PATH_DATA = re.compile(r'(?<= d=")[^"]+')
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def settle(figure: Figure) -> None:
    """Lay a figure out once and keep that layout, so that saving it twice does not pay twice."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with _any_letter():
            engine.execute(figure)
    figure.set_layout_engine("none")


def figure_svg(figure: Figure) -> str:
    """Write a figure as an SVG document with text as text and coordinates to a hundredth of a point."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    with mpl.rc_context(cast("Any", figure_settings())), _any_letter():
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = _NOT_XML.sub("", buffer.getvalue())
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = _PATH_DATA.sub(lambda found: " ".join(found.group().split()), text)
    text = _LONG_NUMBER.sub(lambda found: f"{float(found.group()):.2f}".rstrip("0").rstrip("."), text)
    return re.sub(r"\n\s*\n+", "\n", text)


def inline_svg(svg: str, *, name: str, alt: str) -> str:
    """Prepare an SVG document for use inside HTML.

    Parameters
    ----------
    svg : str
        From `figure_svg`.
    name : str
        Letters, digits and hyphens; put before every id, so that no two figures share one.
    alt : str
        Description for those who do not see the figure; must be esc for HTML.

    Returns
    -------
    str
        One ``<svg role="img">`` element without declarations, namespaces or fixed size.
    """
    start = svg.index("<svg")
    head_end = svg.index(">", start)
    head, body = svg[start:head_end], svg[head_end + 1 :]
    box = re.search(r'viewBox="([^"]+)"', head)
    view_box = box.group(1) if box else "0 0 648 400"
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = body.replace('xlink:href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    width = view_box.split()[2]
    return (
        f'<svg role="img" aria-label="{alt}" viewBox="{view_box}" style="max-width:{float(width) * 4 / 3:.0f}px" '
        f'preserveAspectRatio="xMidYMin meet">{body}'
    )


def figure_png(figure: Figure, *, dpi: int = 160) -> bytes:
    """Write a figure as PNG bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(dpi)
    buffer = io.BytesIO()
    with _any_letter():
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return buffer.getvalue()


@contextmanager
def _any_letter() -> Iterator[None]:
    """Draw a letter that the font has not as a box, without a warning: the tables have it whole."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield
