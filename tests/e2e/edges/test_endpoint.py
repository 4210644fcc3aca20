"""controlPlaneEndpoint from five hosts: a balancer on another machine, before anything listens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.edges.fleet import Fleet
from tests.lab.light import LightHost, LightLab, missing

pytestmark = pytest.mark.e2e

BALANCER, NOBODY = "10.77.0.1", "10.77.0.200"
ACCEPT_AND_CLOSE = """
import socket
server = socket.create_server(("", 8443))
print(flush=True)
while True:
    server.accept()[0].close()
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if reason := missing():
        pytest.skip(reason)
    with LightLab.start(5) as lab:
        yield Fleet(lab, tmp_path_factory.mktemp("home"), "none", 3, f"{BALANCER}:8443")


def found(fleet: Fleet, network: str = "dial") -> dict[str, Any]:
    (result,) = [r for r in fleet.check(network, "KS742,KS701").fleet if r["check"] == "KS742"]
    return result


@contextmanager
def balancer(fleet: Fleet) -> Iterator[None]:
    """Takes every connection and closes it, as one without a backend does."""
    argv = fleet.lab.command([sys.executable, "-c", ACCEPT_AND_CLOSE])
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def closed_for(host: LightHost, target: str = "DROP", address: str = BALANCER) -> Any:
    rule = f"OUTPUT -d {address} -p tcp --dport 8443 -j {target}"
    return host.changed(f"iptables -A {rule}", f"iptables -D {rule}")


def test_a_refusal_and_a_connection_that_is_closed_are_answers(fleet: Fleet) -> None:
    for network in ("dial", "full"):
        assert found(fleet, network)["verdict"] == "pass"
    with balancer(fleet):
        assert found(fleet)["verdict"] == "pass"
    assert found(fleet, "off")["verdict"] == "skip"


@pytest.mark.parametrize("gone", [(), ("python3",), ("python3", "perl")])
def test_a_host_that_is_cut_off_from_it_fails(fleet: Fleet, gone: tuple[str, ...]) -> None:
    node4 = fleet.lab.hosts[3]
    with closed_for(node4), node4.without_programs(*gone):
        result = found(fleet)
        assert (result["verdict"], result["hosts"]) == ("fail", ["node4"])
        assert result["message"] == (
            "the endpoint 10.77.0.1:8443 does not answer, and other hosts get an answer"
        )
    assert found(fleet)["verdict"] == "pass"


def test_a_firewall_that_refuses_shows_where_others_are_let_in(fleet: Fleet) -> None:
    with balancer(fleet), closed_for(fleet.lab.hosts[1], "REJECT --reject-with tcp-reset"):
        result = found(fleet)
    assert (result["verdict"], result["hosts"]) == ("fail", ["node2"])


def test_an_address_that_nobody_has_yet_is_a_warning(fleet: Fleet) -> None:
    result = found(replace(fleet, endpoint=f"{NOBODY}:8443"))
    assert (result["verdict"], len(result["hosts"])) == ("warn", 5)
    assert "kube-vip" in result["message"]


def test_an_address_of_one_of_the_hosts_on_another_port_fails(fleet: Fleet) -> None:
    first, _, _, node4, _ = fleet.lab.hosts
    there = replace(fleet, endpoint=f"{first.address}:8443")
    assert found(there)["verdict"] == "pass"
    with closed_for(node4, address=first.address):
        result = found(there)
    assert (result["verdict"], result["hosts"]) == ("fail", ["node4"])


def test_an_api_server_of_the_fleet_is_an_edge_and_nothing_more(fleet: Fleet) -> None:
    first = fleet.lab.hosts[0]
    result = found(replace(fleet, endpoint=first.address))
    assert (result["verdict"], "KS790" in result["message"]) == ("skip", True)


def test_a_name_is_looked_up_on_each_host(fleet: Fleet) -> None:
    named = replace(fleet, endpoint="api.lab:8443")
    entries = [host.folder / "hosts" for host in fleet.lab.hosts]
    before = [path.read_text(encoding="ascii") for path in entries]
    try:
        for path, text in zip(entries, before, strict=True):
            path.write_text(f"{text}{BALANCER} api.lab\n", encoding="ascii")
        assert found(named)["verdict"] == "pass"
        with closed_for(fleet.lab.hosts[4]):
            result = found(named)
        assert (result["verdict"], result["hosts"]) == ("fail", ["node5"])
        assert "api.lab:8443 at 10.77.0.1 does not answer" in result["message"]
        entries[2].write_text(before[2], encoding="ascii")
        result = found(named)
        assert (result["verdict"], result["hosts"]) == ("unknown", ["node3"])
        assert "KS741" in result["message"]
    finally:
        for path, text in zip(entries, before, strict=True):
            path.write_text(text, encoding="ascii")
