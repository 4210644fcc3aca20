"""The hash of a CA's public key, as `kubeadm join --discovery-token-ca-cert-hash` takes it."""

from __future__ import annotations

import hashlib

from scanner.verify import der


def ca_hash(certificate: bytes) -> str:
    """`sha256:` and hex digits, of SubjectPublicKeyInfo.

    Args:
        certificate: PEM; of several the first counts.

    Raises:
        ValueError: it is no certificate.
    """
    *_, key = der.fields(certificate)
    return f"sha256:{hashlib.sha256(key).hexdigest()}"
