"""The limits were tried on kubeadm v1.20.2, both sides of each; see tests/e2e/parity too."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.facts.identity import Addresses
from scanner.request import Cluster, ExternalEtcd, ProxyMode
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown
from tests.hosts import EXTERNAL_ETCD

SECOND, WORKER = Role.JOIN_CONTROL_PLANE, Role.JOIN_WORKER
LONGEST = "a" * 253
TWO = Cluster(
    pod_subnets=("10.244.0.0/16", "fd00:10::/56"), service_subnets=("10.96.0.0/16", "fd00::/112")
)
PODS, SERVICES = "podSubnet", "serviceSubnet"


def gated(**gates: bool) -> Cluster:
    return Cluster(
        pod_subnets=TWO.pod_subnets,
        service_subnets=TWO.service_subnets,
        feature_gates=tuple(gates.items()),
    )


def gate(name: str) -> Cluster:
    return Cluster(feature_gates=((name, True),))


def endpoint(text: str) -> dict[str, object]:
    return {
        "subject": "controlPlaneEndpoint",
        "cluster": Cluster(control_plane_endpoint=text),
    }


def pods(*networks: str) -> dict[str, object]:
    return {"subject": PODS, "cluster": Cluster(pod_subnets=networks)}


def services(*networks: str) -> dict[str, object]:
    return {"subject": SERVICES, "cluster": Cluster(service_subnets=networks)}


def advertise(address: str | None) -> dict[str, object]:
    return {"subject": "advertiseAddress", "advertise_address": address}


def etcd(ca: str, cert: str, key: str) -> dict[str, object]:
    external = ExternalEtcd(("https://192.0.2.5:2379",), ca, cert, key)
    return {"subject": "etcd.external", "cluster": Cluster(etcd=external)}


ON = gated(IPv6DualStack=True)
OFF = gated(IPv6DualStack=False)
NFTABLES: dict[str, Any] = {
    "subject": "proxyMode",
    "cluster": Cluster(proxy_mode=ProxyMode.NFTABLES),
}
GATES = {"subject": "featureGates"}

ROWS = (
    passes("KS115"),
    passes("KS115", node_name=LONGEST),
    passes("KS115", node_name="node1.example.org", role=WORKER),
    fails("KS115", node_name=LONGEST + "a", words="253"),
    *(fails("KS115", node_name=name) for name in ("a_b", "-a", "a.", ".a", "a..b", "a-.b", "A")),
    fails("KS115", node_name="a_b", role=WORKER, version="v1.13.0"),
    fails("KS115", node_name="a_b", role=SECOND, version="v1.37.0"),
    unknown("KS115", node_name=""),
    passes("KS116", **advertise("192.0.2.11")),
    passes("KS116", **advertise("0.0.0.0")),
    passes("KS116", **advertise("2001:db8::11")),
    fails("KS116", **advertise("169.254.1.1"), words="cannot dial"),
    fails("KS116", **advertise("224.0.0.1"), role=SECOND),
    fails("KS116", **advertise("fe80::1")),
    unknown("KS116", **advertise("127.0.0.1"), words="interface lo"),
    unknown("KS116", **advertise("::1")),
    unknown("KS116", Addresses("eth0", ("x",), ()), **advertise("x")),
    unknown("KS116", **advertise(None)),
    skips("KS116", **advertise("169.254.1.1"), role=WORKER),
    *(
        passes("KS116", **endpoint(text))
        for text in (
            *("api.example.org", "api.example.org:6443", "192.0.2.1", "192.0.2.1:6443"),
            *("2001:db8::1", "[2001:db8::1]:6443"),
        )
    ),
    *(
        fails("KS116", **endpoint(text))
        for text in ("API.example.org", "API.example.org:6443", "api.example.org.", "[2001:db8::1]")
    ),
    fails("KS116", **endpoint("fe80::1%eth0")),
    passes("KS116", subject="etcd.external", cluster=Cluster(etcd=EXTERNAL_ETCD)),
    passes("KS116", **etcd("/ca", "", "")),
    passes("KS116", **etcd("", "", "")),
    fails("KS116", **etcd("", "/cert", "/key"), words="without its CA"),
    passes("KS116", **GATES, cluster=gate("PublicKeysECDSA")),
    fails("KS116", **GATES, cluster=gate("NoSuch"), words="NoSuch"),
    fails("KS116", **GATES, cluster=gate("EtcdLearnerMode"), words="v1.20.2"),
    passes("KS116", **GATES, cluster=gate("IPv6DualStack"), version="v1.23.17"),
    fails("KS116", **GATES, cluster=gate("IPv6DualStack"), version="v1.24.0"),
    unknown("KS116", **GATES, cluster=gate("MergeCLIArgumentsWithConfig"), version="v1.29.0"),
    fails("KS116", **GATES, cluster=gate("MergeCLIArgumentsWithConfig"), version="v1.28.7"),
    fails("KS116", **GATES, cluster=gate("CoreDNS"), version="v1.14.10"),
    unknown("KS116", **GATES, cluster=gate("PublicKeysECDSA"), version="v1.38.0"),
    passes("KS116", **NFTABLES, version="v1.29.0"),
    fails("KS116", **NFTABLES, version="v1.28.15", words="has no mode nftables"),
    fails("KS116", **NFTABLES, words="does not start with it"),
    skips("KS116", **NFTABLES, role=SECOND),
    passes("KS116", **services("10.96.0.0/12")),
    fails("KS116", **services("10.96.0.0/11"), words="too large"),
    passes("KS116", **services("10.96.0.0/28")),
    fails("KS116", **services("10.96.0.0/29"), words="too small"),
    passes("KS116", **services("fd00::/108")),
    fails("KS116", **services("fd00::/107")),
    passes("KS116", **services("fd00::/124")),
    fails("KS116", **services("10.96.0.0/12", "fd00::/125"), severities="E"),
    fails("KS116", **services("10.96.0.0/11"), version="v1.13.0"),
    passes("KS116", **pods("10.244.0.0/24")),
    passes("KS116", **pods("10.244.0.0/28"), version="v1.19.16"),
    fails("KS116", **pods("10.244.0.0/29"), version="v1.19.16", words="too small"),
    passes("KS116", **pods("10.0.0.0/7"), version="v1.14.10"),
    fails("KS116", **pods("10.244.0.0/25"), words="too small"),
    passes("KS116", **pods("10.0.0.0/8")),
    fails("KS116", **pods("10.0.0.0/7"), words="too large"),
    passes("KS116", **pods("fd00::/48")),
    fails("KS116", **pods("fd00::/47")),
    passes("KS116", **pods("fd00::/64")),
    fails("KS116", **pods("10.244.0.0/26", "fd00::/65"), severities="EE"),
    skips("KS116", **pods("10.244.0.0/25"), role=SECOND),
    *(fails("KS117", subject=subject, cluster=TWO, words="is off") for subject in (PODS, SERVICES)),
    *(passes("KS117", subject=subject, cluster=ON) for subject in (PODS, SERVICES)),
    fails("KS117", subject=PODS, cluster=ON, version="v1.15.12"),
    passes("KS117", subject=PODS, cluster=ON, version="v1.16.0"),
    fails("KS117", subject=SERVICES, cluster=ON, version="v1.16.0", words="only takes one"),
    passes("KS117", subject=SERVICES, cluster=ON, version="v1.17.0"),
    passes("KS117", subject=PODS, cluster=TWO, version="v1.21.0"),
    fails("KS117", subject=PODS, cluster=OFF, version="v1.22.17"),
    skips("KS117", subject=PODS, cluster=TWO, role=SECOND),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_configuration(row: Row) -> None:
    row.prove()


def subjects(check: str, **on: object) -> set[str]:
    return {result.subject for result in passes(check, **on).results()}


def test_only_what_the_configuration_says_has_a_row() -> None:
    assert subjects("KS116") == {"advertiseAddress", "serviceSubnet"}
    assert subjects("KS116", cluster=TWO) == {"advertiseAddress", PODS, SERVICES}
    assert subjects("KS117") == set()
    assert subjects("KS117", cluster=TWO) == {PODS, SERVICES}
    assert subjects("KS117", cluster=TWO, version="v1.23.0") == set()
