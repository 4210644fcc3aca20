from __future__ import annotations

import pytest

from scanner.facts.paths import PathState
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import MANIFESTS, NOBODY, paths

WORKER, SECOND = Role.JOIN_WORKER, Role.JOIN_CONTROL_PLANE
API = f"{MANIFESTS}/kube-apiserver.yaml"
ETCD = f"{MANIFESTS}/etcd.yaml"
KUBELET = "/etc/kubernetes/kubelet.conf"
BOOTSTRAP = "/etc/kubernetes/bootstrap-kubelet.conf"
CA = "/etc/kubernetes/pki/ca.crt"
FULL = PathState.DIR_NOT_EMPTY

ROWS = (
    passes("KS311", subject=API),
    fails("KS311", paths({API: PathState.FILE}), subject=API, words="a file"),
    fails("KS311", paths({API: PathState.DIR_EMPTY}), subject=API, words="a directory"),
    passes("KS311", paths({API: PathState.FILE}), subject=ETCD),
    fails("KS311", paths({ETCD: PathState.FILE}), subject=ETCD, role=SECOND),
    skips("KS311", paths({ETCD: PathState.FILE}), subject=ETCD, role=WORKER),
    unknown("KS311", NOBODY, paths({API: PathState.HIDDEN}), subject=API, words="without root"),
    passes("KS312", subject=MANIFESTS, role=WORKER),
    passes("KS312", paths({MANIFESTS: PathState.ABSENT}), subject=MANIFESTS, role=WORKER),
    fails(
        "KS312",
        paths({MANIFESTS: FULL}, manifests=("a.yaml", "b.yaml")),
        subject=MANIFESTS,
        role=WORKER,
        words="a.yaml, b.yaml",
    ),
    fails("KS312", paths({MANIFESTS: FULL}), subject=MANIFESTS, role=SECOND, version="v1.22.17"),
    fails("KS312", paths({MANIFESTS: PathState.FILE}), subject=MANIFESTS, role=WORKER),
    warns("KS312", paths({MANIFESTS: FULL}), subject=MANIFESTS, role=WORKER, version="v1.23.0"),
    skips("KS312", paths({MANIFESTS: FULL}), subject=MANIFESTS),
    unknown(
        "KS312",
        NOBODY,
        paths({MANIFESTS: PathState.DIR_UNREADABLE}),
        subject=MANIFESTS,
        role=WORKER,
    ),
    fails("KS312", paths({MANIFESTS: PathState.DIR_UNREADABLE}), subject=MANIFESTS, role=WORKER),
    passes("KS313", subject=KUBELET, role=WORKER),
    fails("KS313", paths({KUBELET: PathState.FILE}), subject=KUBELET, role=WORKER),
    fails("KS313", paths({BOOTSTRAP: PathState.FILE}), subject=BOOTSTRAP, role=SECOND),
    skips("KS313", paths({KUBELET: PathState.FILE}), subject=KUBELET),
    passes("KS314", subject=CA, role=WORKER),
    fails("KS314", paths({CA: PathState.FILE}), subject=CA, role=WORKER, version="v1.37.0"),
    skips("KS314", paths({CA: PathState.FILE}), subject=CA, role=SECOND),
    skips("KS314", paths({CA: PathState.FILE}), subject=CA),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_files(row: Row) -> None:
    row.prove()
