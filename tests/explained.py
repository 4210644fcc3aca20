"""Hosts with one thing wrong, and what it explains on them."""

from __future__ import annotations

import pytest

from scanner.facts.cri import Rpc
from scanner.facts.hardware import Cpu, Swap
from scanner.facts.identity import Obstacle
from scanner.facts.paths import PathState
from scanner.facts.programs import Docker, Kubeadm, Kubelet, Run
from scanner.facts.services import InitSystem
from scanner.membership import Membership, State
from scanner.request import Cluster, ContainerRuntime
from scanner.target import Role
from tests.hosts import (
    MANIFESTS,
    UNIT_ABSENT,
    UNIT_STOPPED,
    binaries,
    listeners,
    paths,
    services,
    storage,
    volume,
)
from tests.kernels import BRIDGE_IPV4, BRIDGE_IPV6, kernel_config, sysctls
from tests.runtimes import REFUSED, containerd, cri, rpc, silent_docker, sockets

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
