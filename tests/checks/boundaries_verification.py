"""The known boundaries of SystemVerification, which follows its library; each with its ground."""

from __future__ import annotations

from dataclasses import replace

from scanner.request import ContainerRuntime
from tests.checks.boundary import DRIFTED, EASED, MILDER, NOTICED, STRICTER, VERIFIED, change
from tests.hosts import cgroup_v1, cgroup_v2, docker, kernel, kernel_config, kubelet

DOCKER = ContainerRuntime.DOCKER

BOUNDARIES = (
    # SystemVerification: the kernel's release
    change(VERIFIED, "RN 1.14 PR#74355", "v1.13.12", "v1.14.0", EASED, kernel("5.0.1")),
    change(VERIFIED, "RN 1.16 PR#81623", "v1.15.12", "v1.16.0", EASED, kernel("6.1.0")),
    change(VERIFIED, "library v1.9.0", "v1.31.14", "v1.32.0", STRICTER, kernel("4.18.0")),
    change(VERIFIED, "RN 1.34 PR#131919", "v1.33.6", "v1.34.2", MILDER, kernel("4.18.0")),
    change(VERIFIED, "library v1.10.0", "v1.33.6", "v1.34.2", NOTICED, kernel("5.3.0")),
    # the kernel's configuration
    *(
        change(
            VERIFIED,
            "library v1.3.0",
            "v1.20.15",
            "v1.21.0",
            STRICTER,
            kernel_config(name),
            words=name,
        )
        for name in ("CGROUP_PIDS", "FAIR_GROUP_SCHED")
    ),
    change(
        VERIFIED, "library v1.9.0", "v1.31.14", "v1.32.0", STRICTER, kernel_config("CGROUP_BPF")
    ),
    change(
        VERIFIED,
        "CHANGELOG-1.33, v1.9.2",
        "v1.33.5",
        "v1.33.6",
        EASED,
        kernel_config("CGROUP_BPF", "CGROUP_CPUACCT", "CGROUP_SCHED", "CGROUP_PIDS"),
    ),
    change(
        VERIFIED,
        "library v1.9.2 in 1.32",
        "v1.32.9",
        "v1.32.10",
        EASED,
        kernel_config("CGROUP_BPF"),
    ),
    change(
        VERIFIED, "PR#134087, v1.10.2", "v1.34.1", "v1.34.2", EASED, kernel_config("CGROUP_BPF")
    ),
    change(
        VERIFIED, "library v1.11.0", "v1.34.2", "v1.35.0", STRICTER, kernel_config("CGROUP_BPF")
    ),
    change(
        VERIFIED,
        "library v1.11.0: cgroup v1",
        "v1.34.2",
        "v1.35.0",
        MILDER[::-1],
        cgroup_v1(),
        kernel_config("CGROUP_CPUACCT"),
        words="CGROUP_CPUACCT",
    ),
    change(
        VERIFIED,
        "library v1.11.0: cgroup v2",
        "v1.34.1",
        "v1.35.0",
        EASED,
        kernel_config("CGROUP_CPUACCT"),
    ),
    # control groups
    change(
        VERIFIED,
        "library v1.1.0: optional",
        "v1.18.20",
        "v1.19.0",
        NOTICED,
        cgroup_v1("cpuset cpu cpuacct blkio memory devices freezer pids"),
        words="hugetlb",
    ),
    change(
        VERIFIED,
        "library v1.1.0: cgroup v2 is known",
        "v1.18.20",
        "v1.19.0",
        EASED,
        replace(cgroup_v2(), subsystems=frozenset()),
    ),
    change(
        VERIFIED,
        "library v1.2.0",
        "v1.19.16",
        "v1.20.0",
        MILDER[::-1],
        cgroup_v2("cpuset cpu io memory hugetlb"),
        words="pids",
    ),
    change(
        VERIFIED,
        "library v1.7.0: blkio",
        "v1.23.17",
        "v1.24.0",
        NOTICED,
        cgroup_v2(),
        words="blkio",
    ),
    change(
        VERIFIED, "library v1.8.0: io", "v1.25.2", "v1.26.0", DRIFTED, cgroup_v2(), words="blkio"
    ),
    change(VERIFIED, "library v1.8.0 in 1.24", "v1.24.9", "v1.24.10", DRIFTED, cgroup_v2()),
    change(VERIFIED, "library v1.8.0 in 1.25", "v1.25.5", "v1.25.6", DRIFTED, cgroup_v2()),
    change(
        VERIFIED,
        "library v1.9.0: freezer is tried",
        "v1.31.14",
        "v1.32.0",
        STRICTER,
        cgroup_v2(freeze=False),
        words="freezer",
    ),
    change(
        VERIFIED,
        "library v1.9.1: v1 without memory",
        "v1.31.14",
        "v1.32.0",
        STRICTER,
        replace(cgroup_v1(), memory_directory=False),
    ),
    change(VERIFIED, "library v1.9.0: cgroup v1", "v1.31.14", "v1.32.0", NOTICED, cgroup_v1()),
    change(
        VERIFIED,
        "RN 1.35 PR#134744: cgroup v1",
        "v1.34.2",
        "v1.35.0",
        MILDER[::-1],
        cgroup_v1(),
        kubelet("v1.35.0"),
    ),
    # the next minor's first releases came with an older library than the last patches before
    change(
        VERIFIED,
        "CHANGELOG-1.25: v1.7.0",
        "v1.24.10",
        "v1.25.0",
        NOTICED,
        cgroup_v2(),
        words="blkio",
    ),
    change(
        VERIFIED,
        "CHANGELOG-1.33: v1.9.1",
        "v1.32.10",
        "v1.33.0",
        STRICTER,
        kernel_config("CGROUP_BPF"),
    ),
    change(
        VERIFIED,
        "CHANGELOG-1.34: v1.10.1",
        "v1.33.6",
        "v1.34.0",
        STRICTER,
        kernel_config("CGROUP_BPF"),
    ),
    # docker, as long as kubeadm asked it
    change(
        VERIFIED,
        "library v1.0.4: 19.03",
        "v1.16.15",
        "v1.17.0",
        DRIFTED,
        docker("19.03.14"),
        runtime=DOCKER,
    ),
    change(
        VERIFIED,
        "library v1.4.0: 20.10",
        "v1.20.15",
        "v1.21.0",
        DRIFTED,
        docker("20.10.5"),
        runtime=DOCKER,
    ),
    change(
        VERIFIED,
        "library v1.5.0: stderr",
        "v1.21.14",
        "v1.22.0",
        MILDER,
        docker(stderr="WARNING: x"),
        runtime=DOCKER,
    ),
    change(
        VERIFIED,
        "library v1.6.0: btrfs",
        "v1.22.17",
        "v1.23.0",
        EASED,
        docker(driver="btrfs"),
        runtime=DOCKER,
    ),
    change(
        VERIFIED,
        "RN 1.24 PR#107317",
        "v1.23.17",
        "v1.24.10",
        EASED,
        docker("1.10.3"),
        runtime=DOCKER,
    ),
)
