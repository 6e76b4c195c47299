"""How far a command is, shown while it works: a line a step, on a screen alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Told", "progress"]

Told = Callable[[str, float, float | None], None]
"""Told a step, how much of it is done, and of how much; None where nobody knows."""


@contextmanager
def progress(*, lasting: bool = False, shown: bool = True) -> Iterator[Told]:
    """Show how far the steps of a command are.

    Parameters
    ----------
    lasting : bool
        Whether the lines stay once all is done.
    shown : bool
        False where the work is over before a line could be read.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=not lasting, disable=not (shown and console.is_terminal)) as bar:
        lines: dict[str, TaskID] = {}

        def told(step: str, done: float, of: float | None) -> None:
            amount = f"{done:,.0f}" if of is None else f"{done / max(of, 1e-9):.0%}"
            if step not in lines:
                lines[step] = bar.add_task(step, total=of, amount=amount)
            bar.update(lines[step], completed=done, total=of, amount=amount)

        yield told
