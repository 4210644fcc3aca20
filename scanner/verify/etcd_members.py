"""Ask etcd itself, with etcdctl in one of its pods: its keys never leave the control plane."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scanner.verify.api import Api, ApiFailed
from scanner.verify.objects import Object, at, condition, name_of, objects, text, texts
from scanner.verify.observed import EtcdMember, Unread
from scanner.versions import Version, minor_floor

_PKI = "/etc/kubernetes/pki/etcd"
_ETCDCTL = (
    "etcdctl",
    f"--cacert={_PKI}/ca.crt",
    f"--cert={_PKI}/healthcheck-client.crt",
    f"--key={_PKI}/healthcheck-client.key",
)
"""kubeadm's own paths; certificatesDir elsewhere is mounted at its own path, and is not found."""


_SPEAKS_V3 = minor_floor("1.17")
"""kubeadm brings etcd 3.4 from then on, whose etcdctl speaks version 3 of the API by itself."""


async def ask_etcd(
    api: Api, pods: tuple[Object, ...] | Unread, version: Version
) -> tuple[EtcdMember, ...] | Unread:
    """The members and their health, from the first pod that tells.

    Args:
        api: an open login.
        pods: of the control plane.
        version: of the API server; it decides what etcdctl must be told.
    """
    if isinstance(pods, Unread):
        return pods
    mine = [pod for pod in pods if text(pod, "metadata", "labels", "component") == "etcd"]
    mine.sort(key=lambda pod: text(condition(pod, "Ready"), "status") != "True")
    plain = _ETCDCTL if version >= _SPEAKS_V3 else ("env", "ETCDCTL_API=3", *_ETCDCTL)
    why = "no pod of etcd is there"
    for pod in mine:
        name = name_of(pod)
        etcdctl = (*plain, f"--endpoints=https://{_own(pod)}:2379")
        try:
            listed = await _run(api, name, (*etcdctl, "member", "list", "--write-out=json"))
            health = await _run(
                api,
                name,
                (*etcdctl, "endpoint", "health", "--cluster", "--write-out=json"),
                any_status=True,  # 1 where a member is not healthy
            )
        except ApiFailed as error:
            why = f"etcdctl in {name}: {error}"
            continue
        return members(listed, health)
    return Unread(why)


def _own(pod: Object) -> str:
    """Its loopback address, of the advertise address' family (getEtcdCommand, v1.20.2)."""
    words = [word for one in objects(pod, "spec", "containers") for word in texts(one, "command")]
    is_ipv6 = any(word.startswith("--listen-client-urls=https://[::1]") for word in words)
    return "[::1]" if is_ipv6 else "127.0.0.1"


async def _run(api: Api, pod: str, command: tuple[str, ...], *, any_status: bool = False) -> str:
    status, stdout, stderr = await api.execute("kube-system", pod, list(command))
    if (status != 0 and not any_status) or not stdout:
        said = " ".join((stderr or stdout).split())[:200]
        raise ApiFailed(said or f"it ended with {status}")
    return stdout


def members(listed: str, health: str) -> tuple[EtcdMember, ...] | Unread:
    """Put both answers together.

    Args:
        listed: JSON of `etcdctl member list`.
        health: JSON of `etcdctl endpoint health --cluster`, which tells by client URL.
    """
    try:
        found = json.loads(listed)
        told = json.loads(health.strip().splitlines()[0])
    except (ValueError, IndexError, RecursionError):
        return Unread("etcdctl's answer is no JSON")
    by_url: dict[str, Mapping[str, object]] = {
        text(item, "endpoint"): item for item in objects({"all": told}, "all")
    }
    made = []
    for member in objects(found, "members"):
        urls = texts(member, "clientURLs")
        answers = [by_url[url] for url in urls if url in by_url]
        healthy = None
        if answers:
            healthy = any(at(item, "health") is True for item in answers)
        error = next((text(item, "error") for item in answers if text(item, "error")), "")
        is_learner = at(member, "isLearner") is True
        made.append(EtcdMember(text(member, "name"), urls, is_learner, healthy, error))
    return tuple(made) if made else Unread("etcdctl lists no member")
