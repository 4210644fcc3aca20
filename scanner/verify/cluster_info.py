"""Step 7: cluster-info, by which a machine that knows only a token finds the cluster and its CA."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, clip
from scanner.facts.base import FactMissing
from scanner.verify import jws
from scanner.verify.documents import of_kind
from scanner.verify.objects import Object, Ref, mapping, objects, text
from scanner.verify.rbac import USER, Right, Subject, absent, granted, in_namespace
from scanner.verify.step import Seen, step
from scanner.verify.tokens import none_left, tokens

CLUSTER_INFO = Ref("ConfigMap", "cluster-info", "kube-public")
CONFIG_MAP, SIGNATURE, RBAC = "ConfigMap", "signature", "RBAC"
_GRANT = in_namespace(
    "kube-public",
    "kubeadm:bootstrap-signer-clusterinfo",
    (Subject(USER, "system:anonymous"),),
    Right("get", "configmaps", "cluster-info"),
)


def published(cluster_info: Object) -> Object | None:
    """The cluster of its kubeconfig: `server` and `certificate-authority-data`; None if none."""
    config = of_kind(text(cluster_info, "data", "kubeconfig"), "Config")
    for cluster in objects(config, "clusters"):
        return mapping(cluster, "cluster")
    return None


def _skip(seen: Seen, subject: str) -> str | None:
    return none_left(seen) if subject == SIGNATURE else None


@step(
    "KS807",
    "cluster-info",
    number=7,
    depends=("KS806",),
    remedy="Publish it again: `kubeadm init phase bootstrap-token` on a control plane.",
    reads=lambda _version: (CLUSTER_INFO, *_GRANT.refs),
    subjects=(CONFIG_MAP, SIGNATURE, RBAC),
    skip=_skip,
)
def cluster_info(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read ConfigMap kube-public/cluster-info, its signatures, and whether anybody may read it.

    Passes if its kubeconfig names a server and a CA, each token that has not expired has signed it
    (verified here with the token), and system:anonymous may get it. The signature is SKIP where no
    token is left. Source: phases/bootstraptoken/clusterinfo of v1.20.2.
    """
    if subject == RBAC:
        yield from granted(seen.observed, _GRANT)
        return
    found = seen.observed.get(CLUSTER_INFO)
    if found is None:
        yield absent(CLUSTER_INFO)
    elif subject == SIGNATURE:
        yield from _signatures(seen, found)
    else:
        cluster = published(found)
        for key in ("server", "certificate-authority-data"):
            if not text(cluster, key):
                source = f"{CLUSTER_INFO.path} kubeconfig"
                yield Finding(f"its kubeconfig names no {key}", need=key, source=source)


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
