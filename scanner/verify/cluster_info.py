"""Step 7: cluster-info, by which a machine that knows only a token finds the cluster and its CA."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from scanner.checks.rule import Finding, clip, every_part
from scanner.facts.base import FactMissing
from scanner.verify import jws
from scanner.verify.ca_hash import ca_hash
from scanner.verify.documents import of_kind
from scanner.verify.objects import Object, Ref, mapping, objects, text
from scanner.verify.observed import Trial, Unread
from scanner.verify.rbac import USER, Right, Subject, absent, granted, in_namespace
from scanner.verify.step import Seen, step
from scanner.verify.tokens import none_left, tokens

CLUSTER_INFO = Ref("ConfigMap", "cluster-info", "kube-public")
PUBLIC = f"{CLUSTER_INFO} (without a login)"
"""The first thing that a machine asks for that joins."""
_CA_DATA = "certificate-authority-data"
_OK = 200
CONFIG_MAP, SIGNATURE, RBAC = "ConfigMap", "signature", "RBAC"
_GRANT = in_namespace(
    "kube-public",
    "kubeadm:bootstrap-signer-clusterinfo",
    (Subject(USER, "system:anonymous"),),
    Right("get", "configmaps", "cluster-info"),
)


def _clusters(cluster_info: Object) -> tuple[Object, ...]:
    config = of_kind(text(cluster_info, "data", "kubeconfig"), "Config")
    return tuple(mapping(cluster, "cluster") for cluster in objects(config, "clusters"))


def published(cluster_info: Object) -> Object | None:
    """The cluster of its kubeconfig: `server` and `certificate-authority-data`; None if none."""
    return next(iter(_clusters(cluster_info)), None)


def _published_ca(cluster_info: Object) -> str:
    """The hash of its CA; empty if it has none."""
    try:
        return ca_hash(base64.b64decode(text(published(cluster_info), _CA_DATA)))
    except (ValueError, binascii.Error):
        return ""


def same_ca(cluster_info: Object, ca: str) -> bool:
    """True if cluster-info names the CA of this hash, and there is one."""
    return bool(ca) and _published_ca(cluster_info) == ca


def wrong_ca(seen: Seen, cluster_info: Object) -> Iterator[Finding]:
    """What is wrong with its CA: it must be the one of the API server.

    Raises:
        FactMissing: that one is not known.
    """
    source = f"{CLUSTER_INFO.path} {_CA_DATA}"
    have = _published_ca(cluster_info)
    if not have:
        yield Finding("the CA of cluster-info is no certificate", source=source)
    elif not seen.observed.ca:
        raise FactMissing("the CA that the API server was verified with cannot be read")
    elif have != seen.observed.ca:
        yield Finding(
            "the CA of cluster-info is not the one of the API server",
            have=have,
            need=seen.observed.ca,
            source=source,
        )


def _skip(seen: Seen, subject: str) -> str | None:
    return none_left(seen) if subject == SIGNATURE else None


@step(
    "KS807",
    "cluster-info",
    number=7,
    depends=("KS806", "KS820"),
    remedy="Publish it again: `kubeadm init phase bootstrap-token` on a control plane.",
    reads=lambda _version: (CLUSTER_INFO, *_GRANT.refs),
    subjects=(CONFIG_MAP, SIGNATURE, RBAC),
    skip=_skip,
)
def cluster_info(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read ConfigMap kube-public/cluster-info, its signatures, and whether anybody may read it.

    Passes if its kubeconfig names one cluster, with the CA of the API server and a server that
    gives cluster-info to who has no login, as to a machine that joins; if each token that has not
    expired has signed it (verified here with the token); and if system:anonymous may get it. The
    signature is SKIP where no token is left. Source: phases/bootstraptoken/clusterinfo and
    discovery/token of v1.20.2.
    """
    if subject == RBAC:
        yield from every_part(granted(seen.observed, _GRANT), _refused(seen))
        return
    found = seen.observed.get(CLUSTER_INFO)
    if found is None:
        yield absent(CLUSTER_INFO)
    elif subject == SIGNATURE:
        yield from _signatures(seen, found)
    else:
        yield from every_part(_one_cluster(found), wrong_ca(seen, found), _reached(seen))


def _one_cluster(found: Object) -> Iterator[Finding]:
    source = f"{CLUSTER_INFO.path} kubeconfig"
    clusters = _clusters(found)
    if len(clusters) != 1:
        said = f"its kubeconfig has {len(clusters)} clusters, and kubeadm join takes one that has 1"
        yield Finding(said, str(len(clusters)), "1", source)
    elif not text(clusters[0], "server"):
        yield Finding("its kubeconfig names no server", need="server", source=source)


def _asked(seen: Seen) -> Trial | None:
    """How its server was asked without a login; None where there was nothing to ask."""
    trials = seen.observed.trials
    return None if isinstance(trials, Unread) else next(iter(trials), None)


def _reached(seen: Seen) -> Iterator[Finding]:
    trial = _asked(seen)
    if trial is None or PUBLIC in trial.answers or not trial.error:
        return
    if trial.from_here:
        raise FactMissing(f"its server is not reached from this machine: {trial.error}")
    server = f" {clip(trial.server)}" if trial.server else ""
    said = f"a machine that joins would not reach its server{server}: {clip(trial.error)}"
    yield Finding(said, source=f"{CLUSTER_INFO.path} server")


def _refused(seen: Seen) -> Iterator[Finding]:
    trial = _asked(seen)
    status = _OK if trial is None else trial.answers.get(PUBLIC, _OK)
    if status != _OK:
        said = f"the API server answers {status} to who asks for it without a login"
        yield Finding(said, str(status), str(_OK), CLUSTER_INFO.path)


def _signatures(seen: Seen, found: Object) -> Iterator[Finding]:
    content = text(found, "data", "kubeconfig")
    signing = [token for token in tokens(seen) if token.signing]
    if not signing:
        raise FactMissing("there is no token that signs")
    for token in signing:
        key = f"jws-kubeconfig-{token.id}"
        signature = text(found, "data", key)
        wrong = (
            jws.problem(signature, content, token.id, token.secret) if signature else "is absent"
        )
        if wrong:
            said = "it has no signature" if not signature else "the signature is wrong"
            detail = "" if not signature else f": {wrong}"
            yield Finding(
                f"{said} of the token {clip(token.id)}{detail}",
                have="absent" if not signature else wrong,
                need=clip(key),
                source=CLUSTER_INFO.path,
                remedy="See why kube-controller-manager does not sign it: bootstrapsigner must be "
                "among its --controllers.",
            )
