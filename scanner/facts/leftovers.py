"""What a cluster that once had this host leaves behind beside kubeadm's own files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import FactMissing, ParseError
from scanner.facts.fields import Fields
from scanner.facts.paths import PathState


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Traces of the CNI and of the kubelet."""

    states: Mapping[str, PathState]
    cni_configs: tuple[str, ...]
    """File names in /etc/cni/net.d, at most 20; dotfiles, which packages ship, do not count."""
    interfaces: tuple[str, ...]
    """Network interfaces that only a CNI or kube-proxy makes, at most 20."""

    def state(self, path: str) -> PathState:
        """The state of one path.

        Raises:
            FactMissing: it was not asked for, or this login cannot look into it.
        """
        state = self.states.get(path)
        if state is None:
            raise FactMissing(f"the host was not asked about {path}")
        if state in (PathState.HIDDEN, PathState.DIR_UNREADABLE):
            raise FactMissing(f"{path} cannot be seen without root")
        return state


def parse_leftovers(text: str) -> Leftovers:
    """Read `STATE=PATH` lines, `cni_config=NAME` and `interface=NAME`."""
    fields = Fields.of(text)
    states = {path: state for state in PathState for path in fields.all(state.value)}
    if not states:
        raise ParseError("no path in the answer")
    if fields.get("interfaces") != "read":
        raise ParseError("/sys/class/net was not read")
    return Leftovers(states, fields.all("cni_config"), fields.all("interface"))
