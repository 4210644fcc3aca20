from __future__ import annotations

from typing import Any

import pytest

from scanner.checks import sysctls as module
from scanner.facts.kernel import Sysctls
from scanner.request import Cluster
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import target
from tests.kernels import BRIDGE_IPV4, BRIDGE_IPV6, FORWARD_IPV4, FORWARD_IPV6, sysctls

WORKER, SECOND = Role.JOIN_WORKER, Role.JOIN_CONTROL_PLANE
V6 = "2001:db8::11"
DUAL = Cluster(service_subnets=("10.96.0.0/12", "fd00:10:96::/112"))
DUAL_PODS = Cluster(pod_subnets=("10.244.0.0/16", "fd00:10:244::/56"))
ONLY_V6 = Cluster(service_subnets=("fd00:10:96::/112",), pod_subnets=("fd00:10:244::/56",))
OFF_V4 = sysctls({FORWARD_IPV4: "0"})
OFF_V6 = sysctls({FORWARD_IPV6: "0"})
NO_BRIDGE = sysctls(absent=(BRIDGE_IPV4, BRIDGE_IPV6))

ROWS = (
    passes("KS401", subject=FORWARD_IPV4),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, words="is 0 and must be 1"),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, role=WORKER),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, role=SECOND),
    fails("KS401", sysctls({FORWARD_IPV4: ""}), subject=FORWARD_IPV4, words="empty"),
    passes("KS401", sysctls({FORWARD_IPV4: "10"}), subject=FORWARD_IPV4),
    fails("KS401", sysctls({FORWARD_IPV4: "2"}), subject=FORWARD_IPV4),
    unknown("KS401", Sysctls({}, frozenset()), subject=FORWARD_IPV4, words="could not be read"),
    fails("KS401", NO_BRIDGE, subject=BRIDGE_IPV4, words="does not exist"),
    fails("KS401", NO_BRIDGE, subject=BRIDGE_IPV4, version="v1.29.9"),
    # until 1.26: by the advertise address and the API endpoint
    skips("KS401", OFF_V6, subject=FORWARD_IPV6),
    fails("KS401", OFF_V6, subject=FORWARD_IPV6, advertise_address=V6),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, advertise_address=V6),
    skips("KS401", OFF_V6, subject=FORWARD_IPV6, cluster=DUAL),
    fails("KS401", OFF_V6, subject=FORWARD_IPV6, role=WORKER, endpoint=V6),
    skips("KS401", OFF_V6, subject=FORWARD_IPV6, role=WORKER, endpoint="api.example"),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, role=WORKER, endpoint="api.example"),
    fails("KS401", NO_BRIDGE, subject=BRIDGE_IPV6, advertise_address=V6, version="v1.26.0"),
    skips("KS401", OFF_V6, subject=FORWARD_IPV6, cluster=DUAL, version="v1.26.15"),
    # from 1.27 on: by every network of init, and by a join's endpoint that is an address
    fails("KS401", OFF_V6, subject=FORWARD_IPV6, cluster=DUAL, version="v1.27.0"),
    fails("KS401", OFF_V6, subject=FORWARD_IPV6, cluster=DUAL_PODS, version="v1.31.0"),
    fails("KS401", OFF_V6, subject=FORWARD_IPV6, advertise_address=V6, version="v1.31.0"),
    skips("KS401", OFF_V6, subject=FORWARD_IPV6, version="v1.31.0"),
    skips(
        "KS401",
        OFF_V4,
        subject=FORWARD_IPV4,
        version="v1.31.0",
        cluster=ONLY_V6,
        advertise_address=V6,
        words="no IPv4",
    ),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, version="v1.31.0", role=WORKER),
    skips("KS401", OFF_V6, subject=FORWARD_IPV6, version="v1.31.0", role=WORKER, cluster=DUAL),
    skips(
        "KS401",
        OFF_V4,
        subject=FORWARD_IPV4,
        version="v1.31.0",
        role=WORKER,
        endpoint="api.example",
        words="api.example",
    ),
    # the deciding address is not known: the cluster's networks stand for it
    skips("KS401", OFF_V6, subject=FORWARD_IPV6, advertise_address=None),
    fails("KS401", OFF_V6, subject=FORWARD_IPV6, advertise_address=None, cluster=ONLY_V6),
    fails("KS401", OFF_V4, subject=FORWARD_IPV4, version="v1.31.0", role=WORKER, endpoint=""),
    skips(
        "KS401", subject=FORWARD_IPV6, version="v1.31.0", role=WORKER, endpoint="", words="no IPv6"
    ),
    # ours: what kubeadm does not ask for
    passes("KS402", subject=BRIDGE_IPV4, version="v1.30.0"),
    warns("KS402", NO_BRIDGE, subject=BRIDGE_IPV4, version="v1.30.0"),
    warns("KS402", NO_BRIDGE, subject=BRIDGE_IPV4, version="v1.31.0", role=WORKER),
    warns("KS402", OFF_V6, subject=FORWARD_IPV6, cluster=DUAL),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_switches(row: Row) -> None:
    row.prove()


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ({}, ()),
        ({"version": "v1.29.0"}, ()),
        ({"version": "v1.30.0"}, (BRIDGE_IPV4,)),
        ({"version": "v1.30.0", "cluster": DUAL}, (BRIDGE_IPV4, BRIDGE_IPV6)),
        ({"cluster": DUAL}, (BRIDGE_IPV6, FORWARD_IPV6)),
        (
            {"version": "v1.31.0", "role": WORKER, "endpoint": "api.example"},
            (BRIDGE_IPV4, FORWARD_IPV4),
        ),
        ({"version": "v1.31.0", "role": WORKER}, (BRIDGE_IPV4,)),
    ],
)
def test_ours_are_those_that_kubeadm_leaves_out(
    on: dict[str, Any], expected: tuple[str, ...]
) -> None:
    judged = target(**on)
    assert module.other_kernel_switch.asked(judged) == expected
