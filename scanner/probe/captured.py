"""The hosts of a directory of captures."""

from __future__ import annotations

from pathlib import Path

from scanner.errors import CaptureError
from scanner.probe.capture import SUFFIX, Capture, read
from scanner.request import Cluster, Host, Login, NodeRole, Request
from scanner.versions import Version


def captured_request(directory: Path, kubernetes_version: Version | None) -> Request:
    """Take host names, addresses and roles from the captures, in the order of their file names.

    Raises:
        CaptureError: there is no capture, or one cannot be read.
    """
    paths = sorted(directory.glob(f"*{SUFFIX}"))
    if not paths:
        raise CaptureError(f"{directory}: no files *{SUFFIX} here; see kscan check --save-captures")
    hosts = tuple(_host(path) for path in paths)
    return Request(hosts, Cluster(kubernetes_version=kubernetes_version), source=str(directory))


def _host(path: Path) -> Host:
    try:
        capture = read(path)
    except OSError as error:
        raise CaptureError(f"{path}: cannot be read: {error.strerror}") from error
    except CaptureError as error:
        raise CaptureError(f"{path}: {error}") from error
    # The file's name, not what stands in it, is what the replay looks for.
    name = path.name.removesuffix(SUFFIX)
    return Host(name, Login(capture.address), roles=_roles(path, capture))


def _roles(path: Path, capture: Capture) -> frozenset[NodeRole]:
    try:
        return frozenset(map(NodeRole, capture.roles)) or frozenset({NodeRole.WORKER})
    except ValueError as error:
        raise CaptureError(f"{path}: not a capture: {error}") from error
