"""Secrets that live for the joins only: minted just before, revoked at the end."""

from __future__ import annotations

import base64

from scanner.cluster.action import CERTIFICATE_KEY, KUBECTL, Action, Command, File, Gives
from scanner.cluster.phase import Phase
from scanner.cluster.plan import Plan
from scanner.kubeadm.after_init import TOKEN_TYPE
from scanner.kubeadm.config import Extras, init_documents, text
from scanner.kubeadm.config_api import ConfigApi
from scanner.target import Role

DESCRIPTION = "made by kscan for its joins and revoked by it"
_KEY_CONFIG = "upload-certs.yaml"


def _token(plan: Plan, host: str) -> tuple[Action, ...]:
    ttl = plan.token_ttl
    command = f"kubeadm token create --ttl {ttl} --description '{DESCRIPTION}' --print-join-command"
    return (Command(host, command, gives=Gives.JOIN_COMMAND),)


def _certificate_key(plan: Plan, host: str) -> tuple[Action, ...]:
    """kubeadm encrypts the control plane's certificates with a key that kscan has made."""
    member = plan.member(host)
    api = ConfigApi.of(member.target.kubeadm)
    words = ["kubeadm init phase upload-certs", api.upload_option]
    if api.certificate_key:
        extras = Extras(certificate_key=CERTIFICATE_KEY)
        # of the user's own documents none says anything about certificates
        init = init_documents(member.target, member.host, extras)[:2]
        files = (File(_KEY_CONFIG, text(init)),)
        words += ["--config", _KEY_CONFIG]
    else:  # v1beta1 has no field for the key: the one secret that is in a command line
        files = (File("certificate-key", f"{CERTIFICATE_KEY}\n"),)
        words.append('--certificate-key "$(cat certificate-key)"')
    words.append("--skip-certificate-key-print")
    return (Command(host, " ".join(words), files),)


_ENCODED = base64.b64encode(DESCRIPTION.encode()).decode()
_SYSTEM = f"{KUBECTL} -n kube-system"
REVOKE = f"""\
set -e
list=$({_SYSTEM} get secrets --field-selector type={TOKEN_TYPE} \\
	--no-headers -o custom-columns=N:.metadata.name,D:.data.description) || exit 1
while read -r name description; do
	[ "$description" != {_ENCODED} ] ||
		{_SYSTEM} delete secret "$name" --ignore-not-found </dev/null || exit 1
done <<EOF
$list
EOF
"""
# The Secret of the certificates belongs to a token of kubeadm's own, and goes with it.
REVOKE_CERTIFICATES = f"""\
set -e
owner=$({_SYSTEM} get secret kubeadm-certs --ignore-not-found \\
	-o 'jsonpath={{.metadata.ownerReferences[0].name}}')
{_SYSTEM} delete secret kubeadm-certs $owner --ignore-not-found
"""


def _revoke(plan: Plan, host: str) -> tuple[Action, ...]:
    tokens = Command(host, REVOKE)
    if not plan.to_join(Role.JOIN_CONTROL_PLANE):
        return (tokens,)
    return (Command(host, REVOKE_CERTIFICATES), tokens)


MINT = Phase(
    "token",
    "a bootstrap token for the joins, on {host}",
    lambda plan: (plan.master,) if plan.joins else (),
    _token,
)
UPLOAD_CERTIFICATES = Phase(
    "certificates",
    "the control plane's certificates, encrypted, into the cluster, on {host}",
    lambda plan: (plan.master,) if plan.to_join(Role.JOIN_CONTROL_PLANE) else (),
    _certificate_key,
)
REVOKE_ALL = Phase(
    "revoke",
    "the token and the certificates revoked, on {host}",
    lambda plan: (plan.master,),  # an earlier run may have left some
    _revoke,
    always=True,
)
