"""The whole of `kscan.report/v1` as one type: the schema's origin, and how files are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from scanner.cluster.result import PhaseResult
from scanner.edges.report import EdgesReport
from scanner.fleet.judge import FleetResult
from scanner.json_names import JSON_NAMES
from scanner.report import ClusterReport, HostReport, Run, Summary, Tool
from scanner.verify.result import VerifyResult


@dataclass(frozen=True, slots=True)
class Document:
    """A report of kscan: one run over some hosts."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    schema: Literal["kscan.report/v1"]
    tool: Tool
    run: Run
    cluster: ClusterReport
    ready: bool
    summary: Summary
    titles: Mapping[str, str]
    hosts: tuple[HostReport, ...]
    """In the order of the inventory; `name` is unique."""
    fleet: tuple[FleetResult, ...]
    """Results that no host has alone; (check, subject) is unique."""
    edges: EdgesReport | None
    """Connections between hosts; null if none was tried."""
    phases: tuple[PhaseResult, ...]
    """What init, join or reset did; empty for a check. (phase, host) is unique."""
    verify: tuple[VerifyResult, ...]
    """What the running cluster was seen to be; (check, subject) is unique."""
