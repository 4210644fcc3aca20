"""The syntax of what is dialled: addresses, ports, networks, endpoints. Or ValueError."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from scanner.inventory.problems import quoted

_ALIAS = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+")
_IP_CHARACTERS = re.compile(r"[A-Za-z0-9.:%_-]+")
_NUMERIC = re.compile(r"[0-9.]+")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_MAX_PORT = 65_535
_MAX_NAME = 253
_FAMILIES = 2
_BROADCAST = ipaddress.IPv4Address("255.255.255.255")


def port(text: str) -> int:
    """A TCP port."""
    if not _PORT.fullmatch(text) or int(text) > _MAX_PORT:
        raise ValueError(f"expected a port between 1 and {_MAX_PORT}, not {quoted(text)}")
    return int(text)


def address(text: str) -> str:
    """An IP address (in its usual spelling), a DNS name or a Host alias of ~/.ssh/config."""
    if (found := _ip(text)) is not None:
        return str(found)
    if _NUMERIC.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not an IP address")
    if not _ALIAS.fullmatch(text):
        hint = "; the user has the key user" if "@" in text else ""
        if re.fullmatch(r"[^:]+:[0-9]+", text):
            hint = "; the port has the key port"
        raise ValueError(f"{quoted(text)} is not an IP address, a DNS name or an SSH alias{hint}")
    return text


def ip_literal(text: str) -> str:
    """An IP address without a zone, in its usual spelling."""
    found = _ip(text)
    if found is None or getattr(found, "scope_id", None):
        raise ValueError(f"{quoted(text)} is not an IP address")
    return str(found)


def advertised_ip(text: str) -> str:
    """An IP address for an API server; the other ones that kubeadm refuses are KS116's."""
    found = ip_literal(text)
    if ipaddress.ip_address(found).is_unspecified:
        raise ValueError(
            f"{quoted(text)} is no address, but all of them: leave it out, or give one of the"
            " host's own"
        )
    return found


def own_address(text: str) -> str:
    """An address or a name by which other hosts reach this one; the kubelet refuses others.

    Source: kubelet_node_status.go validateNodeIP of v1.20.2.
    """
    found = address(text)
    if _ip(found) is not None and advertisable(found) is None:
        raise ValueError(
            f"{quoted(text)} is {_why_not(found)}: expected an address of the host that the others"
            " reach"
        )
    return found


def _why_not(text: str) -> str:
    found = ipaddress.ip_address(text)
    if found.is_loopback:
        return "a loopback address"
    if found.is_unspecified:
        return "no address, but all of them"
    return "a multicast address" if found.is_multicast else "link-local or reserved"


def advertisable(text: str) -> str | None:
    """The address if other hosts can dial it as it stands: no name, loopback or link-local one."""
    found = _ip(text)
    if found is None or found.is_loopback or found.is_link_local or found == _BROADCAST:
        return None
    return None if found.is_unspecified or found.is_multicast else str(found)


def networks(text: str) -> tuple[str, ...]:
    """One CIDR, or an IPv4 and an IPv6 one with a comma between (dual stack); empty for none."""
    if not text:
        return ()
    found = [_network(part.strip()) for part in text.split(",")]
    if len(found) > _FAMILIES or len({network.version for network in found}) < len(found):
        raise ValueError(
            f"{quoted(text)}: expected one network, or one of IPv4 and one of IPv6 (dual stack)"
        )
    return tuple(str(network) for network in found)


def endpoint(text: str) -> str:
    """`host[:port]` of the API server, an IPv6 address with a port in brackets; may be empty."""
    if not text:
        return text
    if "://" in text:
        raise ValueError(f"{quoted(text)}: expected host[:port] without a scheme")
    if _ip(text) is not None:
        return text
    host, colon, number = text.rpartition(":")
    if colon:
        port(number)
    else:
        host = text
    if host.startswith("[") and _ip(host) is not None:
        return text
    if len(host) > _MAX_NAME or not (_DOMAIN.fullmatch(host) or _is_ip4(host)):
        raise ValueError(f"{quoted(text)}: expected host[:port], an IPv6 address in brackets")
    if _NUMERIC.fullmatch(host) and not _is_ip4(host):
        raise ValueError(f"{quoted(host)} is not an IP address")
    return text


def etcd_endpoint(text: str) -> str:
    """A URL of an external etcd member, `https://10.0.0.5:2379`."""
    # what stands before an @ may be a password
    shown = quoted(re.sub(r"//.*@", "//...@", text))
    expected = f"{shown}: expected a URL such as https://10.0.0.5:2379"
    try:
        url = urlsplit(text)
        host, number = url.hostname, url.port
    except ValueError:
        raise ValueError(expected) from None
    extra = url.path not in ("", "/") or url.query or url.fragment or url.username is not None
    if url.scheme not in ("http", "https") or not host or not number or extra:
        raise ValueError(expected)
    address(host)
    return text


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") and ":" in text else text
    if not _IP_CHARACTERS.fullmatch(bare):  # the zone after % may hold anything for ipaddress
        return None
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        return None


def _is_ip4(text: str) -> bool:
    return isinstance(_ip(text), ipaddress.IPv4Address)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    if "/" not in text:
        raise ValueError(f"{quoted(text)} is not a network: expected a CIDR such as 10.244.0.0/16")
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        inside = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{quoted(text)} is not a network: expected a CIDR such as 10.244.0.0/16"
        ) from None
    raise ValueError(f"{quoted(text)} has host bits set, did you mean {inside}?")
