"""Steps 3 to 5: what kubeadm writes on the nodes."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, clip
from scanner.facts.base import FactMissing
from scanner.kubeadm.after_init import CONTROL_PLANE, CRI_SOCKET, MASTER
from scanner.verify.components import pods_of
from scanner.verify.kubelet_config import kubelet_config_refs
from scanner.verify.objects import Object, Ref, mapping, name_of, objects, text
from scanner.verify.observed import Listed
from scanner.verify.rbac import absent
from scanner.verify.step import Seen, step

_NO_SCHEDULE = "NoSchedule"
_OWNERS = {
    "dockershim.sock": "docker",
    "docker.sock": "docker",
    "cri-dockerd.sock": "docker",
    "containerd.sock": "containerd",
    "crio.sock": "cri-o",
}
"""A socket's name -> how the kubelet calls its runtime in nodeInfo."""


def control_planes(seen: Seen) -> tuple[str, ...]:
    """Names of the Nodes that are control planes: by the inventory, a label or an API server.

    Raises:
        FactMissing: the nodes or the pods could not be read, or there is none.
    """
    found = []
    hosts = {
        text(pod, "spec", "nodeName")
        for pod in pods_of("kube-apiserver", seen.observed.all(Listed.CONTROL_PLANE_PODS))
    }
    for name, node in seen.nodes.items():
        expected = seen.of_inventory.get(name)
        labels = mapping(node, "metadata", "labels")
        if (
            (expected is not None and expected.control_plane)
            or name in hosts
            or not {MASTER, CONTROL_PLANE}.isdisjoint(labels)
        ):
            found.append(name)
    if not found:
        raise FactMissing("no Node is a control plane, by the inventory, a label or an API server")
    return tuple(sorted(found))


def node_names(seen: Seen) -> tuple[str, ...]:
    """Names of all Nodes.

    Raises:
        FactMissing: they could not be read.
    """
    return tuple(sorted(seen.nodes))


def _node(seen: Seen, name: str) -> Object:
    node = seen.nodes.get(name)
    if node is None:
        raise FactMissing(f"Node {name} is not there any more")
    return node


@step(
    "KS803",
    "labels and taints of a control plane",
    number=3,
    depends=("KS826",),
    remedy="Mark it again: `kubeadm init phase mark-control-plane --node-name {subject}` on a "
    "control plane.",
    subjects=control_planes,
)
def labels_and_taints(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read the Node of each control plane; passes if it has kubeadm's labels and taints.

    The label is node-role.kubernetes.io/master until 1.19, that and control-plane until 1.23,
    control-plane from 1.24 on; the taint changes in 1.24 and 1.25; none of them has a value. A host
    that is a worker too, or whose taints the inventory names, be it none (`[]`), is not asked for
    kubeadm's taint. Labels and taints of the inventory are asked for in KS826. Source:
    phases/markcontrolplane of v1.20.2; PR#98269, #107533, #110095.
    """
    node = _node(seen, subject)
    path = Ref("Node", subject).path
    expected = seen.of_inventory.get(subject)
    labels = mapping(node, "metadata", "labels")
    for label in seen.left.labels:
        if label not in labels:
            yield Finding(f"it has no label {label}", need=label, source=f"{path} labels")
        elif value := text(labels, label):
            yield Finding(
                f"its label {label} has the value {clip(value)}, where kubeadm's has none",
                have=clip(value),
                need=f"{label}=",
                source=f"{path} labels",
                remedy=f"Take it away: `kubectl label node {subject} --overwrite {label}=`.",
            )
    own_taints = expected is not None and (expected.worker or expected.taints is not None)
    has = {
        text(taint, "key")
        for taint in objects(node, "spec", "taints")
        # kubeadm's own add-ons bear it without a value only
        if text(taint, "effect") == _NO_SCHEDULE and not text(taint, "value")
    }
    for taint in () if own_taints else seen.left.taints:
        if taint not in has:
            yield Finding(
                f"it has no taint {taint}:{_NO_SCHEDULE}",
                need=f"{taint}:{_NO_SCHEDULE}",
                source=f"{path} taints",
                remedy=f"Give it back: `kubectl taint node {subject} {taint}:{_NO_SCHEDULE}`; if "
                "pods shall run there, say so: `roles: [control-plane, worker]`.",
            )


def _annotation_skip(seen: Seen, _subject: str) -> str | None:
    if seen.left.cri_socket:
        return None
    return "from v1.34 on the socket stands in /var/lib/kubelet/instance-config.yaml of the node"


@step(
    "KS804",
    "annotation of the CRI socket",
    number=4,
    depends=("KS826",),
    remedy=f"Write it again: `kubectl annotate node {{subject}} {CRI_SOCKET}=SOCKET`, with the "
    "socket of criSocket.",
    subjects=node_names,
    skip=_annotation_skip,
)
def cri_socket(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read each Node's annotations; passes if it tells kubeadm its CRI socket.

    That must be a path or URL, and where it is known whose it is, of the runtime that the node has.
    Not asked from 1.34 on, where the socket stands in a file of the node. Source:
    phases/patchnode of v1.20.2; PR#131981.
    """
    node = _node(seen, subject)
    source = f"{Ref('Node', subject).path} annotations"
    have = text(mapping(node, "metadata", "annotations"), CRI_SOCKET)
    if not have:
        yield Finding(f"it has no annotation {CRI_SOCKET}", need=CRI_SOCKET, source=source)
    elif not have.startswith(("/", "unix://", "npipe://", "tcp://")):
        yield Finding(
            f"its annotation {CRI_SOCKET} is no socket: {clip(have)}", clip(have), "", source
        )
    runtime = text(node, "status", "nodeInfo", "containerRuntimeVersion")
    owner = _OWNERS.get(have.rpartition("/")[2], "")
    if owner and runtime and not runtime.startswith(f"{owner}://"):
        yield Finding(
            f"its annotation names {clip(have)}, and its runtime is {clip(runtime)}",
            have=clip(have),
            need=f"the socket of {clip(runtime)}",
            source=source,
        )


def _sourced(seen: Seen) -> tuple[Object, ...]:
    nodes = seen.observed.all(Listed.NODES)
    return tuple(node for node in nodes if mapping(node, "spec", "configSource"))


def _dynamic_skip(seen: Seen, _subject: str) -> str | None:
    version = seen.observed.version
    if not seen.left.dynamic_kubelet:
        return f"kubeadm v{version} has no dynamic kubelet configuration: it ended with v1.19"
    return None if _sourced(seen) else "not used: no Node has a configSource"


@step(
    "KS805",
    "dynamic kubelet configuration",
    number=5,
    depends=("KS802",),
    remedy="Let the Node point at the kubelets' ConfigMap again, or take its spec.configSource "
    "away.",
    skip=_dynamic_skip,
)
def dynamic_kubelet(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Read spec.configSource of the Nodes; passes if its ConfigMap is the kubelets', and is there.

    Its namespace and key count too, and that the kubelet has taken it. Only until 1.19, and only
    where a Node uses it. Source: CHANGELOG-1.20, #94668; NodeConfigStatus of k8s.io/api/core/v1.
    """
    (ref,) = kubelet_config_refs(seen.observed.version)
    for node in _sourced(seen):
        source = mapping(node, "spec", "configSource", "configMap")
        have = " ".join(text(source, key) for key in ("namespace", "name", "kubeletConfigKey"))
        need = f"kube-system {ref.name} kubelet"
        path = f"{Ref('Node', name_of(node)).path}"
        if have != need:
            shown = clip(have.strip()) or "nothing"
            yield Finding(
                f"Node {name_of(node)} takes its configuration from {shown}",
                have=clip(have),
                need=need,
                source=f"{path} configSource",
            )
        if error := text(node, "status", "config", "error"):
            yield Finding(
                f"Node {name_of(node)} does not take it: {clip(error)}", source=f"{path} config"
            )
    if seen.observed.get(ref) is None:
        yield absent(ref)
