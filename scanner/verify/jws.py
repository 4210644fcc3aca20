"""The signature of cluster-info: a detached JWS (RFC 7515, appendix F) made with a token.

Source: cluster-bootstrap/token/jws of v1.20.2: HS256, `kid` is the token's id, the key its secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json


def sign(content: str, token_id: str, secret: str) -> str:
    """Header, nothing, signature, as kube-controller-manager writes them."""
    header = json.dumps({"alg": "HS256", "kid": token_id}, separators=(",", ":"))
    protected = _encode(header.encode())
    return f"{protected}..{_mac(protected, content, secret)}"


def problem(signature: str, content: str, token_id: str, secret: str) -> str:
    """What is wrong with a signature; empty if it is this token's, of this content."""
    protected, payload, mac = [*signature.split("."), "", "", ""][:3]
    if signature.count(".") != 2 or payload:  # noqa: PLR2004 - three parts
        return "it is no detached JWS"
    try:
        header = json.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return "its header cannot be read"
    if not isinstance(header, dict) or header.get("alg") != "HS256":
        return "it is not made with HS256"
    if header.get("kid") != token_id:
        return "it is made with another token"
    if not hmac.compare_digest(mac.encode(), _mac(protected, content, secret).encode()):
        return "it is not made with this token's secret, or not of this kubeconfig"
    return ""


def _mac(protected: str, content: str, secret: str) -> str:
    signed = f"{protected}.{_encode(content.encode())}"
    return _encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
