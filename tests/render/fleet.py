"""Made-up hosts: a small fleet with one of everything for the golden files, and large ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pydantic import TypeAdapter

from scanner.checks.rule import Evidence, Finding, Severity
from scanner.cluster.result import Outcome, PhaseResult
from scanner.evaluate import Ignored, Result
from scanner.fleet.judge import FleetResult
from scanner.fleet.rule import FleetFinding
from scanner.membership import State
from scanner.report import (
    ClusterReport,
    Counter,
    Header,
    HostReport,
    HostSeconds,
    HostStatus,
    HostVersions,
    Report,
    Run,
    Tool,
    is_ready,
    status_of,
)
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

HOST = TypeAdapter(HostReport)
TITLES = {
    "KS501": "Clock source",
    "KS701": "node names",
    "KS702": "machine-ids",
    "KS703": "product_uuids",
    "KS705": "addresses",
    "KS711": "clocks",
}
HOSTILE = "<script>alert('x')</script>\" & \x1b[31mred\x07 \u202egnp.exe\u2066 \x9b2J\r\nfake: PASS"
MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"
CHECKS = (
    ("KS101", "NumCPU", ""),
    ("KS102", "Mem", ""),
    ("KS103", "SystemVerification", ""),
    ("KS201", "Swap", ""),
    ("KS202", "Hostname", ""),
    ("KS204", "FileExisting-crictl", ""),
    ("KS301", "Port-6443", "6443"),
    ("KS301", "Port-10250", "10250"),
    ("KS302", f"FileAvailable-{MANIFEST.replace('/', '-')}", MANIFEST),
    ("KS501", None, "tsc"),
)
NOT_ASKED = {"NumCPU", "Mem", "Port-6443"}

TOOL = Tool("kscan", "0.1.0")
RUN = Run("20260131T101500Z-5d1c", "2026-01-31T10:15:00Z", 2.718)
CLUSTER = ClusterReport(
    "prod", "v1.31.2", "kubeadm on cp1", "", 6443, ("10.244.0.0/16",), ("10.96.0.0/12",)
)


def fail(message: str, remedy: str, have: str = "", need: str = "", source: str = "") -> Result:
    finding = Finding(message, have, need, source, Severity.ERROR)
    return Result("", None, "", Verdict.FAIL, message, remedy, source, (finding,), blocking=True)


def warn(message: str, remedy: str = "", source: str = "") -> Result:
    finding = Finding(message, "", "", source, Severity.WARNING)
    return Result("", None, "", Verdict.WARN, message, remedy, source, (finding,))


def unknown(message: str, *, blocking: bool) -> Result:
    return Result("", None, "", Verdict.UNKNOWN, message, blocking=blocking)


def host(name: str, address: str, role: str = "join-worker", /, **wrong: Result) -> HostReport:
    """A host on which all passes but what is named, `-` written as `_`."""
    results = []
    for check, kubeadm, subject in CHECKS:
        made = wrong.get((kubeadm or check).replace("-", "_"))
        if made is None and role == "join-worker" and kubeadm in NOT_ASKED:
            made = Result("", None, "", Verdict.SKIP, "kubeadm v1.31.2 does not ask workers")
        made = made or Result("", None, "", Verdict.PASS, "")
        evidence = Evidence.OWN if kubeadm is None else Evidence.SOURCE
        results.append(
            replace(made, check=check, kubeadm=kubeadm, subject=subject, evidence=evidence)
        )
    return HostReport(
        name,
        name,
        address,
        ("control-plane",) if role == "init" else ("worker",),
        role,
        status_of(tuple(results), State.NONE),
        seconds=HostSeconds(0.21, 0.34),
        versions=HostVersions("v1.31.2", "v1.31.2"),
        capture_id="0123456789abcdef",
        facts={"Cpu": {"online": 4}, "Swap": {"devices": []}},
        results=tuple(results),
    )


def unreachable(name: str, address: str, reason: str) -> HostReport:
    return HostReport(name, "", address, ("worker",), "", HostStatus.UNREACHABLE, reason)


def small_fleet() -> list[HostReport]:
    """Eight hosts: ready, with warnings, not ready, unreachable, hostile."""
    old = warn("cgroups v1 support is in maintenance mode", "Move to cgroups v2.")
    swap = fail(
        "swap is on: /dev/dm-1",
        "Turn swap off and take it out of /etc/fstab.",
        "2047 MiB",
        "none",
        "/proc/swaps",
    )
    ignored = replace(
        swap, verdict=Verdict.WARN, blocking=False, ignored=Ignored("NodeSwap is on", "2027-01-31")
    )
    busy = fail("port 10250 is in use by kubelet", "Run `kubeadm reset`.", source="/proc/net/tcp")
    says = ("[ERROR Port-10250]: Port 10250 is in use",)
    evil = host("evil", "10.0.0.66", Hostname=fail(HOSTILE, "Rename the host."), Swap=ignored)
    lost = "no answer from {}:22 within 10 s: is the host up, and is a firewall in the way?"
    return [
        host("cp1", "10.0.0.10", "init"),
        *(host(f"node{n}", f"10.0.0.1{n}", SystemVerification=old) for n in (1, 2, 3)),
        host(
            "node4",
            "10.0.0.14",
            SystemVerification=old,
            Swap=swap,
            Hostname=unknown("could not be known: no answer from DNS in 5 s", blocking=False),
            FileExisting_crictl=unknown("could not be known: PATH was not read", blocking=True),
            Port_10250=replace(busy, kubeadm_says=says),
        ),
        unreachable("node5", "10.0.0.15", lost.format("10.0.0.15")),
        unreachable("node6", "10.0.0.16", lost.format("10.0.0.16")),
        replace(
            evil,
            node_name=HOSTILE,
            notes=(f"its own name differs: {HOSTILE}",),
            facts={HOSTILE: {"pretty_name": HOSTILE, "</td>": [HOSTILE, None, True, 1.5]}},
        ),
    ]


def between_hosts() -> tuple[FleetResult, ...]:
    """One result of each kind, and a hostile one."""
    twin = FleetFinding(
        "the node name web is on more than one host",
        ("node1", "node3"),
        "2 hosts with web",
        "one",
        "nodeName or /proc/sys/kernel/hostname",
        Severity.ERROR,
    )
    late = replace(twin, message=f"a clock of {HOSTILE} is behind", hosts=("node2", "evil"))
    lost = ("node5", "node6")
    missing = "nothing is wrong among 6 of 8 hosts, and the rest are not known: not reached"
    return (
        FleetResult(
            *("KS701", "", Verdict.FAIL, f"{twin.message}; known of 6 of 8 hosts only"),
            *(twin.hosts, 6, 8),
            remedy="Give each host its own name.",
            source=twin.source,
            findings=(twin,),
            blocking=True,
        ),
        FleetResult("KS702", "", Verdict.UNKNOWN, missing, lost, 6, 8),
        FleetResult("KS703", "", Verdict.UNKNOWN, missing, lost, 6, 8),
        FleetResult("KS705", "", Verdict.UNKNOWN, missing, lost, 6, 8, blocking=True),
        FleetResult(
            *("KS711", "", Verdict.WARN, late.message, late.hosts, 8, 8),
            remedy="Start a time daemon.",
            findings=tuple(replace(late, message=f"{n}: {late.message}") for n in range(7)),
            ignored=Ignored("a lab", "2027-01-31"),
        ),
        FleetResult("KS731", "", Verdict.PASS, "nothing overlaps", (), 8, 8),
        FleetResult("KS741", "", Verdict.SKIP, "there is no endpoint", (), 0, 8),
    )


def of_the_cluster() -> tuple[VerifyResult, ...]:
    """One result about the running cluster of each kind, and a hostile one."""
    return (
        VerifyResult("KS801", "", Verdict.PASS, "it answers", 1),
        VerifyResult(
            *("KS802", "kube-proxy", Verdict.FAIL, f"{HOSTILE} pods are not ready"),
            depends=("KS801",),
            remedy="Look at its log.",
            blocking=True,
        ),
        VerifyResult("KS802", "CoreDNS", Verdict.UNKNOWN, "no answer", blocking=True),
        VerifyResult("KS803", "", Verdict.WARN, "old", ignored=Ignored("a lab", "")),
        VerifyResult("KS804", "", Verdict.SKIP, "not asked"),
    )


def phases() -> tuple[PhaseResult, ...]:
    """One phase of each outcome."""
    return (
        PhaseResult("init", "cp1", Outcome.DONE, 20.5),
        PhaseResult("addons", "cp1", Outcome.ALREADY, 0.5),
        PhaseResult("join", "node1", Outcome.FAILED, 3.25, "kubeadm ended with 1", (HOSTILE, "x")),
        PhaseResult("join", "node2", Outcome.SKIPPED, 0.0),
    )


def applied() -> Report:
    """A report that has all there is."""
    report = report_of(small_fleet(), fleet=between_hosts())
    counter = Counter()
    counter.add_fleet(report.fleet)
    counter.add_verify(of_the_cluster())
    for one in report.hosts():
        counter.add(one)
    header = replace(report.header, summary=counter.summary(), ready=False)
    return replace(report, header=header, verify=of_the_cluster(), phases=phases())


def report_of(
    hosts: Iterable[HostReport], run: Run = RUN, fleet: tuple[FleetResult, ...] = ()
) -> Report:
    kept = list(hosts)
    counter = Counter()
    counter.add_fleet(fleet)
    for one in kept:
        counter.add(one)
    summary = counter.summary()
    ready = is_ready(summary, complete=run.complete)
    header = Header(TOOL, run, CLUSTER, ready, summary, TITLES)
    return Report(header, lambda: iter(kept), lambda: map(_line, kept), fleet)


def _line(one: HostReport) -> bytes:
    return HOST.dump_json(one, by_alias=True)


def varied_fleet(hosts: int, groups: int) -> list[HostReport]:
    """Many hosts of few kinds: what is wrong with one follows from its number."""
    fixes = {
        "Swap": fail("swap is on: /dev/dm-1", "Turn swap off.", "2047 MiB", "none"),
        "Port_10250": fail("port 10250 is in use by kubelet", "Run `kubeadm reset`."),
        "SystemVerification": warn("cgroups v1 support is in maintenance mode"),
        "Hostname": unknown("could not be known: no answer from DNS", blocking=False),
        "FileExisting_crictl": warn("crictl not found in system path", "Install crictl."),
        f"FileAvailable-{MANIFEST.replace('/', '-')}".replace("-", "_"): fail(
            f"{MANIFEST} already exists", "Run `kubeadm reset`."
        ),
    }
    made = []
    for number in range(1, hosts + 1):
        kind = number % 97 if number % 97 < groups else 0
        wrong = {name: fix for bit, (name, fix) in enumerate(fixes.items()) if kind >> bit & 1}
        made.append(host(f"node{number}", f"10.0.{number // 256}.{number % 256}", **wrong))
    return made
