"""Which proxy a Go program would use for an https request, from its environment.

What is done here is what golang.org/x/net/http/httpproxy does, and the wrapper around it in
k8s.io/apimachinery (util/net/http.go, v1.20.2), which honours the same networks of NO_PROXY once
more. Nothing is connected.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy, and the variable that names it."""

    url: str
    variable: str


_HTTPS = ("HTTPS_PROXY", "https_proxy")
_HTTP = ("HTTP_PROXY", "http_proxy")


def proxy_for(
    host: str, port: str, variables: Mapping[str, str], *, http_too: bool = False
) -> Proxy | None:
    """The proxy of a GET of https://host:port; None = a direct connection.

    Args:
        host: a name, or an address without brackets.
        port: of the URL; 443 where it has none. Only entries of NO_PROXY with a port look at it.
        variables: HTTPS_PROXY, NO_PROXY and the same in lower case, those that are set.
        http_too: HTTP_PROXY counts where HTTPS_PROXY names no proxy.
    """
    proxy = _named_by(variables, _HTTPS)
    if proxy is None and http_too:
        proxy = _named_by(variables, _HTTP)
    exceptions = _first_set(variables, "NO_PROXY", "no_proxy")
    if proxy is None or _direct(host, port, variables[exceptions] if exceptions else ""):
        return None
    return proxy


def _named_by(variables: Mapping[str, str], names: tuple[str, ...]) -> Proxy | None:
    variable = _first_set(variables, *names)
    url = None if variable is None else _proxy_url(variables[variable])
    return None if variable is None or url is None else Proxy(url, variable)


def _first_set(variables: Mapping[str, str], *names: str) -> str | None:
    return next((name for name in names if variables.get(name)), None)


_SCHEME = re.compile(r"(?:https?|socks5)://", re.IGNORECASE)
_OPAQUE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^/]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(
    r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:\[\]<>\"\x80-\U0010ffff]|%25|%[89A-Fa-f][0-9A-Fa-f])*"
)
"""What url.Parse takes for a host with its port (net/url, mode encodeHost)."""
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::[0-9]*)?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _proxy_url(text: str) -> str | None:
    """`proxy:3128` is taken for http; what Go cannot parse either way is as good as not set.

    Source: golang.org/x/net/http/httpproxy, parseProxy.
    """
    if _SCHEME.match(text) and _parses(text):
        return text
    behind_http = f"http://{text}"
    if _parses(behind_http):
        return behind_http
    # `p:3128/%zz` is the scheme p and something opaque, which is no error
    return text if _OPAQUE.match(text) and _CONTROL.search(text) is None else None


def _parses(url: str) -> bool:
    """True if Go's url.Parse takes this URL with a scheme and `//`."""
    rest = url.partition("://")[2]
    end = next((place for place, char in enumerate(rest) if char in "/?#"), len(rest))
    host, path = rest[:end].rpartition("@")[2], rest[end:]
    return (
        _CONTROL.search(url) is None
        and _HOST.fullmatch(host) is not None
        and _PORT.fullmatch(host) is not None
        and _BAD_ESCAPE.search(path.partition("?")[0]) is None
    )


def _direct(host: str, port: str, no_proxy: str) -> bool:
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    name = _ascii(host.strip().lower())
    entries = [entry.strip().lower() for entry in no_proxy.split(",")]
    return any(_matches(entry, name, address, port) for entry in entries if entry)


def _matches(entry: str, name: str, address: IPAddress | None, port: str) -> bool:
    if entry == "*":
        return True
    network = _network(entry)
    if network is not None:
        return address is not None and address in network
    entry_host, entry_port = _split_port(entry)
    if not entry_host or entry_port not in ("", port):
        return False
    entry_address = _address(entry_host)
    if entry_address is not None:
        return address == entry_address
    suffix = _ascii(entry_host.removeprefix("*") if entry_host.startswith("*.") else entry_host)
    if suffix.startswith("."):
        return name.endswith(suffix)
    return name == suffix or name.endswith(f".{suffix}")


def _split_port(entry: str) -> tuple[str, str]:
    """`host:port` and `[v6]:port`; anything else is a host without a port."""
    match = re.fullmatch(r"\[([^\[\]]*)\]:([^:\[\]]*)|([^:\[\]]*):([^:\[\]]*)", entry)
    if match is None:
        return entry, ""
    return match[1] or match[3] or "", match[2] or match[4] or ""


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    address, slash, length = text.partition("/")
    # Python would also take a netmask, or an address alone.
    if not slash or not re.fullmatch(r"[0-9]{1,3}", length) or "%" in address:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> IPAddress | None:
    if "%" in text:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
