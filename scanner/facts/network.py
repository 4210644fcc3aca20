"""What the host learns from others: its own name from DNS, and external etcd's version."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields


@dataclass(frozen=True, slots=True)
class EndpointLookup:
    """The name of the control plane's endpoint, looked up alike."""

    name: str
    addresses: tuple[str, ...]
    """Those of /etc/hosts, else those of DNS, sorted; empty if nobody knows the name."""
    complete: bool = True
    """False if neither was asked to the end."""


@dataclass(frozen=True, slots=True)
class NameLookup:
    """The node name, looked up as a static Go program does: /etc/hosts, then DNS."""

    name: str
    hosts: tuple[str, ...]
    """Addresses of /etc/hosts."""
    dns: tuple[str, ...]
    asked_dns: bool
    """False if the host has no getent(1) to ask DNS with."""
    hosts_complete: bool = True
    """False if /etc/hosts is too large to be read to its end."""
    endpoint: EndpointLookup | None = None
    """None where the control plane's endpoint is not a name, or was not looked up."""


def parse_lookup(text: str) -> NameLookup:
    """Read `name=`, lines of /etc/hosts as `hosts=`, and `dns=`; of the endpoint alike."""
    fields = Fields.of(text)
    name = fields.one("name")
    addresses = _in_hosts(name, fields.all("hosts"))
    asked = fields.get("asked") == "yes"
    if not asked and fields.get("getent") != "absent":
        raise ParseError("the name was not looked up to the end")
    dns = tuple(dict.fromkeys(fields.all("dns")))
    complete = fields.get("truncated") != "yes"
    return NameLookup(name, addresses, dns, asked, complete, _endpoint_lookup(fields))


def _endpoint_lookup(fields: Fields) -> EndpointLookup | None:
    name = fields.get("endpoint")
    if not name:
        return None
    own = _in_hosts(name, fields.all("endpoint_hosts"))
    dns = tuple(filter(_is_address, fields.all("endpoint_dns")))
    asked = fields.get("endpoint_asked") == "yes" and not fields.get("endpoint_truncated")
    return EndpointLookup(name, tuple(sorted({*(own or dns)})), bool(own) or asked)


def _in_hosts(name: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses of a name in lines of /etc/hosts."""
    wanted = name.lower().rstrip(".")
    addresses = []
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        # As Go reads it: a line without an address does not count, nor does a name's last dot.
        if wanted in (word.lower().rstrip(".") for word in names) and _is_address(address):
            addresses.append(address)
    return tuple(addresses)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class EtcdEndpoint:
    """GET /version of one external etcd member, made on the host."""

    endpoint: str
    version: str
    """`etcdserver` of the answer; empty if there was none."""
    error: str
    """Why not; empty if there is a version."""


@dataclass(frozen=True, slots=True)
class ExternalEtcdVersions:
    """One answer for each configured endpoint."""

    endpoints: tuple[EtcdEndpoint, ...]


def parse_etcd(text: str) -> ExternalEtcdVersions:
    """Read the blocks that begin with `endpoint=`; they come in the order of their answers."""
    found = []
    for block in ("\n" + text).split("\nendpoint=")[1:]:
        endpoint, _, body = block.partition("\n")
        found.append(_endpoint(endpoint, Fields.of(body)))
    return ExternalEtcdVersions(tuple(found))


def _endpoint(endpoint: str, fields: Fields) -> EtcdEndpoint:
    *body, status = [*fields.all("out"), ""] if not fields.all("out") else fields.all("out")
    if fields.number("rc") != 0:
        return EtcdEndpoint(endpoint, "", " ".join(fields.all("err"))[:300] or "curl failed")
    # kubeadm v1.20.2 takes the version out of any answer but a server's error
    if not re.fullmatch(r"status=[1-4][0-9][0-9]", status):
        return EtcdEndpoint(endpoint, "", f"HTTP {status.removeprefix('status=')}")
    try:
        answer = json.loads("\n".join(body))
    except (ValueError, RecursionError):
        return EtcdEndpoint(endpoint, "", "the answer is not JSON")
    version = answer.get("etcdserver") if isinstance(answer, dict) else None
    if not isinstance(version, str):
        return EtcdEndpoint(endpoint, "", "the answer names no etcdserver")
    return EtcdEndpoint(endpoint, version, "")
