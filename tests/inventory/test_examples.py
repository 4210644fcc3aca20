"""What newcomers copy has to load without a word."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from scanner.inventory.load import load
from scanner.request import Cluster, ExternalEtcd, Ignore, Request

FOLDER = Path(__file__).parents[2] / "inventories"


def example(name: str) -> Request:
    loaded = load(FOLDER / f"{name}.yaml", named=False)
    assert loaded.notes == ()
    return loaded.request


@pytest.mark.parametrize(
    ("name", "hosts", "control_planes"),
    [
        ("local", 1, 1),
        ("single", 3, 1),
        ("ha", 6, 3),
        ("large", 464, 3),
        ("external-etcd", 6, 2),
        ("ipv6", 4, 1),
    ],
)
def test_it_loads(name: str, hosts: int, control_planes: int) -> None:
    request = example(name)
    assert len(request.hosts) == hosts
    assert sum(host.is_control_plane for host in request.hosts) == control_planes


def test_each_example_has_a_test() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {
        "local", "single", "ha", "large", "external-etcd", "ipv6",
    }  # fmt: skip


def test_local_has_no_login() -> None:
    (host,) = example("local").hosts
    assert host.login.local


def test_ha_goes_through_the_bastion() -> None:
    request = example("ha")
    assert {host.login.jump.user for host in request.hosts if host.login.jump} == {"gate"}
    assert request.hosts[0].advertise_address == "198.51.100.11"
    workers = frozenset({"worker1", "worker2", "worker3"})
    until = datetime.date(2027, 1, 31)
    assert request.ignore == (Ignore("Swap", workers, "NodeSwap is on for the batch jobs", until),)


def test_large_expands_names_and_addresses_together() -> None:
    hosts = {host.name: host for host in example("large").hosts}
    assert hosts["rack1-node001"].login.address == "198.51.100.1"
    assert hosts["rack2-node200"].login.address == "203.0.113.200"
    assert hosts["gpu2-9"].login.address == "203.0.113.210"
    assert dict(hosts["gpu-old"].labels)["example.org/gpus"] == "2"
    assert not hosts["gpu-old"].taints


def test_external_etcd_has_its_files() -> None:
    etcd = example("external-etcd").cluster.etcd
    assert isinstance(etcd, ExternalEtcd)
    assert len(etcd.endpoints) == len(etcd.files) == 3


def test_ipv6_is_dual_stack() -> None:
    cluster = example("ipv6").cluster
    assert cluster.pod_subnets == ("2001:db8:42::/56", "10.244.0.0/16")


def test_an_inventory_of_hosts_alone_has_kubeadms_defaults(folder: Path) -> None:
    path = folder / "My cluster.yaml"
    path.write_text("hosts: [{name: n, address: n}]")
    request = load(path, named=True).request
    assert request.cluster == Cluster(name="my-cluster")
    assert not request.hosts[0].is_control_plane


def test_files_of_the_cluster_start_at_the_inventory(folder: Path) -> None:
    path = folder / "i.yaml"
    path.write_text(
        "hosts: [{name: n, address: n}]\ncluster:\n  cni: {manifest: https://example.org/a.yaml}\n"
        "  kubeadm: {patches: p, extraDocuments: [~/k.yaml]}\n"
        "  addons: [{name: a, manifest: /etc/a.yaml}]\n"
    )
    cluster = load(path, named=True).request.cluster
    assert cluster.cni_manifest == "https://example.org/a.yaml"
    assert (cluster.patches, cluster.extra_documents) == (
        str(folder / "p"),
        (str(folder / "k.yaml"),),
    )
    assert cluster.addons[0].manifest == "/etc/a.yaml"


def test_an_ignore_that_matches_nothing_is_a_note_and_ignores_nothing(folder: Path) -> None:
    path = folder / "i.yaml"
    path.write_text("hosts: [{name: n, address: n}]\nignore: [{check: Swap, hosts: m}]\n")
    loaded = load(path, named=True)
    assert loaded.notes == (f"{path}: ignore[0].hosts: 'm' matches no host",)
    assert loaded.request.ignore[0].hosts == frozenset()
