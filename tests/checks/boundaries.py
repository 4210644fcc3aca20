"""The known boundaries of all other checks (see the two files beside it), each with its ground."""

from __future__ import annotations

from scanner.facts.cri import Rpc, Runtime
from scanner.facts.hardware import Memory, Swap
from scanner.facts.kernel import Modules
from scanner.facts.network import EtcdEndpoint, ExternalEtcdVersions, NameLookup
from scanner.facts.paths import PathState
from scanner.request import Cluster, ContainerRuntime, ExternalEtcd, ProxyMode
from scanner.target import Role
from tests.checks.boundary import (
    ABSENT,
    CAME,
    EASED,
    FAIL,
    GONE,
    MILDER,
    NOTICED,
    PASS,
    STRICTER,
    UNKNOWN,
    WARN,
    change,
)
from tests.hosts import (
    EXTERNAL_ETCD,
    MANIFESTS,
    UNIT_STOPPED,
    etcd_versions,
    kubelet,
    listeners,
    paths,
    services,
)
from tests.kernels import BRIDGE_IPV4, BRIDGE_IPV6, FORWARD_IPV4, FORWARD_IPV6, sysctls
from tests.runtimes import REFUSED, cri, docker, rpc, runtime, silent_docker

WORKER, SECOND = Role.JOIN_WORKER, Role.JOIN_CONTROL_PLANE
DOCKER = ContainerRuntime.DOCKER
IPVS = Cluster(proxy_mode=ProxyMode.IPVS)
ETCD = Cluster(etcd=EXTERNAL_ETCD)
ONLY_V6 = Cluster(service_subnets=("fd00::/112",))
DUAL = Cluster(pod_subnets=("10.244.0.0/16", "fd00:10::/56"))
V6 = "2001:db8::11"
SWITCHES = sysctls(dict.fromkeys((BRIDGE_IPV4, BRIDGE_IPV6, FORWARD_IPV4, FORWARD_IPV6), "0"))


def content(path: str) -> str:
    return f"FileContent-{path.replace('/', '-')}"


BOUNDARIES = (
    # identity, hardware, versions
    change("Mem", "CL 1.20 #93275", "v1.19.16", "v1.20.0", CAME, Memory(1024 * 1024)),
    change(
        "KubeletVersion",
        "RN 1.17 PR#85351",
        "v1.16.15",
        "v1.17.0",
        EASED,
        kubelet("v1.16.0", stderr="W0101 a flag"),
        words="a flag",
    ),
    change("KubeletVersion", "PR#120825", "v1.28.15", "v1.29.0", EASED, kubelet("v1.26.0")),
    change(
        "Hostname",
        "RN 1.21 PR#99194",
        "v1.20.15",
        "v1.21.0",
        NOTICED,
        NameLookup("a" * 64, ("192.0.2.11",), (), asked_dns=True),
        words="63",
        node_name="a" * 64,
    ),
    # services and the runtime
    change(
        "Service-Docker",
        "RN 1.24 PR#107317",
        "v1.23.17",
        "v1.24.0",
        GONE,
        services(docker=UNIT_STOPPED),
        runtime=DOCKER,
    ),
    change(
        "IsDockerSystemdCheck",
        "PR#73837",
        "v1.13.12",
        "v1.14.0",
        (ABSENT, WARN),
        docker("18.06.1", cgroups="cgroupfs"),
        runtime=DOCKER,
    ),
    change(
        "IsDockerSystemdCheck",
        "RN 1.22 PR#99647",
        "v1.21.14",
        "v1.22.0",
        (WARN, ABSENT),
        docker(cgroups="cgroupfs"),
        runtime=DOCKER,
    ),
    change(
        "ImagePull",
        "RN 1.14 PR#72870",
        "v1.13.12",
        "v1.14.0",
        (ABSENT, WARN),
        runtime(frozenset()),
        role=Role.JOIN_CONTROL_PLANE,
    ),
    change(
        "ContainerRuntimeVersion",
        "RN 1.35 PR#134906",
        "v1.34.3",
        "v1.35.0",
        (ABSENT, WARN),
        rpc(Rpc(runtime_ready=True, runtime_config=False, runtime=Runtime("containerd", "1.7.28"))),
    ),
    change(
        "CRI",
        "RN 1.31 PR#124685",
        "v1.30.14",
        "v1.31.0",
        STRICTER,
        cri(ready=False, reason="no network"),
        words="no network",
    ),
    change(
        "CRI",
        "RN 1.24 PR#107317: docker is asked no longer",
        "v1.23.17",
        "v1.24.0",
        EASED,
        silent_docker(REFUSED),
        runtime=DOCKER,
    ),
    # ports
    *(
        change(name, "RN 1.17 PR#85043", "v1.16.15", "v1.17.0", sides, listeners(port, "0.0.0.0"))
        for name, port, sides in (
            ("Port-10251", 10251, GONE),
            ("Port-10252", 10252, GONE),
            ("Port-10257", 10257, CAME),
            ("Port-10259", 10259, CAME),
        )
    ),
    *(
        change(
            f"Port-{port}",
            "RN 1.37 PR#138250",
            "v1.36.0",
            "v1.37.0",
            (FAIL, UNKNOWN),
            listeners(port, "127.0.0.1"),
        )
        for port in (6443, 10257, 10259, 2379, 2380)
    ),
    change(
        "Port-10250",
        "RN 1.37 PR#138250: as before",
        "v1.36.0",
        "v1.37.0",
        (FAIL, FAIL),
        listeners(10250, "127.0.0.1"),
    ),
    # files, switches, swap
    *(
        change(
            "DirAvailable--etc-kubernetes-manifests",
            "RN 1.23 PR#104942",
            "v1.22.17",
            "v1.23.0",
            GONE,
            paths({MANIFESTS: PathState.DIR_NOT_EMPTY}),
            role=role,
        )
        for role in (WORKER, SECOND)
    ),
    change(content(BRIDGE_IPV4), "RN 1.30 PR#123464", "v1.29.15", "v1.30.0", GONE, SWITCHES),
    change(
        content(BRIDGE_IPV6),
        "RN 1.30 PR#123464",
        "v1.29.15",
        "v1.30.0",
        GONE,
        SWITCHES,
        advertise_address=V6,
    ),
    *(
        change(
            content(path),
            "RN 1.27 PR#115420",
            "v1.26.15",
            "v1.27.0",
            GONE,
            SWITCHES,
            cluster=ONLY_V6,
            advertise_address=V6,
        )
        for path in (BRIDGE_IPV4, FORWARD_IPV4)
    ),
    *(
        change(
            content(path), "RN 1.27 PR#115420", "v1.26.15", "v1.27.0", CAME, SWITCHES, cluster=DUAL
        )
        for path in (BRIDGE_IPV6, FORWARD_IPV6)
    ),
    change(
        content(FORWARD_IPV4),
        "RN 1.27 PR#115420",
        "v1.26.15",
        "v1.27.0",
        GONE,
        SWITCHES,
        role=WORKER,
        endpoint="api.example",
    ),
    change("Swap", "RN 1.23 PR#104854", "v1.22.17", "v1.23.0", MILDER, Swap(("/dev/sda2",))),
    # external etcd
    change(
        "ExternalEtcdVersion",
        "PR#118733",
        "v1.27.16",
        "v1.28.0",
        STRICTER,
        etcd_versions("3.2.18", "3.2.18"),
        cluster=ETCD,
    ),
    change(
        "ExternalEtcdVersion",
        "RN 1.31 PR#124465",
        "v1.30.14",
        "v1.31.0",
        STRICTER,
        etcd_versions("3.4.13", "3.4.13"),
        cluster=ETCD,
    ),
    change(
        "ExternalEtcdVersion",
        "constants.go, a late patch of 1.32",
        "v1.31.14",
        "v1.32.0",
        (PASS, UNKNOWN),
        etcd_versions("3.5.11", "3.5.11"),
        cluster=ETCD,
    ),
    change(
        "ExternalEtcdVersion",
        "a tree of 1.36's cycle",
        "v1.35.0",
        "v1.36.0",
        (UNKNOWN, FAIL),
        etcd_versions("3.5.23", "3.5.23"),
        cluster=ETCD,
    ),
    change(
        "ExternalEtcdVersion",
        "RN 1.35 PR#134890",
        "v1.34.9",
        "v1.35.0",
        (FAIL, PASS),
        ExternalEtcdVersions(
            (
                EtcdEndpoint("https://192.0.2.5:2379", "", "404"),
                EtcdEndpoint("http://192.0.2.5:2381", "3.6.0", ""),
            )
        ),
        cluster=Cluster(
            etcd=ExternalEtcd(
                ("https://192.0.2.5:2379",), http_endpoints=("http://192.0.2.5:2381",)
            )
        ),
    ),
    # IPVS
    change(
        "RequiredIPVSKernelModulesAvailable",
        "PR#75036",
        "v1.14.10",
        "v1.15.0",
        (WARN, ABSENT),
        Modules(frozenset(), frozenset()),
        cluster=IPVS,
    ),
    change(
        "IPVSProxierCheck",
        "checks.go between 1.14 and 1.16",
        "v1.14.10",
        "v1.15.0",
        CAME,
        Modules(frozenset(), frozenset()),
        cluster=IPVS,
    ),
    change(
        "IPVSProxierCheck",
        "RN 1.16 PR#81791",
        "v1.15.12",
        "v1.16.0",
        GONE,
        Modules(frozenset(), frozenset()),
        cluster=IPVS,
    ),
)
