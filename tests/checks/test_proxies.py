from __future__ import annotations

import pytest

from scanner.facts.identity import Addresses
from scanner.request import Cluster
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import kubeadm, proxies

WORKER, SECOND = Role.JOIN_WORKER, Role.JOIN_CONTROL_PLANE
PROXY = "http://proxy.example:3128"
ON = proxies(HTTPS_PROXY=PROXY)
HTTP = proxies(HTTP_PROXY=PROXY)
IPV6 = "2001:db8::b"
REBUILT = kubeadm("v1.34.1", "go1.25.3")
NETWORKS = Cluster(pod_subnets=("10.244.0.0/16",), service_subnets=("10.96.0.0/12",))
DUAL = Cluster(
    pod_subnets=("10.244.0.0/16", "fd00:10::/56"),
    service_subnets=("10.96.0.0/16", "fd00:20::/112"),
)
SIX = Cluster(service_subnets=("fd00:10:96::/112",))


def except_for(*entries: str) -> object:
    return proxies(HTTPS_PROXY=PROXY, no_proxy=",".join(entries))


ROWS = (
    passes("KS501"),
    # Until Go 1.16 HTTP_PROXY counts where there is no HTTPS_PROXY.
    warns("KS501", HTTP, version="v1.20.2", words="the proxy " + PROXY),
    warns("KS501", HTTP, kubeadm("v1.20.2", "go1.15.15"), version="v1.20.2"),
    passes("KS501", HTTP, kubeadm("v1.20.2", "go1.19.8"), version="v1.20.2"),
    passes("KS501", HTTP, version="v1.21.0"),
    warns("KS501", HTTP, kubeadm("v1.21.0", "go1.15.9"), version="v1.21.0"),
    passes("KS501", proxies(HTTP_PROXY=PROXY, NO_PROXY="192.0.2.11"), version="v1.20.2"),
    warns("KS502", HTTP, version="v1.20.2", cluster=NETWORKS, severities="WW"),
    passes("KS502", HTTP, version="v1.21.0", cluster=NETWORKS),
    # An IPv6 address without brackets: an error for kubeadm until 1.15, since Go looks at ports.
    passes("KS501", version="v1.15.2", advertise_address=IPV6),
    fails("KS501", version="v1.15.3", advertise_address=IPV6, words=IPV6, severities="E"),
    fails("KS501", version="v1.14.6", role=WORKER, endpoint=IPV6),
    passes("KS501", version="v1.14.5", role=WORKER, endpoint=IPV6),
    fails("KS501", version="v1.13.10", advertise_address=IPV6),
    passes("KS501", version="v1.13.9", advertise_address=IPV6),
    passes("KS501", version="v1.16.0", advertise_address=IPV6),
    passes("KS501", version="v1.15.3"),
    # which it takes for a port, and a port may be a number or nothing
    passes("KS501", version="v1.14.10", advertise_address="2001:db8::11"),
    passes("KS501", version="v1.14.10", advertise_address="2001:db8::"),
    fails("KS501", kubeadm("v1.15.0", "go1.12.9"), version="v1.15.0", advertise_address=IPV6),
    # Brackets around an IPv4 address: what Fedora's kubeadm v1.34.1 said, built with go1.25.3.
    passes("KS502", version="v1.34.1", cluster=NETWORKS),
    fails("KS502", REBUILT, version="v1.34.1", cluster=NETWORKS, severities="EE", words="10.96"),
    fails("KS502", REBUILT, version="v1.34.1", cluster=DUAL, severities="EE"),
    passes("KS502", REBUILT, version="v1.34.1", cluster=SIX),
    passes("KS502", kubeadm("v1.34.1", "go1.24.6"), version="v1.34.1", cluster=NETWORKS),
    fails("KS502", kubeadm("v1.33.5", "go1.24.8"), version="v1.33.5", cluster=NETWORKS),
    passes("KS502", kubeadm("v1.33.6", "go1.24.8"), version="v1.33.6", cluster=NETWORKS),
    passes("KS502", kubeadm("v1.34.2", "go1.25.3"), version="v1.34.2", cluster=NETWORKS),
    passes("KS502", kubeadm("v1.35.0", "go1.25.5"), version="v1.35.0", cluster=NETWORKS),
    fails("KS502", kubeadm("v1.30.9", "go1.26.0"), version="v1.30.9", cluster=NETWORKS),
    warns("KS501", ON, words="https://192.0.2.11 would be reached through the proxy " + PROXY),
    passes("KS501", except_for("192.0.2.0/24")),
    passes("KS501", except_for("192.0.2.11:443")),
    warns("KS501", except_for("192.0.2.11:6443")),
    warns("KS501", ON, advertise_address="2001:db8::11", words="https://[2001:db8::11]"),
    passes("KS501", except_for("[2001:db8::11]:1234"), advertise_address="2001:db8::11"),
    warns("KS501", ON, role=WORKER, words="192.0.2.10"),
    passes("KS501", except_for("192.0.2.10"), role=WORKER),
    warns("KS501", except_for("192.0.2.10"), role=SECOND, words="192.0.2.11", severities="W"),
    warns("KS501", ON, role=SECOND, severities="WW"),
    unknown("KS501", role=WORKER, endpoint="", words="endpoint"),
    unknown("KS501", ON, role=SECOND, endpoint="", severities="W"),
    warns("KS501", ON, advertise_address=None, words="192.0.2.11"),
    unknown("KS501", Addresses("eth0", (), ()), advertise_address=None),
    warns("KS501", ON, Addresses("e", (), ("2001:db8::5",)), advertise_address=None, words="::5"),
    passes("KS502", cluster=NETWORKS),
    warns("KS502", ON, cluster=NETWORKS, severities="WW"),
    warns("KS502", except_for("10.244.0.0/16"), cluster=NETWORKS, words="10.96.0.0/12"),
    passes("KS502", except_for("10.244.0.0/16", "10.96.0.1"), cluster=NETWORKS),
    warns("KS502", except_for("10.96.0.0"), severities="W"),
    passes("KS502", ON, cluster=Cluster(service_subnets=())),
    passes("KS502", except_for("10.96.0.1:1234")),
    warns("KS502", ON, cluster=SIX, words="fd00:10:96::/112"),
    passes("KS502", except_for("fd00:10:96::/64"), cluster=SIX),
    # dual stack: one finding for each network that would go through the proxy
    warns("KS502", ON, cluster=DUAL, severities="WWWW"),
    warns("KS502", except_for("10.0.0.0/8"), cluster=DUAL, severities="WW", words="fd00:10::/56"),
    warns("KS502", except_for("10.0.0.0/8", "fd00:20::/64"), cluster=DUAL, severities="W"),
    passes("KS502", except_for("10.0.0.0/8", "fd00::/16"), cluster=DUAL),
    fails("KS502", cluster=Cluster(service_subnets=("10.96.0.0/33",)), words="10.96.0.0/33"),
    fails("KS502", cluster=Cluster(service_subnets=("10.96.0.0/32",))),
    warns("KS502", ON, role=SECOND),
    skips("KS502", ON, role=WORKER),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_proxies(row: Row) -> None:
    row.prove()
