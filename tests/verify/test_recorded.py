"""A real cluster, recorded: all of it passes, and each object that is taken away is missed."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from scanner.kubeadm.after_init import BOOTSTRAPPERS, CRI_SOCKET, MASTER
from scanner.request import ExternalEtcd
from scanner.verdict import Verdict
from scanner.verify.catalogue import VERIFY_CATALOGUE, reads
from scanner.verify.cluster_info import PUBLIC
from scanner.verify.expected import Addon
from scanner.verify.judge import judge
from scanner.verify.objects import Ref, name_of
from scanner.verify.observed import Listed, Observed, Trial, Unread
from scanner.verify.result import VerifyResult
from scanner.verify.tokens import KEEPS_CERTIFICATES, MADE_BY_KSCAN
from tests.verify.recorded import TOKEN_SECRET, changed, cluster, expected, listed, tokens, without

STEPS = {step.id: step for step in VERIFY_CATALOGUE}
NOT_ASKED = {"KS805", "KS810"}
REFS = reads(cluster().version)
NOT_USED = {
    Ref("Deployment", "kube-dns", "kube-system"),
    Ref("ServiceAccount", "kube-dns", "kube-system"),
}
"""Looked for until 1.20, and there only where kubeadm was asked for it."""


def results(seen: Observed, *, token_id: str = "") -> tuple[VerifyResult, ...]:
    return judge(VERIFY_CATALOGUE, seen, expected(token_id=token_id))


def failed(seen: Observed, *, token_id: str = "") -> set[str]:
    """The checks that did not pass, and nobody has answered for."""
    return {
        result.check
        for result in results(seen, token_id=token_id)
        if result.verdict not in (Verdict.PASS, Verdict.SKIP)
    }


def dependents(check: str) -> Iterator[str]:
    for step in VERIFY_CATALOGUE:
        if check in step.depends:
            yield step.id
            yield from dependents(step.id)


def a_token() -> str:
    return name_of(tokens(cluster())[0]).removeprefix("bootstrap-token-")


def test_all_of_a_good_cluster_passes() -> None:
    told = {(r.check, r.subject): (r.verdict, r.message) for r in results(cluster())}
    assert {check for check, _ in told} == set(STEPS) - {"KS829"}, "there is no add-on"
    for (check, _), (verdict, message) in told.items():
        assert verdict is (Verdict.SKIP if check in NOT_ASKED else Verdict.PASS), message
    assert len(told) == len(results(cluster())), "check and subject are unique"


def test_each_of_the_eleven_steps_is_there_once() -> None:
    numbers = [step.step for step in VERIFY_CATALOGUE if step.step is not None]
    assert sorted(numbers) == list(range(1, 12))


def test_a_dependence_is_on_a_check_that_exists() -> None:
    for step in VERIFY_CATALOGUE:
        assert set(step.depends) <= set(STEPS)
        assert step.id not in set(dependents(step.id))


@pytest.mark.parametrize("ref", [ref for ref in REFS if ref not in NOT_USED], ids=str)
def test_an_object_that_is_deleted_fails_its_step_and_what_depends_on_it(ref: Ref) -> None:
    seen = without(cluster(), ref)
    mine = {step.id for step in VERIFY_CATALOGUE if ref in step.reads(seen.version)}
    (owner,) = mine
    found = failed(seen)
    assert owner in found
    assert found <= {owner, *dependents(owner)}
    verdicts = [r for r in results(seen) if r.check == owner and r.verdict is Verdict.FAIL]
    assert any(str(ref) in result.message for result in verdicts)


@pytest.mark.parametrize("ref", [ref for ref in REFS if ref not in NOT_USED], ids=str)
def test_an_object_that_cannot_be_read_is_never_green(ref: Ref) -> None:
    seen = cluster()
    seen = replace(seen, objects={**seen.objects, ref: Unread("forbidden")})
    (owner,) = (step.id for step in VERIFY_CATALOGUE if ref in step.reads(seen.version))
    told = [r for r in results(seen) if r.check == owner and r.verdict is Verdict.UNKNOWN]
    assert told
    assert all(result.blocking for result in told)
    assert any("forbidden" in result.message for result in told)


@pytest.mark.parametrize("which", Listed)
def test_a_list_that_cannot_be_read_is_never_green(which: Listed) -> None:
    seen = cluster()
    seen = replace(seen, lists={**seen.lists, which: Unread("forbidden")})
    told = [result for result in results(seen) if "forbidden" in result.message]
    assert told
    assert {result.verdict for result in told} == {Verdict.UNKNOWN}


def test_a_token_that_must_be_there_is_missed() -> None:
    token_id = a_token()
    assert failed(cluster(), token_id=token_id) == set()
    left = (secret for secret in tokens(cluster()) if not name_of(secret).endswith(token_id))
    seen = listed(cluster(), Listed.TOKENS, *left)
    found = failed(seen, token_id=token_id)
    assert "KS806" in found
    assert found <= {"KS806", *dependents("KS806")}


def test_without_any_token_what_needs_one_is_not_asked() -> None:
    seen = listed(cluster(), Listed.TOKENS)
    assert failed(seen) == set()
    skipped = {(r.check, r.subject) for r in results(seen) if r.verdict is Verdict.SKIP}
    assert {("KS806", "Secret"), ("KS807", "signature"), ("KS811", "")} <= skipped
    (reason,) = {r.message for r in results(seen) if r.check == "KS811"}
    assert "tokens expire" in reason


def with_secret(seen: Observed, **fields: str) -> Observed:
    secret: Any = copy.deepcopy(tokens(seen)[0])
    secret["metadata"]["name"] = "bootstrap-token-zzzzzz"
    usages = ("usage-bootstrap-signing", "usage-bootstrap-authentication", "auth-extra-groups")
    for key in usages if "description" in fields and fields["description"] != MADE_BY_KSCAN else ():
        del secret["data"][key]
    plain = {"token-id": "zzzzzz", **fields}
    secret["data"] |= {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
    return listed(seen, Listed.TOKENS, secret, *tokens(seen))


TOMORROW, YESTERDAY = "2026-11-27T11:00:00Z", "2026-11-25T11:00:00Z"


@pytest.mark.parametrize(
    ("description", "expiration", "said"),
    [
        (
            KEEPS_CERTIFICATES,
            TOMORROW,
            f"Secret bootstrap-token-zzzzzz keeps Secret kubeadm-certs there until {TOMORROW}",
        ),
        (KEEPS_CERTIFICATES, "", "Secret kubeadm-certs there for ever"),
        (KEEPS_CERTIFICATES, YESTERDAY, ""),
        (MADE_BY_KSCAN, TOMORROW, f"zzzzzz lets hosts join until {TOMORROW}: kscan has made it"),
        (MADE_BY_KSCAN, YESTERDAY, ""),
        ("mine", TOMORROW, ""),
    ],
)
def test_secrets_of_joins_that_are_over(description: str, expiration: str, said: str) -> None:
    seen = with_secret(cluster(), description=description, expiration=expiration)
    (result,) = (r for r in results(seen) if r.check == "KS830")
    assert result.verdict is (Verdict.WARN if said else Verdict.PASS)
    assert said in result.message
    assert not result.blocking


def test_while_hosts_join_nothing_is_over() -> None:
    seen = with_secret(cluster(), description=KEEPS_CERTIFICATES, expiration=TOMORROW)
    (result,) = (r for r in results(seen, token_id=a_token()) if r.check == "KS830")
    assert result.verdict is Verdict.SKIP


def node_of(seen: Observed, name: str) -> Any:
    return copy.deepcopy(next(n for n in seen.all(Listed.NODES) if name_of(n) == name))


def with_node(seen: Observed, node: Any) -> Observed:
    rest = (n for n in seen.all(Listed.NODES) if name_of(n) != name_of(node))
    return listed(seen, Listed.NODES, node, *rest)


@pytest.mark.parametrize("label", [MASTER, "node-role.kubernetes.io/control-plane"])
def test_a_label_that_is_taken_away(label: str) -> None:
    node = node_of(cluster(), "node1")
    del node["metadata"]["labels"][label]
    assert failed(with_node(cluster(), node)) == {"KS803"}


@pytest.mark.parametrize("label", [MASTER, "node-role.kubernetes.io/control-plane"])
def test_a_label_with_another_value(label: str) -> None:
    node = node_of(cluster(), "node1")
    node["metadata"]["labels"][label] = "true"
    assert failed(with_node(cluster(), node)) == {"KS803"}


@pytest.mark.parametrize(
    "taints",
    [
        [],
        [{"key": MASTER, "effect": "NoExecute"}],
        [{"key": MASTER, "effect": "NoSchedule", "value": "true"}],
        [{"key": "node-role.kubernetes.io/etcd", "effect": "NoSchedule"}],
    ],
)
def test_a_taint_that_is_taken_away_or_another_one(taints: list[dict[str, str]]) -> None:
    node = node_of(cluster(), "node1")
    node["spec"]["taints"] = taints
    assert failed(with_node(cluster(), node)) == {"KS803"}


def test_an_annotation_that_is_taken_away() -> None:
    node = node_of(cluster(), "node2")
    del node["metadata"]["annotations"][CRI_SOCKET]
    assert failed(with_node(cluster(), node)) == {"KS804"}


@pytest.mark.parametrize(
    ("socket", "runtime", "fine"),
    [
        ("", "docker://20.10", False),
        ("yes", "docker://20.10", False),
        ("/var/run/dockershim.sock", "docker://20.10", True),
        ("/var/run/dockershim.sock", "containerd://1.7.1", False),
        ("unix:///run/containerd/containerd.sock", "containerd://1.7.1", True),
        ("unix:///run/containerd/containerd.sock", "cri-o://1.30", False),
        ("unix:///var/run/crio/crio.sock", "cri-o://1.30", True),
        ("unix:///run/cri-dockerd.sock", "docker://26.1", True),
        ("unix:///srv/mine.sock", "containerd://1.7.1", True),
        ("unix:///srv/mine.sock", "", None),
    ],
)
def test_an_annotation_of_another_socket(socket: str, runtime: str, fine: bool | None) -> None:
    """As of a node that was moved from docker to containerd."""
    node = node_of(cluster(), "node2")
    node["metadata"]["annotations"][CRI_SOCKET] = socket
    node["status"]["nodeInfo"]["containerRuntimeVersion"] = runtime
    found = failed(with_node(cluster(), node))
    assert found == ({"KS826"} if fine is None else set() if fine else {"KS804"})


@pytest.mark.parametrize("name", ["node1", "node2"])
def test_a_node_that_is_gone(name: str) -> None:
    rest = (node for node in cluster().all(Listed.NODES) if name_of(node) != name)
    found = failed(listed(cluster(), Listed.NODES, *rest))
    assert "KS826" in found
    assert found <= {"KS826", *dependents("KS826")}


def test_a_cluster_without_nodes_is_not_green() -> None:
    seen = listed(cluster(), Listed.NODES)
    found = judge(VERIFY_CATALOGUE, seen, replace(expected(), nodes=()))
    (node,) = (r for r in found if r.check == "KS826")
    assert (node.verdict, node.message) == (Verdict.FAIL, "this cluster has no node")
    for check in ("KS803", "KS821", "KS822", "KS823", "KS824"):
        (result,) = (r for r in found if r.check == check)
        assert result.verdict is Verdict.UNKNOWN, "nothing of a control plane passes by silence"
        assert result.blocking


@pytest.mark.parametrize(
    ("component", "check"),
    [
        ("kube-apiserver", "KS821"),
        ("kube-controller-manager", "KS822"),
        ("kube-scheduler", "KS823"),
        ("etcd", "KS824"),
    ],
)
def test_a_component_without_its_pod(component: str, check: str) -> None:
    pods = cluster().all(Listed.CONTROL_PLANE_PODS)
    rest = (p for p in pods if p["metadata"]["labels"]["component"] != component)
    found = failed(listed(cluster(), Listed.CONTROL_PLANE_PODS, *rest))
    assert check in found
    assert found <= {check, *dependents(check)}


@pytest.mark.parametrize(
    "member", [(), (("node3", True),), (("node1", False),), (("node1", None),)]
)
def test_members_of_etcd_that_are_not_as_they_should(member: Any) -> None:
    seen = cluster()
    assert isinstance(seen.etcd, tuple)
    made = tuple(replace(seen.etcd[0], name=name, healthy=healthy) for name, healthy in member)
    assert failed(replace(seen, etcd=made)) == {"KS825"}


def test_a_learner_does_not_vote() -> None:
    seen = cluster()
    assert isinstance(seen.etcd, tuple)
    (result,) = (
        r
        for r in results(replace(seen, etcd=(replace(seen.etcd[0], is_learner=True),)))
        if r.check == "KS825"
    )
    assert result.verdict is Verdict.FAIL
    assert "learner" in result.message


def test_a_join_that_is_answered_with_an_error_is_not_known() -> None:
    one = Trial("abcdef", "10.77.0.11:6443", {"ConfigMap kube-system/kubeadm-config": 503})
    two = Trial("ghijkl", "10.77.0.11:6443", {"nodes": 403})
    (result,) = (r for r in results(replace(cluster(), trials=(one,))) if r.check == "KS811")
    assert (result.verdict, result.blocking) == (Verdict.UNKNOWN, True)
    (result,) = (r for r in results(replace(cluster(), trials=(one, two))) if r.check == "KS811")
    assert result.verdict is Verdict.FAIL
    assert "answers 403 to the token ghijkl" in result.message
    assert "answers 503 to the token abcdef" in result.message


EXTERNAL = ExternalEtcd(("https://10.0.0.9:2379",), "/ca", "/cert", "/key")


def test_an_etcd_that_the_inventory_calls_external() -> None:
    """It is not believed where pods run etcd: they would be looked at by nobody."""
    wanted = replace(expected(), cluster=replace(expected().cluster, etcd=EXTERNAL))

    def etcd(seen: Observed) -> Verdict:
        found = judge(VERIFY_CATALOGUE, seen, wanted)
        return next(r.verdict for r in found if r.check == "KS824")

    pods = cluster().all(Listed.CONTROL_PLANE_PODS)
    rest = (p for p in pods if p["metadata"]["labels"]["component"] != "etcd")
    assert etcd(listed(cluster(), Listed.CONTROL_PLANE_PODS, *rest)) is Verdict.SKIP
    assert etcd(cluster()) is Verdict.PASS


def test_what_a_join_is_refused() -> None:
    trials = (Trial("abcdef", "10.77.0.11:6443", {"ConfigMap kube-system/kubeadm-config": 403}),)
    (result,) = (r for r in results(replace(cluster(), trials=trials)) if r.check == "KS811")
    assert result.verdict is Verdict.FAIL
    assert "answers 403 to the token abcdef where it asks for ConfigMap" in result.message


def cluster_info(seen: Observed, subject: str = "ConfigMap") -> VerifyResult:
    (result,) = (r for r in results(seen) if (r.check, r.subject) == ("KS807", subject))
    return result


@pytest.mark.parametrize("with_tokens", [True, False])
def test_another_ca_in_cluster_info(*, with_tokens: bool) -> None:
    """It is missed in the step that has it, also when nobody can join any more."""
    seen = replace(cluster(), ca="sha256:00")
    seen = seen if with_tokens else listed(seen, Listed.TOKENS)
    assert failed(seen) == ({"KS807", "KS811"} if with_tokens else {"KS807"})
    assert cluster_info(seen).verdict is Verdict.FAIL
    assert cluster_info(seen).message == "the CA of cluster-info is not the one of the API server"


CLUSTER_INFO = Ref("ConfigMap", "cluster-info", "kube-public")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("clusters:\n", "clusters:\n- {name: other, cluster: {}}\n", "has 2 clusters"),
        ("clusters:\n", "others:\n", "has 0 clusters"),
        ("server:", "address:", "names no server"),
        ("-authority-data:", "-authority-data: x #", "is no certificate"),
        ("kind: Config", "kind: Secret", "has 0 clusters"),
    ],
)
def test_a_kubeconfig_of_cluster_info_that_is_changed(old: str, new: str, said: str) -> None:
    seen = cluster()
    found: Any = seen.objects[CLUSTER_INFO]
    data = {**found["data"], "kubeconfig": found["data"]["kubeconfig"].replace(old, new)}
    assert data["kubeconfig"] != found["data"]["kubeconfig"]
    result = cluster_info(changed(seen, CLUSTER_INFO, data=data))
    assert result.verdict is Verdict.FAIL
    assert said in result.message


@pytest.mark.parametrize(
    ("trial", "subject", "verdict", "said"),
    [
        (Trial("", "10.0.0.9:6443", {}, "refused"), "ConfigMap", Verdict.FAIL, "reach its server"),
        (
            Trial("", "10.0.0.9:6443", {}, "refused", from_here=True),
            "ConfigMap",
            Verdict.UNKNOWN,
            "not reached from this machine",
        ),
        (Trial("", "10.77.0.11:6443", {PUBLIC: 403}), "RBAC", Verdict.FAIL, "answers 403 to who"),
        (Trial("", "10.77.0.11:6443", {PUBLIC: 401}), "RBAC", Verdict.WARN, "by a token alone"),
        (Trial("", "10.77.0.11:6443", {PUBLIC: 503}), "RBAC", Verdict.UNKNOWN, "answers 503"),
        (Trial("", "10.77.0.11:6443", {PUBLIC: 200}), "ConfigMap", Verdict.PASS, ""),
    ],
)
def test_without_a_token_it_is_still_known_whether_cluster_info_can_be_had(
    trial: Trial, subject: str, verdict: Verdict, said: str
) -> None:
    seen = replace(listed(cluster(), Listed.TOKENS), trials=(trial,))
    result = cluster_info(seen, subject)
    assert result.verdict is verdict
    assert said in result.message
    assert failed(seen) == (set() if verdict is Verdict.PASS else {"KS807"})


def test_a_join_that_was_tried_from_elsewhere_is_not_known() -> None:
    trials = (Trial("abcdef", "10.0.0.9:6443", {}, "refused", from_here=True),)
    (result,) = (r for r in results(replace(cluster(), trials=trials)) if r.check == "KS811")
    assert result.verdict is Verdict.UNKNOWN


def spoilt(seen: Observed, ref: Ref, *path: str | int, value: Any) -> Observed:
    """The cluster with one field of one object changed."""
    found: Any = copy.deepcopy(seen.objects[ref])
    part = found
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return replace(seen, objects={**seen.objects, ref: found})


KUBE_PROXY = Ref("DaemonSet", "kube-proxy", "kube-system")
COREDNS = Ref("Deployment", "coredns", "kube-system")
DNS = Ref("Service", "kube-dns", "kube-system")
COREFILE = Ref("ConfigMap", "coredns", "kube-system")
RIGHTS = Ref("ClusterRole", "system:coredns")
POD = ("spec", "template", "spec")


@pytest.mark.parametrize(
    ("ref", "path", "value", "check"),
    [
        (KUBE_PROXY, (*POD, "serviceAccountName"), "default", "KS809"),
        (COREDNS, (*POD, "serviceAccountName"), "default", "KS808"),
        (COREDNS, ("spec", "template", "metadata", "labels", "k8s-app"), "other", "KS808"),
        (KUBE_PROXY, ("status", "desiredNumberScheduled"), 1, "KS827"),
        (KUBE_PROXY, ("status", "desiredNumberScheduled"), 0, "KS827"),
        (KUBE_PROXY, ("status", "updatedNumberScheduled"), 1, "KS827"),
        (COREDNS, ("spec", "replicas"), 0, "KS828"),
        (DNS, ("spec", "selector"), {"k8s-app": "kube-dns", "also": "this"}, "KS808"),
        (DNS, ("spec", "selector"), {}, "KS808"),
        (DNS, ("spec", "ports", 0, "port"), 5353, "KS808"),
        (DNS, ("spec", "ports", 1, "protocol"), "UDP", "KS808"),
        (DNS, ("spec", "clusterIP"), "10.96.0.11", "KS808"),
        (COREFILE, ("data", "Corefile"), ".:53 {\n    forward . 8.8.8.8\n}\n", "KS808"),
        (COREFILE, ("data", "Corefile"), "\n", "KS808"),
        (RIGHTS, ("rules", 0, "resources"), ["services", "pods", "namespaces"], "KS808"),
        (RIGHTS, ("rules", 0, "verbs"), ["list"], "KS808"),
    ],
)
def test_a_field_that_is_changed_fails_its_step(
    ref: Ref, path: tuple[str | int, ...], value: Any, check: str
) -> None:
    found = failed(spoilt(cluster(), ref, *path, value=value))
    assert check in found
    assert found <= {check, *dependents(check)}


CONFIGS = [
    Ref("ConfigMap", name, "kube-system") for name in ("kubeadm-config", "kubelet-config-1.20")
]
KUBEADM, KUBELET = CONFIGS
PROXY = Ref("ConfigMap", "kube-proxy", "kube-system")


@pytest.mark.parametrize(
    ("where", "old", "new", "check", "verdict"),
    [
        ((KUBEADM, "ClusterConfiguration"), "v1beta2", "v1beta4", "KS801", Verdict.FAIL),
        ((KUBEADM, "ClusterConfiguration"), "v1beta2", "v1beta1", "KS801", Verdict.PASS),
        ((KUBEADM, "ClusterConfiguration"), "v1.20.2", "v1.19.2", "KS801", Verdict.FAIL),
        ((KUBEADM, "ClusterConfiguration"), "v1.20.2", "stable", "KS801", Verdict.FAIL),
        ((KUBEADM, "ClusterConfiguration"), "v1.20.2", "v1.20.9", "KS801", Verdict.WARN),
        ((KUBEADM, "ClusterConfiguration"), "10.96.0.0/12", "10.0.0.0/12", "KS801", Verdict.WARN),
        ((KUBEADM, "ClusterConfiguration"), "10.244.0.0", "10.32.0.0", "KS801", Verdict.WARN),
        ((KUBELET, "kubelet"), "k8s.io/v1beta1", "k8s.io/v1", "KS802", Verdict.FAIL),
        ((KUBELET, "kubelet"), "n: cluster.local", "n: other.local", "KS802", Verdict.WARN),
        ((KUBELET, "kubelet"), "10.96.0.10", "10.96.0.11", "KS802", Verdict.WARN),
        ((KUBELET, "kubelet"), "10.96.0.10", "169.254.20.10", "KS802", Verdict.PASS),
        ((KUBELET, "kubelet"), "kind: Kubelet", "kind: x", "KS802", Verdict.FAIL),
        ((PROXY, "config.conf"), "k8s.io/v1alpha1", "k8s.io/v1", "KS809", Verdict.FAIL),
        ((PROXY, "kubeconfig.conf"), "10.77.0.11", "10.77.0.99", "KS809", Verdict.WARN),
        ((PROXY, "kubeconfig.conf"), "10.77.0.11", "127.0.0.1", "KS809", Verdict.PASS),
        ((PROXY, "kubeconfig.conf"), "kind: Config", "kind: x", "KS809", Verdict.FAIL),
    ],
)
def test_a_configuration_of_another_version(
    where: tuple[Ref, str], old: str, new: str, check: str, verdict: Verdict
) -> None:
    ref, key = where
    data: Any = cluster().objects[ref]
    before = data["data"][key]
    assert old in before
    seen = spoilt(cluster(), ref, "data", key, value=before.replace(old, new))
    told = [r for r in results(seen) if (r.check, r.subject) == (check, "ConfigMap")]
    assert [result.verdict for result in told] == [verdict]
    assert failed(seen) <= {check, *dependents(check)}


@pytest.mark.parametrize("ref", [ref for ref in REFS if ref.kind == "ConfigMap"], ids=str)
def test_a_config_map_that_is_emptied(ref: Ref) -> None:
    (owner,) = (step.id for step in VERIFY_CATALOGUE if ref in step.reads(cluster().version))
    found = failed(spoilt(cluster(), ref, "data", value={}))
    assert owner in found
    assert found <= {owner, *dependents(owner)}


def test_a_node_that_is_not_ready_or_runs_windows_needs_no_kube_proxy() -> None:
    node = node_of(cluster(), "node2")
    node["metadata"]["name"] = "node3"
    node["status"]["nodeInfo"]["operatingSystem"] = "windows"
    seen = listed(cluster(), Listed.NODES, node, *cluster().all(Listed.NODES))
    assert "KS827" not in failed(seen)
    node["status"]["nodeInfo"]["operatingSystem"] = "linux"
    assert "KS827" in failed(seen)
    node["status"]["conditions"] = []
    assert "KS827" not in failed(seen)


@pytest.mark.parametrize("part", ["roleRef", "subjects"])
def test_a_binding_that_gives_something_else(part: str) -> None:
    bindings = [ref for ref in REFS if ref.kind.endswith("Binding")]
    assert len(bindings) > 5
    for ref in bindings:
        (owner,) = (step.id for step in VERIFY_CATALOGUE if ref in step.reads(cluster().version))
        other: Any = {"kind": "Role", "name": "x"} if part == "roleRef" else []
        found = failed(changed(cluster(), ref, **{part: other}))
        assert owner in found, ref
        assert found <= {owner, *dependents(owner)}


def test_a_role_that_lets_nothing() -> None:
    roles = [ref for ref in REFS if ref.kind.endswith("Role")]
    assert roles
    for ref in roles:
        (owner,) = (step.id for step in VERIFY_CATALOGUE if ref in step.reads(cluster().version))
        assert owner in failed(changed(cluster(), ref, rules=[])), ref


def test_endpoint_slices_are_as_good_as_endpoints() -> None:
    rules = [
        {"apiGroups": [""], "resources": ["services", "pods", "namespaces"], "verbs": ["*"]},
        {
            "apiGroups": ["discovery.k8s.io"],
            "resources": ["endpointslices"],
            "verbs": ["list", "watch"],
        },
    ]
    assert failed(changed(cluster(), RIGHTS, rules=rules)) == set()


def test_the_other_dns() -> None:
    """kube-dns, which kubeadm makes where it is asked for it; its account is missed too."""
    config: Any = cluster().objects[KUBEADM]
    text = config["data"]["ClusterConfiguration"].replace("type: CoreDNS", "type: kube-dns")
    seen = spoilt(cluster(), KUBEADM, "data", "ClusterConfiguration", value=text)
    account = Ref("ServiceAccount", "kube-dns", "kube-system")
    made: Any = copy.deepcopy(seen.objects[COREDNS])
    made["spec"]["template"]["spec"]["serviceAccountName"] = "kube-dns"
    kube_dns = Ref("Deployment", "kube-dns", "kube-system")
    gone = dict.fromkeys((COREDNS, COREFILE, RIGHTS))
    seen = replace(seen, objects={**seen.objects, **gone, kube_dns: made, account: {}})
    assert failed(seen) == set()
    assert failed(without(seen, account)) == {"KS808"}
    assert failed(without(seen, kube_dns)) == {"KS808", "KS828"}


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_an_etcd_that_is_missing_is_not_an_external_one(address: str) -> None:
    pods: Any = copy.deepcopy(list(cluster().all(Listed.CONTROL_PLANE_PODS)))
    rest = [pod for pod in pods if pod["metadata"]["labels"]["component"] != "etcd"]
    for pod in rest:
        (container,) = pod["spec"]["containers"]
        container["command"] = [
            word.replace("https://127.0.0.1:2379", f"https://{address}:2379")
            for word in container["command"]
        ]
    assert "KS824" in failed(listed(cluster(), Listed.CONTROL_PLANE_PODS, *rest))


def test_a_token_of_another_group_is_told() -> None:
    secret: Any = copy.deepcopy(tokens(cluster())[0])
    del secret["data"]["auth-extra-groups"]
    found = results(listed(cluster(), Listed.TOKENS, secret))
    (result,) = (r for r in found if (r.check, r.subject) == ("KS806", "Secret"))
    assert result.verdict is Verdict.FAIL
    assert BOOTSTRAPPERS in result.message


def test_no_result_holds_a_tokens_secret() -> None:
    for ref in REFS:
        assert TOKEN_SECRET not in repr(results(without(cluster(), ref)))


ADDON = Addon("web", (("apps/v1", Ref("Deployment", "web", "default")),))
RUNS = {"updatedReplicas": 1, "availableReplicas": 1}


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        ({"status": RUNS}, Verdict.PASS, ""),
        ({"status": {}}, Verdict.FAIL, "Deployment default/web: 0 of 1 pods are of its newest"),
        (None, Verdict.FAIL, "Deployment default/web does not exist"),
        (Unread("forbidden"), Verdict.UNKNOWN, "Deployment default/web: forbidden"),
    ],
)
def test_an_addon(answer: Any, verdict: Verdict, said: str) -> None:
    seen = replace(cluster(), addons={"web": (("Deployment default/web", answer),)})
    wanted = replace(expected(), addons=(ADDON,))
    (result,) = (r for r in judge(VERIFY_CATALOGUE, seen, wanted) if r.check == "KS829")
    assert (result.subject, result.verdict) == ("web", verdict)
    assert said in result.message


def test_an_addon_that_was_not_read_is_unknown() -> None:
    wanted = replace(expected(), addons=(Addon("web", unread="its manifest is no YAML"),))
    seen = replace(cluster(), addons={"web": Unread("its manifest is no YAML")})
    (result,) = (r for r in judge(VERIFY_CATALOGUE, seen, wanted) if r.check == "KS829")
    assert result.verdict is Verdict.UNKNOWN
    assert result.blocking


def node_ready(**host: Any) -> tuple[Verdict, str]:
    """What is said of node2 where the inventory says this of it."""
    nodes = expected().nodes
    wanted = replace(expected(), nodes=(nodes[0], replace(nodes[1], **host)))
    found = judge(VERIFY_CATALOGUE, cluster(), wanted)
    told = [r for r in found if r.check == "KS826" and r.subject != "node1"]
    worst = max(told, key=lambda result: result.verdict is not Verdict.PASS)
    return worst.verdict, worst.message


@pytest.mark.parametrize(
    "host",
    [
        {"node_name": "node2"},
        {"host": "other"},
        {"host": "Node2", "addresses": frozenset()},
        {"labels": (("kubernetes.io/hostname", "node2"),)},
    ],
)
def test_a_host_is_known_by_its_name_or_an_address(host: dict[str, Any]) -> None:
    assert node_ready(**host) == (Verdict.PASS, "")


def test_a_host_that_is_no_node() -> None:
    verdict, said = node_ready(host="other", addresses=frozenset({"10.9.9.9"}))
    assert (verdict, said) == (
        Verdict.FAIL,
        "the host other of the inventory is no node of this cluster",
    )
    assert node_ready(node_name="other")[0] is Verdict.FAIL


def test_labels_and_taints_of_the_inventory() -> None:
    verdict, said = node_ready(labels=(("disk", "ssd"),), taints=("a=b:NoSchedule",))
    assert verdict is Verdict.WARN
    assert "no label disk=ssd" in said
    assert "no taint a=b:NoSchedule" in said


@pytest.mark.parametrize("wish", [{"worker": True}, {"taints": ()}])
def test_a_control_plane_that_shall_have_no_taint_needs_none(wish: dict[str, Any]) -> None:
    node = node_of(cluster(), "node1")
    node["spec"]["taints"] = []
    nodes = expected().nodes
    wanted = replace(expected(), nodes=(replace(nodes[0], **wish), nodes[1]))
    found = judge(VERIFY_CATALOGUE, with_node(cluster(), node), wanted)
    assert all(result.verdict in (Verdict.PASS, Verdict.SKIP) for result in found)


def test_a_node_that_is_cordoned_is_a_warning() -> None:
    node = node_of(cluster(), "node2")
    node["spec"]["unschedulable"] = True
    (result,) = (
        r for r in results(with_node(cluster(), node)) if (r.check, r.subject) == ("KS826", "node2")
    )
    assert (result.verdict, result.blocking) == (Verdict.WARN, False)
    assert result.message == "it is cordoned: no new pod is placed there"


def test_two_nodes_of_one_address() -> None:
    """As of machines that all have the same first interface, or of one that has a new name."""
    node = node_of(cluster(), "node2")
    node["status"]["addresses"][0]["address"] = "10.77.0.11"
    seen = with_node(cluster(), node)
    found = judge(VERIFY_CATALOGUE, seen, replace(expected(), nodes=()))
    said = {r.subject: r.message for r in found if r.verdict is Verdict.FAIL}
    assert said == {
        "node1": "its address 10.77.0.11 is also that of node2",
        "node2": "its address 10.77.0.11 is also that of node1",
    }


def test_without_an_inventory_all_nodes_are_judged() -> None:
    found = judge(VERIFY_CATALOGUE, cluster(), replace(expected(), nodes=()))
    assert {r.subject for r in found if r.check == "KS826"} == {"node1", "node2"}
    assert {r.subject for r in found if r.check == "KS803"} == {"node1"}
