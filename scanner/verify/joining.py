"""Steps 10 and 11: a control plane that hosts itself, and whether a join would work."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, clip
from scanner.facts.base import FactMissing
from scanner.verify.cluster_info import CLUSTER_INFO, wrong_ca
from scanner.verify.objects import Object, Ref, name_of
from scanner.verify.observed import Listed, Trial, Unread
from scanner.verify.rbac import absent
from scanner.verify.rollout import unfinished
from scanner.verify.step import Seen, step
from scanner.verify.tokens import expected_secret, none_left, tokens

_PREFIX = "self-hosted-"
_OK = 200


def _self_hosted(seen: Seen) -> tuple[Object, ...]:
    sets = seen.observed.all(Listed.SELF_HOSTED)
    return tuple(found for found in sets if name_of(found).startswith(_PREFIX))


def _self_hosting_skip(seen: Seen, _subject: str) -> str | None:
    if not seen.left.self_hosting:
        return f"kubeadm v{seen.observed.version} cannot make one: that ended with v1.20"
    return None if _self_hosted(seen) else "not used: the control plane runs in static pods"


@step(
    "KS810",
    "self-hosted control plane",
    number=10,
    remedy="See what its pods say: `kubectl -n kube-system describe daemonset {subject}`.",
    skip=_self_hosting_skip,
)
def self_hosting(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Read the DaemonSets self-hosted-*; passes if all three are there and rolled out.

    Only until 1.20, and only where the cluster has one of them. Source: phases/selfhosting of
    v1.20.2; PR#97627.
    """
    found = {name_of(daemon_set): daemon_set for daemon_set in _self_hosted(seen)}
    for component in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        ref = Ref("DaemonSet", f"{_PREFIX}{component}", "kube-system")
        if ref.name not in found:
            yield absent(ref)
            continue
        for clause in unfinished("DaemonSet", found[ref.name]):
            yield Finding(f"{ref}: {clip(clause)}", source=f"{ref.path} status")


def _skip(seen: Seen, _subject: str) -> str | None:
    return none_left(seen)


@step(
    "KS811",
    "a join that works",
    number=11,
    depends=("KS801", "KS802", "KS806", "KS807", "KS809", "KS820"),
    remedy="Make a token: `kubeadm token create --print-join-command` on a control plane, and mend "
    "what the steps before it say.",
    skip=_skip,
)
def join_command(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Do with each token what `kubeadm join` does before it changes anything.

    From the control plane the server of cluster-info is dialled with its CA; without a login
    cluster-info is read; with the token kubeadm-config, the kubelets' configuration, kube-proxy's
    and the nodes. Passes if all of them are given and the CA's hash is that of the API server's CA.
    kube-proxy's may be missing from 1.17 on (PR#82248). SKIP where no token is left. Source:
    cmd/join.go and discovery/token of v1.20.2.
    """
    if not tokens(seen):
        missing = expected_secret(seen)
        yield Finding(f"{missing} does not exist", have="absent", need=missing)
        return
    found = seen.observed.get(CLUSTER_INFO)
    if found is None:
        yield absent(CLUSTER_INFO)
        return
    yield from wrong_ca(seen, found)
    trials = seen.observed.trials
    if isinstance(trials, Unread):
        raise FactMissing(trials.reason)
    tried = [trial for trial in trials if trial.token_id]
    if not tried:
        raise FactMissing("no token was tried")
    for trial in tried:
        yield from _tried(trial)
    if away := next((trial for trial in tried if trial.error and trial.from_here), None):
        raise FactMissing(f"{away.server} is not reached from this machine: {away.error}")


def _tried(trial: Trial) -> Iterator[Finding]:
    token = f"the token {clip(trial.token_id)}"
    for asked, status in trial.answers.items():
        if status != _OK:
            said = f"the API server answers {status} to {token} where it asks for {asked}"
            yield Finding(said, have=str(status), need=str(_OK), source=asked)
    if trial.error and not trial.from_here:
        server = f" {clip(trial.server)}" if trial.server else ""
        yield Finding(f"a join with {token} would not reach the cluster{server}: {trial.error}")
