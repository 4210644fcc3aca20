from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.checks.system_verification import system_verification
from scanner.evaluate import evaluate
from scanner.facts.kernel import Kernel, KernelConfig
from scanner.facts.programs import Docker
from scanner.kubeadm.kernel_options import ALIASES
from scanner.request import ContainerRuntime
from scanner.target import Role
from scanner.verdict import Verdict
from tests.checks.rows import Row, fails, passes, unknown, warns
from tests.hosts import NOBODY, binaries, facts_without, target
from tests.kernels import cgroup_v1, kernel, kernel_config
from tests.runtimes import CRI_DOCKERD_SOCKET, DENIED, REFUSED, docker, silent_docker

DOCKER = ContainerRuntime.DOCKER
UNREADABLE = KernelConfig("/boot/config-6.1", {}, readable=False)
REDIRECT, REDIRECT_ALIAS = "NETFILTER_XT_TARGET_REDIRECT", *ALIASES["NETFILTER_XT_TARGET_REDIRECT"]

KERNELS = (
    # (kubeadm, [kernels that pass], [kernels that do not], E or W)
    ("v1.13.12", ["3.10.0-1160.el7", "4.0.1", "4.18.0"], ["3.9.11", "2.6.32", "5.0.1"], "E"),
    # the patterns in the tree match anywhere
    ("v1.13.12", ["5.4.0-42-generic", "5.14.0-570.el9"], ["5.10.0-13-amd64", "5.0.0-rc6+"], "E"),
    ("v1.14.0", ["3.10.0", "4.18.0", "5.0.1", "5.15.0"], ["3.9.11", "6.1.0"], "E"),
    ("v1.15.12", ["6.5.0-14-generic", "6.14.0"], ["6.1.0-rpi7-rpi-v8", "6.8.0-31-generic"], "E"),
    ("v1.15.12", ["5.4.0"], ["6.1.0"], "E"),
    ("v1.16.0", ["3.10.0", "4.4.0", "5.4.0", "6.1.0", "10.0.0"], ["3.9.11", "6.1", "6.1-x"], "E"),
    ("v1.20.2", ["3.10.0-1160.el7", "4.18.0", "5.3.18", "6.1.0"], ["3.9.11", "3.9", "6.1"], "E"),
    ("v1.31.0", ["3.10.0", "4.18.0", "4.19.0", "6.1.0"], ["3.9.11"], "E"),
    ("v1.32.0", ["4.19.0", "4.20.1", "5.3.0", "5.4.0", "6.1.0"], ["4.18.99", "3.10.0"], "E"),
    ("v1.33.9", ["4.19.0", "5.3.0"], ["4.18.0"], "E"),
    (
        "v1.34.0",
        ["5.4.0", "5.10.1", "5.15.3", "6.0.1", "6.1.0"],
        ["5.3.18", "5.5.0", "5.14.21", "5.16.0", "4.19.0"],
        "W",
    ),
    ("v1.37.0", ["5.4.0", "6.1.0"], ["5.3.0", "4.19.1", "6.1"], "W"),
)


def kernel_rows() -> tuple[Row, ...]:
    rows = []
    for version, good, bad, severity in KERNELS:
        rows += [passes("KS411", kernel(text), version=version) for text in good]
        worse = fails if severity == "E" else warns
        rows += [worse("KS411", kernel(text), version=version, severities=severity) for text in bad]
    return tuple(rows)


CONFIG_ROWS = (
    fails("KS411", kernel_config("CGROUP_CPUACCT"), words="CONFIG_CGROUP_CPUACCT"),
    fails("KS411", kernel_config("NET_NS", "INET"), words="CONFIG_NET_NS CONFIG_INET"),
    fails("KS411", kernel_config(off="INET")),
    passes("KS411", kernel_config(modules=("INET", "EXT4_FS"))),
    passes("KS411", kernel_config("AUFS_FS", "BLK_DEV_DM", "CGROUP_HUGETLB", "SECCOMP")),
    passes("KS411", kernel_config(REDIRECT)),
    fails("KS411", kernel_config(REDIRECT, REDIRECT_ALIAS), words=f"CONFIG_{REDIRECT_ALIAS}"),
    fails("KS411", kernel_config(REDIRECT_ALIAS, off=REDIRECT), words=f"CONFIG_{REDIRECT}"),
    passes("KS411", kernel_config("CGROUP_PIDS", "FAIR_GROUP_SCHED")),
    fails("KS411", kernel_config("CGROUP_PIDS"), version="v1.21.0"),
    fails("KS411", kernel_config("FAIR_GROUP_SCHED"), version="v1.31.0"),
    passes("KS411", kernel_config("CGROUP_BPF"), version="v1.31.0"),
    fails("KS411", kernel_config("CGROUP_BPF"), version="v1.32.0"),
    passes("KS411", kernel_config("CGROUP_BPF"), version="v1.32.10"),
    fails("KS411", kernel_config("CGROUP_CPUACCT"), version="v1.33.5"),
    passes("KS411", kernel_config("CGROUP_CPUACCT", "CGROUP_SCHED"), version="v1.33.6"),
    fails("KS411", kernel_config("FAIR_GROUP_SCHED"), version="v1.33.6"),
    fails("KS411", kernel_config("CGROUP_FREEZER"), version="v1.34.1"),
    passes("KS411", kernel_config("CGROUP_FREEZER"), version="v1.34.2"),
    # from 1.35 on by the host's cgroup version
    passes("KS411", kernel_config("CGROUP_CPUACCT", "CGROUP_DEVICE"), version="v1.35.0"),
    fails("KS411", kernel_config("CGROUP_BPF"), version="v1.35.0"),
    fails("KS411", kernel_config("CGROUP_SCHED"), version="v1.35.0"),
    fails(
        "KS411",
        kernel_config("CGROUP_CPUACCT"),
        cgroup_v1(),
        version="v1.35.0",
        kubelet="v1.34.0",
        severities="EW",
    ),
    warns("KS411", kernel_config("CGROUP_BPF"), cgroup_v1(), version="v1.35.0", kubelet="v1.34.0"),
    # the file itself
    fails("KS411", KernelConfig("", {}), words="none of the files"),
    unknown("KS411", KernelConfig("", {}, loadable=True), words="configs"),
    fails("KS411", UNREADABLE, words="cannot be read"),
    unknown("KS411", NOBODY, UNREADABLE, words="without root"),
    fails("KS411", KernelConfig("/boot/config-6.1", {}), words="CONFIG_NAMESPACES"),
)

DOCKER_ROWS = (
    passes("KS411", docker("19.03.14"), runtime=DOCKER),
    passes("KS411", docker("18.09.1"), runtime=DOCKER),
    passes("KS411", docker("1.13.1"), runtime=DOCKER),
    warns("KS411", docker("20.10.5"), runtime=DOCKER, words="20.10.5", severities="W"),
    passes("KS411", docker("20.10.5"), runtime=DOCKER, version="v1.21.0"),
    warns("KS411", docker("23.0.1"), runtime=DOCKER, version="v1.23.17"),
    fails("KS411", docker("1.10.3"), runtime=DOCKER, severities="E"),
    fails("KS411", docker("dev"), runtime=DOCKER),
    warns("KS411", docker("18.09.1"), kernel("4.18.0"), runtime=DOCKER, version="v1.13.0"),
    warns("KS411", docker("19.03.1"), runtime=DOCKER, version="v1.16.15"),
    passes("KS411", docker("18.06.1"), kernel("4.18.0"), runtime=DOCKER, version="v1.13.0"),
    passes("KS411", docker("19.03.1"), runtime=DOCKER, version="v1.17.0"),
    fails("KS411", docker(driver="vfs"), runtime=DOCKER, words="vfs"),
    warns("KS411", docker("20.10.5", driver="vfs"), runtime=DOCKER, severities="W"),
    fails("KS411", docker(driver="btrfs"), runtime=DOCKER, version="v1.22.17"),
    passes("KS411", docker(driver="btrfs"), runtime=DOCKER, version="v1.23.0"),
    passes(
        "KS411",
        docker("18.09.1", stderr="WARNING: x"),
        kernel("4.18.0"),
        runtime=DOCKER,
        version="v1.14.10",
    ),
    fails("KS411", docker("18.09.1", stderr="WARNING: x"), runtime=DOCKER, version="v1.16.15"),
    fails("KS411", docker(stderr="WARNING: x"), runtime=DOCKER, version="v1.21.14"),
    warns("KS411", docker(stderr="WARNING: x"), runtime=DOCKER, version="v1.22.0"),
    fails("KS411", silent_docker(), runtime=DOCKER, words="refused"),
    unknown("KS411", NOBODY, silent_docker(DENIED), runtime=DOCKER),
    # docker is not asked where kubeadm does not talk to it
    passes("KS411", silent_docker()),
    passes("KS411", silent_docker(), runtime=DOCKER, version="v1.24.10"),
    passes("KS411", silent_docker(), runtime=DOCKER, socket=CRI_DOCKERD_SOCKET),
    passes("KS411", Docker("", "", "", None), binaries("docker"), runtime=DOCKER),
)

ROWS = (
    passes("KS411"),
    fails("KS411", kernel(sysname="FreeBSD"), words="FreeBSD"),
    fails("KS411", kernel("3.9.1"), role=Role.JOIN_WORKER),
    fails("KS411", kernel("3.9.1"), silent_docker(REFUSED), runtime=DOCKER, severities="EE"),
    *kernel_rows(),
    *CONFIG_ROWS,
    *DOCKER_ROWS,
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_system_verification(row: Row) -> None:
    row.prove()


def test_what_one_part_cannot_know_does_not_hide_another() -> None:
    blind = facts_without(Kernel, KernelConfig, spoiled=(cgroup_v1("cpu"),))
    blind = replace(blind, missing={Kernel: "one", KernelConfig: "two"})
    (result,) = evaluate([system_verification], blind, target())
    assert result.verdict is Verdict.FAIL
    assert result.message.endswith("could not be known: one; two")
    assert "control groups" in result.findings[0].message
