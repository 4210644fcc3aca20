"""The certificates that already lie on a host: do they outlive the installation?"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip
from scanner.facts.base import FactMissing, Facts
from scanner.facts.certificates import Certificates
from scanner.kubeadm.limits import CERTIFICATE_DAYS
from scanner.target import Target

_SOURCE = "/etc/kubernetes/pki, /var/lib/kubelet/pki"


@check(
    "KS316",
    "validity of certificates",
    applies(ALL, Severity.ERROR, own=True),
    kubeadm=None,
    remedy="Run `kubeadm certs renew all` (before 1.20 `kubeadm alpha certs renew all`) on a member"
    " of a cluster, or remove certificates that are left from an old one; kubeadm uses what it "
    "finds.",
)
def validity(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Read until when the certificates on the host are valid; passes from 30 days on, or with none.

    Of each *.crt in /etc/kubernetes/pki and pki/etcd and of the kubelet's client certificate only
    notAfter is read, and judged by this machine's clock when the host answered. One that has ended
    is an error, one that ends in less than 30 days a warning.
    """
    certificates = facts[Certificates]
    expiry = sorted((end, path) for path, end in certificates.expiry.items())
    if expiry and target.now is None:
        raise FactMissing("when the host answered is not known")
    if expiry and target.now is not None:
        limit = target.now + datetime.timedelta(days=CERTIFICATE_DAYS)
        ended = [(end, path) for end, path in expiry if end < target.now]
        ending = [(end, path) for end, path in expiry if target.now <= end < limit]
        if ended:
            yield _finding("certificates have expired", ended, Severity.ERROR)
        if ending:
            sentence = f"certificates expire in less than {CERTIFICATE_DAYS} days"
            yield _finding(sentence, ending, Severity.WARNING)
    if certificates.unread:
        paths = clip(", ".join(certificates.unread))
        raise FactMissing(f"the validity of certificates cannot be read: {paths}")
    if not certificates.complete:
        raise FactMissing("there are more than 20 certificates")


def _finding(
    sentence: str, expiry: Iterable[tuple[datetime.datetime, str]], severity: Severity
) -> Finding:
    named = clip(", ".join(f"{path} ({end:%Y-%m-%d})" for end, path in expiry))
    return Finding(
        f"{sentence}: {named}",
        have=named,
        need=f"valid for {CERTIFICATE_DAYS} days",
        source=_SOURCE,
        severity=severity,
    )
