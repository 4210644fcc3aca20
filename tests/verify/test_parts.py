"""The small pure parts: signatures, hashes, DNS messages, etcdctl, manifests, rollouts."""

from __future__ import annotations

import base64
import datetime
import json
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.verify import jws
from scanner.verify.addons import manifest
from scanner.verify.api import Api
from scanner.verify.ca_hash import ca_hash
from scanner.verify.catalogue import VERIFY_CATALOGUE, reads
from scanner.verify.documents import of_kind
from scanner.verify.etcd_members import ask_etcd, members
from scanner.verify.judge import judge
from scanner.verify.objects import Ref
from scanner.verify.observed import Listed, Unread
from scanner.verify.rollout import unfinished
from scanner.verify.smoke import dns_query, workload
from scanner.verify.tokens import token_of
from scanner.verify.validity import not_after
from scanner.versions import parse_version
from tests.verify.recorded import cluster, expected, tokens

NOW = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)


def test_the_signature_that_kubernetes_made() -> None:
    """Made by kube-controller-manager v1.20.2 for a token of the lab's, long gone."""
    content = cluster().objects[Ref("ConfigMap", "cluster-info", "kube-public")]
    assert isinstance(content, dict)
    for secret in tokens(cluster()):
        token = token_of(secret)
        signed = content["data"][f"jws-kubeconfig-{token.id}"]
        assert not jws.problem(signed, content["data"]["kubeconfig"], token.id, token.secret)


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("", "no detached JWS"),
        ("a.b.c", "no detached JWS"),
        ("%..x", "header cannot be read"),
        (jws.sign("x", "abcdef", "0" * 16).replace("..", ".x."), "no detached JWS"),
        (jws.sign("x", "ghijkl", "0" * 16), "another token"),
        (jws.sign("y", "abcdef", "0" * 16), "not made with this token's secret"),
        (jws.sign("x", "abcdef", "1" * 16), "not made with this token's secret"),
    ],
)
def test_signatures_that_are_wrong(signature: str, said: str) -> None:
    assert said in jws.problem(signature, "x", "abcdef", "0" * 16)


def test_an_unsigned_algorithm_is_refused() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"abcdef"}').rstrip(b"=").decode()
    assert "HS256" in jws.problem(f"{header}..", "x", "abcdef", "0" * 16)


@given(st.text())
def test_any_signature_is_only_wrong(signature: str) -> None:
    assert jws.problem(signature, "x", "abcdef", "0" * 16)


def test_the_hash_is_what_openssl_makes_of_it(tmp_path: Path) -> None:
    """kubeadm's documentation has this command; the serial number is 0, as that of its old CAs."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out c"
        " -subj /CN=kubernetes -set_serial 0 2>/dev/null\n"
        "openssl x509 -in c -pubkey -noout | openssl pkey -pubin -outform der 2>/dev/null |"
        " openssl dgst -sha256 -r | cut -d' ' -f1"
    )
    made = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert ca_hash((tmp_path / "c").read_bytes()) == f"sha256:{made.stdout.strip()}"


@pytest.mark.parametrize("days", [30, 20_000])
def test_the_end_of_a_certificate_is_what_openssl_says(tmp_path: Path, days: int) -> None:
    """From 2050 on it is written in another way."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out c"
        f" -subj /CN=kubernetes-admin -days {days} 2>/dev/null\n"
        "openssl x509 -in c -noout -enddate"
    )
    made = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    said = made.stdout.strip().replace("GMT", "+0000")
    assert not_after((tmp_path / "c").read_bytes()) == datetime.datetime.strptime(
        said, "notAfter=%b %d %H:%M:%S %Y %z"
    )


def test_the_hash_of_a_bundle_with_comments() -> None:
    content = cluster().objects[Ref("ConfigMap", "cluster-info", "kube-public")]
    assert isinstance(content, dict)
    config = of_kind(content["data"]["kubeconfig"], "Config")
    assert config is not None
    ca = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    assert ca_hash("# Zürich\n".encode() + ca) == ca_hash(ca)


@given(st.binary(max_size=200))
def test_what_is_no_certificate(data: bytes) -> None:
    pem = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----"
    for some in (data, pem % base64.b64encode(data)):
        assert not_after(some) is None
        try:
            assert ca_hash(some).startswith("sha256:")
        except ValueError as error:
            assert str(error) == "it is no certificate"  # noqa: PT017 - it may also be one


def test_a_question_and_its_answer() -> None:
    asked = dns_query.question("smoke.ns.svc.cluster.local", 7)
    header = asked[:2] + b"\x85\x80\0\1\0\2\0\0\0\0"
    a = b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4\x0a\x60\0\1"
    cname = b"\xc0\x0c\0\5\0\1\0\0\0\5\0\2\xc0\x0c"
    answer = header + asked[12:] + cname + a
    assert dns_query.addresses(answer, 7) == ("10.96.0.1",)
    with pytest.raises(dns_query.DnsError, match="another question"):
        dns_query.addresses(answer, 8)
    with pytest.raises(dns_query.DnsError, match="cut"):
        dns_query.addresses(answer[:40], 7)
    nothing = asked[:2] + b"\x85\x83" + answer[4:]
    with pytest.raises(dns_query.DnsError, match="NXDOMAIN"):
        dns_query.addresses(nothing, 7)


@given(st.binary(max_size=100))
def test_any_bytes_are_an_answer_or_an_error(data: bytes) -> None:
    try:
        assert isinstance(dns_query.addresses(data, 7), tuple)
    except dns_query.DnsError as error:
        assert str(error)  # noqa: PT017 - either is right


LISTED = json.dumps(
    {
        "members": [
            {"ID": 1, "name": "node1", "clientURLs": ["https://10.0.0.1:2379"]},
            {"ID": 2, "name": "node2", "clientURLs": ["https://10.0.0.2:2379"], "isLearner": True},
            {"ID": 3, "name": "node3", "clientURLs": ["https://10.0.0.3:2379"]},
            {"ID": 4, "peerURLs": ["https://10.0.0.4:2380"]},
        ]
    }
)
HEALTH = json.dumps(
    [
        {"endpoint": "https://10.0.0.1:2379", "health": True, "took": "2ms"},
        {"endpoint": "https://10.0.0.2:2379", "health": False, "error": "context deadline"},
    ]
)


def test_what_etcdctl_says() -> None:
    found = members(LISTED, HEALTH + "\n")
    assert isinstance(found, tuple)
    assert [(m.name, m.healthy, m.is_learner, m.error) for m in found] == [
        ("node1", True, False, ""),
        ("node2", False, True, "context deadline"),
        ("node3", None, False, ""),
        ("", None, False, ""),
    ]


@dataclass
class Etcdctl:
    """In pods: what it is asked, and what it says of health."""

    health: tuple[int, str, str]
    asked: list[list[str]] = field(default_factory=list)

    async def execute(self, _space: str, _pod: str, command: list[str]) -> tuple[int, str, str]:
        self.asked.append(command)
        return (0, LISTED, "") if "member" in command else self.health


def etcd_pods(*flags: str) -> tuple[dict[str, Any], ...]:
    labels = {"component": "etcd"}
    container = {"command": ["etcd", *flags]}
    return (
        {"metadata": {"name": "etcd-x", "labels": labels}, "spec": {"containers": [container]}},
    )


async def test_what_etcdctl_says_in_words() -> None:
    """Before etcd 3.4, which kubeadm brings from 1.17 on."""
    good = "https://10.0.0.1:2379 is healthy: successfully committed proposal: took = 1.5ms\n"
    wrong = "https://10.0.0.2:2379 is unhealthy: failed to connect: context deadline exceeded\n"
    etcdctl = Etcdctl((1, good, f"{wrong}Error: unhealthy cluster\n"))
    found = await ask_etcd(cast("Api", etcdctl), etcd_pods(), parse_version("v1.13.12"))
    assert isinstance(found, tuple)
    assert [(m.name, m.healthy, m.error) for m in found] == [
        ("node1", True, ""),
        ("node2", False, "failed to connect: context deadline exceeded"),
        ("node3", None, ""),
        ("", None, ""),
    ]
    for command in etcdctl.asked:
        assert command[:3] == ["env", "ETCDCTL_API=3", "etcdctl"]
        assert "--cluster" not in command
    (urls,) = (word for word in etcdctl.asked[1] if word.startswith("--endpoints="))
    assert urls.count("https://") == 3


async def test_etcdctl_takes_the_certificates_of_that_etcd() -> None:
    etcdctl = Etcdctl((0, HEALTH, ""))
    pods = etcd_pods(
        "--listen-client-urls=https://[::1]:2379,https://[fd00::1]:2379",
        "--trusted-ca-file=/srv/pki/etcd/ca.crt",
    )
    assert isinstance(await ask_etcd(cast("Api", etcdctl), pods, parse_version("v1.20.2")), tuple)
    assert etcdctl.asked[0][:5] == [
        "etcdctl",
        "--cacert=/srv/pki/etcd/ca.crt",
        "--cert=/srv/pki/etcd/healthcheck-client.crt",
        "--key=/srv/pki/etcd/healthcheck-client.key",
        "--endpoints=https://[::1]:2379",
    ]


def test_half_a_character_in_a_members_name() -> None:
    found = members('{"members": [{"name": "a\\ud800"}]}', HEALTH)
    assert isinstance(found, tuple)
    assert [member.name for member in found] == ["a?"]


@pytest.mark.parametrize("listed", ["", "{}", "[]", "null", '{"members": 1}', "[" * 9999])
def test_what_etcdctl_does_not_say(listed: str) -> None:
    assert isinstance(members(listed, HEALTH), Unread)


def test_a_manifest_is_its_objects() -> None:
    item = "{apiVersion: v1, kind: Secret, metadata: {name: s}}"
    source = (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: a}\n---\n"
        f"apiVersion: v1\nkind: List\nitems:\n- {item}\n"
    )
    assert manifest("x", source).refs == (
        ("v1", Ref("Namespace", "a")),
        ("apps/v1", Ref("Deployment", "d", "a")),
        ("v1", Ref("Secret", "s")),
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [("", "makes no object"), ("a: [", "no YAML"), ("- 1\n- 2", "makes no object"), ("x", "makes")],
)
def test_a_manifest_that_is_none(source: str, said: str) -> None:
    assert said in manifest("x", source).unread


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("Deployment", {"updatedReplicas": 2, "availableReplicas": 2}, []),
        ("Deployment", {"updatedReplicas": 1, "availableReplicas": 2}, ["1 of 2 pods are of its"]),
        ("Deployment", {"updatedReplicas": 2}, ["0 of 2 pods are available"]),
        (
            "Deployment",
            {"replicas": 3, "updatedReplicas": 2, "availableReplicas": 2},
            ["1 pod of an older version"],
        ),
        ("StatefulSet", {"updatedReplicas": 2, "readyReplicas": 2}, []),
        ("DaemonSet", {}, ["it is wanted on no node"]),
        ("DaemonSet", {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3}, ["0 of 3 pods"]),
    ],
)
def test_what_is_not_rolled_out(kind: str, status: dict[str, Any], said: list[str]) -> None:
    found = list(unfinished(kind, {"spec": {"replicas": 2}, "status": status}))
    assert len(found) == len(said)
    assert all(word in clause for word, clause in zip(said, found, strict=True))


def test_a_controller_that_has_not_looked_yet() -> None:
    status = {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 1}
    found = {"metadata": {"generation": 2}, "status": status}
    assert list(unfinished("Deployment", found)) == [
        "its controller has not seen its newest version"
    ]


def test_documents_of_a_kind() -> None:
    assert of_kind("kind: A\n---\nkind: B\nx: yes", "B") == {"kind": "B", "x": "yes"}
    for source in (
        "",
        "kind: A",
        "!!python/object:os.system {}",
        "a: &a [*a]",
        "\0",
        "x" * 300_000,
    ):
        assert of_kind(source, "B") is None


def namespace(name: str, until: str, manager: str = "kscan-smoke") -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "labels": {"app.kubernetes.io/managed-by": manager},
            "annotations": {"kscan/until": until},
        }
    }


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (namespace("kscan-smoke-1", "2026-11-26T11:59:59Z"), True),
        (namespace("kscan-smoke-1", "2026-11-26T12:00:01Z"), False),
        (namespace("kscan-smoke-1", ""), True),
        (namespace("mine", "2026-11-26T11:59:59Z"), False),
        (namespace("kscan-smoke-1", "2026-11-26T11:59:59Z", "helm"), False),
    ],
)
def test_which_namespaces_are_left_over(found: dict[str, Any], left: bool) -> None:
    assert workload.is_left_over(found, NOW) is left


def test_the_documents_of_the_workload() -> None:
    made = workload.Workload("kscan-smoke-1", "lab/busybox:1").documents(NOW)
    assert [document["kind"] for document in made] == ["Namespace", "Deployment", "Service"]
    assert not workload.is_left_over(made[0], NOW - datetime.timedelta(seconds=1))
    (container,) = made[1]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "lab/busybox:1"


@pytest.mark.parametrize("image", ["", 'x", y: "', "a b", "$(x)", "-x", "a\nb"])
def test_images_that_are_none(image: str) -> None:
    with pytest.raises(UsageError, match="--smoke-image"):
        workload.checked_image(image)


def test_the_first_revision_comes_back() -> None:
    template = {
        "metadata": {"labels": {"app": "smoke", "pod-template-hash": "1"}},
        "spec": {"containers": []},
    }
    sets = tuple(
        {
            "metadata": {"annotations": {"deployment.kubernetes.io/revision": number}},
            "spec": {"template": template},
        }
        for number in ("2", "1")
    )
    patch = workload.rolled_back(sets)
    assert patch is not None
    assert patch["spec"]["template"]["metadata"] == {
        "labels": {"app": "smoke"},
        "annotations": {"kscan/smoke": None},
    }
    assert workload.rolled_back(sets[:1]) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=40)
@given(JSON, st.sampled_from(list(Listed)))
def test_no_answer_of_an_api_server_breaks_a_rule(value: Any, which: Listed) -> None:
    seen = cluster()
    odd = {"metadata": value, "spec": value, "status": value, "data": value, "rules": value}
    odd |= {"roleRef": value, "subjects": value}
    objects = dict.fromkeys(reads(seen.version), odd)
    spoilt = replace(seen, objects=objects, lists={**seen.lists, which: (odd,)})
    assert judge(VERIFY_CATALOGUE, spoilt, expected())
