"""What admin.conf tells: whose cluster it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

_CA = re.compile(r"certificate-authority-data:\s*([A-Za-z0-9+/=]+)")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def ca_of(kubeconfig: str) -> str:
    """The CA as `Node.ca` has it: SHA-256 of its first certificate's base64 text; empty if none.

    Args:
        kubeconfig: as kubeadm writes it.
    """
    found = _CA.search(kubeconfig)
    if found is None:
        return ""
    try:
        pem = base64.b64decode(found[1], validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        return ""
    certificate = _CERTIFICATE.search(pem)
    if certificate is None:
        return ""
    return hashlib.sha256("".join(certificate[1].split()).encode()).hexdigest()
