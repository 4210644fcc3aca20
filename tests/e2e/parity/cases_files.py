"""Files and directories that an earlier cluster left."""

from __future__ import annotations

from tests.e2e.parity.case import Case, Cluster, Phase, row
from tests.lab.fault_makers import dangling_link, directory_there
from tests.lab.faults import ETCD_DATA_LEFT, MANIFEST_LEFT, Fault, file_there

KUBERNETES = "/etc/kubernetes"
MANIFESTS = f"{KUBERNETES}/manifests"
OTHER_DATA = Cluster(data_dir="/srv/etcd")


def manifest(component: str) -> Fault:
    return file_there(f"{MANIFESTS}/{component}.yaml", "kind: Pod\n")


def unreadable(path: str) -> Fault:
    """A directory with a file, which root reads all the same."""
    there = file_there(f"{path}/member", "left\n")
    return Fault(f"{path} mode 0", f"{there.putting}\nchmod 0 {path}", there.taking, there.seen)


LOCAL_CA = file_there(f"{KUBERNETES}/pki/ca.crt", "left\n")
OWN_MANIFEST = file_there(f"{MANIFESTS}/haproxy.yaml", "kind: Pod\n")

CASES = (
    row(MANIFEST_LEFT),
    row(manifest("kube-controller-manager")),
    row(manifest("kube-scheduler")),
    row(manifest("etcd")),
    row(OWN_MANIFEST),
    row(directory_there(f"{MANIFESTS}/etcd.yaml")),
    row(dangling_link(f"{MANIFESTS}/kube-apiserver.yaml")),
    row(ETCD_DATA_LEFT),
    row(directory_there("/var/lib/etcd")),
    Case("a dotfile in the data directory", (file_there("/var/lib/etcd/.keep", "x"),)),
    Case("lost+found in the data directory", (directory_there("/var/lib/etcd/lost+found"),)),
    Case("a dangling link in the data directory", (dangling_link("/var/lib/etcd/link"),)),
    Case("a file in place of the data directory", (file_there("/var/lib/etcd", "x"),)),
    Case("a dangling link in place of the data directory", (dangling_link("/var/lib/etcd"),)),
    row(unreadable("/var/lib/etcd")),
    Case(
        "dataDir /srv/etcd, used", (file_there("/srv/etcd/member/snap", "x"),), cluster=OTHER_DATA
    ),
    Case("dataDir /srv/etcd, /var/lib/etcd used", (ETCD_DATA_LEFT,), cluster=OTHER_DATA),
    Case("files of a join, which init does not mind", (LOCAL_CA,)),
    row(LOCAL_CA, phase=Phase.WORKER),
    row(file_there(f"{KUBERNETES}/kubelet.conf", "left\n"), phase=Phase.WORKER),
    row(file_there(f"{KUBERNETES}/bootstrap-kubelet.conf", "left\n"), phase=Phase.WORKER),
    row(OWN_MANIFEST, phase=Phase.WORKER),
    Case(
        "a dotfile in the manifests' directory",
        (file_there(f"{MANIFESTS}/.keep", "x"),),
        Phase.WORKER,
    ),
    Case("manifests' directory is a file", (file_there(MANIFESTS, "x"),), Phase.WORKER),
    Case("manifests' directory is a file, on init", (file_there(MANIFESTS, "x"),)),
    row(directory_there(MANIFESTS), phase=Phase.WORKER),
    row(dangling_link(f"{KUBERNETES}/kubelet.conf"), phase=Phase.WORKER),
    row(directory_there(f"{KUBERNETES}/pki/ca.crt"), phase=Phase.WORKER),
)
