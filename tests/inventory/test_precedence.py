from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.inventory import names
from scanner.inventory.overrides import Loaded, Overrides
from scanner.request import CniProfile, Host, HostKeyPolicy, Login, NodeRole, Sudo
from scanner.versions import parse_version

Load = Callable[..., Loaded]

PIN = "SHA256:" + "A" * 43
NOT_FULL = (
    "read as 1.30, which is not a full version; write one such as v1.30.0, because some checks"
    " change in a patch release"
)
NO_HOSTS = "no hosts at all; expected a list such as [{name: node1, address: 192.0.2.11}]"


def the_host(loaded: Loaded) -> Host:
    (host,) = loaded.request.hosts
    return host


def inventory(host: str = "", group: str = "", defaults: str = "") -> str:
    return (
        f"defaults: {{{defaults}}}\ngroups: {{g: {{{group}}}}}\n"
        f"hosts: [{{name: n, address: 192.0.2.1, group: g, {host}}}]\n"
    )


@pytest.mark.parametrize(
    ("key", "attribute", "values", "wanted"),
    [
        ("user", "user", ("a", "b", "c"), ("a", "b", "c", None)),
        ("port", "port", ("1", "2", "3"), (1, 2, 3, None)),
        ("sudo", "sudo", ("off", "auto", "off"), (Sudo.OFF, Sudo.AUTO, Sudo.OFF, Sudo.AUTO)),
        (
            "hostKeys",
            "host_keys",
            ("off", f"[{PIN}]", "accept-new"),
            (HostKeyPolicy.OFF, (PIN,), HostKeyPolicy.ACCEPT_NEW, None),
        ),
        (
            "jump",
            "jump",
            ("[]", "[b]", "[c]"),
            (None, Login("b"), Login("c"), None),
        ),
    ],
)
def test_host_before_group_before_defaults(
    loaded: Load, key: str, attribute: str, values: tuple[str, ...], wanted: tuple[object, ...]
) -> None:
    host, group, defaults = (f"{key}: {value}" for value in values)
    layers = [(host, group, defaults), ("", group, defaults), ("", "", defaults), ("", "", "")]
    for layer, value in zip(layers, wanted, strict=True):
        login = the_host(loaded(inventory(*layer))).login
        found = getattr(login, attribute)
        if isinstance(found, Login):
            found = Login(found.address)
        assert found == value


@pytest.mark.parametrize("key", ["roles: [control-plane]", "taints: [a:NoExecute]"])
def test_a_list_of_the_host_takes_the_place_of_the_others(loaded: Load, key: str) -> None:
    host = the_host(loaded(inventory("roles: [worker], taints: []", key, key)))
    assert host.roles == {NodeRole.WORKER}
    assert host.taints == ()
    other = the_host(loaded(inventory("", key, "roles: [worker], taints: []")))
    assert (NodeRole.CONTROL_PLANE in other.roles) != (other.taints == ("a:NoExecute",))


def test_no_taints_are_not_the_same_as_none_named(loaded: Load) -> None:
    """kubeadm takes an empty list for "no taint at all", and gives its own where there is none."""
    assert the_host(loaded(inventory())).taints is None
    assert the_host(loaded(inventory("taints: []"))).taints == ()


def test_labels_are_merged(loaded: Load) -> None:
    host = the_host(
        loaded(inventory("labels: {a: 1}", "labels: {a: 2, b: 2}", "labels: {b: 3, c: ''}"))
    )
    assert dict(host.labels) == {"a": "1", "b": "2", "c": ""}


def test_the_command_line_wins(loaded: Load, folder: Path) -> None:
    key = folder / "key"
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    overrides = Overrides(
        kubernetes_version="v1.31.2",
        user="root",
        port=2222,
        identity_file=Path("key"),
        jump="gate@[2001:db8::1]:99",
        sudo=Sudo.OFF,
        host_keys=HostKeyPolicy.OFF,
    )
    text = inventory(
        "user: a, port: 1, sudo: auto, hostKeys: strict, jump: [b], identityFile: gone"
    )
    request = loaded(text + "cluster: {kubernetesVersion: 1.30.0}\n", overrides).request
    assert request.cluster.kubernetes_version == parse_version("1.31.2")
    assert request.hosts[0].login == Login(
        "192.0.2.1",
        port=2222,
        user="root",
        identity_file=Path("key"),
        sudo=Sudo.OFF,
        host_keys=HostKeyPolicy.OFF,
        jump=Login(
            "2001:db8::1",
            port=99,
            user="gate",
            host_keys=HostKeyPolicy.OFF,
            identity_file=Path("key"),
        ),
    )


def test_no_jump_on_the_command_line(loaded: Load) -> None:
    login = the_host(loaded(inventory("jump: [b]"), Overrides(jump="none"))).login
    assert (login.jump, login.direct) == (None, True)
    assert the_host(loaded(inventory("jump: []", "", "jump: [b]"))).login.direct
    assert not the_host(loaded(inventory(""))).login.direct


def test_a_chain_of_jump_hosts(loaded: Load) -> None:
    text = inventory("jump: [a, b]") + "jumpHosts: [{name: b, address: 192.0.2.9, user: gate}]\n"
    chain = Login("192.0.2.9", user="gate", jump=Login("a"))
    assert the_host(loaded(text)).login.jump == chain
    turned = Overrides(jump="b,me@a:99")
    chain = Login("a", user="me", port=99, jump=Login("192.0.2.9", user="gate"))
    assert the_host(loaded(text, turned)).login.jump == chain


def test_wrong_options_stand_beside_the_errors_of_the_file(lines: Callable[..., list[str]]) -> None:
    overrides = Overrides(
        kubernetes_version="1.30",
        user="a b",
        port=0,
        identity_file=Path("gone"),
        jump="a,b,a",
    )
    assert lines("hosts: []\n", overrides) == [
        f"--kubernetes-version: {NOT_FULL}",
        "--port: expected a port between 1 and 65535, not 0",
        "--user: 'a b' is no user name",
        "--jump: the jump hosts make a loop: 'a' is named twice",
        "--identity-file: no such file: 'gone'",
        f"inventory.yaml:1: hosts: {NO_HOSTS}",
    ]


def test_a_jump_host_takes_only_key_and_host_keys_from_defaults(loaded: Load, folder: Path) -> None:
    (folder / "key").write_text("-----BEGIN PRIVATE KEY-----\n")
    text = (
        "defaults: {user: ops, port: 22, identityFile: key, hostKeys: accept-new, jump: [b]}\n"
        "jumpHosts: [{name: b, address: 192.0.2.9}]\nhosts: [{name: n, address: n}]\n"
    )
    assert the_host(loaded(text)).login.jump == Login(
        "192.0.2.9", identity_file=Path("key"), host_keys=HostKeyPolicy.ACCEPT_NEW
    )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("address: 192.0.2.1", "192.0.2.1"),
        ("address: node1", None),
        ("address: 127.0.0.1", None),
        ("address: '2001:DB8:0:0::1'", "2001:db8::1"),
        ("address: '[2001:db8::1]'", "2001:db8::1"),
        ("address: 192.0.2.1, internalAddress: 192.0.2.2", "192.0.2.2"),
        ("address: 192.0.2.1, internalAddress: inner", None),
        ("address: a, internalAddress: b, advertiseAddress: 192.0.2.3", "192.0.2.3"),
        ("local: true", None),
    ],
)
def test_the_advertise_address(loaded: Load, keys: str, expected: str | None) -> None:
    assert the_host(loaded(f"hosts: [{{name: n, {keys}}}]")).advertise_address == expected


@pytest.mark.parametrize(
    ("cni", "given", "wanted"),
    [
        ("", None, CniProfile.NONE),
        ("cluster: {cni: {manifest: a.yaml}}\n", None, CniProfile.NONE),
        ("cluster: {cni: {profile: calico}}\n", None, CniProfile.CALICO),
        ("cluster: {cni: {profile: calico}}\n", CniProfile.NONE, CniProfile.NONE),
        ("", CniProfile.FLANNEL, CniProfile.FLANNEL),
    ],
)
def test_the_profile_of_the_command_line_wins(
    loaded: Load, cni: str, given: CniProfile | None, wanted: CniProfile
) -> None:
    found = loaded(cni + inventory(), overrides=Overrides(cni_profile=given))
    assert found.request.cluster.cni_profile is wanted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prod", "prod"),
        ("My Inv_2", "my-inv-2"),
        ("北京", r"kubernetes-[0-9a-f]{8}"),
        ("上海", r"kubernetes-[0-9a-f]{8}"),
        ("北京1", r"1-[0-9a-f]{8}"),
        ("zürich", r"z-rich-[0-9a-f]{8}"),
        ("...", r"kubernetes-[0-9a-f]{8}"),
        ("é" + "a" * 200, r"a{40}-[0-9a-f]{8}"),
    ],
)
def test_the_clusters_name_is_the_files(name: str, expected: str) -> None:
    found = names.default_name(name)
    assert re.fullmatch(expected, found)
    assert names.subdomain(found)


def test_two_files_without_letters_have_two_folders() -> None:
    assert names.default_name("北京") != names.default_name("上海")
    assert names.default_name("北京1") != names.default_name("上海1")


def test_a_taint_that_stands_twice_is_one(loaded: Load) -> None:
    text = inventory("taints: ['a:NoSchedule', 'a=:NoSchedule', 'a:NoExecute', 'a:NoSchedule']")
    assert the_host(loaded(text)).taints == ("a:NoSchedule", "a:NoExecute")


@pytest.mark.parametrize("repository", ["k8s", "Registry.example.org/k8s", "REG:5000/a/b", ""])
def test_the_registry_itself_has_no_case(loaded: Load, repository: str) -> None:
    text = f"{inventory()}cluster: {{imageRepository: '{repository}'}}\n"
    assert loaded(text).request.cluster.image_repository == repository


def test_ports_and_modes_that_are_free_elsewhere(loaded: Load) -> None:
    etcd = "etcd: {external: {endpoints: ['http://192.0.2.5:2379']}}"
    text = f"{inventory()}cluster: {{bindPort: 2379, {etcd}}}\n"
    assert loaded(text).request.cluster.bind_port == 2379
    text = f"{inventory()}cluster: {{kubernetesVersion: v1.28.0, proxyMode: nftables}}\n"
    assert loaded(text, Overrides(kubernetes_version="v1.31.0")).request.cluster.proxy_mode


@pytest.mark.parametrize(
    ("repository", "taken"),
    [
        *((text, True) for text in ("registry.example.org:5000", "192.0.2.1:5000/k", "a_b/c")),
        *((text, True) for text in ("localhost/k", "a/b__c", "a/b--c")),
        *((text, False) for text in ("a//b", "a/-b", "a/b..c", "a/b___c", "a/b-", "a:b/c")),
    ],
)
def test_the_repositories_that_kubeadm_takes(repository: str, *, taken: bool) -> None:
    """As v1.28.7 said of each."""
    if taken:
        assert names.repository(repository) == repository
    else:
        with pytest.raises(ValueError, match="is no image repository"):
            names.repository(repository)
