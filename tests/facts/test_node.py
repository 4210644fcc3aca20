from __future__ import annotations

import pytest

from scanner.facts.base import ParseError
from scanner.facts.node import Node, parse_node

DIGEST = "0f" * 32
MEMBER = f"""\
file=/etc/kubernetes/pki/ca.crt
ca={DIGEST}
processes=read
holds=kubelet 280A
holds=kube-controller 2811
holds=kubelet 2808
healthz=ok
"""
LOOKED = "absent=/etc/kubernetes/pki/ca.crt\nprocesses=read\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LOOKED, Node({}, frozenset(), None, "")),
        (
            MEMBER,
            Node(
                {
                    10250: frozenset({"kubelet"}),
                    10257: frozenset({"kube-controller-manager"}),
                    10248: frozenset({"kubelet"}),
                },
                frozenset(),
                "ok",
                DIGEST,
            ),
        ),
        (
            "file=/etc/kubernetes/pki/ca.crt\nprocesses=read\nunread=etcd\nunread=bash\nhealthz=",
            Node({}, frozenset({"etcd"}), "", None),
        ),
        (
            "hidden=/etc/kubernetes/pki/ca.crt\nca=zz\nprocesses=read",
            Node({}, frozenset(), None, None),
        ),
        (
            f"{LOOKED}holds=etcd 094B\nholds=kube-apiserver 094B\nhealthz={'x' * 300}",
            Node({2379: frozenset({"etcd", "kube-apiserver"})}, frozenset(), "x" * 200, ""),
        ),
    ],
)
def test_node(text: str, expected: Node) -> None:
    assert parse_node(text) == expected
    assert expected.healthy is (expected.healthz == "ok")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "absent=/etc/kubernetes/pki/ca.crt",
        "processes=read",
        f"{LOOKED}holds=bash 280A",
        f"{LOOKED}holds=kubelet",
        f"{LOOKED}holds=kubelet port",
    ],
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_node(text)
