"""Options that several commands have together, each group said once (see `spread`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.paths import path, word
from scanner.errors import UsageError
from scanner.request import HostKeyPolicy, HostKeys, Sudo


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where the hosts stand."""

    inventory: Annotated[
        str | None,
        typer.Argument(
            parser=word("INVENTORY"),
            metavar="[INVENTORY]",
            help="The hosts and the cluster. Without it: $KSCAN_INVENTORY, else ./inventory.yaml, "
            "else this machine itself.",
        ),
    ] = None
    inventory_option: opt.InventoryOption = None
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="[USER@]HOST[:PORT]",
            help="A host without a file; ranges; repeatable.",
        ),
    ] = None

    @property
    def named(self) -> str | None:
        """The inventory that was named.

        Raises:
            UsageError: two were.
        """
        return opt.one_inventory(self.inventory, self.inventory_option)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the hosts, by which checks, and as what they are judged."""

    limit: opt.Limit = None
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Only these checks: kubeadm's name or ours, with *."),
    ] = None
    skip: Annotated[list[str] | None, typer.Option(metavar="CHECK", help="Not these checks.")] = (
        None
    )
    kubernetes_version: opt.KubernetesVersion = None
    ignore_preflight_errors: opt.IgnoreErrors = None
    master: opt.Master = None


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in, where the inventory does not say it or is not believed."""

    user: Annotated[str | None, typer.Option("-u", "--user", help="Log in as this user.")] = None
    port: Annotated[int | None, typer.Option(help="SSH port.")] = None
    identity_file: Annotated[
        Path | None,
        typer.Option(
            "--identity-file",
            parser=path("--identity-file"),
            metavar="FILE",
            help="Private key to log in with.",
        ),
    ] = None
    jump: Annotated[
        str | None,
        typer.Option(
            metavar="HOST[,HOST...]", help="Go through these jump hosts, in order; `none` for none."
        ),
    ] = None
    sudo: Annotated[
        Sudo | None, typer.Option("--sudo", help="Become root with sudo or doas, or never.")
    ] = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What each side believes of the other: passwords and host keys."""

    ask_pass: Annotated[
        bool,
        typer.Option(
            "-k", "--ask-pass", help="Ask once for the SSH password of all hosts (as ansible's -k)."
        ),
    ] = False
    ask_sudo_pass: Annotated[
        bool,
        typer.Option(
            "-K",
            "--ask-sudo-pass",
            help="Ask once for the sudo password of all hosts (as ansible's -K).",
        ),
    ] = False
    host_keys: Annotated[
        str | None,
        typer.Option(
            "--host-keys",
            metavar="POLICY",
            help="strict, accept-new, off, or a SHA256: fingerprint.",
        ),
    ] = None

    @property
    def keys(self) -> HostKeys | None:
        """`--host-keys` as a policy, or as its comma-separated fingerprints.

        Raises:
            UsageError: it is neither.
        """
        if self.host_keys is None:
            return None
        if self.host_keys in set(HostKeyPolicy):
            return HostKeyPolicy(self.host_keys)
        pins = tuple(part.strip() for part in self.host_keys.split(","))
        if all(pin.startswith("SHA256:") for pin in pins):
            return pins
        raise UsageError(
            f"--host-keys {self.host_keys}: expected strict, accept-new, off or SHA256:..."
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """How long, and how many at once."""

    timeout: opt.Timeout = 60.0
    concurrency: Annotated[
        int,
        typer.Option(min=1, help="Hosts at once; one that does not answer counts half a second."),
    ] = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """In which form a report is shown, and where."""

    format_: opt.FormatOption = None
    output: opt.Output = None
    show_all: opt.All = None
    wide: opt.Wide = None
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            min=1,
            metavar="N",
            help="Then take away all of kscan's run directories in reports/ but the newest N.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told on stderr and in a log."""

    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress and no notes on stderr.")
    ] = False
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            count=True,
            show_default=False,
            help="Say on stderr what is done; -vv and -vvv say more, also of SSH.",
        ),
    ] = 0
    log_file: Annotated[
        Path | None,
        typer.Option(
            parser=path("--log-file"),
            metavar="FILE",
            help="Keep what is done in FILE, without secrets, mode 0600.",
        ),
    ] = None

    @property
    def bar(self) -> bool:
        """Whether there may be one: lines of a log and a bar do not go together."""
        return not self.verbose
