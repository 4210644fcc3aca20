from __future__ import annotations

import pytest

from scanner.facts.programs import Kubeadm, Kubelet, Run
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import NOBODY, binaries, kubeadm, kubelet

NO_KUBEADM = Kubeadm(None, None)
NO_KUBELET = Kubelet(None, None)
BROKEN_KUBELET = Kubelet(None, Run(0, "kubelet, roughly", ""))

ROWS = (
    passes("KS111", kubernetes="v1.19.0"),
    passes("KS111", kubernetes="v1.20.2"),
    passes("KS111", kubernetes="v1.20.15"),
    warns("KS111", kubernetes="v1.21.0-alpha.1", words="newer"),
    warns("KS111", kubernetes="v1.21.0"),
    warns("KS111", kubernetes="v1.21.0", role=Role.JOIN_CONTROL_PLANE),
    skips("KS111", kubernetes="v1.21.0", role=Role.JOIN_WORKER),
    skips("KS111", version="v0.0.0-master", kubernetes="v1.21.0", words="development"),
    unknown("KS111", NO_KUBEADM, words="no kubeadm"),
    passes("KS113", kubernetes="v1.19.0"),
    fails("KS113", kubernetes="v1.18.20", words="as old as"),
    skips("KS113", kubernetes="v1.18.20", role=Role.JOIN_CONTROL_PLANE),
    unknown("KS113", NO_KUBEADM),
    # the kubelet against kubeadm: one minor below until 1.28, three from 1.29 on
    passes("KS112", kubelet("v1.20.2")),
    passes("KS112", kubelet("v1.20.15")),
    passes("KS112", kubelet("v1.19.0")),
    fails("KS112", kubelet("v1.19.0-rc.1"), words="too old"),
    fails("KS112", kubelet("v1.18.20")),
    fails("KS112", kubelet("v1.18.20"), role=Role.JOIN_WORKER),
    passes("KS112", kubelet("v1.27.0"), version="v1.28.0"),
    fails("KS112", kubelet("v1.26.9"), version="v1.28.0"),
    passes("KS112", kubelet("v1.26.0"), version="v1.29.0"),
    fails("KS112", kubelet("v1.25.9"), version="v1.29.0"),
    passes("KS112", kubelet("v1.28.0"), version="v1.31.0"),
    fails("KS112", kubelet("v1.27.16"), version="v1.31.0"),
    # the kubelet against the control plane: by the minor, init only
    fails("KS112", kubelet("v1.21.0"), words="newer than the control plane"),
    fails("KS112", kubelet("v1.20.2"), kubernetes="v1.19.9"),
    passes("KS112", kubelet("v1.21.0"), role=Role.JOIN_WORKER),
    passes("KS112", kubelet("v1.21.0"), role=Role.JOIN_CONTROL_PLANE),
    # kubeadm's test is "major greater OR minor greater", so that v1.21 is newer than v2.0
    fails("KS112", kubelet("v1.21.0"), kubernetes="v2.0.0", words="newer than the control plane"),
    passes("KS112", kubelet("v1.20.2"), kubernetes="v2.20.0"),
    fails("KS112", kubelet("v2.0.0"), kubernetes="v1.20.2"),
    passes("KS112", kubelet("v2.0.0"), role=Role.JOIN_WORKER),
    # what cannot be read
    fails("KS112", BROKEN_KUBELET, words="roughly"),
    fails("KS112", Kubelet(None, Run(126, "", "Exec format error")), words="Exec format"),
    passes("KS112", kubelet("v1.17.0", stderr="W0101 flag"), version="v1.17.0"),
    fails("KS112", kubelet("v1.16.0", stderr="W0101 flag"), version="v1.16.15"),
    fails("KS112", NO_KUBELET, binaries("kubelet"), words="no kubelet on", severities="E"),
    fails("KS112", binaries(elsewhere="kubelet"), words="/usr/sbin/kubelet"),
    unknown("KS112", NOBODY, binaries(elsewhere="kubelet"), words="root's PATH"),
    fails("KS112", NOBODY, binaries(elsewhere="kubelet"), kubelet("v1.18.0"), words="root's PATH"),
    passes("KS114", subject="kubeadm"),
    fails("KS114", NO_KUBEADM, binaries("kubeadm"), subject="kubeadm"),
    fails("KS114", Kubeadm(None, Run(1, "", "no")), subject="kubeadm", words="does not say"),
    passes("KS114", subject="kubectl"),
    fails("KS114", binaries("kubectl"), subject="kubectl"),
    warns("KS114", binaries("kubectl"), subject="kubectl", role=Role.JOIN_CONTROL_PLANE),
    passes("KS118"),
    passes("KS118", version="v1.13.0"),
    passes("KS118", version="v1.37.9"),
    unknown("KS118", version="v1.12.9", words="v1.13 to v1.37"),
    unknown("KS118", version="v1.38.0-alpha.1", words="this kscan knows"),
    unknown("KS118", version="v2.0.0"),
    skips("KS118", version="v0.0.0"),
    skips("KS114", binaries("kubectl"), subject="kubectl", role=Role.JOIN_WORKER),
    passes("KS114", kubeadm("v1.19.0"), subject="kubeadm", role=Role.JOIN_WORKER),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_versions(row: Row) -> None:
    row.prove()
