"""More faults never make a host look better: over the whole catalogue, roles and versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.checks import CATALOGUE
from scanner.evaluate import Result, evaluate
from scanner.membership import Authority, membership_of
from scanner.request import Cluster, ContainerRuntime, ProxyMode
from scanner.target import Role, Target
from scanner.verdict import Verdict
from tests.faults import FAULTS, Fault, together
from tests.hosts import EXTERNAL_ETCD, facts, kubeadm, kubelet, target
from tests.kernels import kernel
from tests.runtimes import docker, images, runtime

BAD = frozenset({Verdict.FAIL, Verdict.WARN})
VERSIONS = [f"v1.{minor}.{patch}" for minor in range(13, 38) for patch in (0, 15)]
CLUSTERS = (
    Cluster(),
    Cluster(etcd=EXTERNAL_ETCD, proxy_mode=ProxyMode.IPVS),
    Cluster(
        pod_subnets=("10.244.0.0/16", "fd00:10::/56"),
        service_subnets=("10.96.0.0/16", "fd00::/112"),
    ),
)
RUNTIMES = (ContainerRuntime.DOCKER, ContainerRuntime.CONTAINERD, ContainerRuntime.CRIO)
OF_THE_REQUEST = frozenset({"KS115", "KS116", "KS117", "KS118", "KS213"})
"""These judge what was asked for (and the sockets that it was resolved with), not the facts."""

WHERE_ASKED = frozenset({"KS513", "KS604"})
"""These have a row only where an option asks for them: tests/checks/test_measured.py."""

targets = st.builds(
    target,
    st.sampled_from(VERSIONS),
    st.sampled_from(Role),
    st.sampled_from(RUNTIMES),
    cluster=st.sampled_from(CLUSTERS),
    endpoint=st.sampled_from(["192.0.2.10", "api.example", "2001:db8::1"]),
    advertise_address=st.sampled_from(["192.0.2.11", "2001:db8::11"]),
)
sets = st.lists(st.sampled_from(FAULTS), min_size=1, max_size=12, unique_by=lambda one: one.thing)


def judged(faults: Iterable[Fault], on: Target) -> dict[tuple[str, str], Result]:
    """Judge a host that is good for this target, but for the faults."""
    version = f"v{on.kubeadm}"
    here = images(version)
    # kubeadm 1.13 to 1.15 knows no kernel of today
    linux = kernel("4.19.0" if on.kubeadm.minor < 16 else "6.1.0")
    good = facts(kubeadm(version), kubelet(version), linux, runtime(here), docker(names=here))
    host = together(faults, good)
    membership = membership_of(
        host,
        on.cluster,
        None if on.role is Role.INIT else Authority(""),
        control_plane=on.role is not Role.JOIN_WORKER,
        now=on.now,
    )
    rows = evaluate(CATALOGUE, host, replace(on, membership=membership))
    return {(row.check, row.subject): row for row in rows}


@settings(max_examples=200, deadline=None)
@given(targets, sets, st.data())
def test_one_more_fault_turns_no_fail_into_a_pass(
    on: Target, faults: list[Fault], data: st.DataObject
) -> None:
    last = data.draw(st.sampled_from(faults))
    others = [fault for fault in faults if fault is not last]
    before, after = judged(others, on), judged([*others, last], on)
    assert before.keys() == after.keys()
    for key, row in before.items():
        worse = after[key]
        if row.verdict is Verdict.FAIL:
            assert worse.verdict is not Verdict.PASS, (key, last.name, row, worse)
        assert (row.verdict is Verdict.SKIP) == (worse.verdict is Verdict.SKIP), (key, last.name)


@settings(max_examples=100, deadline=None)
@given(targets, sets)
def test_what_one_fault_fails_others_do_not_pass(on: Target, faults: list[Fault]) -> None:
    many = judged(faults, on)
    for fault in faults:
        for key, row in judged([fault], on).items():
            if row.verdict is Verdict.FAIL:
                assert many[key].verdict in BAD | {Verdict.UNKNOWN}, (key, fault.name, many[key])


SEEN_ON = tuple(
    target(version, role, runtime, cluster=cluster)
    for cluster, version, role, runtime in product(
        CLUSTERS, ("v1.20.2", "v1.31.0", "v1.15.0", "v1.14.0", "v1.35.0"), Role, RUNTIMES
    )
)


def shown(faults: Iterable[Fault]) -> Iterator[set[str]]:
    """The checks that are bad with the faults and good without, target by target."""
    for on in SEEN_ON:
        good = GOOD.setdefault(on, judged((), on))
        rows = judged(faults, on).items()
        yield {
            check
            for (check, subject), row in rows
            if row.verdict in BAD and good[check, subject].verdict is Verdict.PASS
        }


GOOD: dict[Target, dict[tuple[str, str], Result]] = {}


def test_every_fault_shows_and_every_check_is_reached() -> None:
    reached: set[str] = set()
    silent = []
    for fault in FAULTS:
        found = next((checks for checks in shown([fault]) if checks), set[str]())
        if not found:
            silent.append(fault.name)
        reached |= found
    assert silent == []
    # Some checks are asked only elsewhere: there, all that can be wrong at once.
    everything = tuple({fault.thing: fault for fault in FAULTS}.values())
    reached = reached.union(*shown(everything))
    wanted = {check.id for check in CATALOGUE} - OF_THE_REQUEST - WHERE_ASKED
    assert wanted <= reached, f"no fault in tests/faults.py shows {wanted - reached}"
