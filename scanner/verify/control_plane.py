"""The components of the control plane: their static pods, the API server's own word, and etcd."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, Severity, clip
from scanner.facts.base import FactMissing
from scanner.verify.components import flag, pods_of
from scanner.verify.marks import control_planes
from scanner.verify.objects import Object, Ref, condition, name_of, objects, text
from scanner.verify.observed import EtcdMember, Listed, Unread
from scanner.verify.step import Seen, Step, step

SELF_HOSTED = "self-hosted-"
"""Before the name of a component: that of the DaemonSet which runs it (phases/selfhosting)."""
_OWN_ETCD = frozenset(f"https://{host}:2379" for host in ("127.0.0.1", "[::1]", "localhost"))
_SEE = (
    "See why: `crictl ps -a` and the container's log on the node, and "
    "/etc/kubernetes/manifests/{}.yaml there."
)


@step(
    "KS820",
    "API server ready",
    remedy="See what it says: `kubectl get --raw '/readyz?verbose'`.",
)
def api_server_ready(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Ask the API server's /readyz (/healthz before 1.16); passes if all of its checks do.

    Its check of etcd is one of them. It must be reached where admin.conf says, which is
    controlPlaneEndpoint; else it fails, and the control plane's own one is asked for the rest.
    Source: `kubectl get --raw /readyz?verbose`.
    """
    if seen.observed.detour:
        yield Finding(
            clip(seen.observed.detour),
            source="admin.conf",
            remedy="See the load balancer or the address behind controlPlaneEndpoint.",
        )
    said = seen.observed.ready
    if isinstance(said, Unread):
        raise FactMissing(said.reason)
    if said:
        yield Finding(f"it is not ready: {clip(said)}", have=clip(said), source="/readyz")


def _pod(seen: Seen, component: str, node: str) -> Iterator[Finding]:
    """What is wrong with a component's static pod on a node."""
    pods = [
        pod
        for pod in pods_of(component, seen.observed.all(Listed.CONTROL_PLANE_PODS))
        if text(pod, "spec", "nodeName") == node
    ]
    ref = Ref("Pod", f"{component}-{node}", "kube-system")
    if not pods:
        yield Finding(f"{ref} does not exist", have="absent", need=str(ref), source=ref.path)
    for pod in pods:
        source = f"{Ref('Pod', name_of(pod), 'kube-system').path} status"
        ready = condition(pod, "Ready")
        if text(ready, "status") != "True":
            why = _waiting(pod) or text(ready, "reason") or text(pod, "status", "phase")
            yield Finding(
                f"Pod {clip(name_of(pod))} is not ready: {clip(why) or 'it does not say why'}",
                have=clip(why),
                need="Ready",
                source=source,
            )


def _waiting(pod: Object) -> str:
    for status in objects(pod, "status", "containerStatuses"):
        reason = text(status, "state", "waiting", "reason")
        if reason:
            return reason
    return ""


def _daemon_sets(seen: Seen) -> frozenset[str]:
    try:
        return frozenset(map(name_of, seen.observed.all(Listed.SELF_HOSTED)))
    except FactMissing:
        return frozenset()


def _component(check_id: str, component: str) -> Step:
    """The step of a component that each control plane runs as a static pod."""

    def skip(seen: Seen, _subject: str) -> str | None:
        hosted = seen.left.self_hosting and f"{SELF_HOSTED}{component}" in _daemon_sets(seen)
        return "it hosts itself: see KS810" if hosted else None

    @step(
        check_id,
        component,
        depends=("KS826",),
        remedy=_SEE.format(component),
        subjects=control_planes,
        skip=skip,
    )
    def rule(seen: Seen, subject: str) -> Iterator[Finding]:
        """Read the static pod of each control plane; passes if it is Ready.

        Not asked where it hosts itself, which is possible until 1.20.
        """
        yield from _pod(seen, component, subject)

    return rule


kube_apiserver = _component("KS821", "kube-apiserver")
controller_manager = _component("KS822", "kube-controller-manager")
scheduler = _component("KS823", "kube-scheduler")


def is_external(seen: Seen) -> bool:
    """True if etcd is no part of this cluster: no pod runs it, and nobody expects one to.

    Raises:
        FactMissing: the pods could not be read, and the inventory does not say so.
    """
    try:
        pods = seen.observed.all(Listed.CONTROL_PLANE_PODS)
    except FactMissing:
        if seen.expected.external_etcd:
            return True
        raise
    if pods_of("etcd", pods):
        return False
    servers = pods_of("kube-apiserver", pods)
    return seen.expected.external_etcd or (bool(servers) and not any(map(_asks_itself, servers)))


def _asks_itself(pod: Object) -> bool:
    """True if an API server asks the etcd of its own host (kubeadm's stacked etcd)."""
    servers = flag(pod, "etcd-servers").split(",")
    return not _OWN_ETCD.isdisjoint(server.rstrip("/") for server in servers)


def _etcd_skip(seen: Seen, _subject: str) -> str | None:
    if is_external(seen):
        return "etcd is external: the API server's own check of it is in KS820"
    return None


@step(
    "KS824",
    "etcd",
    depends=("KS826",),
    remedy=_SEE.format("etcd"),
    subjects=control_planes,
    skip=_etcd_skip,
)
def etcd(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read the static pod of each control plane; passes if it is Ready.

    Not asked where etcd is external.
    """
    yield from _pod(seen, "etcd", subject)


@step(
    "KS825",
    "members of etcd",
    depends=("KS824", "KS826"),
    remedy="See `etcdctl member list` and `etcdctl endpoint health --cluster` in a pod of etcd: "
    "remove a member whose machine is gone, promote a learner.",
    skip=_etcd_skip,
)
def etcd_members(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Ask etcd for its members, in one of its pods; passes if each is healthy and votes.

    Each control plane must be one of them; a member that is no control plane is a warning, as is
    an even number of them. Source: etcdctl of etcd 3.3 and later.
    """
    members = seen.observed.etcd
    if isinstance(members, Unread):
        raise FactMissing(members.reason)
    source = "etcdctl member list"
    nodes = control_planes(seen)
    for member in members:
        yield from _member(member)
        if member.name and member.name not in nodes:
            yield Finding(
                f"the member {clip(member.name)} is no control plane of this cluster",
                source=source,
                severity=Severity.WARNING,
            )
    names = {member.name for member in members}
    for node in nodes:
        if node not in names:
            yield Finding(f"{node} has no member", need=node, source=source)
    voters = sum(not member.is_learner for member in members)
    if voters and voters % 2 == 0:
        yield Finding(
            f"{voters} members vote: an even number bears no more failures than one less",
            have=str(voters),
            source=source,
            severity=Severity.WARNING,
        )
    unknown = [member.name for member in members if member.healthy is None]
    if unknown:
        raise FactMissing(f"the health of {clip(', '.join(unknown))}")


def _member(member: EtcdMember) -> Iterator[Finding]:
    name = clip(member.name) or "without a name"
    if not member.name:
        yield Finding("a member was added and has never started", source="etcdctl member list")
    elif member.is_learner:
        yield Finding(f"the member {name} is a learner: it does not vote", source="etcdctl")
    if member.healthy is False:
        why = f": {clip(member.error)}" if member.error else ""
        source = "etcdctl endpoint health"
        yield Finding(f"the member {name} is not healthy{why}", have="unhealthy", source=source)
