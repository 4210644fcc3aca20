"""What the checks of one host and the rules between hosts have in common: names, a catalogue."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol, TypeVar


class Named(Protocol):
    """An entry of a catalogue."""

    @property
    def id(self) -> str:
        """Ours, such as KS104."""

    @property
    def title(self) -> str:
        """A noun phrase."""

    @property
    def kubeadm(self) -> str | None:
        """kubeadm's name with `{subject}` in it, or None."""


Entry = TypeVar("Entry", bound=Named)


def collect(kind: type[Entry], *modules: ModuleType) -> tuple[Entry, ...]:
    """Gather all entries of a kind from the modules, ordered by id.

    Raises:
        ValueError: two of them have one id.
    """
    found: dict[str, Entry] = {}
    for module in modules:
        for value in vars(module).values():
            if not isinstance(value, kind):
                continue
            if value.id in found and found[value.id] is not value:
                raise ValueError(f"two checks have the id {value.id}")
            found[value.id] = value
    return tuple(found[entry_id] for entry_id in sorted(found))
