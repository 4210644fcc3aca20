from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.checks.cgroups import CgroupVersion, Hierarchy, detect
from scanner.facts.base import FactMissing
from scanner.facts.kernel import Cgroups
from scanner.facts.programs import Kubelet
from scanner.kubeadm import system_validators as library
from tests.checks.rows import Row, fails, passes, unknown, warns
from tests.hosts import kubelet
from tests.kernels import cgroup_v1, cgroup_v2, kernel

SIX = "cpu cpuacct cpuset devices freezer memory"
ALL_V1 = f"{SIX} pids hugetlb blkio"
FIVE = "cpu cpuset memory"
HYBRID = replace(
    cgroup_v1(),
    mounts=(
        ("tmpfs", "/sys/fs/cgroup"),
        ("cgroup2", "/sys/fs/cgroup/unified"),
        ("cgroup", "/sys/fs/cgroup/memory"),
    ),
)
NO_MEMORY_V1 = replace(cgroup_v1(), memory_directory=False)
ELSEWHERE = replace(cgroup_v2(), mounts=(("cgroup2", "/mnt/cgroup"),))
NOWHERE = replace(cgroup_v1(), mounts=())
NO_STATFS = replace(cgroup_v2(), statfs_type="")
NO_CONTROLLERS = replace(cgroup_v2(), controllers=None)

V1, V2 = CgroupVersion.V1, CgroupVersion.V2

ROWS = (
    # required and optional, cgroup v1
    passes("KS411", cgroup_v1(SIX), version="v1.18.20"),
    fails("KS411", cgroup_v1("cpu cpuacct cpuset devices memory"), version="v1.18.20"),
    warns("KS411", cgroup_v1(SIX), version="v1.19.0", severities="W", words="hugetlb, pids"),
    fails("KS411", cgroup_v1(SIX), version="v1.20.2", severities="EW", words="for pids"),
    warns("KS411", cgroup_v1(f"{SIX} pids"), version="v1.20.2", words="hugetlb"),
    passes("KS411", cgroup_v1(f"{SIX} pids hugetlb"), version="v1.23.17"),
    warns("KS411", cgroup_v1(f"{SIX} pids hugetlb"), version="v1.24.0", words="blkio"),
    passes("KS411", cgroup_v1(ALL_V1), version="v1.31.0"),
    # required and optional, cgroup v2; before 1.19 /proc/cgroups is read there too
    passes("KS411", cgroup_v2("cpu"), version="v1.18.20"),
    fails("KS411", replace(cgroup_v2(), subsystems=frozenset({"cpu"})), version="v1.18.20"),
    warns("KS411", cgroup_v2(FIVE), version="v1.19.0", words="hugetlb, pids"),
    fails("KS411", cgroup_v2(FIVE), version="v1.20.2", words="for pids"),
    fails("KS411", cgroup_v2("cpuset cpu pids hugetlb"), version="v1.20.2", words="for memory"),
    passes("KS411", cgroup_v2(f"{FIVE} pids hugetlb"), version="v1.20.2"),
    warns("KS411", cgroup_v2(f"{FIVE} pids hugetlb io"), version="v1.24.0", words="blkio"),
    passes("KS411", cgroup_v2(f"{FIVE} pids hugetlb io"), version="v1.24.10"),
    warns("KS411", cgroup_v2(f"{FIVE} pids hugetlb"), version="v1.31.0", words="for io"),
    fails("KS411", NO_CONTROLLERS, version="v1.31.0", words="cgroup.controllers"),
    # the freezer is really looked for from 1.32 on
    passes("KS411", cgroup_v2(freeze=False), version="v1.31.0"),
    # where no control group can be looked at the kernel's release tells
    passes("KS411", cgroup_v2(freeze=None), kernel("5.2.0"), version="v1.32.0"),
    fails("KS411", cgroup_v2(freeze=None), kernel("5.1.21"), version="v1.32.0", words="freezer"),
    fails("KS411", cgroup_v2(freeze=False), kernel("5.2.0"), version="v1.32.0", words="freezer"),
    fails("KS411", cgroup_v2(freeze=False), version="v1.32.0", words="freezer"),
    passes("KS411", cgroup_v2(), version="v1.32.0"),
    # cgroup v1 is given up
    passes("KS411", cgroup_v1(), version="v1.31.0"),
    warns("KS411", cgroup_v1(), version="v1.32.0", severities="W", words="giving up"),
    warns("KS411", cgroup_v1(), version="v1.34.0"),
    warns("KS411", cgroup_v1(), kubelet("v1.34.9"), version="v1.35.0"),
    fails("KS411", cgroup_v1(), kubelet("v1.35.0-alpha.1"), version="v1.35.0", words="refuses"),
    fails("KS411", cgroup_v1(), kubelet("v1.35.0"), version="v1.35.0"),
    fails("KS411", cgroup_v1(), kubelet("v1.36.0"), version="v1.36.0"),
    warns("KS411", cgroup_v1(), Kubelet(None, None), version="v1.35.0"),
    # how the version is found
    passes("KS411", HYBRID, version="v1.31.0"),
    warns("KS411", HYBRID, version="v1.32.0"),
    fails("KS411", NO_MEMORY_V1, version="v1.32.0", words="cgroup.controllers"),
    fails("KS411", NOWHERE, version="v1.32.0", words="no control groups are mounted"),
    fails("KS411", NOWHERE, version="v1.35.0", severities="E"),
    unknown("KS411", replace(NOWHERE, complete=False), version="v1.32.0", words="too many mounts"),
    passes("KS411", replace(cgroup_v2(), complete=False), version="v1.32.0"),
    unknown("KS411", ELSEWHERE, version="v1.32.0", words="/mnt/cgroup/cgroup.controllers"),
    unknown("KS411", NO_STATFS, version="v1.31.0", words="stat -f"),
    passes("KS411", NO_STATFS, version="v1.32.0"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_cgroups(row: Row) -> None:
    row.prove()


@pytest.mark.parametrize(
    ("which", "cgroups", "expected"),
    [
        (library.V1_0_4, cgroup_v2(), Hierarchy(V1)),
        (library.V1_1_2, cgroup_v2(), Hierarchy(V2)),
        (library.V1_8_0, cgroup_v1(), Hierarchy(V1)),
        (library.V1_8_0, HYBRID, Hierarchy(V1)),
        (library.V1_9_1, HYBRID, Hierarchy(V1)),
        (library.V1_9_1, cgroup_v1(), Hierarchy(V1)),
        (library.V1_9_1, cgroup_v2(), Hierarchy(V2)),
        (library.V1_9_1, NO_MEMORY_V1, Hierarchy(V2)),
        (library.V1_9_1, ELSEWHERE, Hierarchy(V2, "/mnt/cgroup")),
        (library.V1_9_1, NOWHERE, None),
        (
            library.V1_12_1,
            replace(cgroup_v1(), mounts=(("cgroup", "/cgroup/cpu"),)),
            Hierarchy(V1),
        ),
        (
            library.V1_12_1,
            replace(cgroup_v1(), mounts=(("cgroup", "/sys/fs/cgroup"),)),
            Hierarchy(V1),
        ),
        (
            library.V1_12_1,
            replace(cgroup_v1(), mounts=(("overlay", "/var/cgroup"),)),
            None,
        ),
    ],
)
def test_the_version_is_found_as_the_library_finds_it(
    which: library.Library, cgroups: Cgroups, expected: Hierarchy | None
) -> None:
    assert detect(which, cgroups) == expected


def test_an_unknown_file_system_type_is_not_guessed() -> None:
    with pytest.raises(FactMissing):
        detect(library.V1_8_0, NO_STATFS)
