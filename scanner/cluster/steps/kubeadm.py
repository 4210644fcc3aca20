"""`kubeadm init` on the master, `kubeadm join` on the others."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from scanner.cluster.action import CA_CERT_HASH, CERTIFICATE_KEY, TOKEN, Action, Command, File
from scanner.cluster.phase import NODE_LEFT, OnFailure, Phase
from scanner.cluster.plan import Member, Plan
from scanner.cluster.steps.etcd import etcd_is_healthy
from scanner.cluster.steps.token import TOKENS
from scanner.kubeadm.config import BootstrapToken, Discovery, Extras, api_endpoint, documents
from scanner.kubeadm.config_api import ConfigApi
from scanner.request import LocalEtcd
from scanner.target import Role
from scanner.verify.tokens import MADE_BY_KSCAN

CONFIG = "kubeadm.yaml"
PATCHES = "patches"
SECONDS = 1800.0
"""Pulling images takes long; kubeadm has limits of its own for everything else."""
_AT_ONCE = 16
"""Workers that join at the same time."""


def _init(plan: Plan, host: str) -> tuple[Action, ...]:
    member = plan.member(host)
    api = ConfigApi.of(member.target.kubeadm)
    token = BootstrapToken(TOKEN, MADE_BY_KSCAN, plan.token_ttl)
    extras = Extras(token, patches=_patches(plan), documents=plan.documents)
    words = ["kubeadm", "init", "--config", CONFIG, "--skip-token-print"]
    if api.skips_key_print:
        words.append("--skip-certificate-key-print")
    text = documents(member.target, member.host, extras=extras)
    return (_kubeadm(plan, member, words, text),)


def _join(plan: Plan, host: str) -> tuple[Action, ...]:
    member = plan.member(host)
    api = ConfigApi.of(member.target.kubeadm)
    is_control_plane = member.target.role is Role.JOIN_CONTROL_PLANE
    key = CERTIFICATE_KEY if is_control_plane else ""
    discovery = Discovery(api_endpoint(member.target), TOKEN, (CA_CERT_HASH,))
    extras = Extras(certificate_key=key, patches=_patches(plan))
    words = ["kubeadm", "join", "--config", CONFIG]
    if key and not api.certificate_key:
        words += ["--certificate-key", '"$(cat certificate-key)"']
    text = documents(member.target, member.host, discovery, extras)
    join = _kubeadm(plan, member, words, text)
    if not is_control_plane or not isinstance(plan.cluster.etcd, LocalEtcd):
        return (join,)
    return (etcd_is_healthy(plan.master), join, etcd_is_healthy(host))


def _kubeadm(plan: Plan, member: Member, words: list[str], text: str) -> Command:
    api = ConfigApi.of(member.target.kubeadm)
    files = [File(CONFIG, text)]
    if plan.patches:
        files += plan.patches
        if not api.patches_field:
            words = [*words, "--experimental-patches", PATCHES]
    if any("certificate-key" in word for word in words if "$(" in word):
        files.append(File("certificate-key", f"{CERTIFICATE_KEY}\n"))
    if member.ignored:
        words = [*words, f"--ignore-preflight-errors={shlex.quote(','.join(member.ignored))}"]
    return Command(member.name, " ".join(words), tuple(files), SECONDS, detached=True)


def _patches(plan: Plan) -> str:
    return PATCHES if plan.patches else ""


def obstacles(plan: Plan) -> Iterator[str]:
    """What this kubeadm cannot do of what the inventory asks for, one line each."""
    for member in plan.members:
        api = ConfigApi.of(member.target.kubeadm)
        said = f"{member.name}: kubeadm v{member.target.kubeadm}"
        if member.joined:
            continue
        if plan.patches and not api.patches:
            yield f"{said} takes no patches (from 1.19 on): leave kubeadm.patches out"
        if member.target.role is Role.JOIN_CONTROL_PLANE and not api.uploads_certificates:
            yield (
                f"{said} cannot hand over the control plane's certificates (1.14 and later can): "
                "join one control plane only, or install a newer kubeadm"
            )


INIT = Phase(
    "kubeadm-init",
    "kubeadm init on {host}",
    lambda plan: plan.to_join(Role.INIT),
    _init,
    changes_host=True,
    settles=frozenset({NODE_LEFT}),
    owes=TOKENS,
)
JOIN_CONTROL_PLANE = Phase(
    "join-control-plane",
    "kubeadm join of the control plane {host}",
    lambda plan: plan.to_join(Role.JOIN_CONTROL_PLANE),
    _join,
    changes_host=True,
    settles=frozenset({NODE_LEFT}),
)
JOIN_WORKER = Phase(
    "join-worker",
    "kubeadm join of the worker {host}",
    lambda plan: plan.to_join(Role.JOIN_WORKER),
    _join,
    on_failure=OnFailure.DROP_HOST,
    window=_AT_ONCE,
    changes_host=True,
    settles=frozenset({NODE_LEFT}),
)
