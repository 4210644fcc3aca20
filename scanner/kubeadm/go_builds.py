"""With which Go a kubeadm was built, and what of its proxy checks follows from that alone.

net/http and net/url come out of Go's own library, so that one kubeadm answers differently from the
same kubeadm of a distribution that has built it anew. Answers are kept, as versions compare slowly
and every host asks again.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TypeAlias

from scanner.versions import Version, VersionRange

Go: TypeAlias = tuple[int, int, int]
"""go1.24.8 is (1, 24, 8)."""

_GO = re.compile(r"go([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?")


def parse_go(text: str) -> Go | None:
    """Read `goVersion` of `kubeadm version`, such as `go1.15.5` or `go1.24.6 X:boringcrypto`."""
    match = _GO.match(text)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3] or 0))


@dataclass(frozen=True, slots=True)
class Build:
    """Releases that the Kubernetes project built with this Go or with one that is no different."""

    versions: VersionRange
    go: Go


def _build(since: str | None, until: str | None, go: Go) -> Build:
    return Build(VersionRange.parse(since, until), go)


OFFICIAL = (
    # The patch releases of August 2019 came with a Go that refuses a port which is no number:
    # kubeadm v1.15.3 says go1.12.9 (kubeadm issues 1769 and 2003), v1.15.2 still passes
    # (kubernetes issue 82304); the same day's releases of 1.13 and 1.14 are inferred.
    _build(None, "1.13.10", (1, 11, 5)),
    _build("1.13.10", "1.14", (1, 11, 13)),
    _build("1.14", "1.14.6", (1, 12, 1)),
    _build("1.14.6", "1.15", (1, 12, 9)),
    _build("1.15", "1.15.3", (1, 12, 5)),
    _build("1.15.3", "1.16", (1, 12, 9)),
    _build("1.16", "1.21", (1, 13, 0)),  # to go1.15: v1.20.2's hack/lib/golang.sh
    _build("1.21", None, (1, 16, 0)),
)
"""Only what makes a difference below; the newest of them all have none that refuses brackets."""


@functools.lru_cache(maxsize=64)
def official(kubeadm: Version) -> Go:
    """What the project built this kubeadm with, as far as it matters."""
    return next(build.go for build in OFFICIAL if kubeadm in build.versions)


def falls_back_to_http_proxy(go: Go) -> bool:
    """True if HTTP_PROXY is used for https where HTTPS_PROXY is not set.

    Source: golang.org/x/net/http/httpproxy of 2018; Go 1.16's notes on net/http (golang/go#40909).
    """
    return go < (1, 16, 0)


_PORT_REFUSED = ((1, 11, 13), (1, 12, 8))
_BRACKETS_REFUSED = ((1, 24, 8), (1, 25, 2))
_NAKED_IPV6 = VersionRange.parse(None, "1.16")
_BRACKETS_MENDED = tuple(
    VersionRange.parse(since, until)
    for since, until in (
        ("1.31.14", "1.32"),
        ("1.32.10", "1.33"),
        ("1.33.6", "1.34"),
        ("1.34.2", None),
    )
)


@functools.lru_cache(maxsize=64)
def breaks_on_ipv6_host(kubeadm: Version, go: Go) -> bool:
    """True if HTTPProxy cannot read the URL that it makes of an IPv6 address that ends in letters.

    Until 1.15 it puts no brackets around it, and Go takes the end for a port; since net/url looks
    at ports (go1.11.13, go1.12.8) it must be a number. Source: kubeadm issues 1769 and 2003,
    PR#82267.
    """
    return kubeadm in _NAKED_IPV6 and _has(go, _PORT_REFUSED)


@functools.lru_cache(maxsize=64)
def breaks_on_ipv4_network(kubeadm: Version, go: Go) -> bool:
    """True if HTTPProxyCIDR cannot read the URL that it makes of an IPv4 network.

    It puts brackets around every address, which net/url no longer takes around one of IPv4
    (go1.24.8, go1.25.2). Source: kubernetes issue 135013; PR#134588, which the release notes of
    v1.31.14, v1.32.10, v1.33.6 and v1.34.2 name.
    """
    mended = any(kubeadm in versions for versions in _BRACKETS_MENDED)
    return not mended and _has(go, _BRACKETS_REFUSED)


def _has(go: Go, since: tuple[Go, ...]) -> bool:
    """True if a change that came in several minor releases of Go at once is in this one."""
    same_minor = [change for change in since if change[:2] == go[:2]]
    return go >= (same_minor[0] if same_minor else since[-1])
