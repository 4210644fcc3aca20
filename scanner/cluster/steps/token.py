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
from scanner.verify.tokens import KEEPS_CERTIFICATES, MADE_BY_KSCAN

TOKENS, CERTIFICATES = "revoke", "revoke-certificates"
"""Names of the phases that take them back."""
_OWED = frozenset({TOKENS, CERTIFICATES})
_KEY_CONFIG = "upload-certs.yaml"


def token_ttl(plan: Plan) -> str:
    """As Go writes a duration."""
    return f"{plan.token_hours}h0m0s"


def _token(plan: Plan, host: str) -> tuple[Action, ...]:
    words = f"--ttl {token_ttl(plan)} --description '{MADE_BY_KSCAN}'"
    command = f"kubeadm token create {words} --print-join-command"
    return (Command(host, command, gives=Gives.JOIN_COMMAND),)


def _certificate_key(plan: Plan, host: str) -> tuple[Action, ...]:
    """kubeadm encrypts the control plane's certificates with a key that kscan has made.

    It is told the cluster's own configuration, as it would take etcd for a local one without, and
    leave out the client certificate of an external one.

    1.14 has v1beta1 and no field for the key: it takes --certificate-key beside --config (PR#74671;
    cmd/init.go of 1.14 hands the option to the phase whatever the file says). From 1.15 on the two
    exclude each other, and the key is a field (PR#78542). Whether 1.14 knows
    --skip-certificate-key-print for this phase too is not known; what it prints is shown and kept
    without the key.
    """
    member = plan.member(host)
    api = ConfigApi.of(member.target.kubeadm)
    extras = Extras(certificate_key=CERTIFICATE_KEY)  # left out where there is no such field
    # of the user's own documents none says anything about certificates
    init = init_documents(member.target, member.host, extras)[:2]
    files = [File(_KEY_CONFIG, text(init))]
    words = ["kubeadm init phase upload-certs", api.upload_option, "--config", _KEY_CONFIG]
    if api.certificate_key:
        words.append("--skip-certificate-key-print")
    else:  # the one secret that is in a command line
        files.append(File("certificate-key", f"{CERTIFICATE_KEY}\n"))
        words.append('--certificate-key "$(cat certificate-key)"')
    return (Command(host, " ".join(words), tuple(files)),)


_SYSTEM = f"{KUBECTL} -n kube-system"
# After an init that did not come so far there is nobody to be asked, and nothing to be revoked.
_NO_CLUSTER = "[ -e /etc/kubernetes/admin.conf ] || exit 0"


def _encoded(description: str) -> str:
    """As a Secret has it, without a space."""
    return base64.b64encode(description.encode()).decode()


def _deleted(description: str) -> str:
    """Every token with this description, of whichever run."""
    return f"""\
list=$({_SYSTEM} get secrets --field-selector type={TOKEN_TYPE} \\
	--no-headers -o custom-columns=N:.metadata.name,D:.data.description) || exit 1
while read -r name description; do
	[ "$description" != {_encoded(description)} ] ||
		{_SYSTEM} delete secret "$name" --ignore-not-found </dev/null || exit 1
done <<EOF
$list
EOF
"""


REVOKE = f"set -e\n{_NO_CLUSTER}\n{_deleted(MADE_BY_KSCAN)}"
# kubeadm makes a token before the Secret, which belongs to it: an upload that was killed in between
# leaves the token alone, as does one that goes on below the next run's own.
REVOKE_CERTIFICATES = f"""\
set -e
{_NO_CLUSTER}
{_SYSTEM} delete secret kubeadm-certs --ignore-not-found
{_deleted(KEEPS_CERTIFICATES)}"""


def _left(plan: Plan, host: str) -> tuple[Action, ...]:
    """Certificates that kscan has not uploaded stay: somebody may be joining with them."""
    tokens = Command(host, REVOKE)
    return (_certificates(host), tokens) if CERTIFICATES in plan.owed else (tokens,)


def _certificates(host: str) -> Command:
    return Command(host, REVOKE_CERTIFICATES)


LEFT = Phase(
    "revoke-left",
    "what a run that was ended has left in the cluster revoked, on {host}",
    lambda plan: (plan.master,) if plan.owed & _OWED and plan.member(plan.master).joined else (),
    _left,
    settles=_OWED,
)


MINT = Phase(
    "token",
    "a bootstrap token for the joins, on {host}",
    lambda plan: (plan.master,) if plan.joins else (),
    _token,
    owes=TOKENS,
)
UPLOAD_CERTIFICATES = Phase(
    "certificates",
    "the control plane's certificates, encrypted, into the cluster, on {host}",
    lambda plan: (plan.master,) if plan.to_join(Role.JOIN_CONTROL_PLANE) else (),
    _certificate_key,
    owes=CERTIFICATES,
)
REVOKE_UPLOADED = Phase(
    CERTIFICATES,
    "the certificates taken out of the cluster, on {host}",
    lambda plan: (plan.master,) if plan.to_join(Role.JOIN_CONTROL_PLANE) else (),
    lambda _plan, host: (_certificates(host),),
    always=True,
    settles=frozenset({CERTIFICATES}),
)
REVOKE_TOKENS = Phase(
    TOKENS,
    "the token revoked, on {host}",
    lambda plan: (plan.master,),  # one that the journal knows nothing of may be left
    lambda _plan, host: (Command(host, REVOKE),),
    always=True,
    settles=frozenset({TOKENS}),
)
