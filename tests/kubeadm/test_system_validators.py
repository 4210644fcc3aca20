from __future__ import annotations

from itertools import pairwise

import pytest

from scanner.kubeadm import system_validators as validators
from scanner.kubeadm.kernel_options import ALIASES, ALL_OPTIONS
from scanner.kubeadm.system_validators import VENDORED, Library
from scanner.versions import parse_version


@pytest.mark.parametrize(
    ("version", "library"),
    [
        ("v1.13.0", "in-tree (1.13)"),
        ("v1.14.0", "in-tree (1.14)"),
        ("v1.15.12", "in-tree (1.14)"),
        ("v1.16.0", "in-tree (1.16)"),
        ("v1.17.0", "v1.0.4"),
        ("v1.18.20", "v1.0.4"),
        ("v1.19.0", "v1.1.2"),
        ("v1.20.2", "v1.2.0"),
        ("v1.21.0", "v1.4.0"),
        ("v1.22.0", "v1.5.0"),
        ("v1.23.17", "v1.6.0"),
        ("v1.24.0", "v1.7.0"),
        ("v1.24.17", "v1.8.0"),
        ("v1.25.2", "v1.7.0"),
        ("v1.25.16", "v1.8.0"),
        ("v1.26.0", "v1.8.0"),
        ("v1.31.14", "v1.8.0"),
        ("v1.32.0", "v1.9.1"),
        ("v1.32.9", "v1.9.1"),
        ("v1.32.10", "v1.9.2"),
        ("v1.33.5", "v1.9.1"),
        ("v1.33.6", "v1.9.2"),
        ("v1.34.1", "v1.10.1"),
        ("v1.34.2", "v1.10.2"),
        ("v1.35.0", "v1.12.1"),
        ("v1.37.0", "v1.12.1"),
    ],
)
def test_the_library_of_each_kubeadm(version: str, library: str) -> None:
    assert validators.library_of(parse_version(version)).name == library


def test_no_version_falls_between_the_rows() -> None:
    for before, after in pairwise(VENDORED):
        assert before.until == after.since
    assert VENDORED[0].since is None
    assert VENDORED[-1].until is None


BASE = {
    *("NAMESPACES", "NET_NS", "PID_NS", "IPC_NS", "UTS_NS", "CGROUPS", "CPUSETS", "MEMCG", "INET"),
    *("EXT4_FS", "PROC_FS", "NETFILTER_XT_TARGET_REDIRECT", "NETFILTER_XT_MATCH_COMMENT"),
}
OLD = {"CGROUP_CPUACCT", "CGROUP_DEVICE", "CGROUP_FREEZER"}
SCHED, PIDS, BPF, FAIR = {"CGROUP_SCHED"}, {"CGROUP_PIDS"}, {"CGROUP_BPF"}, {"FAIR_GROUP_SCHED"}


@pytest.mark.parametrize(
    ("library", "cgroup_v1", "cgroup_v2"),
    [
        (validators.V1_0_4, BASE | OLD | SCHED, None),
        (validators.V1_2_0, BASE | OLD | SCHED, None),
        (validators.V1_4_0, BASE | OLD | SCHED | PIDS | FAIR, None),
        (validators.V1_8_0, BASE | OLD | SCHED | PIDS | FAIR, None),
        (validators.V1_9_1, BASE | OLD | SCHED | PIDS | FAIR | BPF, None),
        (validators.V1_9_2, BASE | FAIR, None),
        (validators.V1_10_1, BASE | OLD | SCHED | PIDS | FAIR | BPF, None),
        (validators.V1_10_2, BASE | FAIR, None),
        (validators.V1_12_1, BASE | FAIR | OLD | SCHED | PIDS, BASE | FAIR | SCHED | PIDS | BPF),
    ],
)
def test_the_kernel_options_of_each_library(
    library: Library, cgroup_v1: set[str], cgroup_v2: set[str] | None
) -> None:
    assert set(library.options_cgroup_v1) == cgroup_v1
    assert set(library.options_cgroup_v2) == (cgroup_v2 or cgroup_v1)
    assert library.options_by_cgroup is (cgroup_v2 is not None)
    assert len(set(library.options_cgroup_v1)) == len(library.options_cgroup_v1)


def test_the_probe_prints_every_option_that_is_asked_for() -> None:
    wanted = {
        name
        for row in VENDORED
        for name in (*row.library.options_cgroup_v1, *row.library.options_cgroup_v2)
    }
    assert wanted <= set(ALL_OPTIONS)
    assert {alias for names in ALIASES.values() for alias in names} <= set(ALL_OPTIONS)


@pytest.mark.parametrize(
    ("library", "listed", "not_listed"),
    [
        (VENDORED[0].library, "18.06.3", "18.09.1"),
        (VENDORED[1].library, "18.09.1", "19.03.1"),
        (validators.V1_2_0, "19.03.14", "20.10.5"),
        (validators.V1_4_0, "20.10.24", "23.0.1"),
        (validators.V1_2_0, "17.03.2-ce", "17.12.1-ce"),
        (validators.V1_2_0, "1.13.1", "1.10.3"),
    ],
)
def test_the_docker_versions_of_each_library(
    library: Library, listed: str, not_listed: str
) -> None:
    assert validators.validated_docker(library, listed)
    assert not validators.validated_docker(library, not_listed)
