"""Which cluster `kscan verify` is about, and by which way it is reached."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from scanner.cli.asked import Asked, asked_request
from scanner.inventory import adhoc
from scanner.inventory.find import find
from scanner.inventory.overrides import Loaded, Overrides
from scanner.request import Host
from scanner.verify.credentials import read_kubeconfig
from scanner.verify.kubeconfig import Credentials
from scanner.verify.reach import control_planes


@dataclass(frozen=True, slots=True)
class AskedCluster:
    """What was asked for."""

    loaded: Loaded
    has_inventory: bool
    """False where nobody has said which nodes there must be."""
    credentials: Credentials | None
    """None = admin.conf of a control plane."""
    direct: bool
    """The API server is reached from this machine, without SSH."""

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The control planes to go through, in the order in which they are tried."""
        return () if self.direct else control_planes(self.loaded.request)

    def with_request(self, loaded: Loaded) -> AskedCluster:
        """The same with its secrets read."""
        return replace(self, loaded=loaded)


def ask_cluster(asked: Asked, overrides: Overrides, kubeconfig: Path | None) -> AskedCluster:
    """Find the hosts and the login.

    Raises:
        KscanError: the inventory or the kubeconfig cannot be used, or there is no control plane.
    """
    credentials = None if kubeconfig is None else read_kubeconfig(kubeconfig)
    found = bool(asked.hosts) or find(asked.inventory, os.environ, Path()) is not None
    if credentials is not None and not found:
        note = f"no inventory: going to {credentials.server} from this machine"
        loaded = replace(adhoc.this_machine(overrides), notes=(note,))
        return AskedCluster(loaded, has_inventory=False, credentials=credentials, direct=True)
    cluster = AskedCluster(
        asked_request(asked, overrides),
        has_inventory=found and not asked.hosts,
        credentials=credentials,
        direct=False,
    )
    control_planes(cluster.loaded.request)
    return cluster
