"""Key -> reference in ``references.bib``, and the list of what a run relied on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Protocol as Structural

from afterglow.errors import AfterglowError, nearest

__all__ = ["Citing", "Reference", "bibtex", "cite", "parse_bibtex", "reference", "references"]

_HEAD = re.compile(r"@(?P<kind>[a-z]+)\{(?P<key>[^\s,{}]+),")
_FIELD = re.compile(r"(?P<name>[a-z]+)\s*=\s*\{(?P<value>.*)\},?")


class Citing(Structural):
    """Anything that knows which sources it relied on, such as a result."""

    @property
    def citations(self) -> Iterable[str]:
        """Keys into ``references.bib``."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One source.

    Parameters
    ----------
    key : str
        Its name in ``references.bib``.
    kind : str
        The BibTeX entry type.
    fields : mapping of str to str
        What the entry says, by field.
    """

    key: str
    kind: str
    fields: Mapping[str, str] = field(hash=False)

    @property
    def doi(self) -> str:
        """The digital object identifier, or an empty string."""
        return self.fields.get("doi", "")

    @property
    def url(self) -> str:
        """The page that was read, or an empty string."""
        return self.fields.get("url", "")

    @property
    def was_read(self) -> bool:
        """True when a number was read on the page; False when the source is known from memory."""
        return self.fields.get("note", "").startswith("read")

    @property
    def retracted(self) -> bool:
        """True when the source is marked as retracted."""
        return "RETRACTED" in self.fields.get("note", "")

    def formatted(self) -> str:
        """Write the reference as one line of text.

        Returns
        -------
        str
            Authors, title, where it appeared, year, locator, and the address to find it by.
        """
        parts = [_authors(self.fields.get("author", "")), self.fields.get("title", ""), self._place()]
        text = " ".join(part if part.endswith(("?", ".")) else f"{part}." for part in parts if part)
        return f"{'RETRACTED. ' if self.retracted else ''}{text} {self._address()}"

    def bibtex(self) -> str:
        """Write the reference as a BibTeX entry.

        Returns
        -------
        str
            The entry, ending in a newline.
        """
        lines = "".join(f"  {name:<8} = {{{value}}},\n" for name, value in self.fields.items())
        return f"@{self.kind}{{{self.key},\n{lines}}}\n"

    def _place(self) -> str:
        journal = self.fields.get("journal") or self.fields.get("howpublished", "")
        volume = self.fields.get("volume", "")
        if number := self.fields.get("number", ""):
            volume += f"({number})"
        locator = ":".join(part for part in (volume, self.fields.get("pages", "")) if part)
        dated = " ".join(part for part in (journal, self.fields.get("year", "")) if part)
        return ";".join(part for part in (dated, locator) if part)

    def _address(self) -> str:
        if self.doi:
            return f"doi:{self.doi}"
        return self.url or "(recalled, not read again)"


def references() -> tuple[Reference, ...]:
    """List every source, sorted by key.

    Returns
    -------
    tuple of Reference
    """
    return tuple(_library().values())


def reference(key: str) -> Reference:
    """Find one source.

    Raises
    ------
    AfterglowError
        If no source has this key; the message names the nearest ones.
    """
    try:
        return _library()[key]
    except KeyError:
        raise AfterglowError(f"no reference is called '{key}'; {_nearest(key)}") from None


def cite(what: str | Iterable[str] | Citing) -> list[str]:
    """List the formatted references of a key, several keys, or a result.

    Parameters
    ----------
    what : str, iterable of str, or an object with ``citations``
        For a result, everything the run relied on.

    Returns
    -------
    list of str
        One line a source, sorted by key, none twice.

    Raises
    ------
    AfterglowError
        If a key is not known.
    """
    return [found.formatted() for found in _find(what)]


def bibtex(what: str | Iterable[str] | Citing) -> str:
    """Write BibTeX entries for a key, several keys, or a result.

    Returns
    -------
    str
        The entries, sorted by key, with an empty line between two.

    Raises
    ------
    AfterglowError
        If a key is not known.
    """
    return "\n".join(found.bibtex() for found in _find(what))


def parse_bibtex(text: str) -> tuple[Reference, ...]:
    """Read entries written as in ``references.bib``: one field a line, values in braces, no macros.

    Raises
    ------
    AfterglowError
        If a line cannot be read, or a key appears twice.
    """
    found: dict[str, Reference] = {}
    head: re.Match[str] | None = None
    fields: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if head is None and (not line or line.startswith("%")):
            continue
        if head is None and (start := _HEAD.fullmatch(line)):
            head, fields = start, {}
        elif head is not None and line == "}":
            _add(found, Reference(key=head["key"], kind=head["kind"], fields=MappingProxyType(fields)))
            head = None
        elif head is not None and (entry := _FIELD.fullmatch(line)):
            fields[entry["name"]] = entry["value"]
        else:
            raise AfterglowError(
                f"BibTeX line {number} cannot be read: got '{line[:60]}', expected 'field = {{value}},'"
            )
    if head is not None:
        raise AfterglowError(f"BibTeX entry '{head['key']}' is not closed: expected a line with '}}'")
    return tuple(found.values())


def _add(found: dict[str, Reference], new: Reference) -> None:
    if new.key in found:
        raise AfterglowError(f"BibTeX key '{new.key}' appears twice; each source needs its own")
    found[new.key] = new


@cache
def _library() -> Mapping[str, Reference]:
    text = files("afterglow").joinpath("references.bib").read_text(encoding="utf-8")
    return MappingProxyType({entry.key: entry for entry in sorted(parse_bibtex(text), key=lambda entry: entry.key)})


def _find(what: str | Iterable[str] | Citing) -> list[Reference]:
    if isinstance(what, str):
        keys: Iterable[str] = (what,)
    elif isinstance(what, Iterable):
        keys = what
    else:
        keys = what.citations
    return [reference(key) for key in sorted(set(keys))]


def _nearest(key: str) -> str:
    """Say the nearest keys; the whole library would not fit in a sentence."""
    sentence = nearest(key, _library())
    return sentence if sentence.startswith("did you mean") else f"there are {len(_library())}, listed in references.bib"


def _authors(text: str) -> str:
    """Turn ``Kamp, J and others`` into ``Kamp J et al``."""
    if text.startswith("{"):
        return text.strip("{}")
    names = [name.strip().replace(", ", " ") for name in text.split(" and ")] if text else []
    if names and names[-1] == "others":
        return ", ".join(names[:-1]) + " et al"
    return ", ".join(names)
