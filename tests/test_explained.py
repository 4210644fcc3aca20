"""What explains what: the rules themselves say it, on hosts with one thing wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from scanner.checks import CATALOGUE
from scanner.evaluate import Ignored, Result, evaluate
from scanner.explained import FAILED, Place, roots
from scanner.explanations import EXPLANATIONS, Explanation, reason
from scanner.facts.paths import PathState
from scanner.verdict import Verdict
from tests.explained import CASES, DOCKER, KUBELET_CONF, OBSTACLE, STOPPED
from tests.hosts import NOBODY, binaries, facts, firewall, leftovers, paths, target
from tests.kernels import cgroup_v1, kernel_config
from tests.runtimes import DENIED, docker, rpc, silent_docker


def judged(*spoiled: object, **on: object) -> tuple[Result, ...]:
    return evaluate(CATALOGUE, facts(*spoiled), target(**on))  # type: ignore[arg-type]


def by_check(found: Mapping[Place, Place]) -> dict[str, str]:
    """`KS211` or `KS304 2379` -> the same of its root."""
    return {" ".join(place).strip(): " ".join(root).strip() for place, root in found.items()}


@pytest.mark.parametrize(("spoiled", "on", "found"), CASES)
def test_what_explains_what(
    spoiled: tuple[object, ...], on: dict[str, object], found: dict[str, str]
) -> None:
    assert by_check(roots(judged(*spoiled, **on))) == found


def test_every_row_that_only_root_could_know_stands_under_the_login() -> None:
    hidden = (
        binaries(elsewhere="conntrack"),
        paths(dict.fromkeys((KUBELET_CONF, "/var/lib/etcd"), PathState.HIDDEN)),
        leftovers(states={"/etc/cni/net.d": PathState.HIDDEN}),
        firewall(ufw=None, dropping=None),
        silent_docker(DENIED),
        replace(kernel_config(), readable=False),
    )
    as_root = {place(r) for r in judged(*hidden, **DOCKER) if r.verdict in FAILED}
    for more in ((), (OBSTACLE,)):
        results = judged(NOBODY, *hidden, *more, **DOCKER)
        found = roots(results)
        assert set(found.values()) == {("KS101", "")}
        because = {place(r) for r in results if "root" in r.message and reason(r)}
        assert because <= set(found)
        assert len(because) > 6
        assert all(place(r) in found for r in results if r.verdict is Verdict.UNKNOWN), [
            r for r in results if r.verdict is Verdict.UNKNOWN and place(r) not in found
        ]
    assert ("KS101", "") not in as_root


def test_a_socket_that_only_root_may_use() -> None:
    denied = rpc(unasked="only root may use the runtime's socket")
    results = judged(NOBODY, OBSTACLE, denied, version="v1.35.0")
    assert by_check(roots(results)) == {"KS211": "KS101", "KS217": "KS101"}
    no_curl = judged(NOBODY, OBSTACLE, rpc(unasked="there is no curl"), version="v1.35.0")
    assert by_check(roots(no_curl)) == {}


def test_a_row_with_another_reason_too_stands_alone() -> None:
    results = judged(
        NOBODY, OBSTACLE, silent_docker(DENIED), cgroup_v1(), **DOCKER, version="v1.22.0"
    )
    told = {place(r): r for r in results}
    found = roots(results)
    assert ("KS211", "") in found
    mixed = replace(told["KS211", ""], message=told["KS211", ""].message + "; and the moon is full")
    others = [r for r in results if r.check != "KS211"]
    assert ("KS211", "") not in roots([*others, mixed])


def test_what_is_ignored_neither_explains_nor_is_explained() -> None:
    results = judged(STOPPED, silent_docker(), **DOCKER)
    ignored = Ignored("known", "")

    def without(check: str) -> dict[str, str]:
        return by_check(
            roots(replace(r, ignored=ignored) if r.check == check else r for r in results)
        )

    assert without("KS212") == dict.fromkeys(("KS211", "KS215", "KS218", "KS411"), "KS203")
    assert without("KS203") == dict.fromkeys(("KS212", "KS215", "KS218", "KS411"), "KS211")


def test_without_the_row_of_the_cause_nothing_is_explained() -> None:
    results = judged(STOPPED, silent_docker(), **DOCKER)
    some = [r for r in results if r.check in {"KS411", "KS215"}]
    assert roots(some) == {}


def test_a_ring_explains_nothing() -> None:
    def always(_effect: Result, _cause: Result) -> bool:
        return True

    ring = (
        Explanation(("KS101",), "KS102", always, ""),
        Explanation(("KS102",), "KS101", always, ""),
        Explanation(("KS103",), "KS101", always, ""),
    )
    rows = [Result(check, None, "", Verdict.FAIL, "") for check in ("KS101", "KS102", "KS103")]
    assert roots(rows, ring) == {}


def test_the_table_names_checks_that_there_are_and_why() -> None:
    known = {check.id for check in CATALOGUE}
    for one in EXPLANATIONS:
        assert {one.cause, *one.effects} <= known
        assert one.source.endswith(".")


def test_every_explanation_is_needed_somewhere_above() -> None:
    """A row that no host of these tests needs may have outlived the sentence that it reads."""
    hosts = [case.values[:2] for case in CASES]
    hosts.append(((NOBODY, silent_docker(DENIED)), DOCKER))
    used = set()
    for spoiled, on in hosts:
        assert isinstance(spoiled, tuple)
        assert isinstance(on, dict)
        results = [r for r in judged(*spoiled, **on) if r.verdict in FAILED]
        for number, one in enumerate(EXPLANATIONS):
            if roots(results, (one,)):
                used.add(number)
    missing = [one.source for n, one in enumerate(EXPLANATIONS) if n not in used]
    assert missing == []


def place(result: Result) -> Place:
    return result.check, result.subject


def test_docker_that_warns_is_not_docker_that_is_silent() -> None:
    results = judged(STOPPED, docker(stderr="WARNING: no swap limit support"), **DOCKER)
    assert roots(results) == {}
