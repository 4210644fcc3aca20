"""The plan: which results of a host a script can mend, by which calls, and which it leaves.

Pure: a host's row in, values out. Nothing that a host has said becomes a word of a call unless it
is one of the words that are known here, a node name or an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.checks.sysctls import PATHS
from scanner.evaluate import Result
from scanner.facts.runtime_config import CGROUPFS, CONTAINERD_CONFIG, SYSTEMD
from scanner.fix.host import Ground
from scanner.fix.packages import package_of
from scanner.verdict import Verdict

Call = tuple[str, ...]
"""A function of scanner/fix/shell and its arguments."""


class Left(Exception):
    """A result that no script mends; the message says why, and may be empty."""


@dataclass(frozen=True, slots=True)
class Part:
    """One block of a script: it is run by itself, and fails by itself."""

    title: str
    mends: tuple[Result, ...]
    calls: tuple[Call, ...]
    pieces: tuple[str, ...]
    """Files of scanner/fix/shell that the calls need."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One result that stays for a person."""

    result: Result
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a host's results that are not green."""

    ground: Ground
    parts: tuple[Part, ...]
    left: tuple[Leaving, ...]


def plan(ground: Ground, results: Iterable[Result]) -> Plan:
    """Take what failed or was warned about; what is ignored was accepted, and stays as it is."""
    found: dict[str, list[tuple[Result, tuple[Call, ...]]]] = {}
    left: list[Leaving] = []
    for result in results:
        if result.verdict in {Verdict.PASS, Verdict.SKIP} or result.ignored is not None:
            continue
        group, calls_of = MENDERS.get(result.check, ("", _leave))
        if result.verdict is Verdict.UNKNOWN:
            calls_of = _leave_unknown
        try:
            found.setdefault(group, []).append((result, tuple(calls_of(ground, result))))
        except Left as why:
            left.append(Leaving(result, str(why)))
    parts = (_part(group, found[group]) for group in _PIECES if found.get(group))
    return Plan(ground, tuple(parts), tuple(left))


def _part(group: str, mended: list[tuple[Result, tuple[Call, ...]]]) -> Part:
    calls = tuple(dict.fromkeys(call for _, some in mended for call in some))
    if group == "programs":  # one call, so that the package manager is asked once
        calls = (("programs", calls[0][1], *dict.fromkeys(call[2] for call in calls)),)
    return Part(group, tuple(result for result, _ in mended), calls, _PIECES[group])


def _leave(_ground: Ground, _result: Result) -> Iterator[Call]:
    raise Left


def _leave_unknown(_ground: Ground, _result: Result) -> Iterator[Call]:
    raise Left("it could not be known, so nothing is done about it")


def _swap(_ground: Ground, _result: Result) -> Iterator[Call]:
    yield ("no_swap",)


_KEYS = {
    path: path.removeprefix("/proc/sys/").replace("/", ".")
    for paths in PATHS.values()
    for path in paths
}


def _sysctl(_ground: Ground, result: Result) -> Iterator[Call]:
    key = _KEYS.get(result.subject)
    if key is None:
        raise Left
    bridge = key.startswith("net.bridge.")
    yield ("bridge_sysctl_on" if bridge else "sysctl_on", key)


_MODULES = ("ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "nf_conntrack", "nf_conntrack_ipv4")


def _modules(ground: Ground, result: Result) -> Iterator[Call]:
    needs = {word for finding in result.findings for word in finding.need.split()}
    names = tuple(name for name in _MODULES if name in needs)
    if not names:
        raise Left
    yield ("modules_at_boot", "ipvs", *names)
    yield from (("load", name) for name in names)
    if "ipset" in needs:
        yield from _program_call(ground, "ipset")


def _program(ground: Ground, result: Result) -> Iterator[Call]:
    yield from _program_call(ground, result.subject)


def _program_call(ground: Ground, name: str) -> Iterator[Call]:
    if name in ground.programs:
        raise Left("it is installed, in a directory that is not on kubeadm's PATH")
    if ground.packages is None:
        raise Left("the packages of this distribution are not known here")
    package = package_of(ground.packages, name)
    if package is None:
        raise Left("it comes with Kubernetes' own packages, in a version that you choose")
    yield ("programs", ground.packages.value, f"{name}:{package}")


def _kubelet(ground: Ground, _result: Result) -> Iterator[Call]:
    if "kubelet" not in ground.units:
        raise Left("kubeadm and the kubelet are not installed by a script: choose their version")
    yield ("service_at_boot", "kubelet")  # kubeadm starts it


def _docker(ground: Ground, _result: Result) -> Iterator[Call]:
    yield from _runs(ground, "docker")


_UNITS = frozenset({"containerd", "crio", "cri-docker"})


def _runtime(ground: Ground, result: Result) -> Iterator[Call]:
    if result.subject not in _UNITS:
        raise Left
    yield from _runs(ground, result.subject)


def _runs(ground: Ground, name: str) -> Iterator[Call]:
    if name not in ground.units:
        raise Left(f"there is no service {name} yet")
    yield ("service_at_boot", name)
    yield ("service_now", name)


def _not_in_use(ground: Ground) -> None:
    if ground.in_use:
        raise Left("it needs the runtime to be restarted, and the host is in a cluster")


def _docker_driver(ground: Ground, result: Result) -> Iterator[Call]:
    if not any(finding.need == SYSTEMD for finding in result.findings):
        raise Left
    _not_in_use(ground)
    yield ("docker_systemd",)


def _drivers(ground: Ground, result: Result) -> Iterator[Call]:
    wrong = {CGROUPFS, f"{CGROUPFS} and {SYSTEMD}"}
    runtime = [finding for finding in result.findings if finding.have in wrong]
    if not runtime:
        raise Left("the kubelet's configuration is the one to change")
    _not_in_use(ground)
    in_containerd = runtime[0].source.startswith(CONTAINERD_CONFIG)
    yield ("containerd_systemd",) if in_containerd else ("docker_systemd",)


def _cri_plugin(ground: Ground, _result: Result) -> Iterator[Call]:
    _not_in_use(ground)
    yield ("cri_plugin_on",)


def _hostname(ground: Ground, result: Result) -> Iterator[Call]:
    unresolved = any(finding.have == "no address" for finding in result.findings)
    if not (unresolved and ground.node_name and ground.address):
        raise Left
    yield ("host_entry", ground.address, ground.node_name)


MENDERS: Mapping[str, tuple[str, Callable[[Ground, Result], Iterator[Call]]]] = {
    "KS104": ("swap", _swap),
    "KS105": ("host name", _hostname),
    "KS202": ("services", _kubelet),
    "KS203": ("services", _docker),
    "KS204": ("services", _runtime),
    "KS212": ("docker's cgroup driver", _docker_driver),
    "KS215": ("cgroup drivers", _drivers),
    "KS216": ("containerd's CRI plugin", _cri_plugin),
    "KS321": ("programs", _program),
    "KS401": ("kernel switches", _sysctl),
    "KS402": ("kernel switches", _sysctl),
    "KS421": ("kernel modules", _modules),
    "KS422": ("kernel modules", _modules),
    "KS423": ("kernel modules", _modules),
}
_PIECES: Mapping[str, tuple[str, ...]] = {
    "programs": ("packages",),
    "swap": ("swap",),
    "kernel modules": ("modules", "packages"),
    "kernel switches": ("modules", "sysctls"),
    "containerd's CRI plugin": ("restart", "containerd"),
    "docker's cgroup driver": ("restart", "docker"),
    "cgroup drivers": ("restart", "containerd", "docker"),
    "services": ("services",),
    "host name": ("hosts",),
}
"""Group -> the files that it needs; the order is that of a script."""
