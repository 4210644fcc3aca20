"""~/.ssh/config and what wins over it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.errors import HostUnreachable
from scanner.request import HostKeyPolicy, Login
from scanner.transport.config import ConfigFiles
from scanner.transport.route import Route, find_route
from scanner.transport.settings import SshSettings


def route(text: str, login: Login, settings: SshSettings | None = None) -> Route:
    settings = settings or SshSettings()
    assert settings.config is not None
    settings.config.write_text(text)
    return find_route(login, ConfigFiles(settings.config), settings)


def test_without_a_file(home: Path) -> None:
    settings = SshSettings()
    found = find_route(Login("Node1"), ConfigFiles(settings.config), settings)
    assert (found.address, found.port, found.user) == ("Node1", 22, "me")
    assert found.key_names == ("node1",)
    assert found.host_keys is HostKeyPolicy.STRICT
    assert found.may_ask
    assert found.jump is None
    assert found.identities == ()
    assert found.known_hosts[0] == home / ".ssh" / "known_hosts"
    assert found.agent is None


def test_no_file_is_wanted() -> None:
    settings = SshSettings(config=None)
    assert find_route(Login("node1"), ConfigFiles(None), settings).user == "me"


def test_values() -> None:
    text = """
        # comment
        Host node1 other   # trailing comment
          HostName = 192.0.2.1
          Port=2222
          User "ops"
          IdentityFile ~/keys/%n
          IdentityFile /etc/%r
          IdentitiesOnly yes
          AddressFamily inet6
          ProxyJump jump@bastion:2200
        Host *
          User nobody
          HashKnownHosts yes
    """
    found = route(text, Login("node1"))
    assert (found.address, found.port, found.user) == ("192.0.2.1", 2222, "ops")
    assert found.key_names == ("[192.0.2.1]:2222", "192.0.2.1")
    assert [str(path) for path in found.identities] == [
        str(Path("~/keys/node1").expanduser()),
        "/etc/ops",
    ]
    assert found.identities_only
    assert found.family == socket.AF_INET6
    assert found.jump == Login("bastion", 2200, "jump")
    assert found.hash_names
    assert route(text, Login("node3")).user == "nobody"


def test_the_inventory_wins() -> None:
    text = "User a\nPort 1\nIdentityFile b\nProxyJump c\nStrictHostKeyChecking no\n"
    login = Login("n", 22, "x", Path("/k"), host_keys=("SHA256:p",), jump=Login("j"))
    found = route(text, login)
    assert (found.user, found.port, found.identities) == ("x", 22, (Path("/k"),))
    assert found.jump == Login("j")
    assert found.host_keys == ("SHA256:p",)


def test_the_inventorys_user_counts_in_match() -> None:
    text = "Match user ops\n  Port 7\nMatch host=node* !user ops\n  Port 8\nMatch all\n  Port 9\n"
    assert route(text, Login("node1", user="ops")).port == 7
    assert route(text, Login("node1", user="x")).port == 8
    assert route(text, Login("other", user="x")).port == 9


def test_order_of_blocks_with_and_without_wildcards() -> None:
    text = "Host node*\n Port 1\nHost node1\n Port 2\n User a\nHost * !node1\n User b\n"
    assert route(text, Login("node1")).port == 1
    assert route(text, Login("node1")).user == "a"
    assert route(text, Login("node2")).user == "b"


def test_match_final() -> None:
    text = "Match final\n  User late\nHost node1\n  HostName 192.0.2.1\n"
    assert route(text, Login("node1")).user == "late"


def test_include(home: Path) -> None:
    (home / ".ssh" / "conf.d").mkdir()
    (home / ".ssh" / "conf.d" / "1").write_text("Host node1\n  User one\n")
    (home / ".ssh" / "conf.d" / "2").write_text("Host *\n  User two\n")
    text = "Include conf.d/* nothing/*\nUser three\nHost node1\n  Include ~/extra\n"
    (home / "extra").write_text("Port 5\n")
    assert route(text, Login("node1")).user == "one"
    assert route(text, Login("node1")).port == 5
    assert route(text, Login("node2")).user == "two"
    assert route(text, Login("node2")).port == 22


@pytest.mark.parametrize(
    ("value", "policy", "may_ask"),
    [
        ("yes", HostKeyPolicy.STRICT, False),
        ("ask", HostKeyPolicy.STRICT, True),
        ("accept-new", HostKeyPolicy.ACCEPT_NEW, False),
        ("no", HostKeyPolicy.OFF, False),
        ("off", HostKeyPolicy.OFF, False),
    ],
)
def test_strict_host_key_checking(value: str, policy: HostKeyPolicy, may_ask: bool) -> None:
    found = route(f"StrictHostKeyChecking {value}\n", Login("n"))
    assert (found.host_keys, found.may_ask) == (policy, may_ask)


def test_known_hosts_files(home: Path) -> None:
    text = "UserKnownHostsFile ~/a /b/%h\nGlobalKnownHostsFile none\nHostKeyAlias Cluster\n"
    found = route(text, Login("node1", 2222))
    assert found.known_hosts == (home / "a", Path("/b/node1"))
    assert found.key_names == ("cluster",)
    found = route("UserKnownHostsFile none\n", Login("node1"))
    assert found.known_hosts[0] == Path("/dev/null")


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("bastion", Login("bastion")),
        ("ops@Bastion", Login("Bastion", user="ops")),
        ("ops@bastion:2222", Login("bastion", 2222, "ops")),
        ("ssh://ops@bastion:2222", Login("bastion", 2222, "ops")),
        ("[2001:db8::1]:2222", Login("2001:db8::1", 2222)),
        ("me@corp@bastion", Login("bastion", user="me@corp")),
        ("none", None),
    ],
)
def test_proxy_jump(text: str, login: Login | None) -> None:
    assert route(f"ProxyJump {text}\n", Login("n")).jump == login


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ProxyJump a,\n", "is not"),
        ("ProxyJump :x\n", "is not"),
        ("ProxyCommand ssh -W %h:%p bastion\n", "ProxyCommand"),
        ("Port many\n", "config line 1: Invalid Port integer value: many"),
        ("\nUser a b\n", "config line 2: Extra data at end: b"),
        ('User "a\n', "config line 1: No closing quotation"),
        ("IdentityFile %Z\n", "Invalid token expansion: Z"),
    ],
)
def test_errors(text: str, says: str) -> None:
    with pytest.raises(HostUnreachable, match=says):
        route(text, Login("n"))


def test_a_jump_of_the_inventory_needs_no_proxy_command() -> None:
    assert route("ProxyCommand x\n", Login("n", jump=Login("j"))).jump == Login("j")


def test_each_file_is_read_once_and_few_blocks_are_evaluated(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 2000
    text = "".join(f"Host n{n}\n  HostName 10.0.{n // 250}.{n % 250}\n" for n in range(count))
    config = home / ".ssh" / "config"
    config.write_text(text + "Host *\n  User ops\n")
    reads = 0
    real = Path.read_text

    def read_text(self: Path) -> str:
        nonlocal reads
        reads += 1
        return real(self)

    evaluated = 0
    files = ConfigFiles(config)
    settings = SshSettings()
    host_blocks = type(files.file(config)).for_host

    def for_host(self: object, host: str) -> Iterator[object]:
        nonlocal evaluated
        blocks = host_blocks(self, host)  # type: ignore[arg-type] # it is the class's own
        evaluated += len(blocks)
        return iter(blocks)

    monkeypatch.setattr(Path, "read_text", read_text)
    monkeypatch.setattr(type(files.file(config)), "for_host", for_host)
    for number in range(count):
        found = find_route(Login(f"n{number}"), files, settings)
        assert (found.address, found.user) == (f"10.0.{number // 250}.{number % 250}", "ops")
    assert reads == 0  # it was read before
    assert evaluated == 3 * count
