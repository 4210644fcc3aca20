"""What every command that works on a cluster needs first: hosts, secrets, a log, a transport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.catalogue import EVERYTHING
from scanner.cli.asked import Asked, asked_network, asked_request
from scanner.cli.log import logs
from scanner.cli.machines import replayed, ssh_or_local
from scanner.cli.run import Machines
from scanner.cli.secrets import Secrets, without_secrets
from scanner.edges.mode import Network
from scanner.errors import UsageError
from scanner.inventory import selection
from scanner.inventory.overrides import Loaded, Overrides
from scanner.inventory.problems import Problem, failure, quoted, some_of
from scanner.probe.captured import capture_files
from scanner.request import Request
from scanner.scan_options import ScanOptions
from scanner.secrets.redact import Redactor, redacting
from scanner.selection import Selection


@dataclass(frozen=True, slots=True)
class Settings:
    """How the hosts are asked."""

    timeout: float = 60.0
    concurrency: int = 256
    network: Network | None = None
    captures: Path | None = None
    plan_only: bool = False
    verbose: int = 0
    log_file: Path | None = None
    hosts: tuple[str, ...] = field(default_factory=tuple)
    """Patterns of the command line, beside whose hosts only the master takes part."""
    with_control_planes: bool = False
    """Where a control plane is among these hosts, all others take part too."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to scan."""

    loaded: Loaded
    machines: Machines
    options: ScanOptions
    named: frozenset[str]
    """The hosts of the command line."""
    inventory: frozenset[str]
    """All that it could have named."""


@contextmanager
def prepared(asked: Asked, overrides: Overrides, settings: Settings) -> Iterator[Prepared]:
    """Load the inventory, read the secrets and open the log for the block.

    Raises:
        UsageError: there is no inventory, or options contradict each other.
        InventoryError: the inventory is wrong.
        CaptureError: there are no captures.
    """
    if settings.captures is not None and not settings.plan_only:
        raise UsageError("--captures is for --plan: nothing can be changed on saved hosts")
    if settings.captures is not None:
        capture_files(settings.captures)
    loaded = asked_request(asked, overrides, connects=settings.captures is None)
    if not Path(loaded.request.source).is_file():
        raise UsageError(
            "give an inventory: this command never falls back to this machine, see --help"
        )
    inventory = frozenset(host.name for host in loaded.request.hosts)
    loaded, named = _with_the_master(loaded, settings)
    secrets = Secrets()
    request = without_secrets(loaded.request) if settings.captures else secrets.read(loaded.request)
    with redacting(Redactor(secrets.all)), logs(settings.verbose, settings.log_file):
        everything = Selection.of(EVERYTHING, (), ())
        network = (
            Network.OFF
            if settings.captures
            else asked_network(settings.network, request, everything)
        )
        machines = replayed(settings.captures) if settings.captures else ssh_or_local(request.hosts)
        options = ScanOptions(everything, settings.concurrency, settings.timeout, network=network)
        notes = (*loaded.notes, *secrets.notes())
        yield Prepared(Loaded(request, notes), machines, options, named, inventory)


def _with_the_master(loaded: Loaded, settings: Settings) -> tuple[Loaded, frozenset[str]]:
    """Leave the named hosts and the master, which knows the cluster."""
    request = loaded.request
    if not settings.hosts:
        return loaded, frozenset()
    named = _named(request, settings.hosts)
    names = frozenset(host.name for host in named.hosts)
    others = {named.master}
    if settings.with_control_planes and any(host.is_control_plane for host in named.hosts):
        others |= {host.name for host in request.hosts if host.is_control_plane}
    hosts = tuple(host for host in request.hosts if host.name in names | others)
    return replace(loaded, request=replace(named, hosts=hosts)), names


def _named(request: Request, words: tuple[str, ...]) -> Request:
    """As --limit chooses them, but that these commands have no option of that name.

    Raises:
        InventoryError: a word matches no host.
    """
    pattern = ",".join(words)
    found, nowhere = selection.matching(request.hosts, pattern)
    if nowhere or not found:
        there = some_of(host.name for host in request.hosts)
        raise failure(
            Problem("HOST", f"{quoted(word)} matches no host; {there}")
            for word in nowhere or (pattern,)
        )
    return selection.limit(request, pattern)
