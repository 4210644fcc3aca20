"""What a host shows of the cluster that it is a node of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields
from scanner.facts.paths import PathState

KUBELET = "kubelet"
API_SERVER = "kube-apiserver"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
ETCD = "etcd"

CA_FILE = "/etc/kubernetes/pki/ca.crt"

_NAMES = {name[:15]: name for name in (KUBELET, API_SERVER, CONTROLLER_MANAGER, SCHEDULER, ETCD)}
"""The kernel keeps 15 characters of a process's name (proc(5), /proc/PID/comm)."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Node:
    """The processes of a node, and the CA that it trusts."""

    holders: Mapping[int, frozenset[str]]
    """Listening TCP port -> which of kubelet, the control plane's components and etcd hold it."""
    unread: frozenset[str]
    """Those that run, and whose sockets this login cannot see."""
    healthz: str | None
    """What the kubelet answers on 127.0.0.1:10248/healthz: `ok`, else why not, in at most 200
    characters. None: it was not asked, because there is neither a kubelet nor its kubeconfig."""
    ca: str | None
    """SHA-256, hex, of the first certificate in /etc/kubernetes/pki/ca.crt, as its base64 text
    without newlines; empty if there is no such file, None if it cannot be read."""
    busy: frozenset[str] = frozenset()
    """Those with more than 512 open files, of which only the first were looked at."""

    @property
    def healthy(self) -> bool:
        """True if the kubelet was asked and answered `ok`."""
        return self.healthz == "ok"


def parse_node(text: str) -> Node:
    """Read `holds=NAME HEXPORT`, `unread=` and `more=NAME`, `healthz=`, `STATE=PATH` and `ca=`."""
    fields = Fields.of(text)
    if fields.get("processes") == "hidden":
        raise ParseError("this login does not see others' processes (hidepid of /proc): use sudo")
    if fields.get("processes") != "read":
        raise ParseError("the processes were not looked at")
    holders: dict[int, set[str]] = {}
    for value in fields.all("holds"):
        name, _, port = value.partition(" ")
        if name not in _NAMES:
            raise ParseError(f"{value[:40]!r} is no process of a node")
        try:
            holders.setdefault(int(port, 16), set()).add(_NAMES[name])
        except ValueError as error:
            raise ParseError(f"{value[:40]!r} names no port") from error
    return Node(
        {port: frozenset(names) for port, names in holders.items()},
        frozenset(_NAMES[name] for name in fields.all("unread") if name in _NAMES),
        fields.get("healthz")[:200] if "healthz" in fields.values else None,
        _ca(fields),
        frozenset(_NAMES[name] for name in fields.all("more") if name in _NAMES),
    )


def _ca(fields: Fields) -> str | None:
    digest = fields.get("ca")
    if _DIGEST.fullmatch(digest):
        return digest
    states = {path: state for state in PathState for path in fields.all(state.value)}
    if CA_FILE not in states:
        raise ParseError(f"{CA_FILE} was not looked for")
    return "" if states[CA_FILE] is PathState.ABSENT else None
