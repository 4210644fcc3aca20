"""What kubeadm would inherit: its search path, the programs on it, and the proxy variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields

PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")


@dataclass(frozen=True, slots=True)
class Environment:
    """PATH and proxies as the session got them, before the probe set its own PATH."""

    path: str
    proxies: Mapping[str, str]
    """Only variables that are set; user and password of a URL were cut off on the host."""


def parse_environment(text: str) -> Environment:
    """Read `path=` and the proxy variables."""
    fields = Fields.of(text)
    if longest := fields.get("too_long"):
        raise ParseError(f"the variable {longest.upper()} is too long to be read")
    proxies = {name: fields.one(name) for name in PROXY_VARIABLES if fields.all(name)}
    return Environment(fields.one("path"), proxies)


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where programs were found."""

    found: Mapping[str, str]
    """name -> path, for executable files on the inherited PATH."""
    elsewhere: Mapping[str, str]
    """name -> path, for those only in the usual system directories, which root's PATH has."""
    asked: frozenset[str]
    """All names that were looked for."""


def parse_binaries(text: str) -> Binaries:
    """Read `found=NAME PATH`, `elsewhere=NAME PATH` and `absent=NAME`."""
    fields = Fields.of(text)
    found, elsewhere = _pairs(fields.all("found")), _pairs(fields.all("elsewhere"))
    asked = frozenset([*found, *elsewhere, *fields.all("absent")])
    if not asked:
        raise ParseError("no program was looked for")
    return Binaries(found, elsewhere, asked)


def _pairs(values: tuple[str, ...]) -> dict[str, str]:
    pairs = (value.partition(" ") for value in values)
    return {name: path for name, _, path in pairs}
