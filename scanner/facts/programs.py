"""What kubeadm, kubelet and docker said when they were run, and the sockets of runtimes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields
from scanner.facts.images import parse_images
from scanner.facts.paths import PathState
from scanner.kubeadm.go_builds import Go, parse_go
from scanner.versions import Version, parse_version


@dataclass(frozen=True, slots=True)
class Run:
    """One program, run once."""

    exit_status: int
    stdout: str
    stderr: str

    @property
    def words(self) -> str:
        """What it said, in one line of at most 300 characters, for messages."""
        return textwrap.shorten(self.stderr or self.stdout, 300, placeholder=" ...")


def read_run(fields: Fields) -> Run:
    """What a program said, of its `out=`, `err=` and `rc=`.

    Raises:
        ParseError: there is no exit status.
    """
    return Run(
        fields.number("rc"),
        "\n".join(fields.all("out")),
        "\n".join(dict.fromkeys(fields.all("err"))),
    )


@dataclass(frozen=True, slots=True)
class Kubeadm:
    """`kubeadm version -o yaml`; all None where there is no kubeadm."""

    version: Version | None
    run: Run | None
    go: Go | None = None
    """The Go that it was built with; None where it does not say."""


_VERSION_FIELD = re.compile(r"^ *(gitVersion|goVersion): *[\"']?([^\"'\n]*)", re.MULTILINE)


def parse_kubeadm(text: str) -> Kubeadm:
    """Read the tagged output; a kubeadm that prints something else has no version.

    Older probes asked for `-o short`, which is the version alone.
    """
    fields = Fields.of(text)
    if fields.get("kubeadm") == "absent":
        return Kubeadm(None, None)
    run = read_run(fields)
    told = {match[1]: match[2] for match in _VERSION_FIELD.finditer(run.stdout)}
    try:
        version = parse_version(told.get("gitVersion", run.stdout))
    except ValueError:
        return Kubeadm(None, run)
    return Kubeadm(version, run, parse_go(told.get("goVersion", "")))


@dataclass(frozen=True, slots=True)
class Kubelet:
    """`kubelet --version`; both None where there is no kubelet."""

    version: Version | None
    run: Run | None


_KUBELET = re.compile(r"Kubernetes v(\S+)\Z")


def parse_kubelet(text: str) -> Kubelet:
    """Read the tagged output, of which stdout must be `Kubernetes v<semver>`."""
    fields = Fields.of(text)
    if fields.get("kubelet") == "absent":
        return Kubelet(None, None)
    run = read_run(fields)
    match = _KUBELET.match(run.stdout.strip())
    try:
        return Kubelet(parse_version(match[1]) if match else None, run)
    except ValueError:
        return Kubelet(None, run)


@dataclass(frozen=True, slots=True)
class Docker:
    """`docker info`; `run` is None where there is no docker client."""

    server_version: str
    """Empty if the daemon does not answer."""
    graph_driver: str
    cgroup_driver: str
    run: Run | None
    images: frozenset[str] | None = None
    """Names with tags, of the images that kubeadm may want; None if they are not known."""

    @property
    def alive(self) -> bool:
        """True if the daemon answered."""
        return bool(self.server_version)


def parse_docker(text: str) -> Docker:
    """Read `ServerVersion|Driver|CgroupDriver`."""
    fields = Fields.of(text)
    if fields.get("docker") == "absent":
        return Docker("", "", "", None)
    run = read_run(fields)
    values = run.stdout.split("\n")[-1].split("|")
    if run.exit_status != 0 or len(values) != 3:  # noqa: PLR2004 - the three fields of the format
        return Docker("", "", "", run)
    images = parse_images(fields, complete="images" in fields.values)
    return Docker(values[0], values[1], values[2], run, images)


@dataclass(frozen=True, slots=True)
class Sockets:
    """Runtime sockets that exist, among those kubeadm looks for and the configured one."""

    present: frozenset[str]
    others: Mapping[str, PathState]
    """What is known of the paths at which there is no socket to be seen."""


def parse_sockets(text: str) -> Sockets:
    """Read `socket=PATH` and `STATE=PATH`."""
    fields = Fields.of(text)
    if fields.one("asked") != "yes":
        raise ParseError("the sockets were not looked for")
    others = {path: state for state in PathState for path in fields.all(state.value)}
    return Sockets(frozenset(fields.all("socket")), others)
