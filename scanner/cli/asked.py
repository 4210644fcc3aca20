"""Which hosts a command is about: the inventory that is used, and what options change in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scanner.catalogue import EVERYTHING
from scanner.cli.secrets import without_secrets
from scanner.edges.checks import EDGE_CHECKS, EdgeCheck
from scanner.edges.mode import Network
from scanner.errors import UsageError
from scanner.fleet.reach import reach
from scanner.fleet.rule import FleetCheck
from scanner.inventory import adhoc, selection
from scanner.inventory.find import find
from scanner.inventory.load import load
from scanner.inventory.overrides import Loaded, Overrides
from scanner.inventory.problems import failure, printable
from scanner.kubeadm import releases
from scanner.measure import Measure
from scanner.probe.captured import captured_request
from scanner.request import Ignore, Request
from scanner.rules.check import checks_of
from scanner.selection import Selection

DIALLED: tuple[EdgeCheck | FleetCheck, ...] = (*EDGE_CHECKS, reach)
"""What is known only where hosts dial."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that choose hosts, as they were typed."""

    inventory: str | None = None
    hosts: tuple[str, ...] = ()
    limit: str | None = None
    master: str | None = None
    ignore: tuple[str, ...] = ()


def asked_selection(request: Request, only: list[str] | None, skip: list[str] | None) -> Selection:
    """The checks that are asked for: of ours, and of the rules that the inventory brings.

    Raises:
        UnknownCheck: a pattern can match no check.
    """
    return Selection.of((*EVERYTHING, *checks_of(request.rules)), only or (), skip or ())


def asked_request(asked: Asked, overrides: Overrides, *, connects: bool = True) -> Loaded:
    """Find and load the hosts.

    Args:
        asked: which ones.
        overrides: what options change in them.
        connects: False if nobody logs in to them; passwords and keys need not be there then.

    Raises:
        InventoryError: the inventory is wrong, or nothing is left of it.
        UsageError: options contradict each other.
    """
    return _narrowed(_load(asked, overrides, connects=connects), asked)


def asked_captures(directory: Path, asked: Asked, overrides: Overrides) -> Loaded:
    """The hosts of saved captures, or of an inventory that is given with them.

    Raises:
        CaptureError: the directory holds no capture that can be read.
        InventoryError: as for `asked_request`.
    """
    if asked.inventory is not None:
        loaded = load(Path(asked.inventory), named=True, connects=False, overrides=overrides)
        loaded = replace(loaded, request=without_secrets(loaded.request))
        return _narrowed(loaded, asked)
    if problems := tuple(overrides.problems()):
        raise failure(problems)
    captured = captured_request(directory, overrides.version)
    notes = (f"{said}; its host is not judged" for said in captured.unreadable)
    return _narrowed(Loaded(captured.request, tuple(map(printable, notes))), asked)


def asked_network(network: Network | None, request: Request, selection: Selection) -> Network:
    """What the hosts ask of each other: nothing where there is one, or where nobody wants to know.

    Args:
        network: `--network`; None = not given.
        request: its hosts.
        selection: `--only` and `--skip`.
    """
    if len(request.hosts) == 1 or not any(map(selection.could_keep, DIALLED)):
        return Network.OFF
    return Network.DIAL if network is None else network


def asked_measures(*, etcd_fsync: bool, registry: bool) -> frozenset[Measure]:
    """What is measured only because an option asks for it."""
    asked = {Measure.FSYNC: etcd_fsync, Measure.REGISTRY: registry}
    return frozenset(measure for measure, given in asked.items() if given)


def _narrowed(loaded: Loaded, asked: Asked) -> Loaded:
    request = loaded.request
    version = request.cluster.kubernetes_version
    if version is not None and version not in releases.SUPPORTED:
        known = releases.RELEASES
        raise UsageError(
            f"Kubernetes v{version}: this kscan knows v1.{known[0].minor} to v1.{known[-1].minor}"
        )
    if asked.master is not None:
        request = selection.with_master(request, asked.master)
    if asked.limit is not None:
        request = selection.limit(request, asked.limit)
    names = tuple(_split(asked.ignore))
    ignored = tuple(Ignore(name, reason="--ignore-preflight-errors") for name in names)
    request = replace(request, ignore=(*request.ignore, *ignored))
    return replace(loaded, request=request)


def _split(words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        yield from (part.strip() for part in word.split(",") if part.strip())


def _load(asked: Asked, overrides: Overrides, *, connects: bool) -> Loaded:
    if asked.hosts:
        if asked.inventory is not None:
            raise UsageError("give either --host or an inventory, not both")
        return adhoc.from_hosts(asked.hosts, overrides)
    found = find(asked.inventory, os.environ, Path())
    if found is None:
        loaded = adhoc.this_machine(overrides)
        note = "no inventory given and no ./inventory.yaml: checking this machine itself"
        return replace(loaded, notes=(note, *loaded.notes))
    loaded = load(found.path, named=found.named, connects=connects, overrides=overrides)
    if asked.inventory is None:
        loaded = replace(loaded, notes=(f"inventory: {found.path}", *loaded.notes))
    return loaded
