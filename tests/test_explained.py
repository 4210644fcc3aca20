"""What explains what: the rules themselves say it, on hosts with one thing wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from scanner.checks import CATALOGUE
from scanner.evaluate import Ignored, Result, evaluate
from scanner.explained import FAILED, Place, roots
from scanner.explanations import EXPLANATIONS, Explanation, reason
from scanner.facts.cri import Rpc
from scanner.facts.hardware import Cpu, Swap
from scanner.facts.identity import Obstacle
from scanner.facts.paths import PathState
from scanner.facts.programs import Docker, Kubeadm, Kubelet, Run
from scanner.facts.services import InitSystem
from scanner.membership import Membership, State
from scanner.request import Cluster, ContainerRuntime
from scanner.target import Role
from scanner.verdict import Verdict
from tests.hosts import (
    BRIDGE_IPV4,
    BRIDGE_IPV6,
    DENIED,
    MANIFESTS,
    NOBODY,
    REFUSED,
    UNIT_ABSENT,
    UNIT_STOPPED,
    binaries,
    cgroup_v1,
    containerd,
    cri,
    docker,
    facts,
    firewall,
    kernel_config,
    leftovers,
    listeners,
    paths,
    rpc,
    services,
    silent_docker,
    sockets,
    storage,
    sysctls,
    target,
    volume,
)

DOCKER = {"runtime": ContainerRuntime.DOCKER}
OBSTACLE = Obstacle("sudo asks for a password; none was given: give it")
STOPPED = services(docker=UNIT_STOPPED)
KUBELET_CONF = "/etc/kubernetes/kubelet.conf"
UNKNOWN_SERVICE = Rpc("unknown service runtime.v1.RuntimeService (gRPC status 12)")
OLD_CRICTL = Run(
    1,
    "",
    "connect: connect endpoint 'unix:///run/containerd/containerd.sock', make sure you are running "
    "as root and the endpoint has been started: context deadline exceeded",
)
NO_KUBELET = Kubelet(None, None)
NO_DOCKER = Docker("", "", "", None)
DUAL_STACK = Cluster(pod_subnets=("10.244.0.0/16", "fd00:1::/56"))
HALF = Membership(
    State.HALF_DONE,
    (KUBELET_CONF, "kube-apiserver on port 6443", "etcd on port 2379"),
    ("an active kubelet service",),
)
FULL = storage({path: volume(1) for path in ("/var/lib/kubelet", "/var/log")})


def judged(*spoiled: object, **on: object) -> tuple[Result, ...]:
    return evaluate(CATALOGUE, facts(*spoiled), target(**on))  # type: ignore[arg-type]


def by_check(found: Mapping[Place, Place]) -> dict[str, str]:
    """`KS211` or `KS304 2379` -> the same of its root."""
    return {" ".join(place).strip(): " ".join(root).strip() for place, root in found.items()}


CASES = (
    pytest.param((), {}, {}, id="good"),
    pytest.param((Swap(("/dev/a",)), Cpu(1)), {}, {}, id="two things that have nothing in common"),
    pytest.param(
        (STOPPED, silent_docker()),
        DOCKER,
        dict.fromkeys(("KS211", "KS212", "KS215", "KS218", "KS411"), "KS203"),
        id="docker is stopped",
    ),
    pytest.param(
        (silent_docker(),),
        DOCKER,
        dict.fromkeys(("KS212", "KS215", "KS218", "KS411"), "KS211"),
        id="docker runs and does not answer",
    ),
    pytest.param(
        (STOPPED, silent_docker(), kernel_config("CGROUPS")),
        DOCKER,
        dict.fromkeys(("KS211", "KS212", "KS215", "KS218"), "KS203"),
        id="the kernel is wrong too",
    ),
    pytest.param(
        (STOPPED, silent_docker(Run(139, "", "Segmentation fault"))),
        DOCKER,
        dict.fromkeys(("KS212", "KS215", "KS218", "KS411"), "KS211"),
        id="docker is stopped, and its client is broken",
    ),
    pytest.param(
        (services(containerd=UNIT_STOPPED), cri(Run(1, "", "context deadline exceeded"))),
        {},
        {"KS218": "KS211"},
        id="containerd is stopped, and somebody else is silent",
    ),
    pytest.param(
        (services(containerd=UNIT_STOPPED), rpc(Rpc("nobody answers on its socket"))),
        {"version": "v1.35.0"},
        dict.fromkeys(("KS211", "KS217", "KS218"), "KS204 containerd"),
        id="containerd is stopped and has left its socket",
    ),
    pytest.param(
        (
            services(containerd=UNIT_STOPPED),
            rpc(Rpc("failed to connect to a snapshotter (gRPC status 2)")),
        ),
        {"version": "v1.35.0"},
        {"KS217": "KS211", "KS218": "KS211"},
        id="containerd's service is stopped, and a runtime answers",
    ),
    pytest.param(
        (
            services(containerd=UNIT_STOPPED),
            rpc(Rpc("dial unix /run/x.sock: connect: connection refused (gRPC status 14)")),
        ),
        {"version": "v1.35.0"},
        {"KS217": "KS211", "KS218": "KS211"},
        id="containerd's service is stopped, and a runtime lacks another process",
    ),
    pytest.param(
        (services(containerd=UNIT_STOPPED), cri(OLD_CRICTL)),
        {},
        {"KS211": "KS204 containerd", "KS218": "KS204 containerd"},
        id="containerd is stopped, and crictl is old",
    ),
    *(
        pytest.param(
            (STOPPED, silent_docker(Run(1, "", words))),
            DOCKER,
            dict.fromkeys(("KS211", "KS212", "KS215", "KS218", "KS411"), "KS203"),
            id=f"docker is stopped: {words}",
        )
        for words in (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?",
            "failed to connect: dial unix /var/run/docker.sock: connect: no such file or directory",
        )
    ),
    *(
        pytest.param(
            (STOPPED, silent_docker(Run(1, "", words))),
            DOCKER,
            dict.fromkeys(("KS212", "KS215", "KS218", "KS411"), "KS211"),
            id=f"docker is stopped, and that is not why: {words}",
        )
        for words in (
            "Cannot connect to the Docker daemon at tcp://10.0.0.9:2375. Is it running?",
            "error during connect: dial tcp 10.0.0.9:2375: connect: connection refused",
            "dial unix /var/run/docker.sock: connect: permission denied",
        )
    ),
    pytest.param((STOPPED,), DOCKER, {}, id="somebody else has started docker"),
    pytest.param(
        (STOPPED, silent_docker()),
        {**DOCKER, "version": "v1.31.0"},
        dict.fromkeys(("KS212", "KS214", "KS215"), "KS203"),
        id="docker behind cri-dockerd",
    ),
    pytest.param(
        (silent_docker(),),
        {**DOCKER, "version": "v1.31.0"},
        dict.fromkeys(("KS214", "KS215"), "KS212"),
        id="docker behind cri-dockerd runs and does not answer",
    ),
    pytest.param(
        (NO_DOCKER, binaries("docker")),
        DOCKER,
        dict.fromkeys(("KS203", "KS212", "KS215", "KS218"), "KS211"),
        id="no docker client",
    ),
    pytest.param(
        (services(containerd=UNIT_STOPPED), cri(sockets=()), sockets()),
        {"version": "v1.35.0"},
        dict.fromkeys(("KS211", "KS217", "KS218"), "KS204 containerd"),
        id="containerd is stopped",
    ),
    pytest.param(
        (services(crio=UNIT_STOPPED), cri(REFUSED)),
        {"runtime": ContainerRuntime.CRIO},
        {"KS211": "KS204 crio", "KS218": "KS204 crio"},
        id="CRI-O is stopped",
    ),
    pytest.param(
        (services(containerd=UNIT_STOPPED), cri(ready=False)),
        {"version": "v1.31.0"},
        {},
        id="a runtime that is not ready has answered",
    ),
    pytest.param(
        (rpc(UNKNOWN_SERVICE), containerd("cri", runc=True)),
        {"version": "v1.35.0"},
        dict.fromkeys(("KS211", "KS217", "KS218"), "KS216"),
        id="the CRI plugin is off",
    ),
    pytest.param(
        (rpc(Rpc("no answer")), containerd("cri", runc=True)),
        {"version": "v1.31.0"},
        {"KS218": "KS211"},
        id="the CRI plugin is off, and that is not why",
    ),
    pytest.param(
        (cri(sockets=()), sockets(), binaries("crictl")),
        {"version": "v1.30.0"},
        {"KS211": "KS321 crictl"},
        id="no crictl",
    ),
    pytest.param(
        (NO_KUBELET, binaries("kubelet"), services(kubelet=UNIT_ABSENT)),
        {},
        {"KS202": "KS112"},
        id="no kubelet",
    ),
    pytest.param(
        (NO_KUBELET, binaries("kubelet"), services(kubelet=UNIT_STOPPED)),
        {},
        {},
        id="a kubelet off the PATH",
    ),
    pytest.param(
        (Kubeadm(None, None), binaries("kubeadm")),
        {},
        {"KS111": "KS114 kubeadm", "KS113": "KS114 kubeadm"},
        id="no kubeadm",
    ),
    pytest.param(
        (services(InitSystem.NONE),),
        {},
        {"KS201": "KS202", "KS204 containerd": "KS202"},
        id="no init system",
    ),
    pytest.param(
        (sysctls(absent=(BRIDGE_IPV4, BRIDGE_IPV6)),),
        {"version": "v1.20.2", "advertise_address": "2001:db8::1"},
        {f"KS401 {BRIDGE_IPV6}": f"KS401 {BRIDGE_IPV4}"},
        id="no br_netfilter",
    ),
    pytest.param(
        (sysctls(absent=(BRIDGE_IPV4, BRIDGE_IPV6)),),
        {"version": "v1.31.0", "cluster": DUAL_STACK},
        {f"KS402 {BRIDGE_IPV6}": f"KS402 {BRIDGE_IPV4}"},
        id="no br_netfilter, for which kubeadm does not ask",
    ),
    pytest.param(
        (FULL,),
        {},
        {"KS318 /var/log": "KS318 /var/lib/kubelet"},
        id="one full file system",
    ),
    pytest.param(
        (storage({"/var/lib/kubelet": volume(1), "/var/log": volume(1.5)}),),
        {},
        {},
        id="two full file systems",
    ),
    pytest.param(
        (storage({"/var/lib/etcd": volume(1, kind="tmpfs"), "/var/log": volume(1)}),),
        {},
        {"KS318 /var/log": "KS318 /var/lib/etcd"},
        id="one file system, and more is wrong with etcd's",
    ),
    pytest.param(
        (
            paths(
                {
                    f"{MANIFESTS}/etcd.yaml": PathState.FILE,
                    MANIFESTS: PathState.DIR_NOT_EMPTY,
                },
                ("etcd.yaml",),
            ),
        ),
        {"role": Role.JOIN_CONTROL_PLANE},
        {f"KS312 {MANIFESTS}": f"KS311 {MANIFESTS}/etcd.yaml"},
        id="a manifest",
    ),
    pytest.param(
        (
            paths(
                {
                    f"{MANIFESTS}/etcd.yaml": PathState.FILE,
                    MANIFESTS: PathState.DIR_NOT_EMPTY,
                },
                ("etcd.yaml", "x.yaml"),
            ),
        ),
        {"role": Role.JOIN_CONTROL_PLANE},
        {},
        id="a manifest and another file",
    ),
    pytest.param(
        (paths({KUBELET_CONF: PathState.FILE}), listeners(6443, "::")),
        {"role": Role.JOIN_CONTROL_PLANE, "membership": HALF},
        {f"KS313 {KUBELET_CONF}": "KS317", "KS301 6443": "KS317"},
        id="half done",
    ),
    pytest.param(
        (paths({KUBELET_CONF: PathState.FILE}), listeners(6443, "::")),
        {"role": Role.JOIN_CONTROL_PLANE},
        {},
        id="the same, and nothing says whose it is",
    ),
)


@pytest.mark.parametrize(("spoiled", "on", "found"), CASES)
def test_what_explains_what(
    spoiled: tuple[object, ...], on: dict[str, object], found: dict[str, str]
) -> None:
    assert by_check(roots(judged(*spoiled, **on))) == found


def test_every_row_that_only_root_could_know_stands_under_the_login() -> None:
    hidden = (
        binaries(elsewhere="conntrack"),
        paths(dict.fromkeys((KUBELET_CONF, "/var/lib/etcd"), PathState.HIDDEN)),
        leftovers(states={"/etc/cni/net.d": PathState.HIDDEN}),
        firewall(ufw=None, dropping=None),
        silent_docker(DENIED),
        replace(kernel_config(), readable=False),
    )
    as_root = {place(r) for r in judged(*hidden, **DOCKER) if r.verdict in FAILED}
    for more in ((), (OBSTACLE,)):
        results = judged(NOBODY, *hidden, *more, **DOCKER)
        found = roots(results)
        assert set(found.values()) == {("KS101", "")}
        because = {place(r) for r in results if "root" in r.message and reason(r)}
        assert because <= set(found)
        assert len(because) > 6
        assert all(place(r) in found for r in results if r.verdict is Verdict.UNKNOWN), [
            r for r in results if r.verdict is Verdict.UNKNOWN and place(r) not in found
        ]
    assert ("KS101", "") not in as_root


def test_a_socket_that_only_root_may_use() -> None:
    denied = rpc(unasked="only root may use the runtime's socket")
    results = judged(NOBODY, OBSTACLE, denied, version="v1.35.0")
    assert by_check(roots(results)) == {"KS211": "KS101", "KS217": "KS101"}
    no_curl = judged(NOBODY, OBSTACLE, rpc(unasked="there is no curl"), version="v1.35.0")
    assert by_check(roots(no_curl)) == {}


def test_a_row_with_another_reason_too_stands_alone() -> None:
    results = judged(
        NOBODY, OBSTACLE, silent_docker(DENIED), cgroup_v1(), **DOCKER, version="v1.22.0"
    )
    told = {place(r): r for r in results}
    found = roots(results)
    assert ("KS211", "") in found
    mixed = replace(told["KS211", ""], message=told["KS211", ""].message + "; and the moon is full")
    others = [r for r in results if r.check != "KS211"]
    assert ("KS211", "") not in roots([*others, mixed])


def test_what_is_ignored_neither_explains_nor_is_explained() -> None:
    results = judged(STOPPED, silent_docker(), **DOCKER)
    ignored = Ignored("known", "")

    def without(check: str) -> dict[str, str]:
        return by_check(
            roots(replace(r, ignored=ignored) if r.check == check else r for r in results)
        )

    assert without("KS212") == dict.fromkeys(("KS211", "KS215", "KS218", "KS411"), "KS203")
    assert without("KS203") == dict.fromkeys(("KS212", "KS215", "KS218", "KS411"), "KS211")


def test_without_the_row_of_the_cause_nothing_is_explained() -> None:
    results = judged(STOPPED, silent_docker(), **DOCKER)
    some = [r for r in results if r.check in {"KS411", "KS215"}]
    assert roots(some) == {}


def test_a_ring_explains_nothing() -> None:
    def always(_effect: Result, _cause: Result) -> bool:
        return True

    ring = (
        Explanation(("KS101",), "KS102", always, ""),
        Explanation(("KS102",), "KS101", always, ""),
        Explanation(("KS103",), "KS101", always, ""),
    )
    rows = [Result(check, None, "", Verdict.FAIL, "") for check in ("KS101", "KS102", "KS103")]
    assert roots(rows, ring) == {}


def test_the_table_names_checks_that_there_are_and_why() -> None:
    known = {check.id for check in CATALOGUE}
    for one in EXPLANATIONS:
        assert {one.cause, *one.effects} <= known
        assert one.source.endswith(".")


def test_every_explanation_is_needed_somewhere_above() -> None:
    """A row that no host of these tests needs may have outlived the sentence that it reads."""
    hosts = [case.values[:2] for case in CASES]
    hosts.append(((NOBODY, silent_docker(DENIED)), DOCKER))
    used = set()
    for spoiled, on in hosts:
        assert isinstance(spoiled, tuple)
        assert isinstance(on, dict)
        results = [r for r in judged(*spoiled, **on) if r.verdict in FAILED]
        for number, one in enumerate(EXPLANATIONS):
            if roots(results, (one,)):
                used.add(number)
    missing = [one.source for n, one in enumerate(EXPLANATIONS) if n not in used]
    assert missing == []


def place(result: Result) -> Place:
    return result.check, result.subject


def test_docker_that_warns_is_not_docker_that_is_silent() -> None:
    results = judged(STOPPED, docker(stderr="WARNING: no swap limit support"), **DOCKER)
    assert roots(results) == {}
