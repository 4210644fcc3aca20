from __future__ import annotations

import pytest

from tests.checks.rows import Row, fails, passes, unknown
from tests.runtimes import containerd

ROWS = (
    passes("KS216"),
    passes("KS216", containerd()),
    passes("KS216", containerd("io.containerd.internal.v1.opt")),
    fails("KS216", containerd("cri"), words="(cri)"),
    fails("KS216", containerd("aufs", "io.containerd.grpc.v1.cri")),
    fails("KS216", containerd("io.containerd.cri.v1.runtime"), version="v1.31.0"),
    fails("KS216", containerd("io.containerd.cri.v1.images"), version="v1.34.0"),
    unknown("KS216", containerd(imports=True), words="imports other files"),
    fails("KS216", containerd("cri", imports=True)),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_containerd_config(row: Row) -> None:
    row.prove()
