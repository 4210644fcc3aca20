"""Do with a token what `kubeadm join` does before it changes anything: read, nothing else."""

from __future__ import annotations

import base64
import binascii

from scanner.errors import HostUnreachable
from scanner.transport.base import Session
from scanner.verify.answered import ApiFailed
from scanner.verify.api import opened
from scanner.verify.cluster_info import CLUSTER_INFO, PUBLIC, published
from scanner.verify.configuration import KUBEADM_CONFIG
from scanner.verify.kube_proxy import CONFIG as KUBE_PROXY_CONFIG
from scanner.verify.kubeconfig import Credentials, NoCredentials, server_of
from scanner.verify.kubelet_config import kubelet_config_refs
from scanner.verify.objects import Object, Ref, collection, text
from scanner.verify.observed import Trial
from scanner.verify.tokens import Token
from scanner.verify.tunnel import way_to
from scanner.versions import Version, minor_floor

_OK, _REFUSED, _ABSENT = 200, 403, 404
_WITHOUT_PROXY = minor_floor("1.17")
"""From then on kubeadm joins a cluster that has no kube-proxy (PR#82248)."""


async def tried(
    session: Session | None,
    cluster_info: Object,
    token: Token | None,
    version: Version,
    *,
    proxy: bool,
    get_nodes: bool,
) -> Trial:
    """Use a token once; without one only cluster-info is asked for.

    Args:
        session: of the machine whose way to the server is taken; None = this machine's.
        cluster_info: names the server and its CA.
        token: whose secret is given to that server only, once its certificate was verified.
        version: of the API server.
        proxy: kube-proxy's configuration is asked for.
        get_nodes: this version lets who joins look for its own name.
    """
    cluster = published(cluster_info)
    token_id = token.id if token else ""
    try:
        host, port = server_of(text(cluster, "server"), "cluster-info")
        ca = base64.b64decode(text(cluster, "certificate-authority-data"), validate=True)
    except NoCredentials as error:
        return Trial(token_id, "", {}, str(error))
    except (ValueError, binascii.Error):
        return Trial(token_id, "", {}, "its CA is no certificate")
    server = Credentials(host, port, ca)
    answers: dict[str, int] = {}
    try:
        async with way_to(session, server) as local:
            async with opened(server, local) as nobody:
                answers[PUBLIC] = (await nobody.get(CLUSTER_INFO.path)).status
            if token is None:
                return Trial("", server.server, answers)
            mine = server.as_nobody(ca, f"{token.id}.{token.secret}")
            async with opened(mine, local) as joiner:
                answers[str(KUBEADM_CONFIG)] = (await joiner.get(KUBEADM_CONFIG.path)).status
                if proxy:
                    asked = (await joiner.get(KUBE_PROXY_CONFIG.path)).status
                    without = version >= _WITHOUT_PROXY and asked in (_REFUSED, _ABSENT)
                    answers[str(KUBE_PROXY_CONFIG)] = _OK if without else asked
                kubelet: dict[Ref, int] = {}
                for ref in kubelet_config_refs(version):
                    kubelet[ref] = (await joiner.get(ref.path)).status
                ref, status = min(kubelet.items(), key=lambda item: item[1] != _OK)
                answers[str(ref)] = status
                if get_nodes:
                    # a name that no node has: 404 tells that it may ask
                    path = f"{collection('Node')}/kscan-is-nobodys-name"
                    asked = (await joiner.get(path)).status
                    answers["nodes"] = _OK if asked == _ABSENT else asked
    except (ApiFailed, HostUnreachable) as error:
        return Trial(token_id, server.server, answers, str(error), from_here=session is None)
    return Trial(token_id, server.server, answers)
