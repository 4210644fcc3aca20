"""Where things stand in an inventory that is not validated yet, so that all errors come at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from scanner.inventory.document import Plain
from scanner.inventory.problems import Loc

Section: TypeAlias = dict[str, Plain]


def sections(data: Section) -> Iterator[tuple[Loc, Section]]:
    """Every map that holds login settings: defaults, groups, hosts and jump hosts."""
    defaults = data.get("defaults")
    if isinstance(defaults, dict):
        yield ("defaults",), defaults
    groups = data.get("groups")
    if isinstance(groups, dict):
        for name, group in groups.items():
            if isinstance(group, dict):
                yield ("groups", name), group
    for key in ("jumpHosts", "hosts"):
        yield from entries(data, key)


def entries(data: Section, key: str) -> Iterator[tuple[Loc, Section]]:
    """The maps in a list."""
    items = data.get(key)
    if isinstance(items, list):
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield (key, index), item


def map_at(section: Section, key: str) -> Section:
    """The map below a key; empty if there is none."""
    value = section.get(key)
    return value if isinstance(value, dict) else {}


def text_at(section: Section, key: str) -> str:
    """The text below a key; empty if there is none."""
    value = section.get(key)
    return value if isinstance(value, str) else ""
