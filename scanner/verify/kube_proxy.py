"""Step 9: kube-proxy."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, clip
from scanner.kubeadm.after_init import BOOTSTRAPPERS, KUBE_PROXY_API
from scanner.verify.configuration import disabled, other_api
from scanner.verify.documents import of_kind
from scanner.verify.objects import Ref, condition, number, text
from scanner.verify.rbac import (
    SERVICE_ACCOUNT,
    Right,
    Subject,
    absent,
    everywhere,
    granted,
    groups,
    in_namespace,
    refs,
)
from scanner.verify.rollout import runs_as, unfinished
from scanner.verify.step import Seen, step

DAEMON_SET = Ref("DaemonSet", "kube-proxy", "kube-system")
CONFIG = Ref("ConfigMap", "kube-proxy", "kube-system")
_ACCOUNT = Ref("ServiceAccount", "kube-proxy", "kube-system")
_DAEMON_SET, _CONFIG_MAP, _RBAC = "DaemonSet", "ConfigMap", "RBAC"
_GRANTS = (
    everywhere(
        "kubeadm:node-proxier",
        (Subject(SERVICE_ACCOUNT, "kube-proxy", "kube-system"),),
        role="system:node-proxier",
    ),
    in_namespace(
        "kube-system",
        "kube-proxy",
        groups(BOOTSTRAPPERS),
        Right("get", "configmaps", "kube-proxy"),
    ),
)


def not_wanted(seen: Seen, _subject: str) -> str | None:
    """Why kube-proxy is not asked for, or None."""
    return "proxy.disabled is set in kubeadm-config" if disabled(seen, "proxy") else None


@step(
    "KS809",
    "kube-proxy",
    number=9,
    depends=("KS801",),
    remedy="Make it again: `kubeadm init phase addon kube-proxy --config FILE` on a control plane. "
    "Where a network add-on does its work on purpose, the inventory says so: "
    "`ignore: [{check: KS809, reason: ...}, {check: KS827, reason: ...}]`.",
    reads=lambda _version: (DAEMON_SET, CONFIG, _ACCOUNT, *refs(_GRANTS)),
    subjects=(_DAEMON_SET, _CONFIG_MAP, _RBAC),
    skip=not_wanted,
)
def kube_proxy(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read DaemonSet, ConfigMap and service account kube-proxy, and their rights.

    Passes if they are there, the ConfigMap holds a KubeProxyConfiguration and a kubeconfig, the
    account may do what a proxy does, and who joins may read the ConfigMap. Source:
    phases/addons/proxy of v1.20.2.
    """
    if subject == _RBAC:
        if seen.observed.get(_ACCOUNT) is None:
            yield absent(_ACCOUNT)
        yield from granted(seen.observed, *_GRANTS)
    elif subject == _CONFIG_MAP:
        config = seen.observed.get(CONFIG)
        if config is None:
            yield absent(CONFIG)
            return
        source = f"{CONFIG.path} config.conf"
        found = of_kind(text(config, "data", "config.conf"), "KubeProxyConfiguration")
        if found is None:
            message = f"{CONFIG} has no KubeProxyConfiguration that can be read"
            yield Finding(message, source=source)
        else:
            yield from other_api(found, (KUBE_PROXY_API,), source)
        if of_kind(text(config, "data", "kubeconfig.conf"), "Config") is None:
            yield Finding(
                f"{CONFIG} has no kubeconfig that can be read",
                source=f"{CONFIG.path} kubeconfig.conf",
            )
    else:
        yield from _daemon_set(seen)


def _daemon_set(seen: Seen) -> Iterator[Finding]:
    found = seen.observed.get(DAEMON_SET)
    if found is None:
        yield absent(DAEMON_SET)
    else:
        yield from runs_as(DAEMON_SET, found, _ACCOUNT)


@step(
    "KS827",
    "kube-proxy rolled out",
    depends=("KS801", "KS809", "KS826"),
    remedy="See what its pods say: `kubectl -n kube-system logs -l k8s-app=kube-proxy`.",
    skip=not_wanted,
)
def kube_proxy_rolled_out(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Read the DaemonSet's status; passes if each node has an available pod of it.

    It must be wanted on as many nodes as are Ready and run Linux. Source: `kubectl rollout status`.
    """
    found = seen.observed.get(DAEMON_SET)
    if found is None:
        yield absent(DAEMON_SET)
        return
    for clause in unfinished("DaemonSet", found):
        yield Finding(clip(clause), source=f"{DAEMON_SET.path} status")
    wanted, nodes = number(found, "status", "desiredNumberScheduled"), _of_linux(seen)
    if 0 < wanted < nodes:
        yield Finding(
            f"it is wanted on {wanted} nodes, and {nodes} are Ready: their Services lead nowhere",
            have=str(wanted),
            need=str(nodes),
            source=f"{DAEMON_SET.path} status",
            remedy="See its nodeSelector: kubeadm's is kubernetes.io/os: linux.",
        )


def _of_linux(seen: Seen) -> int:
    """How many Nodes are Ready and do not run Windows."""
    return sum(
        text(condition(node, "Ready"), "status") == "True"
        and text(node, "status", "nodeInfo", "operatingSystem") != "windows"
        for node in seen.nodes.values()
    )
