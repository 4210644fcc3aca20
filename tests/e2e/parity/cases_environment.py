"""The login: its proxies, its name, and whether it is root."""

from __future__ import annotations

from dataclasses import replace

from tests.e2e.parity.case import Case, Cluster, Phase, row
from tests.e2e.parity.versions import DUAL_STACK, TWO_FAMILIES
from tests.lab.fault_makers import environment
from tests.lab.faults import HOSTNAME_UNRESOLVABLE, PROXY, PROXY_SET, SOCAT_MISSING, Fault

LOWER_CASE = environment("https_proxy only", f"https_proxy={PROXY}")
HTTP_ONLY = environment("HTTP_PROXY only", f"HTTP_PROXY={PROXY}", f"http_proxy={PROXY}")
NOT_A_URL = environment("HTTPS_PROXY without a scheme", "HTTPS_PROXY=proxy.example:3128")
EMPTY = environment("HTTPS_PROXY empty, https_proxy set", "HTTPS_PROXY=", f"https_proxy={PROXY}")
NAMED = Cluster(endpoint="api.example.org")
IPV6 = Cluster(ipv6=True, pods="fd00:10::/56", services="fd00:20::/112")
PODS = Cluster(pods="10.244.0.0/16")
TWO_NETWORKS = Cluster(pods="10.244.0.0/16,fd00:10::/56", services="10.96.0.0/16,fd00:20::/112")
DUAL = replace(TWO_NETWORKS, gates=DUAL_STACK)


def no_proxy(value: str) -> Fault:
    return environment(f"NO_PROXY={value}", f"HTTPS_PROXY={PROXY}", f"NO_PROXY={value}")


UPPER_CASE = Fault(
    "hostname in upper case",
    "hostname > /run/lab.hostname\nhostname NODE1",
    "if [ -e /run/lab.hostname ]; then hostname $(cat /run/lab.hostname); fi\n"
    "rm -f /run/lab.hostname",
    "test $(hostname) = NODE1",
)
UNKNOWN_NAME = Fault(
    "hostname that nobody knows",
    "hostname > /run/lab.hostname\nhostname stranger",
    UPPER_CASE.taking,
    "test $(hostname) = stranger",
)
DOMAIN = Fault(
    "hostname with a domain",
    "hostname > /run/lab.hostname\nhostname node1.example.org",
    UPPER_CASE.taking,
    "test $(hostname) = node1.example.org",
)
BAD_NAME = Fault(
    "hostname with an underscore",
    "hostname > /run/lab.hostname\necho node_1 >/proc/sys/kernel/hostname",
    UPPER_CASE.taking,
    "test $(hostname) = node_1",
)

CASES = (
    row(PROXY_SET),
    row(PROXY_SET, phase=Phase.WORKER),
    row(LOWER_CASE),
    row(HTTP_ONLY),
    row(NOT_A_URL),
    row(EMPTY),
    *(
        row(no_proxy(value))
        for value in (
            *("10.77.0.11", "10.77.0.0/16", "10.77.0.11,10.96.0.0/12", "10.77.0.11:6443", "*"),
            *("10.77.0.11:443", "10.96.0.0/12", "10.96.0.1:1234", "node1", ".example.org"),
        )
    ),
    Case("proxy for pods", (no_proxy("10.77.0.0/16,10.96.0.0/12"),), cluster=PODS),
    Case("proxy for one of two families", (no_proxy("10.0.0.0/8"),), cluster=DUAL),
    Case(
        "two families without the feature gate",
        cluster=TWO_NETWORKS,
        refused=TWO_FAMILIES,
    ),
    Case("proxy, IPv6", (PROXY_SET,), cluster=IPV6),
    Case("proxy but not for the IPv6 networks", (no_proxy("fd00::/8"),), cluster=IPV6),
    Case("proxy but not for [v6]:1234", (no_proxy("[fd77:6c61:62::b]:1234"),), cluster=IPV6),
    *(
        Case(f"API endpoint is a name, NO_PROXY={value}", (no_proxy(value),), Phase.WORKER, NAMED)
        for value in ("example.org", ".example.org", "api.example.org:443", "pi.example.org")
    ),
    Case("proxy for ops through sudo", (PROXY_SET,), user="ops"),
    Case("proxy for ops through sudo", (PROXY_SET,), Phase.WORKER, user="ops"),
    Case("ops through sudo", (SOCAT_MISSING,), user="ops"),
    row(UPPER_CASE),
    row(UNKNOWN_NAME),
    row(DOMAIN),
    Case(
        BAD_NAME.name,
        (BAD_NAME,),
        refused="a lowercase RFC 1123 subdomain must consist of",
    ),
    row(HOSTNAME_UNRESOLVABLE),
    row(HOSTNAME_UNRESOLVABLE, phase=Phase.WORKER),
    Case("nodeRegistration.name of the other host", cluster=Cluster(node_name="node2")),
    Case("nodeRegistration.name that nobody knows", cluster=Cluster(node_name="stranger")),
    Case(
        "nodeRegistration.name known, hostname not",
        (UNKNOWN_NAME,),
        cluster=Cluster(node_name="node1"),
    ),
    Case("nodeRegistration.name localhost", cluster=Cluster(node_name="localhost")),
    Case("not root", (SOCAT_MISSING,), user="plain"),
    Case("not root", (SOCAT_MISSING,), Phase.WORKER, user="plain"),
)
