from __future__ import annotations

import pytest

from scanner.facts.runtime_config import KubeletConfig
from scanner.request import Cluster, ContainerRuntime
from scanner.target import Role
from tests.checks.rows import Row, passes, unknown, warns
from tests.kernels import cgroup_v1
from tests.runtimes import containerd, docker, silent_docker

DOCKER = ContainerRuntime.DOCKER
INIT, SECOND, WORKER = Role.INIT, Role.JOIN_CONTROL_PLANE, Role.JOIN_WORKER
SYSTEMD, CGROUPFS = docker(cgroups="systemd"), docker(cgroups="cgroupfs")
IN_FILE = KubeletConfig(present=True, cgroup_driver="systemd")
BY_DEFAULT = KubeletConfig(present=True, cgroup_driver="")
V1 = cgroup_v1()
DOCUMENTS = Cluster(extra_documents=("kubelet.yaml",))

ROWS = (
    # what kubeadm will write: systemd in init from 1.21, in a join from 1.22
    warns("KS215", version="v1.20.15", words="containerd is systemd, the kubelet's cgroupfs"),
    passes("KS215", version="v1.21.0"),
    warns("KS215", version="v1.21.14", role=WORKER),
    passes("KS215", version="v1.22.0", role=WORKER),
    passes("KS215", version="v1.22.0", role=SECOND),
    passes("KS215", V1, containerd(), version="v1.20.2"),
    warns("KS215", V1, containerd(), version="v1.31.0", severities="W"),
    warns("KS215", V1, containerd(runc=False), version="v1.31.0"),
    # the kubelet's own file
    passes("KS215", IN_FILE),
    passes("KS215", V1, BY_DEFAULT, containerd(), version="v1.31.0"),
    warns("KS215", BY_DEFAULT, version="v1.31.0"),
    unknown("KS215", cluster=DOCUMENTS, words="KubeletConfiguration"),
    passes("KS215", IN_FILE, cluster=DOCUMENTS),
    # containerd's default runtime decides
    passes("KS215", IN_FILE, containerd(default="nvidia", runc=False, nvidia=True)),
    warns("KS215", IN_FILE, containerd(default="nvidia", runc=True, nvidia=False)),
    unknown("KS215", containerd(imports=True), words="imports"),
    unknown("KS215", IN_FILE, containerd(imports=True, runc=True)),
    # docker; kubeadm copies its driver with dockershim
    passes("KS215", SYSTEMD, runtime=DOCKER),
    passes("KS215", V1, CGROUPFS, runtime=DOCKER),
    warns("KS215", V1, CGROUPFS, runtime=DOCKER, version="v1.22.0", words="docker is cgroupfs"),
    unknown("KS215", silent_docker(), runtime=DOCKER, words="does not answer"),
    # cgroup v2 wants systemd
    warns("KS215", CGROUPFS, runtime=DOCKER, severities="W", words="cgroup v2"),
    warns("KS215", containerd(), version="v1.31.0", severities="WW"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_cgroup_drivers(row: Row) -> None:
    row.prove()
