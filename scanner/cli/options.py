"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from scanner.cli.paths import path, word
from scanner.edges.mode import Network
from scanner.errors import UsageError
from scanner.render.base import Format
from scanner.request import CniProfile, HostKeyPolicy, HostKeys, Sudo

Inventory: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        parser=word("INVENTORY"),
        metavar="[INVENTORY]",
        help="The hosts and the cluster. Without it: $KSCAN_INVENTORY, else ./inventory.yaml, "
        "else this machine itself.",
    ),
]
InventoryOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "-i",
        "--inventory",
        parser=word("--inventory"),
        metavar="FILE",
        help="The same as the argument INVENTORY.",
    ),
]
Hosts: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--host", metavar="[USER@]HOST[:PORT]", help="A host without a file; ranges; repeatable."
    ),
]
Limit: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="PATTERN", help="Only these hosts: names, ranges, globs, groups, roles."),
]
Only: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="CHECK", help="Only these checks: kubeadm's name or ours, with *."),
]
Skip: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="CHECK", help="Not these checks.")
]
KubernetesVersion: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="VERSION", help="A full version such as v1.31.0; wins over the file."),
]
IgnoreErrors: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore-preflight-errors",
        metavar="NAMES",
        help="kubeadm's option: errors of these names become warnings; `all` for every one.",
    ),
]
Master: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The host for `kubeadm init`; else the first control plane."),
]
User: TypeAlias = Annotated[str | None, typer.Option("-u", "--user", help="Log in as this user.")]
Port: TypeAlias = Annotated[int | None, typer.Option(help="SSH port.")]
IdentityFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--identity-file",
        parser=path("--identity-file"),
        metavar="FILE",
        help="Private key to log in with.",
    ),
]
Jump: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="HOST[,HOST...]", help="Go through these jump hosts, in order; `none` for none."
    ),
]
SudoOption: TypeAlias = Annotated[
    Sudo | None, typer.Option("--sudo", help="Become root with sudo or doas, or never.")
]
AskPass: TypeAlias = Annotated[
    bool,
    typer.Option(
        "-k", "--ask-pass", help="Ask once for the SSH password of all hosts (as ansible's -k)."
    ),
]
AskSudoPass: TypeAlias = Annotated[
    bool,
    typer.Option(
        "-K",
        "--ask-sudo-pass",
        help="Ask once for the sudo password of all hosts (as ansible's -K).",
    ),
]
HostKeysOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--host-keys", metavar="POLICY", help="strict, accept-new, off, or a SHA256: fingerprint."
    ),
]
Timeout: TypeAlias = Annotated[
    float, typer.Option(min=1, help="Seconds for one host, from its start.")
]
Concurrency: TypeAlias = Annotated[
    int, typer.Option(min=1, help="Hosts at once; one that does not answer counts half a second.")
]
SaveCaptures: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        parser=path("--save-captures"), metavar="DIR", help="Keep each host's raw answer in DIR."
    ),
]
NetworkOption: TypeAlias = Annotated[
    Network | None,
    typer.Option(
        "--network",
        help="What the hosts dial of each other: nothing, what is there (the default), or with "
        "listeners that tell a firewall's refusal: from each host to some, or to all.",
    ),
]
CniProfileOption: TypeAlias = Annotated[
    CniProfile | None,
    typer.Option("--cni-profile", help="Whose ports the hosts must reach each other on."),
]
EtcdFsync: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--etcd-fsync",
        help="Time fsync on the disk of etcd's dataDir: WRITES up to 22 MiB there, 10 s at most, "
        "to a file without a name; not where etcd's data is.",
    ),
]
RegistryOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--registry",
        help="Let each host ask the image registry for one manifest, without credentials; nothing "
        "is pulled.",
    ),
]
WithKubeadm: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--with-kubeadm",
        help="Run each host's own kubeadm preflight too, after asking: it may pull images.",
    ),
]
Yes: TypeAlias = Annotated[
    bool, typer.Option("-y", "--yes", help="Answer yes to the question of --with-kubeadm.")
]
Strict: TypeAlias = Annotated[bool, typer.Option(help="Exit 5 if there are warnings.")]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress and no notes on stderr.")
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option(
        "-v",
        "--verbose",
        count=True,
        show_default=False,
        help="Say on stderr what is done; -vv and -vvv say more, also of SSH.",
    ),
]
LogFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        parser=path("--log-file"),
        metavar="FILE",
        help="Keep what is done in FILE, without secrets, mode 0600.",
    ),
]
All: TypeAlias = Annotated[
    bool | None,
    typer.Option("--all/--only-failing", help="Show every check, or only those that did not pass."),
]
Wide: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--wide/--compact",
        help="On the terminal: one matrix with every column and no name cut, or no matrix and two "
        "lines for each problem. Else what the width has room for.",
    ),
]
Keep: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--keep",
        min=1,
        metavar="N",
        help="Then take away all of kscan's run directories in reports/ but the newest N.",
    ),
]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        parser=path("--output"),
        metavar="FILE",
        help="Write the document here, not to stdout.",
    ),
]


FormatOption: TypeAlias = Annotated[
    Format | None,
    typer.Option("--format", help="Write only this document; no report directory is made."),
]


def one_inventory(argument: str | None, option: str | None) -> str | None:
    """What INVENTORY and --inventory name, of which only one can be given.

    Raises:
        UsageError: both were.
    """
    if argument is not None and option is not None:
        raise UsageError(f"two inventories, {argument!r} and --inventory {option!r}: give one")
    return argument if option is None else option


def host_keys(text: str | None) -> HostKeys | None:
    """Read `--host-keys`: a policy, or comma-separated fingerprints.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    if text in set(HostKeyPolicy):
        return HostKeyPolicy(text)
    pins = tuple(part.strip() for part in text.split(","))
    if all(pin.startswith("SHA256:") for pin in pins):
        return pins
    raise UsageError(f"--host-keys {text}: expected strict, accept-new, off or SHA256:...")
