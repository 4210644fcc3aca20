"""What is done, as values: in which order, for whom, and what `--plan` shows of it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.action import Command, File, Question, SaveKubeconfig
from scanner.cluster.phase import OnFailure, Phase
from scanner.cluster.plan import ManifestFile, Plan
from scanner.cluster.sequence import FINISH, INIT, JOIN, RESET
from scanner.cluster.show import plan_lines, summary_lines
from scanner.cluster.steps.kubeadm import obstacles
from scanner.cluster.steps.token import CERTIFICATES, LEFT, TOKENS
from scanner.request import Cluster, ExternalEtcd, ProxyMode
from scanner.target import Role
from tests.cluster.machine import host, member, plan

CNI = ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n")
(KUBEADM_INIT,) = (phase for phase in INIT if phase.name == "kubeadm-init")
GOLDEN = Path(__file__).parents[1] / "golden" / "plan.txt"


def whole(*, joined: bool = False, minor: int = 20) -> Plan:
    labels = (("zone", "a"),)
    worker = member("node4", Role.JOIN_WORKER, joined=joined, minor=minor)
    return plan(
        member("node1", Role.INIT, joined=joined, minor=minor),
        member("node2", Role.JOIN_CONTROL_PLANE, joined=joined, minor=minor),
        member("node3", Role.JOIN_CONTROL_PLANE, joined=joined, minor=minor),
        replace(worker, host=host("node4", labels=labels)),
        member("node5", Role.JOIN_WORKER, joined=joined, minor=minor),
        cni=CNI,
        addons=(ManifestFile("web", "https://example/web.yaml"),),
        kubeconfig=".kscan/prod/admin.conf",
    )


def order(phases: tuple[Phase, ...], wanted: Plan) -> list[str]:
    return [
        f"{phase.name} {' '.join(phase.hosts(wanted))}" for phase in phases if phase.hosts(wanted)
    ]


def commands(phase: Phase, wanted: Plan, name: str) -> list[Command]:
    return [
        action.source
        if isinstance(action, SaveKubeconfig)
        else action.command
        if isinstance(action, Question)
        else action
        for action in phase.actions(wanted, name)
    ]


def test_the_order_of_init() -> None:
    assert order((*INIT, *FINISH), whole()) == [
        "kubeadm-init node1",
        "kubeconfig node1",
        "cni node1",
        "token node1",
        "certificates node1",
        "join-control-plane node2 node3",
        "join-worker node4 node5",
        "labels node4",
        "ready node1 node2 node3 node4 node5",
        "cni-rollout node1",
        "system-rollout node1",
        "addons node1",
        "revoke-certificates node1",
        "revoke node1",
    ]


def test_a_finished_cluster_has_nothing_for_kubeadm() -> None:
    wanted = whole(joined=True)
    assert not wanted.changes
    texts = [
        command.text
        for phase in (*INIT, *FINISH)
        for name in phase.hosts(wanted)
        for command in commands(phase, wanted, name)
    ]
    assert not [text for text in texts if text.startswith("kubeadm")]


def test_control_planes_join_one_at_a_time_with_etcds_health_between_them() -> None:
    (join,) = (phase for phase in INIT if phase.name == "join-control-plane")
    assert (join.window, join.on_failure) == (1, OnFailure.STOP)
    before, command, after = commands(join, whole(), "node2")
    assert (before.on, command.on, after.on) == ("node1", "node2", "node2")
    assert command.detached
    assert "/health" in before.text
    external = replace(whole(), cluster=replace(Cluster(), etcd=None))  # type: ignore[arg-type]
    assert len(commands(join, external, "node2")) == 1


def test_workers_join_in_a_window_and_one_that_fails_is_dropped() -> None:
    (join,) = (phase for phase in INIT if phase.name == "join-worker")
    assert join.window > 1
    assert join.on_failure is OnFailure.DROP_HOST


@pytest.mark.parametrize(
    ("minor", "upload", "join"),
    [
        (
            14,
            "--experimental-upload-certs --config upload-certs.yaml --certificate-key",
            '--certificate-key "$(cat',
        ),
        (15, "--upload-certs --config upload-certs.yaml", ""),
        (37, "--upload-certs --config upload-certs.yaml", ""),
    ],
)
def test_the_certificate_key_is_in_a_file_but_for_v1beta1(
    minor: int, upload: str, join: str
) -> None:
    wanted = whole(minor=minor)
    (certificates,) = (phase for phase in INIT if phase.name == "certificates")
    (command,) = commands(certificates, wanted, "node1")
    assert upload in command.text
    assert ("--skip-certificate-key-print" in command.text) is (minor > 14)
    (phase,) = (phase for phase in INIT if phase.name == "join-control-plane")
    text = commands(phase, wanted, "node2")[1].text
    assert ("--certificate-key" in text) is bool(join)
    assert join in text


@pytest.mark.parametrize("minor", [14, 15, 22, 31, 37])
def test_the_certificates_are_uploaded_by_the_clusters_own_configuration(minor: int) -> None:
    """An external etcd has other certificates than a local one, which is the default."""
    etcd = ExternalEtcd(("https://e:2379",), "/etc/e/ca.crt", "/etc/e/c.crt", "/etc/e/c.key")
    wanted = whole(minor=minor)
    first = wanted.members[0]
    target = replace(first.target, cluster=replace(Cluster(), etcd=etcd))
    wanted = replace(wanted, members=(replace(first, target=target), *wanted.members[1:]))
    (certificates,) = (phase for phase in INIT if phase.name == "certificates")
    (command,) = commands(certificates, wanted, "node1")
    config = {file.name: file.text for file in command.files}["upload-certs.yaml"]
    assert "/etc/e/c.key" in config
    assert ("--certificate-key" in command.text) is (minor == 14)
    assert ("certificateKey" in config) is (minor > 14)


def test_patches_are_an_option_first_and_a_field_later() -> None:
    patches = (File("patches/etcd.yaml", "a\n"),)
    texts = {}
    for minor in (20, 22):
        wanted = replace(whole(minor=minor), patches=patches)
        (command,) = commands(KUBEADM_INIT, wanted, "node1")
        texts[minor] = command
        assert patches[0] in command.files
    assert "--experimental-patches patches" in texts[20].text
    assert "patches" not in texts[22].text
    assert '"directory": "patches"' in texts[22].files[0].text


def test_what_an_old_kubeadm_cannot_do_is_said_before() -> None:
    assert [*obstacles(whole())] == []
    said = [*obstacles(replace(whole(minor=13), patches=(File("patches/a", ""),)))]
    assert "node1: kubeadm v1.13.2 takes no patches" in said[0]
    assert any("cannot hand over" in line for line in said)
    assert [*obstacles(whole(minor=13, joined=True))] == []


def test_join_and_reset_are_for_the_named_hosts() -> None:
    master = member("node1", Role.INIT, joined=True)
    others = {"named": frozenset({"node4"}), "kubeconfig": "admin.conf"}
    wanted = plan(master, member("node4", Role.JOIN_WORKER), **others)
    assert order(JOIN, wanted) == [
        "kubeconfig node1",
        "token node1",
        "join-worker node4",
        "node node1 node4",
    ]
    assert order(RESET, wanted) == [
        "same-machine node4",
        "drain node4",
        "reset node4",
        "delete-node node4",
    ]


def test_a_control_plane_that_stays_is_asked_for_the_others() -> None:
    """The master goes last, and here goes too: then another one is the way out."""
    wanted = replace(whole(joined=True), named=frozenset({"node1", "node2", "node4"}))
    assert wanted.stays == "node3"
    assert order(RESET, wanted) == [
        "same-machine node4 node2 node1",
        "etcd node3",
        "drain node4 node2 node1",
        "reset node4",
        "reset node2 node1",
        "delete-node node4 node2 node1",
    ]
    asked = {
        command.on
        for phase in RESET
        for name in phase.hosts(wanted)
        for command in commands(phase, wanted, name)
        if not command.detached
    }
    assert asked == {"node3"}
    (phase,) = (phase for phase in RESET if phase.name == "reset" and phase.window == 1)
    before, reset, after = commands(phase, wanted, "node2")
    assert (before.on, reset.on, after.on) == ("node3", "node2", "node3")
    assert reset.detached
    assert "https://192.0.2.1:6443" in reset.text, "the API server of the one that stays"


def test_the_master_is_the_way_out_where_it_stays() -> None:
    wanted = replace(whole(joined=True), named=frozenset({"node3"}))
    assert wanted.stays == "node1"


def test_of_a_cluster_that_ends_only_the_host_itself_is_asked() -> None:
    """All control planes go: there is no quorum to keep, and the last is asked for strangers."""
    wanted = replace(whole(joined=True), named=frozenset({"node1", "node2", "node3"}))
    assert wanted.stays == ""
    assert order(RESET, wanted) == ["etcd node1", "reset node2 node3 node1"]
    (phase,) = (phase for phase in RESET if phase.name == "reset" and phase.hosts(wanted))
    assert len(commands(phase, wanted, "node2")) == 1


def test_an_external_etcd_is_left_alone() -> None:
    etcd = ExternalEtcd(("https://192.0.2.9:2379",))
    wanted = replace(
        whole(joined=True), cluster=replace(Cluster(), etcd=etcd), named=frozenset({"node2"})
    )
    assert order(RESET, wanted) == [
        "same-machine node2",
        "drain node2",
        "reset node2",
        "delete-node node2",
    ]
    (phase,) = (phase for phase in RESET if phase.name == "reset" and phase.hosts(wanted))
    assert [command.on for command in commands(phase, wanted, "node2")] == ["node2"]


def test_a_master_that_is_broken_is_no_way_out_for_the_others() -> None:
    broken = plan(
        member("node1", Role.INIT), member("node4", Role.JOIN_WORKER), named=frozenset({"node4"})
    )
    assert order(RESET, broken) == ["reset node4"]


def test_ipvs_tables_are_cleared_where_ipvs_was_used() -> None:
    (reset,) = (phase for phase in RESET if phase.window > 1)
    plain = whole(joined=True)
    ipvs = replace(plain, cluster=Cluster(proxy_mode=ProxyMode.IPVS))
    assert "ipvsadm" not in commands(reset, plain, "node4")[0].text
    assert "ipvsadm --clear" in commands(reset, ipvs, "node4")[0].text


def test_no_network_add_on_means_that_nobody_waits_for_ready() -> None:
    found = {}
    for wanted in (whole(), replace(whole(), cni=None)):
        (phase,) = (phase for phase in INIT if phase.name in {"ready", "node"} & {*_names(wanted)})
        (command,) = commands(phase, wanted, "node4")
        found[phase.title] = "condition=Ready" in command.text
    assert found == {"the node {host} becomes Ready": True, "the node {host} is in the API": False}


def _names(wanted: Plan) -> list[str]:
    return [phase.name for phase in INIT if phase.hosts(wanted)]


def test_values_of_hosts_are_quoted_for_the_shell() -> None:
    bad = member("node4", Role.JOIN_WORKER)
    bad = replace(bad, target=replace(bad.target, node_name="$(reboot)"))
    wanted = plan(member("node1", Role.INIT, joined=True), bad, named=frozenset({"node4"}))
    for phase in (*JOIN, *RESET):
        for name in phase.hosts(wanted):
            for command in commands(phase, wanted, name):
                rest = command.text.replace("'$(reboot)'", "").replace("node/'$(reboot)'", "")
                assert "reboot" not in rest


def test_the_plan_shows_every_command_and_file(request: pytest.FixtureRequest) -> None:
    wanted = whole()
    text = "\n".join(plan_lines((*INIT, *FINISH), wanted)) + "\n"
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    shown = [line.strip() for line in text.splitlines()]
    for phase in (*INIT, *FINISH):
        for name in phase.hosts(wanted):
            for command in commands(phase, wanted, name):
                for lines in (command.text, *(file.text for file in command.files)):
                    for line in filter(None, map(str.strip, lines.splitlines())):
                        assert line in shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://h/x.yaml?token=hush", "https://h/x.yaml?<query>"),
        ("https://h?hush", "https://h?<query>"),
        ("https://h/it's?a='hush'&b=hush", "https://h/it's?<query>"),
        ("https://h/x.yaml?", "https://h/x.yaml?"),
        ("what?.yaml", "what?.yaml"),
    ],
)
def test_secrets_of_a_manifests_url_are_not_in_the_plan(source: str, shown: str) -> None:
    manifest = ManifestFile("cni", source, "kind: A\n")
    assert manifest.shown.source == shown
    wanted = replace(whole(), cni=manifest, addons=(replace(manifest, name="web"),))
    text = "\n".join(plan_lines((*INIT, *FINISH), wanted))
    assert "hush" not in text
    if manifest.is_url:
        assert shlex.quote(shown) in text
    (cni,) = (phase for phase in INIT if phase.name == "cni")
    run = [command.text for command in commands(cni, wanted, "node1")]
    assert not manifest.is_url or shlex.quote(source) in run[0], "what runs is whole"


@pytest.mark.parametrize(
    ("owed", "certificates"),
    [({TOKENS}, False), ({CERTIFICATES}, True), ({TOKENS, CERTIFICATES}, True)],
)
def test_what_a_killed_run_has_left_is_revoked_first(owed: set[str], *, certificates: bool) -> None:
    wanted = replace(whole(joined=True), owed=frozenset(owed))
    for phases in (INIT, JOIN):
        assert order(phases, wanted)[0] == "revoke-left node1"
    texts = [command.text for command in commands(LEFT, wanted, "node1")]
    assert any("kubeadm-certs" in text for text in texts) is certificates
    assert any("get secrets" in text for text in texts)


def test_without_a_cluster_nothing_can_be_left_in_it() -> None:
    assert order(INIT, replace(whole(), owed=frozenset({TOKENS})))[0] == "kubeadm-init node1"


def test_a_question_is_shown_with_what_must_be_so() -> None:
    wanted = replace(whole(joined=True), named=frozenset({"node2"}))
    shown = [*plan_lines(RESET, wanted)]
    assert (
        "1. the cluster's Node of node2 compared with the host (if it fails, the others go on)"
        in shown
    )
    words = (
        "   this changes nothing, and it goes on only if etcd keeps its quorum without node2, and "
    )
    assert sum(line.startswith(words) for line in shown) == 2, "before all, and before the reset"
    assert any("/v3/cluster/member/remove" in line for line in shown)
    assert any("kubectl" in line and "get node node2" in line for line in shown)


def test_nothing_to_do_is_said() -> None:
    assert [*plan_lines((), whole())] == ["nothing to do"]
    assert [*summary_lines((KUBEADM_INIT,), whole())] == ["  kubeadm init on node1"]


def test_after_a_control_plane_that_could_not_be_reset_no_other_one_is() -> None:
    """Each takes its member out of etcd, which needs most of those that it knows."""
    wanted = replace(whole(joined=True), named=frozenset({"node2", "node3"}))
    (phase,) = (phase for phase in RESET if phase.hosts(wanted) and phase.name == "reset")
    assert (phase.window, phase.on_failure) == (1, OnFailure.STOP)
