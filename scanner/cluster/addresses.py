"""Addresses as hosts, etcd and the API tell them, in one spelling: IPv6 has several."""

from __future__ import annotations

import ipaddress


def spelled(text: str) -> str:
    """An address in its usual spelling, without a zone; empty for what is none."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return ""
