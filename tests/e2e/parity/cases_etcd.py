"""External etcd: a real one with TLS on the other host, and what may be wrong between them."""

from __future__ import annotations

from tests.e2e.parity.case import NO_TLS, Case, Cluster, ExternalEtcd, Phase
from tests.e2e.parity.etcd import CLIENT
from tests.lab.fault_makers import environment
from tests.lab.faults import ETCD_DATA_LEFT, PROXY, Fault, port_held

GOOD = Cluster(etcd=ExternalEtcd())
TWO = ("https://PEER:2379", "https://PEER:2389")


def moved(name: str) -> Fault:
    path = f"{CLIENT}/{name}"
    take = f"if [ -e {path}.away ]; then mv {path}.away {path}; fi"
    return Fault(f"no {name}", f"mv {path} {path}.away", take, f"test ! -e {path}")


def emptied(name: str) -> Fault:
    path = f"{CLIENT}/{name}"
    take = f"if [ -e {path}.away ]; then mv {path}.away {path}; fi"
    return Fault(f"{name} empty", f"mv {path} {path}.away\n: >{path}", take, f"test ! -s {path}")


def plain(port: int) -> Cluster:
    """Without TLS, at this port of the other host."""
    return Cluster(etcd=ExternalEtcd((f"http://PEER:{port}",), *NO_TLS))


def with_files(ca: str = "ca", client: str = "client") -> Cluster:
    files = (f"{CLIENT}/{ca}.crt", f"{CLIENT}/{client}.crt", f"{CLIENT}/{client}.key")
    return Cluster(etcd=ExternalEtcd(("https://PEER:2379",), *files))


def at(*endpoints: str) -> Cluster:
    return Cluster(etcd=ExternalEtcd(endpoints))


WAITING = (
    Case("external etcd, ca.crt empty", cluster=with_files(ca="empty")),
    Case("external etcd, wrong CA", cluster=with_files(ca="other-ca")),
    Case("external etcd, a stranger's certificate", cluster=with_files(client="stranger")),
    Case("external etcd, nothing listens", cluster=at("https://PEER:2389")),
    Case("external etcd, one of two does not listen", cluster=at(*TWO)),
    Case("external etcd, no route", cluster=at("https://192.0.2.1:2379")),
    Case("external etcd, name unknown", cluster=at("https://etcd.example.org:2379")),
    Case("external etcd, name not in the certificate", cluster=at("https://node2:2379")),
    Case("external etcd, TLS wanted of plain HTTP", cluster=at("https://PEER:2381")),
    Case("external etcd answers 503", cluster=plain(2394)),
)
"""Here kubeadm tries four times in 15 s; they are asked at once."""


CASES = (
    *WAITING,
    Case("external etcd with TLS", cluster=GOOD),
    Case("external etcd, data directory used", (ETCD_DATA_LEFT,), cluster=GOOD),
    Case("external etcd, 2379 held", (port_held(2379, "127.0.0.1"),), cluster=GOOD),
    *(
        Case(f"external etcd, {name} missing", (moved(name),), cluster=GOOD)
        for name in ("ca.crt", "client.crt", "client.key")
    ),
    Case("external etcd, two files missing", (moved("ca.crt"), moved("client.key")), cluster=GOOD),
    Case("external etcd, client.key empty", (emptied("client.key"),), cluster=GOOD),
    Case(
        "external etcd, endpoint with a slash at its end",
        cluster=at("https://PEER:2379/"),
    ),
    Case("external etcd without TLS", cluster=plain(2381)),
    Case("external etcd v3.2.17", cluster=plain(2390)),
    Case("external etcd v3.2.18", cluster=plain(2391)),
    Case("external etcd answers no JSON", cluster=plain(2392)),
    Case("external etcd answers 404", cluster=plain(2393)),
    Case("external etcd answers a version that is none", cluster=plain(2395)),
    Case(
        "external etcd behind a proxy that is not there",
        (environment("proxy", f"HTTPS_PROXY={PROXY}"),),
        cluster=GOOD,
    ),
    Case("external etcd of a worker", (moved("ca.crt"),), Phase.WORKER, GOOD),
)
