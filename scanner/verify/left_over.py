"""What is in the cluster only for joins, and that they are over."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, Severity, clip
from scanner.verify.observed import Listed
from scanner.verify.step import Seen, step
from scanner.verify.tokens import MADE_BY_KSCAN, Token, token_of

_OF_CERTIFICATES = "kubeadm-certs"


def _while_joining(seen: Seen, _subject: str) -> str | None:
    if seen.expected.token_id:
        return "hosts have just joined with them: they are revoked after this"
    return None


@step(
    "KS830",
    "secrets of joins that are over",
    remedy="If nobody is joining now, delete it: `kubectl -n kube-system delete secret NAME`; "
    "kubeadm-certs goes with the token that is named.",
    skip=_while_joining,
    severity=Severity.WARNING,
)
def left_over(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Read the tokens of kube-system for what was made for a join; passes if there is none left.

    That is a token of kscan's own, whose run has not come to its end, and the one that keeps
    kubeadm-certs, the control plane's certificates: encrypted, for two hours, whoever has uploaded
    them. `kscan init` and `join` revoke what their journal knows of. Source:
    phases/copycerts of v1.20.2.
    """
    for token in map(token_of, seen.observed.all(Listed.TOKENS)):
        if not token.is_expired(seen.expected.now) and (what := _what(token)):
            yield Finding(
                f"Secret {clip(token.name)} {what}",
                have=clip(token.name),
                need="absent",
                source="/api/v1/namespaces/kube-system/secrets",
            )


def _what(token: Token) -> str:
    until = f"until {clip(token.expiration)}" if token.expiration else "for ever"
    if token.description == MADE_BY_KSCAN:
        return f"lets hosts join {until}: kscan has made it, in a run that was not finished"
    if not token.is_for_joining and _OF_CERTIFICATES in token.description:
        return f"keeps Secret kubeadm-certs there {until}"
    return ""
