"""What the catalogue as a whole asks, against kubeadm's lists written out by hand."""

from __future__ import annotations

import importlib
from itertools import product
from pathlib import Path

import pytest

from scanner.checks import CATALOGUE
from scanner.checks.rule import Evidence, Severity
from scanner.evaluate import evaluate
from scanner.facts.base import Facts
from scanner.facts.runtime_config import KubeletConfig
from scanner.request import Cluster, ContainerRuntime, LocalEtcd, ProxyMode
from scanner.target import Role, Target
from scanner.verdict import Verdict
from scanner.versions import parse_version
from tests.checks.rows import Row
from tests.hosts import EXTERNAL_ETCD, facts, kubeadm, kubelet, target
from tests.kernels import cgroup_v2, kernel
from tests.runtimes import docker, images, runtime

INIT, SECOND, WORKER = Role.INIT, Role.JOIN_CONTROL_PLANE, Role.JOIN_WORKER
DOCKER, CONTAINERD = ContainerRuntime.DOCKER, ContainerRuntime.CONTAINERD

E, W = Severity.ERROR, Severity.WARNING
MANIFESTS = {
    "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml": E,
    "FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml": E,
    "FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml": E,
    "FileAvailable--etc-kubernetes-manifests-etcd.yaml": E,
}
ONLY_INIT = {
    "NumCPU": E,
    "Mem": E,
    # kubeadm's error is a pull that fails; kscan never pulls and only looks what is there.
    "ImagePull": W,
    "KubernetesVersion": W,
    "Firewalld": W,
    "Port-6443": E,
    "Port-10259": E,
    "Port-10257": E,
    **MANIFESTS,
    "HTTPProxyCIDR": W,
    "Port-2379": E,
    "Port-2380": E,
    "DirAvailable--var-lib-etcd": E,
}
ONLY_WORKER = {
    "FileAvailable--etc-kubernetes-kubelet.conf": E,
    "FileAvailable--etc-kubernetes-bootstrap-kubelet.conf": E,
    "FileAvailable--etc-kubernetes-pki-ca.crt": E,
}
COMMON = {
    "IsPrivilegedUser": E,
    "HTTPProxy": W,
    "CRI": E,
    "FileContent--proc-sys-net-ipv4-ip_forward": E,
    "SystemVerification": E,
    "Hostname": W,
    "KubeletVersion": E,
    "Service-Kubelet": W,
    "Port-10250": E,
    "FileExisting-conntrack": E,
    "FileExisting-ip": E,
    "FileExisting-iptables": E,
    "FileExisting-mount": E,
    "FileExisting-nsenter": E,
    "FileExisting-ethtool": W,
    "FileExisting-tc": W,
    "FileExisting-touch": W,
}
EBTABLES_SOCAT = {"FileExisting-ebtables": W, "FileExisting-socat": W}
COMMON_1_20 = {
    **COMMON,
    **EBTABLES_SOCAT,
    "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables": E,
    "Swap": E,
    # With dockershim too: kubeadm asks for it there if there is no docker client.
    "FileExisting-crictl": E,
}
COMMON_DOCKER = {**COMMON_1_20, "Service-Docker": E, "IsDockerSystemdCheck": E}
COMMON_1_31_2 = {**COMMON, "Swap": W, "FileExisting-crictl": W}
COMMON_1_31_0 = {**COMMON_1_31_2, **EBTABLES_SOCAT}
MANIFESTS_DIRECTORY = {"DirAvailable--etc-kubernetes-manifests": E}


def asked(judged: Target) -> dict[str, Severity]:
    """kubeadm's names that this target is asked for, with the worst that each can say."""
    names: dict[str, Severity] = {}
    for check in CATALOGUE:
        for subject in check.asked(judged):
            row = check.row(judged.role, judged.kubeadm, subject)
            name = check.name(subject)
            if row is None or row.own or check.skip(judged, subject) is not None:
                continue
            assert name is not None, f"{check.id} has no name and is not our own"
            assert name not in names, f"{name} twice"
            names[name] = row.severity
    return names


@pytest.mark.parametrize(
    ("version", "role", "runtime", "expected"),
    [
        ("v1.20.2", INIT, DOCKER, COMMON_DOCKER | ONLY_INIT),
        ("v1.20.2", WORKER, DOCKER, COMMON_DOCKER | ONLY_WORKER | MANIFESTS_DIRECTORY),
        ("v1.20.2", INIT, CONTAINERD, COMMON_1_20 | ONLY_INIT),
        ("v1.20.2", WORKER, CONTAINERD, COMMON_1_20 | ONLY_WORKER | MANIFESTS_DIRECTORY),
        ("v1.31.0", INIT, CONTAINERD, COMMON_1_31_0 | ONLY_INIT),
        ("v1.31.0", WORKER, CONTAINERD, COMMON_1_31_0 | ONLY_WORKER),
        ("v1.31.2", INIT, CONTAINERD, COMMON_1_31_2 | ONLY_INIT),
        ("v1.31.2", WORKER, CONTAINERD, COMMON_1_31_2 | ONLY_WORKER),
    ],
)
def test_these_are_the_names_of_kubeadm(
    version: str, role: Role, runtime: ContainerRuntime, expected: dict[str, Severity]
) -> None:
    assert asked(target(version, role, runtime)) == expected


def test_a_control_plane_that_joins_is_asked_both_lists() -> None:
    joins = asked(target("v1.20.2", SECOND, DOCKER))
    both = COMMON_DOCKER | ONLY_INIT | ONLY_WORKER | MANIFESTS_DIRECTORY
    del both["FileAvailable--etc-kubernetes-pki-ca.crt"]
    assert joins == both


def test_external_etcd_has_no_local_ports() -> None:
    expected = COMMON_DOCKER | ONLY_INIT
    for name in ("Port-2379", "Port-2380", "DirAvailable--var-lib-etcd"):
        del expected[name]
    expected |= {"ExternalEtcdVersion": E, "ExternalEtcdClientCertificates": E}
    cluster = Cluster(etcd=EXTERNAL_ETCD)
    assert asked(target("v1.20.2", INIT, DOCKER, cluster=cluster)) == expected


def test_ipv6_and_ipvs() -> None:
    before = asked(target("v1.14.0"))
    six = asked(target("v1.14.0", advertise_address="2001:db8::1"))
    assert six.keys() - before.keys() == {
        "FileContent--proc-sys-net-bridge-bridge-nf-call-ip6tables",
        "FileContent--proc-sys-net-ipv6-conf-default-forwarding",
    }
    ipvs = Cluster(proxy_mode=ProxyMode.IPVS)
    assert asked(target("v1.14.0", cluster=ipvs)).keys() - before.keys() == {
        "RequiredIPVSKernelModulesAvailable"
    }
    assert "IPVSProxierCheck" in asked(target("v1.15.0", cluster=ipvs))
    assert asked(target("v1.16.0", cluster=ipvs)) == asked(target("v1.16.0"))


PROGRAMS_1_13 = {"crictl", "ip", "iptables", "mount", "nsenter"}
WARNED = {"ethtool", "tc", "touch"}
DROPPED = {"ebtables", "socat"}
CONNTRACK = {"conntrack"}


@pytest.mark.parametrize(
    ("version", "errors", "warnings"),
    [
        ("v1.13.0", PROGRAMS_1_13, WARNED | DROPPED),
        ("v1.17.17", PROGRAMS_1_13, WARNED | DROPPED),
        ("v1.18.0", PROGRAMS_1_13 | CONNTRACK, WARNED | DROPPED),
        ("v1.24.0", PROGRAMS_1_13 | CONNTRACK, WARNED | DROPPED),
        ("v1.28.14", PROGRAMS_1_13 | CONNTRACK, WARNED | DROPPED),
        ("v1.28.15", PROGRAMS_1_13 | CONNTRACK, WARNED),
        ("v1.29.0", PROGRAMS_1_13 | CONNTRACK, WARNED | DROPPED),
        ("v1.29.9", PROGRAMS_1_13 | CONNTRACK, WARNED | DROPPED),
        ("v1.29.10", PROGRAMS_1_13 | CONNTRACK, WARNED),
        ("v1.30.5", PROGRAMS_1_13 | CONNTRACK, WARNED | DROPPED),
        ("v1.30.6", PROGRAMS_1_13 | CONNTRACK, WARNED),
        ("v1.31.1", PROGRAMS_1_13 - {"crictl"} | CONNTRACK, WARNED | DROPPED | {"crictl"}),
        ("v1.31.2", PROGRAMS_1_13 - {"crictl"} | CONNTRACK, WARNED | {"crictl"}),
        ("v1.32.0", PROGRAMS_1_13 - {"crictl"}, WARNED),
        ("v1.33.0", {"mount", "losetup", "cp"}, set()),
        ("v1.37.0", {"mount", "losetup", "cp"}, set()),
    ],
)
def test_programs_by_version(version: str, errors: set[str], warnings: set[str]) -> None:
    names = asked(target(version, WORKER))
    found = {
        severity: {
            name.removeprefix("FileExisting-")
            for name, worst in names.items()
            if name.startswith("FileExisting-") and worst is severity
        }
        for severity in Severity
    }
    assert found == {E: errors, W: warnings}


@pytest.mark.parametrize(
    ("name", "last_without", "first_with"),
    [
        ("Mem", "v1.19.16", "v1.20.0"),
        ("Port-10257", "v1.16.15", "v1.17.0"),
        ("IsDockerSystemdCheck", "v1.13.12", "v1.14.0"),
        ("FileExisting-conntrack", "v1.17.17", "v1.18.0"),
        ("FileExisting-losetup", "v1.32.9", "v1.33.0"),
        ("ContainerRuntimeVersion", "v1.34.9", "v1.35.0"),
    ],
)
def test_names_that_came(name: str, last_without: str, first_with: str) -> None:
    assert name not in asked(target(last_without, INIT, DOCKER))
    assert name in asked(target(first_with, INIT, DOCKER))


@pytest.mark.parametrize(
    ("name", "role", "last_with", "first_without"),
    [
        ("Port-10251", INIT, "v1.16.15", "v1.17.0-alpha.1"),
        ("Port-10252", INIT, "v1.16.15", "v1.17.0"),
        ("IsDockerSystemdCheck", INIT, "v1.21.14", "v1.22.0"),
        ("Service-Docker", WORKER, "v1.23.17", "v1.24.0"),
        ("DirAvailable--etc-kubernetes-manifests", WORKER, "v1.22.17", "v1.23.0"),
        ("FileContent--proc-sys-net-bridge-bridge-nf-call-iptables", INIT, "v1.29.9", "v1.30.0"),
        ("FileExisting-crictl", INIT, "v1.31.9", "v1.32.0"),
        ("FileExisting-conntrack", WORKER, "v1.31.9", "v1.32.0"),
        ("FileExisting-touch", INIT, "v1.32.9", "v1.33.0"),
    ],
)
def test_names_that_went(name: str, role: Role, last_with: str, first_without: str) -> None:
    assert name in asked(target(last_with, role, DOCKER))
    assert name not in asked(target(first_without, role, DOCKER))


VERSIONS = [f"v1.{minor}.{patch}" for minor in range(13, 38) for patch in (0, 20)]


def clusters(version: str) -> tuple[Cluster, ...]:
    """What this version accepts: two networks need a gate that came and went."""
    minor = parse_version(version).minor
    gates = (("IPv6DualStack", True),) if minor < 24 else ()
    dual = Cluster(service_subnets=("10.96.0.0/12", "fd00::/112"), feature_gates=gates)
    return (
        Cluster(etcd=LocalEtcd()),
        Cluster(etcd=EXTERNAL_ETCD, proxy_mode=ProxyMode.IPVS),
        *((dual,) if minor >= 17 else ()),
    )


def good_facts(version: str) -> Facts:
    """A host that suits this version: neither the kernel nor docker of one suits them all."""
    old = parse_version(version).minor < 16
    return facts(
        kubeadm(version),
        kubelet(version),
        docker("18.06.1", names=images(version)),
        runtime(images(version)),
        # an old kubeadm leaves the driver to who writes KubeletConfiguration
        KubeletConfig(present=True, cgroup_driver="systemd"),
        kernel("4.19.0" if old else "6.1.0"),
        cgroup_v2("cpuset cpu io memory hugetlb pids blkio"),
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_host_passes_in_every_version(version: str, role: Role) -> None:
    for kind, cluster in product((DOCKER, CONTAINERD), clusters(version)):
        judged = target(version, role, kind, cluster=cluster)
        asked(judged)  # no name twice
        results = evaluate(CATALOGUE, good_facts(version), judged)
        keys = [(result.check, result.subject) for result in results]
        assert len(keys) == len(set(keys))
        # The tags of patches that nobody has seen are not known, and never a pass.
        known = parse_version(version).patch == 0
        verdicts = {r.verdict: r for r in results if known or r.kubeadm != "ImagePull"}
        assert verdicts.keys() <= {Verdict.PASS, Verdict.SKIP}, verdicts


@pytest.mark.parametrize("version", ["v1.20.2", "v1.31.0"])
def test_the_matrix_has_few_rows_that_nobody_asks_for(version: str) -> None:
    init = evaluate(CATALOGUE, facts(), target(version, INIT))
    worker = evaluate(CATALOGUE, facts(), target(version, WORKER))
    assert sum(result.verdict is Verdict.SKIP for result in init) <= 8
    assert sum(result.verdict is Verdict.SKIP for result in worker) <= 25


def test_real_is_said_only_of_1_20() -> None:
    for check in CATALOGUE:
        for row in check.applies:
            if row.evidence is Evidence.REAL:
                assert str(row.versions.since) == "1.20.0-0"
                assert str(row.versions.until) == "1.21.0-0"


def test_own_rows_have_own_evidence() -> None:
    for check in CATALOGUE:
        assert all(row.own is (row.evidence is Evidence.OWN) for row in check.applies)
        assert check.kubeadm is not None or all(row.own for row in check.applies)


def test_each_check_explains_itself() -> None:
    for check in CATALOGUE:
        assert check.title
        assert len(check.description) > 60, check.id
        assert check.remedy.endswith("."), check.id


def test_ids_are_ordered_and_of_their_hundred() -> None:
    ids = [check.id for check in CATALOGUE]
    assert ids == sorted(set(ids))
    assert all(len(check_id) == 5 and check_id[2] in "123456" for check_id in ids)


def rows_of_all_tables() -> list[Row]:
    rows: list[Row] = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.checks.{path.stem}")
        rows += getattr(module, "ROWS", ())
    return rows


def test_each_check_has_a_row_that_fires_and_one_that_passes() -> None:
    rows = rows_of_all_tables()
    fired = {row.check for row in rows if row.verdict in (Verdict.FAIL, Verdict.WARN)}
    passed = {row.check for row in rows if row.verdict is Verdict.PASS}
    ids = {check.id for check in CATALOGUE}
    open_only = {row.check for row in rows if row.verdict is Verdict.UNKNOWN} - fired
    # A release that kscan does not know is no fault of the host's.
    assert open_only == {"KS118"}
    assert fired | open_only == ids
    assert passed == ids
