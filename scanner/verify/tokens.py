"""Step 6: bootstrap tokens, and what one who comes with such a token may do."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.checks.rule import Finding, clip, every_part
from scanner.kubeadm.after_init import BOOTSTRAPPERS, NODES, after_init
from scanner.verify.objects import Object, Ref, mapping, name_of, text
from scanner.verify.observed import Listed
from scanner.verify.rbac import Grant, Right, everywhere, granted, groups, refs
from scanner.verify.step import Seen, step
from scanner.versions import Version

SECRET = "Secret"  # noqa: S105 - a kind
RBAC = "RBAC"
MADE_BY_KSCAN = "made by kscan for its joins and revoked by it"
"""The description of such a token."""
KEEPS_CERTIFICATES = "Proxy for managing TTL for the kubeadm-certs secret"
"""kubeadm's own, of the token that the Secret belongs to (phases/copycerts, 1.14 to 1.28)."""
EXPIRED = "no bootstrap token is left: tokens expire, and nobody can join without a new one"
_ID = re.compile(r"[a-z0-9]{6}\Z")
_SECRET = re.compile(r"[a-z0-9]{16}\Z")
_PREFIX = "bootstrap-token-"
_SIGNING, _AUTHENTICATION = "usage-bootstrap-signing", "usage-bootstrap-authentication"
_CSR = "system:certificates.k8s.io:certificatesigningrequests"


@dataclass(frozen=True, slots=True)
class Token:
    """A Secret of the type bootstrap.kubernetes.io/token; its secret is for signatures only."""

    name: str
    """Of the Secret."""
    id: str
    secret: str = field(repr=False)
    groups: tuple[str, ...]
    signing: bool
    authentication: bool
    expiration: str
    """RFC 3339; empty: it never expires."""
    description: str = ""

    @property
    def is_for_joining(self) -> bool:
        """False for the one that kubeadm makes only so that kubeadm-certs is deleted in time."""
        return self.signing or self.authentication or bool(self.groups)

    def is_expired(self, now: datetime.datetime) -> bool:
        """True if it must not be accepted any more; a time that cannot be read has passed."""
        if not self.expiration:
            return False
        try:
            until = datetime.datetime.fromisoformat(self.expiration)
        except ValueError:
            return True
        return (until if until.tzinfo else until.replace(tzinfo=datetime.UTC)) <= now


def token_of(secret: Object) -> Token:
    """Read one; what is missing is empty."""
    data = mapping(secret, "data")
    return Token(
        name_of(secret),
        _plain(data, "token-id"),
        _plain(data, "token-secret"),
        tuple(filter(None, _plain(data, "auth-extra-groups").split(","))),
        _plain(data, _SIGNING) == "true",
        _plain(data, _AUTHENTICATION) == "true",
        _plain(data, "expiration"),
        _plain(data, "description"),
    )


def tokens(seen: Seen) -> tuple[Token, ...]:
    """All that are there for joining; one that was just made stands alone.

    Raises:
        FactMissing: they could not be read.
    """
    found = tuple(map(token_of, seen.observed.all(Listed.TOKENS)))
    asked = seen.expected.token_id
    if asked:
        return tuple(token for token in found if token.name == f"{_PREFIX}{asked}")
    now = seen.expected.now
    return tuple(token for token in found if token.is_for_joining and not token.is_expired(now))


def none_left(seen: Seen) -> str | None:
    """Why nothing is asked of tokens; None if there is one, or must be."""
    return None if seen.expected.token_id or tokens(seen) else EXPIRED


def expected_secret(seen: Seen) -> str:
    """The Secret of the token that must be there."""
    return str(Ref("Secret", f"{_PREFIX}{seen.expected.token_id}", "kube-system"))


def _skip(seen: Seen, subject: str) -> str | None:
    return none_left(seen) if subject == SECRET else None


_JOINERS = groups(BOOTSTRAPPERS)


def _grants(version: Version) -> tuple[Grant, ...]:
    left = after_init(version)
    grants = [
        everywhere("kubeadm:kubelet-bootstrap", _JOINERS, role="system:node-bootstrapper"),
        everywhere("kubeadm:node-autoapprove-bootstrap", _JOINERS, role=f"{_CSR}:nodeclient"),
        everywhere(
            "kubeadm:node-autoapprove-certificate-rotation",
            groups(NODES),
            role=f"{_CSR}:selfnodeclient",
        ),
    ]
    if left.get_nodes:
        grants.append(everywhere("kubeadm:get-nodes", _JOINERS, Right("get", "nodes")))
    return tuple(grants)


@step(
    "KS806",
    "bootstrap token",
    number=6,
    remedy="Make a token: `kubeadm token create`; give its rights back: `kubeadm init phase "
    "bootstrap-token`.",
    reads=lambda version: refs(_grants(version)),
    subjects=(SECRET, RBAC),
    skip=_skip,
)
def bootstrap_token(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read the bootstrap tokens of kube-system, and the rights of who comes with one.

    Passes if each token that has not expired has its fields (id and secret of the right form, both
    usages, kubeadm's group), and the group may ask for a certificate, has it approved and renewed,
    and from 1.18 on may look whether its name is taken. SKIP where no token is left: they expire
    after 24 hours. Source: phases/bootstraptoken of v1.20.2; PR#81056.
    """
    if subject == RBAC:
        yield from granted(seen.observed, *_grants(seen.observed.version))
        return
    found = tokens(seen)
    if not found:
        missing = expected_secret(seen)
        yield Finding(f"{missing} does not exist", have="absent", need=missing)
    yield from every_part(*(_fields(token) for token in found))


def _fields(token: Token) -> Iterator[Finding]:
    ref = Ref("Secret", token.name, "kube-system")
    name = clip(token.name)
    if not _ID.match(token.id) or token.name != f"{_PREFIX}{token.id}":
        yield Finding(f"Secret {name} has no token-id of its name", source=f"{ref.path} token-id")
    if not _SECRET.match(token.secret):
        yield Finding(
            f"Secret {name} has no token-secret of 16 characters", source=f"{ref.path} token-secret"
        )
    for usage, has in ((_SIGNING, token.signing), (_AUTHENTICATION, token.authentication)):
        if not has:
            yield Finding(
                f"Secret {name} does not say {usage}: true", need="true", source=f"{ref.path}"
            )
    if BOOTSTRAPPERS not in token.groups:
        yield Finding(
            f"Secret {name} does not name the group {BOOTSTRAPPERS}",
            have=clip(",".join(token.groups)),
            need=BOOTSTRAPPERS,
            source=f"{ref.path} auth-extra-groups",
        )


def _plain(data: Object, key: str) -> str:
    try:
        return base64.b64decode(text(data, key), validate=True).decode()
    except (ValueError, binascii.Error):
        return ""
