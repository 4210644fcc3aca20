"""What is asked for in each version: names, labels, taints, and what is not asked."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from scanner.kubeadm.after_init import CONTROL_PLANE, EXCLUDE, MASTER, after_init
from scanner.verdict import Verdict
from scanner.verify.catalogue import VERIFY_CATALOGUE, reads
from scanner.verify.judge import judge
from scanner.verify.objects import Ref
from scanner.verify.observed import Listed, Observed
from scanner.versions import parse_version
from tests.verify.recorded import cluster, expected


@pytest.mark.parametrize(
    ("version", "config", "labels", "taints"),
    [
        ("1.13.0", ("kubelet-config-1.13",), (MASTER,), (MASTER,)),
        ("1.19.16", ("kubelet-config-1.19",), (MASTER,), (MASTER,)),
        ("1.20.2", ("kubelet-config-1.20",), (MASTER, CONTROL_PLANE), (MASTER,)),
        ("1.21.0", ("kubelet-config-1.21",), (MASTER, CONTROL_PLANE, EXCLUDE), (MASTER,)),
        (
            "1.23.0",
            ("kubelet-config-1.23", "kubelet-config"),
            (MASTER, CONTROL_PLANE, EXCLUDE),
            (MASTER,),
        ),
        (
            "1.24.0",
            ("kubelet-config", "kubelet-config-1.24"),
            (CONTROL_PLANE, EXCLUDE),
            (MASTER, CONTROL_PLANE),
        ),
        ("1.25.0", ("kubelet-config",), (CONTROL_PLANE, EXCLUDE), (CONTROL_PLANE,)),
        ("1.37.0", ("kubelet-config",), (CONTROL_PLANE, EXCLUDE), (CONTROL_PLANE,)),
    ],
)
def test_names_labels_and_taints(
    version: str, config: tuple[str, ...], labels: tuple[str, ...], taints: tuple[str, ...]
) -> None:
    left = after_init(parse_version(version))
    assert (left.kubelet_configs, left.labels, left.taints) == (config, labels, taints)


@pytest.mark.parametrize(
    ("flag", "last_without", "first_with"),
    [("get_nodes", "1.17.17", "1.18.0")],
)
def test_what_began(flag: str, last_without: str, first_with: str) -> None:
    assert not getattr(after_init(parse_version(last_without)), flag)
    assert getattr(after_init(parse_version(first_with)), flag)


@pytest.mark.parametrize(
    ("flag", "last_with", "first_without"),
    [
        ("cri_socket", "1.33.9", "1.34.0-rc.1"),
        ("dynamic_kubelet", "1.19.16", "1.20.0"),
        ("self_hosting", "1.20.15", "1.21.0"),
        ("kube_dns", "1.20.15", "1.21.0"),
    ],
)
def test_what_ended(flag: str, last_with: str, first_without: str) -> None:
    assert getattr(after_init(parse_version(last_with)), flag)
    assert not getattr(after_init(parse_version(first_without)), flag)


def at(version: str, seen: Observed | None = None) -> Observed:
    return replace(seen or cluster(), version=parse_version(version))


def verdict(seen: Observed, check: str, subject: str) -> tuple[Verdict, str]:
    for result in judge(VERIFY_CATALOGUE, seen, expected()):
        if (result.check, result.subject) == (check, subject):
            return result.verdict, result.message
    raise AssertionError(f"{check} {subject} has no result")


def test_the_annotation_is_not_asked_where_a_file_has_it() -> None:
    assert verdict(at("1.34.0"), "KS804", "node1")[0] is Verdict.SKIP
    assert verdict(at("1.33.0"), "KS804", "node1")[0] is Verdict.PASS


@pytest.mark.parametrize(
    ("version", "name", "passes"),
    [
        ("1.22.0", "kubelet-config", False),
        ("1.23.0", "kubelet-config", True),
        ("1.24.0", "kubelet-config-1.24", True),
        ("1.25.0", "kubelet-config-1.25", False),
    ],
)
def test_the_other_name_of_the_kubelets_configuration(
    version: str, name: str, *, passes: bool
) -> None:
    seen = at(version)
    usual = Ref("ConfigMap", "kubelet-config-1.20", "kube-system")
    objects = {
        ref: found for ref, found in seen.objects.items() if "kubelet-config" not in ref.name
    }
    objects |= dict.fromkeys(set(reads(seen.version)) - objects.keys())
    objects[Ref("ConfigMap", name, "kube-system")] = seen.objects[usual]
    found, _ = verdict(replace(seen, objects=objects), "KS802", "ConfigMap")
    assert found is (Verdict.PASS if passes else Verdict.FAIL)


def test_a_node_with_its_configuration_from_elsewhere() -> None:
    seen = at("1.19.0")
    assert verdict(seen, "KS805", "") == (Verdict.SKIP, "not used: no Node has a configSource")
    nodes: Any = copy.deepcopy(list(seen.all(Listed.NODES)))
    nodes[0]["spec"]["configSource"] = {"configMap": {"name": "kubelet-config-1.19"}}
    ref = Ref("ConfigMap", "kubelet-config-1.19", "kube-system")
    lists = {**seen.lists, Listed.NODES: tuple(nodes)}
    there = replace(seen, lists=lists, objects={**seen.objects, ref: {"data": {}}})
    assert verdict(there, "KS805", "")[0] is Verdict.PASS
    gone = replace(there, objects={**seen.objects, ref: None})
    assert verdict(gone, "KS805", "")[0] is Verdict.FAIL
    nodes[0]["spec"]["configSource"]["configMap"]["name"] = "mine"
    assert verdict(there, "KS805", "")[0] is Verdict.FAIL


def test_a_control_plane_that_hosts_itself() -> None:
    names = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    status = {"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1}
    sets: Any = [{"metadata": {"name": f"self-hosted-{n}"}, "status": {**status}} for n in names]
    seen = cluster()

    def of(*found: Any) -> tuple[Verdict, str]:
        lists = {**seen.lists, Listed.SELF_HOSTED: tuple(found)}
        return verdict(replace(seen, lists=lists), "KS810", "")

    assert of(*sets)[0] is Verdict.PASS
    assert of(*sets[1:])[0] is Verdict.FAIL
    sets[0]["status"]["numberAvailable"] = 0
    assert of(*sets) == (
        Verdict.FAIL,
        "DaemonSet kube-system/self-hosted-kube-apiserver: 0 of 1 pods are available",
    )
    assert of()[0] is Verdict.SKIP


def test_every_version_names_what_it_reads() -> None:
    for minor in range(13, 38):
        refs = reads(parse_version(f"1.{minor}.0"))
        assert len(set(refs)) == len(refs)
        has = {ref.name for ref in refs}
        assert ("kubeadm:get-nodes" in has) == (minor >= 18)
        assert ("kubelet-config" in has) == (minor >= 23)


@pytest.mark.parametrize(
    ("api", "kubelet", "fine"),
    [
        ("1.20.2", "v1.20.9", True),
        ("1.20.2", "v1.18.0", True),
        ("1.20.2", "v1.17.17", False),
        ("1.20.2", "v1.21.0", False),
        ("1.28.0", "v1.25.0", True),
        ("1.28.0", "v1.24.0", False),
        ("1.27.0", "v1.24.0", False),
    ],
)
def test_the_skew_of_kubelets(api: str, kubelet: str, fine: bool) -> None:
    seen = at(api)
    nodes: Any = copy.deepcopy(list(seen.all(Listed.NODES)))
    for node in nodes:
        node["status"]["nodeInfo"]["kubeletVersion"] = kubelet
    lists = {**seen.lists, Listed.NODES: tuple(nodes)}
    found, message = verdict(replace(seen, lists=lists), "KS826", "node2")
    assert found is (Verdict.PASS if fine else Verdict.FAIL), message
