"""YAML to plain maps, lists and strings that remember their lines; every scalar is a string.

It is built on the parser's events and not on composed nodes: the depth is bounded before any
recursion can be, an alias inside its own anchor is seen as it happens, and a tag is known to have
been written rather than guessed from the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml.reader import Reader

from scanner.inventory.document import Document, Plain
from scanner.inventory.problems import Loc, Problem, failure, path_text, quoted

_MAX_DEPTH = 32
_MAX_NODES = 500_000
"""Values after aliases are followed: nine levels of nine aliases would else fill the memory."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = frozenset({None, "!"} | {f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")})
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class _List:
    items: list[tuple[int, _Node]]


@dataclass(frozen=True, slots=True)
class _Map:
    entries: list[tuple[int, str, _Node]]


_Node: TypeAlias = "str | _List | _Map | None"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is, for messages."""

    noun: str
    keys: str
    least: str


INVENTORY = Kind("an inventory", "cluster and hosts", "hosts")
RULES = Kind("a file with checks", "checks", "checks")


def compose(text: str, source: str, kind: Kind = INVENTORY) -> Document:
    """Read one YAML document whose root is a map.

    Args:
        text: the file's content.
        source: the file as the user named it.
        kind: what it should be.

    Raises:
        InventoryError: it is not YAML, is empty, is no map or is not exactly one document.
    """
    composer = _Composer(source, kind)
    composer.refuse_characters(text)
    try:
        root = composer.document(iter(yaml.parse(text, Loader=_LOADER)))
    except yaml.YAMLError as error:
        raise failure([_not_yaml(error, text, source)]) from None
    if not isinstance(root, _Map):
        what = "a list" if isinstance(root, _List) else "one value"
        message = f"expected a map with keys such as {kind.keys}, not {what}"
        raise failure([Problem(source, message, line=1)])
    data = composer.plain(root, ())
    assert isinstance(data, dict)  # noqa: S101 - a _Map gives a dict; mypy cannot know it
    return Document(source, data, composer.lines, tuple(composer.problems))


class _Composer:
    """Holds what grows while one document is read."""

    def __init__(self, source: str, kind: Kind) -> None:
        self.source = source
        self._kind = kind
        self.lines: dict[Loc, int] = {}
        self.problems: list[Problem] = []
        self._anchors: dict[str, _Node] = {}
        self._open: set[str] = set()
        self._count = 0

    def refuse_characters(self, text: str) -> None:
        """Refuse what YAML cannot hold, before the parser counts it in bytes."""
        if bad := Reader.NON_PRINTABLE.search(text):
            line = text.count("\n", 0, bad.start()) + 1
            column = bad.start() - text.rfind("\n", 0, bad.start())
            message = f"not YAML: the character {bad.group()!r} is not allowed"
            raise failure([Problem(self.source, message, line=line, column=column)])

    def document(self, events: Iterator[yaml.Event]) -> _Node:
        """Read the only document of a stream."""
        root: _Node = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._stop(event, f"a second YAML document; {self._kind.noun} is one")
                root = self._node(next(events), events, 0)
        if root is None:
            message = f"the file is empty; it needs {self._kind.least}: at least"
            raise failure([Problem(self.source, message)])
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> _Node:
        if depth > _MAX_DEPTH:
            raise self._stop(event, f"nested deeper than {_MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        tag = getattr(event, "tag", None)
        if tag not in _TAGS:
            raise self._stop(event, f"the tag {quoted(str(tag))} is not supported")
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._open.add(anchor)
        node: _Node
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style and tag is None
            node = None if plain and event.value in _NULLS else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(events, depth + 1)
        else:
            node = self._map(events, depth + 1)
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = node
        return node

    def _alias(self, event: yaml.AliasEvent) -> _Node:
        name = quoted(str(event.anchor))
        if event.anchor in self._open:
            raise self._stop(event, f"the alias {name} stands inside its own anchor")
        if event.anchor not in self._anchors:
            raise self._stop(event, f"the alias {name} has no anchor before it")
        return self._anchors[event.anchor]

    def _list(self, events: Iterator[yaml.Event], depth: int) -> _List:
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append((_line(event), self._node(event, events, depth)))
        return _List(items)

    def _map(self, events: Iterator[yaml.Event], depth: int) -> _Map:
        entries = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event, self._node(event, events, depth))
            entries.append((_line(event), key, self._node(next(events), events, depth)))
        return _Map(entries)

    def _key(self, event: yaml.Event, key: _Node) -> str:
        if isinstance(key, _List | _Map):
            raise self._stop(event, "a key has to be one word; a value with { or [ needs quotes")
        if key == "<<" and not getattr(event, "style", ""):
            raise self._stop(event, "merge keys (<<) are not supported; use defaults or a group")
        return getattr(event, "value", "") if key is None else key

    def plain(self, node: _Node, loc: Loc) -> Plain:
        """Follow aliases, write down lines and refuse duplicate keys and empty items."""
        self._count += 1
        if self._count > _MAX_NODES:
            message = f"more than {_MAX_NODES} values once the aliases are followed"
            raise failure([Problem(self.source, message)])
        if len(loc) > _MAX_DEPTH:
            message = f"nested deeper than {_MAX_DEPTH} levels once the aliases are followed"
            raise failure([Problem(self.source, message)])
        if isinstance(node, _List):
            for index, (line, item) in enumerate(node.items):
                self.lines[*loc, index] = line
                if item is None:
                    self._note((*loc, index), "an empty list item")
            return [self.plain(item, (*loc, index)) for index, (_, item) in enumerate(node.items)]
        if not isinstance(node, _Map):
            return node
        data: dict[str, Plain] = {}
        for line, key, value in node.entries:
            here = (*loc, key)
            if key in data:
                first = self.lines[here]
                message = f"duplicate key, first on line {first}"
                self.problems.append(Problem(self.source, message, path_text(here), line))
                continue
            self.lines[here] = line
            data[key] = self.plain(value, here)
        return data

    def _note(self, loc: Loc, message: str) -> None:
        self.problems.append(Problem(self.source, message, path_text(loc), self.lines[loc]))

    def _stop(self, event: yaml.Event, message: str) -> Exception:
        return failure([Problem(self.source, message, line=_line(event))])


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _not_yaml(error: yaml.YAMLError, text: str, source: str) -> Problem:
    """Say where the text stops being YAML; a tab in the indentation is the usual reason."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(source, "not YAML: " + " ".join(str(error).split()))
    lines = text.split("\n")
    written = lines[mark.line] if mark.line < len(lines) else ""
    indentation = written[: len(written) - len(written.lstrip())]
    if "\t" in indentation:
        message = "not YAML: a tab in the indentation; YAML indents by spaces only"
        return Problem(source, message, line=mark.line + 1, column=indentation.index("\t") + 1)
    message = f"not YAML: {getattr(error, 'problem', None) or 'cannot be read'}"
    context = getattr(error, "context_mark", None)
    if context is not None and context.line != mark.line:
        message += f" ({getattr(error, 'context', '')} from line {context.line + 1})"
    return Problem(source, message, line=mark.line + 1, column=mark.column + 1)
