"""Ask etcd itself, with etcdctl in one of its pods: its keys never leave the control plane."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.verify.answered import ApiFailed
from scanner.verify.api import Api
from scanner.verify.components import flag, pods_of
from scanner.verify.objects import Object, at, condition, from_json, name_of, objects, text, texts
from scanner.verify.observed import EtcdMember, Unread
from scanner.versions import Version, minor_floor

_LOCAL = ("https://127.0.0.1:2379", "https://[::1]:2379")
_CA = "/etc/kubernetes/pki/etcd/ca.crt"
"""kubeadm's own; where certificatesDir is elsewhere, etcd itself is told so."""
_JSON = ("--write-out=json",)
_WORDS = re.compile(r"^(https?://\S+) is (healthy|unhealthy): (.*)$", re.MULTILINE)
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
    ready_first = sorted(
        pods_of("etcd", pods), key=lambda pod: text(condition(pod, "Ready"), "status") != "True"
    )
    why = "no pod of etcd is there"
    for pod in ready_first:
        name = name_of(pod)
        etcdctl = _etcdctl(pod, version)
        try:
            listed = await _run(
                api, name, (*etcdctl, f"--endpoints={_own(pod)}", "member", "list", *_JSON)
            )
            urls = ",".join(_client_urls(listed))
            health = await _run(
                api,
                name,
                # not --cluster: etcd 3.2, which kubeadm 1.13 brings, does not know it
                (*etcdctl, f"--endpoints={urls or _own(pod)}", "endpoint", "health", *_JSON),
                any_status=True,  # 1 where a member is not healthy
            )
        except ApiFailed as error:
            why = f"etcdctl in {name}: {error}"
            continue
        return members(listed, health)
    return Unread(why)


def _etcdctl(pod: Object, version: Version) -> tuple[str, ...]:
    ca = flag(pod, "trusted-ca-file") or _CA
    pki = ca.rpartition("/")[0]
    command = (
        "etcdctl",
        f"--cacert={ca}",
        f"--cert={pki}/healthcheck-client.crt",
        f"--key={pki}/healthcheck-client.key",
    )
    return command if version >= _SPEAKS_V3 else ("env", "ETCDCTL_API=3", *command)


def _own(pod: Object) -> str:
    """The URL at which an etcd is asked on its own host; its certificate has both addresses."""
    told = flag(pod, "listen-client-urls").split(",")
    return next((url for url in _LOCAL if url in told), _LOCAL[0])


def _client_urls(listed: str) -> tuple[str, ...]:
    try:
        found = from_json(listed)
    except (ValueError, RecursionError):
        return ()
    return tuple(url for member in objects(found, "members") for url in texts(member, "clientURLs"))


async def _run(api: Api, pod: str, command: tuple[str, ...], *, any_status: bool = False) -> str:
    status, stdout, stderr = await api.execute("kube-system", pod, list(command))
    if any_status and status is not None and not _is_json(stdout):
        # etcdctl before 3.4 tells of health in words, and of the bad ones on stderr
        return f"{stdout}\n{stderr}"
    if (status != 0 and not any_status) or not stdout:
        said = " ".join((stderr or stdout).split())[:200]
        raise ApiFailed(said or f"it ended with {status}")
    return stdout


def _is_json(said: str) -> bool:
    return said.lstrip().startswith(("[", "{"))


def members(listed: str, health: str) -> tuple[EtcdMember, ...] | Unread:
    """Put both answers together.

    Args:
        listed: JSON of `etcdctl member list`.
        health: JSON of `etcdctl endpoint health`, which tells by client URL; words before 3.4.
    """
    try:
        found = from_json(listed)
        told = from_json(health.strip().splitlines()[0]) if _is_json(health) else _in_words(health)
    except (ValueError, RecursionError):
        return Unread("etcdctl's answer is no JSON")
    by_url: dict[str, Mapping[str, object]] = {
        text(item, "endpoint"): item for item in objects({"all": told}, "all")
    }
    made = []
    for member in objects(found, "members"):
        answers = [by_url[url] for url in texts(member, "clientURLs") if url in by_url]
        healthy = None
        if answers:
            healthy = any(at(item, "health") is True for item in answers)
        error = next((text(item, "error") for item in answers if text(item, "error")), "")
        is_learner = at(member, "isLearner") is True
        made.append(EtcdMember(text(member, "name"), is_learner, healthy, error))
    return tuple(made) if made else Unread("etcdctl lists no member")


def _in_words(health: str) -> list[Object]:
    return [
        {"endpoint": url, "health": state == "healthy", "error": "" if state == "healthy" else why}
        for url, state, why in _WORDS.findall(health)
    ]
