"""kubectl on a control plane by its own API server, wherever controlPlaneEndpoint leads to.

admin.conf names the endpoint, and that may be an address or a name of the very host that is reset:
after it nobody answers there. The API server listens where its own manifest says, and kubeadm
gives its certificate the address that it advertises, so that TLS is verified as ever, by the CA in
admin.conf. With a certificate of somebody's own without that address kubectl refuses, which is
before the first change. Where there is no such manifest, admin.conf counts as it is. Source:
phases/controlplane/manifests.go and util/pkiutil/pki_helpers.go (GetAPIServerAltNames), v1.14 and
v1.20.2.
"""

from __future__ import annotations

from scanner.cluster.steps.manifest_flag import FLAG

# The operator's proxy is not for the host's own address; Go goes by NO_PROXY.
_BY_OWN = """\
address=$(flag kube-apiserver advertise-address) port=$(flag kube-apiserver secure-port)
export NO_PROXY="${NO_PROXY:-${no_proxy-}},$address"
case $address in *:*) address=[$address] ;; esac
set -- --kubeconfig /etc/kubernetes/admin.conf
[ -z "$address" ] || set -- "$@" --server "https://$address:${port:-6443}"
"""
OWN_KUBECTL = 'kubectl "$@"'
"""In a text of `by_own_api`, and only there."""


def by_own_api(text: str) -> str:
    """Shell text in which OWN_KUBECTL asks the API server of the host that it runs on.

    Args:
        text: it may not use the positional parameters for anything else.
    """
    return f"{FLAG}{_BY_OWN}{text}"
