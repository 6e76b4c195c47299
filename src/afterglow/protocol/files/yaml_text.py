"""YAML for protocols: plain data only, with limits, so that no file can hurt the reader.

Words stay words: ``no``, ``on``, dates and times are text here, as in YAML 1.2. Tags are refused, a key may stand
once in a mapping, and aliases may not blow a file up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from afterglow.errors import ProtocolError
from afterglow.units import decimal_comma

__all__ = ["InRow", "OneLine", "YamlText", "plain_yaml", "yaml_text"]

_MOST_NODES = 100_000
_MOST_DEPTH = 24
_MOST_ALIASES = 64

_INT = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d{1,4})?\Z")
_DIGITS = re.compile(r"[-+]?\d[\d.]*")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]")
_ODD_FLOAT = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN_TAGS = (None, "!")

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlText:
    """What a YAML text holds.

    Parameters
    ----------
    data : Any
        Mappings, lists, texts, numbers, booleans and nulls.
    lines : dict of tuple to int
        Line of every entry, by its path of keys and numbers.
    """

    data: Any
    lines: Mapping[Place, int]


def plain_yaml(text: str) -> YamlText:
    """Read YAML text into plain data.

    Raises
    ------
    ProtocolError
        If it is not YAML, is empty, repeats a key, uses a tag, nests too deeply, or grows too large through aliases.
    """
    try:
        reader = _Reader(_events(text))
        data = reader.document()
    except yaml.YAMLError as error:
        raise _broken(error, text) from None
    return YamlText(data, reader.lines)


def _events(text: str) -> Iterator[Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except (UnicodeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"the text is not YAML: {error}") from None


def _broken(error: yaml.YAMLError, text: str) -> ProtocolError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    where = f"line {mark.line + 1}" if mark else ""
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return ProtocolError("YAML is indented with spaces, but this line begins with a tab", where=where)
    if mark and mark.line >= len(lines) - 1 and any(word in problem for word in ("end", "expected")):
        problem += "; the text may have been cut off"
    return ProtocolError(f"the text is not YAML: {' '.join(problem.split())}", where=where)


@dataclass
class _Anchored:
    data: Any
    nodes: int


@dataclass
class _Reader:
    """Builds data from the events of a YAML parser."""

    events: Iterator[Any]
    lines: dict[Place, int] = field(default_factory=dict)
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    nodes: int = 0
    aliases: int = 0

    def document(self) -> Any:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            raise ProtocolError("the text is empty; `afterglow new` writes a protocol to start from")
        data = self._node(next(self.events), ())
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _at("the text holds a second document after '---'; write one protocol a file", event)
        if data is None:
            raise ProtocolError("the text is empty; `afterglow new` writes a protocol to start from")
        return data

    def _node(self, event: Any, place: Place) -> Any:
        self.lines[place] = _line(event)
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise _at(f"the text holds more than {_MOST_NODES} entries", event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if len(place) > _MOST_DEPTH:
            raise _at(f"the text nests more than {_MOST_DEPTH} levels deep", event)
        before = self.nodes
        data = self._made(event, place)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(data, self.nodes - before + 1)
        return data

    def _made(self, event: Any, place: Place) -> Any:
        if event.tag not in _PLAIN_TAGS:
            raise _at(f"the tag '{event.tag[:40]}' is not allowed; write plain words and numbers", event)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            before = None
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self._node(inner, (*place, len(items))))
                if not all(isinstance(item, int | float) for item in items[-2:]):
                    _refuse_split_number(before, inner)
                before = inner
            return items
        return self._mapping(place)

    def _mapping(self, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        before = None
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _at("a key must be a word, not a list, a mapping or an alias", event)
            _refuse_split_number(before, event)
            key = event.value
            if key == "<<":
                raise _at("'<<' is not supported; repeat the entries, or use an alias for a whole list", event)
            if key in found:
                line = self.lines[(*place, key)]
                raise _at(f"the key '{key[:60]}' stands twice, first in line {line}; keep one", event)
            self.nodes += 1
            line = _line(event)
            before = next(self.events)
            found[key] = self._node(before, (*place, key))
            self.lines[(*place, key)] = line
        return found

    def _alias(self, event: Any) -> Any:
        self.aliases += 1
        if self.aliases > _MOST_ALIASES:
            raise _at(f"the text uses more than {_MOST_ALIASES} aliases", event)
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            raise _at(f"the alias '*{event.anchor[:40]}' stands for nothing that was read before it", event)
        self.nodes += anchored.nodes
        if self.nodes > _MOST_NODES:
            raise _at(f"aliases blow the text up to more than {_MOST_NODES} entries", event)
        return anchored.data


def _refuse_split_number(before: Any, event: Any) -> None:
    """Refuse ``{dose_mg: 0,5}``, where YAML reads 0 and a further entry 5; ``[0,28]`` is a list of numbers."""
    if not isinstance(before, yaml.ScalarEvent) or not isinstance(event, yaml.ScalarEvent):
        return
    end: Any = before.end_mark
    start: Any = event.start_mark
    is_touching = end.line == start.line and start.column - end.column == 1
    last = before.value.split()[-1:]
    if is_touching and not (before.style or event.style) and last and _DIGITS.fullmatch(last[0]):
        comma = decimal_comma(f"{last[0]},{event.value}")
        if comma:
            raise _at(comma, event)


def _at(message: str, event: Any) -> ProtocolError:
    return ProtocolError(message, where=f"line {_line(event)}")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    value: str = event.value
    if not event.implicit[0] or event.style in ("'", '"', "|", ">"):
        return value
    return _resolved(value)


def _resolved(value: str) -> Any:
    """Return what a word without quotes stands for."""
    lower = value.lower()
    if lower in _CONSTANTS and value in (lower, lower.title(), lower.upper()):
        return _CONSTANTS[lower]
    if _INT.match(value):
        return int(value)
    if _FLOAT.match(value):
        return float(value)
    return _ODD_FLOAT.get(lower, value)


class _Writer(yaml.SafeDumper):
    """Writes what `plain_yaml` reads: quotes exactly the texts that would else become something different."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Say the tag of a value as `plain_yaml` would."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        names = {bool: "bool", int: "int", float: "float", type(None): "null", str: "str"}
        return f"tag:yaml.org,2002:{names[type(_resolved(value))]}"

    def represent_short_float(self, data: float) -> yaml.ScalarNode:
        """Write whole numbers without a point, others with as many digits as they need."""
        if math.isfinite(data) and data == int(data) and abs(data) < 1e15:
            return self.represent_scalar("tag:yaml.org,2002:int", str(int(data)))
        odd = "" if math.isfinite(data) else "."  # .inf and .nan
        return self.represent_scalar(
            "tag:yaml.org,2002:float", repr(data).replace("inf", f"{odd}inf").replace("nan", ".nan")
        )

    def represent_text(self, data: str) -> yaml.ScalarNode:
        """Write text; characters that some readers take for line breaks stand escaped in double quotes."""
        style = '"' if _BREAKS.search(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


class OneLine(dict[str, Any]):
    """A mapping written between braces."""


class InRow(list[Any]):
    """A list written between brackets."""


_Writer.add_representer(float, _Writer.represent_short_float)
_Writer.add_representer(str, _Writer.represent_text)
_Writer.add_representer(
    OneLine, lambda writer, data: writer.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)
_Writer.add_representer(
    InRow, lambda writer, data: writer.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)


def yaml_text(data: Any) -> str:
    """Write plain data as YAML that `plain_yaml` reads back as the same data."""
    text: str = yaml.dump(
        data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text
