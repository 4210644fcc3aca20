"""What hosts found out about each other, kept beside their captures, to be judged again later."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import TypeAdapter, ValidationError

from scanner.edges.report import EdgesReport
from scanner.errors import CaptureError
from scanner.fleet.judge import FleetResult
from scanner.fleet.record import FleetFacts, Reach
from scanner.runs.private_file import whole_private
from scanner.secrets.redact import redactor

FILE = "edges.json"
_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class SavedEdges:
    """Of one run; the file is for this program alone, and its fields may change with it."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = {"extra": "forbid"}

    hosts: tuple[str, ...]
    """Of the whole run, reached or not."""
    results: tuple[FleetResult, ...]
    """Of KS790 to KS792, before anything was ignored or left out."""
    report: EdgesReport | None
    reach: Mapping[str, Reach] = field(default_factory=dict)
    """Host -> what it found at the control plane's endpoint."""
    why: Mapping[str, str] = field(default_factory=dict)
    """Host -> why it found nothing there."""
    schema: Literal["kscan.edges/v1"] = "kscan.edges/v1"

    @classmethod
    def of(
        cls,
        results: tuple[FleetResult, ...],
        report: EdgesReport | None,
        records: Iterable[FleetFacts],
    ) -> SavedEdges:
        """Take from a run what was dialled."""
        hosts = tuple(records)
        reach = {host.host: host.reach for host in hosts if host.reach is not None}
        why = {host.host: host.why["reach"] for host in hosts if "reach" in host.why}
        return cls(tuple(host.host for host in hosts), results, report, reach, why)


@functools.cache
def _adapter() -> TypeAdapter[SavedEdges]:
    """Made when a file is read or written: most runs have none."""
    return TypeAdapter(SavedEdges)


def forget(directory: Path) -> None:
    """Take a file of an earlier run away, so that it is not taken for this one's.

    Raises:
        CaptureError: it cannot be taken away.
    """
    path = directory / FILE
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CaptureError(f"{path}: cannot be removed: {error.strerror}") from error


def save(directory: Path, edges: SavedEdges) -> None:
    """Write the file, 0600 and whole or not at all.

    Raises:
        CaptureError: it cannot be written.
    """
    path = directory / FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_private(path) as file:
            file.write(_adapter().dump_json(redactor().value(edges), by_alias=True).decode())
    except OSError as error:
        raise CaptureError(f"{path}: cannot be written: {error.strerror}") from error


def read(directory: Path) -> SavedEdges | None:
    """Read what `save` wrote; None if there is no such file.

    Raises:
        CaptureError: it cannot be read, or is no such file.
    """
    path = directory / FILE
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CaptureError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise CaptureError(f"{path}: larger than {_MAX_BYTES >> 20} MiB")
    try:
        edges = _adapter().validate_json(data)
    except ValidationError as error:
        raise CaptureError(f"{path}: not the edges of a kscan like this one") from error
    if edges.report is not None and not edges.report.is_square:
        raise CaptureError(f"{path}: its matrix does not fit its hosts")
    paths = None if edges.report is None else edges.report.paths
    if paths is not None and not (paths.fits and set(edges.hosts).issuperset(paths.hosts)):
        raise CaptureError(f"{path}: its paths do not fit its hosts")
    return edges
