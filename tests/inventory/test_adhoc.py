from __future__ import annotations

import socket

import pytest

from scanner.errors import InventoryError
from scanner.inventory.adhoc import from_hosts, this_machine
from scanner.inventory.overrides import Overrides
from scanner.request import HostKeyPolicy, Login, NodeRole, Sudo


def test_words_with_user_port_and_range() -> None:
    loaded = from_hosts(["ops@10.0.0.[11-13]:2222"], Overrides(user="no", port=1))
    first, *others = loaded.request.hosts
    assert first.login == Login("10.0.0.11", port=2222, user="ops")
    assert (first.name, first.advertise_address) == ("10.0.0.11", "10.0.0.11")
    assert first.roles == {NodeRole.CONTROL_PLANE}
    assert [host.name for host in others] == ["10.0.0.12", "10.0.0.13"]
    assert all(host.roles == {NodeRole.WORKER} for host in others)
    assert loaded.notes == (
        "--host gives no roles: 10.0.0.11 is judged as the control plane, the other 2 as workers",
    )


@pytest.mark.parametrize(
    ("word", "address", "port", "name"),
    [
        ("2001:db8::1", "2001:db8::1", None, "2001-db8-1"),
        ("[2001:db8::1]", "2001:db8::1", None, "2001-db8-1"),
        ("[2001:db8::1]:22", "2001:db8::1", 22, "2001-db8-1"),
        ("[2001:db8::[7]]:22", "2001:db8::7", 22, "2001-db8-7"),
        ("Web_Server", "Web_Server", None, "web-server"),
        ("[3].example.org:22", "3.example.org", 22, "3.example.org"),
        ("::", "::", None, "host"),
    ],
)
def test_one_word(word: str, address: str, port: int | None, name: str) -> None:
    (host,) = from_hosts([word], Overrides()).request.hosts
    assert (host.login.address, host.login.port, host.name) == (address, port, name)


def test_one_address_on_several_ports_gives_several_names() -> None:
    words = ["127.0.0.1:2201", "127.0.0.1:2202", "127.0.0.2"]
    hosts = from_hosts(words, Overrides()).request.hosts
    assert [host.name for host in hosts] == ["127.0.0.1-2201", "127.0.0.1-2202", "127.0.0.2"]


def test_addresses_that_give_the_same_name_stay_apart() -> None:
    hosts = from_hosts(["a_b", "a-b"], Overrides()).request.hosts
    assert len({host.name for host in hosts}) == 2


def test_overrides_apply() -> None:
    overrides = Overrides(
        kubernetes_version="1.31.2", jump="b", sudo=Sudo.OFF, host_keys=HostKeyPolicy.OFF
    )
    request = from_hosts(["a"], overrides).request
    assert str(request.cluster.kubernetes_version) == "1.31.2"
    assert request.hosts[0].login == Login(
        "a",
        sudo=Sudo.OFF,
        host_keys=HostKeyPolicy.OFF,
        jump=Login("b", host_keys=HostKeyPolicy.OFF),
    )


def test_all_errors_at_once() -> None:
    words = ["a[1", "a:0", "a b", "@a", "a", "a", ":22", "a:b:c", "a\x1b"]
    with pytest.raises(InventoryError) as caught:
        from_hosts(words, Overrides(port=70000))
    assert str(caught.value).splitlines() == [
        "--port: expected a port between 1 and 65535, not 70000",
        "--host: unbalanced bracket in 'a[1'",
        "--host: expected a port between 1 and 65535, not '0'",
        "--host: 'a b' is not an IP address, a DNS name or an SSH alias",
        "--host: '' is no user name",
        "--host: 'a' is given twice",
        "--host: ':22': expected [user@]host[:port]",
        "--host: 'a:b:c' is not an IP address, a DNS name or an SSH alias",
        "--host: 'a\\x1b' is not an IP address, a DNS name or an SSH alias",
    ]
    with pytest.raises(InventoryError, match="no hosts at all"):
        from_hosts([], Overrides())


@pytest.mark.parametrize(
    ("hostname", "name"), [("Web_1.Example", "web-1.example"), ("", "localhost")]
)
def test_this_machine(monkeypatch: pytest.MonkeyPatch, hostname: str, name: str) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: hostname)
    request = this_machine(Overrides(sudo=Sudo.OFF)).request
    (host,) = request.hosts
    assert (host.name, host.login) == (name, Login("localhost", sudo=Sudo.OFF, local=True))
    assert host.roles == {NodeRole.CONTROL_PLANE, NodeRole.WORKER}
    assert request.source == "this machine"
