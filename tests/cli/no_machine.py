"""Two hosts of no machine, for what `init` does between the check and the first change."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scanner.cli.change.bring_up import bring_up
from scanner.cli.change.checked import ROUTES
from scanner.cli.change.prepared import Prepared
from scanner.cli.change.task import Task
from scanner.cli.document import Output
from scanner.cluster.plan import Plan
from scanner.cluster.sequence import FINISH, INIT
from scanner.cluster.work import Work, Worked
from scanner.errors import KscanError
from scanner.exit_status import ExitStatus
from scanner.fleet.judge import FleetResult
from scanner.fleet.nodes_there import NodesThere
from scanner.inventory.overrides import Loaded
from scanner.membership import Membership, State
from scanner.render.base import Format
from scanner.report import HostStatus
from scanner.request import NodeRole, Request
from scanner.scan_options import ScanOptions
from scanner.target import Role
from scanner.verdict import Verdict
from tests.cluster.machine import host, member
from tests.cluster.reports import report, row

OUR_NODES = NodesThere(frozenset({"192.0.2.3"}), frozenset())
IN_DOUBT = FleetResult(
    ROUTES, "", Verdict.UNKNOWN, "whether it is a node", measured=1, total=2, blocking=True
)
OVERLAP = replace(IN_DOUBT, verdict=Verdict.FAIL, measured=2)
GOOD = replace(IN_DOUBT, verdict=Verdict.PASS, measured=2, blocking=False)


@dataclass
class Hosts:
    """node1 is the master, node2 a worker; what is found of them, and what they are asked."""

    master: State = State.MEMBER
    second: Role = Role.JOIN_WORKER
    """What node2 is to be."""
    routes: FleetResult = GOOD
    nodes: NodesThere | None = OUR_NODES
    scans: list[ScanOptions] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    ends: Worked | KscanError = field(default_factory=lambda: Worked((), (), stopped=False))

    @contextmanager
    def scanned(
        self, _loaded: Loaded, _machines: Any, options: ScanOptions, _output: Output
    ) -> Any:
        self.scans.append(options)
        state = HostStatus.MEMBER if self.master is State.MEMBER else HostStatus.READY
        assert options.take is not None
        for name, role in (("node1", Role.INIT), ("node2", self.second)):
            target = member(name, role).target
            is_master = Membership(self.master if name == "node1" else State.NONE)
            options.take(host(name), {}, replace(target, membership=is_master))  # type: ignore[arg-type]
        routes = self.routes if options.there is None else GOOD
        yield report(row("node1", status=state), row("node2"), fleet=(routes,))

    async def ask(self, _work: Work, master: str) -> NodesThere | None:
        self.asked.append(master)
        return self.nodes

    async def run(self, _work: Work, plan: Plan, *_words: Any) -> Worked:
        self.plans.append(plan)
        if isinstance(self.ends, KscanError):
            raise self.ends
        return self.ends


def done(*, inventory: frozenset[str] = frozenset(), **fields: Any) -> ExitStatus:
    request = Request(
        (host("node1", NodeRole.CONTROL_PLANE), host("node2")), source=str(Path("prod.yaml"))
    )
    task = Task("kscan init prod.yaml", INIT, FINISH, yes=True, **fields)
    output = Output(Format.JSON, Path("out.json"), quiet=True)
    if task.plan_only:
        output = Output(quiet=True)
    machines: Any = None
    run = Prepared(Loaded(request), machines, ScanOptions(), frozenset(), inventory)
    return bring_up(task, run, output)


def document() -> Any:
    return json.loads(Path("out.json").read_text(encoding="utf-8"))
