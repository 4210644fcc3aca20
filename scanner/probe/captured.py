"""The hosts of a directory of captures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanner.errors import CaptureError
from scanner.probe.capture import SUFFIX, read
from scanner.request import Cluster, Host, Login, NodeRole, Request
from scanner.versions import Version


@dataclass(frozen=True, slots=True)
class Captured:
    """The hosts, and what could not be read."""

    request: Request
    unreadable: tuple[str, ...] = ()
    """A sentence for each host whose capture is none: it stays, and replaying it says why."""


def capture_files(directory: Path) -> list[Path]:
    """The captures in a directory, in the order of their names.

    Raises:
        CaptureError: it is no directory, or there is none in it.
    """
    if not directory.is_dir():
        raise CaptureError(f"{directory}: is no directory; see kscan check --save-captures")
    paths = sorted(directory.glob(f"*{SUFFIX}"))
    if not paths:
        raise CaptureError(f"{directory}: no files *{SUFFIX} here; see kscan check --save-captures")
    return paths


def captured_request(directory: Path, kubernetes_version: Version | None) -> Captured:
    """Take host names, addresses and roles from the captures, in the order of their file names.

    Raises:
        CaptureError: there is no capture, or none that can be read.
    """
    hosts: list[Host] = []
    wrong: list[str] = []
    for path in capture_files(directory):
        try:
            hosts.append(_host(path))
        except CaptureError as error:
            hosts.append(Host(_name(path), Login(_name(path))))
            wrong.append(str(error))
    if len(wrong) == len(hosts):
        raise CaptureError("\n".join(wrong))
    request = Request(
        tuple(hosts), Cluster(kubernetes_version=kubernetes_version), source=str(directory)
    )
    return Captured(request, tuple(wrong))


def _host(path: Path) -> Host:
    try:
        capture = read(path)
    except OSError as error:
        raise CaptureError(f"{path}: cannot be read: {error.strerror}") from error
    except CaptureError as error:
        raise CaptureError(f"{path}: {error}") from error
    roles = frozenset(map(NodeRole, capture.roles)) or frozenset({NodeRole.WORKER})
    return Host(_name(path), Login(capture.address), roles=roles)


def _name(path: Path) -> str:
    """The file's name, not what stands in it, is what the replay looks for."""
    return path.name.removesuffix(SUFFIX)
