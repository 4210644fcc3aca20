"""What the checks of one host and the rules between hosts have in common: their names."""

from __future__ import annotations

from typing import Protocol


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
