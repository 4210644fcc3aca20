"""Phases on hosts of this machine: what is done, left alone, stopped, dropped and found again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from scanner.cluster.action import Action
from scanner.cluster.connections import Connections
from scanner.cluster.credentials import Credentials
from scanner.cluster.execute import Execute
from scanner.cluster.journal import Entry, Event
from scanner.cluster.lock import LockLost
from scanner.cluster.plan import ManifestFile, Plan
from scanner.cluster.prove import Prove
from scanner.cluster.recover import Recovery, half_done, note
from scanner.cluster.result import Outcome
from scanner.cluster.run import Place, Runner
from scanner.cluster.sequence import FINISH, INIT
from scanner.cluster.steps.token import CERTIFICATES, TOKENS
from scanner.cluster.work import Work
from scanner.errors import ClusterError, HostUnreachable
from scanner.request import ExternalEtcd, Request
from scanner.secrets.guesses import Guesses
from scanner.target import Role
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified
from scanner.verify.smoke.attempt import SmokeOptions
from tests.cluster.machine import (
    CA_HASH,
    KUBECONFIG,
    TOKEN,
    Free,
    Machine,
    Machines,
    credentials,
    host,
    member,
    place,
    plan,
)

CNI = ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n")
RESET = "reset --force --cri-socket /var/run/dockershim.sock"
NAMES = ("node1", "node2", "node3")


@pytest.fixture
def machines(tmp_path: Path) -> dict[str, Machine]:
    return {name: Machine.make(tmp_path / name) for name in NAMES}


def three(*, joined: bool = False, **fields: object) -> Plan:
    return plan(
        member("node1", Role.INIT, joined=joined, ignored=("Swap", "Mem")),
        member("node2", Role.JOIN_WORKER, joined=joined),
        member("node3", Role.JOIN_WORKER, joined=joined),
        **{"kubeconfig": "admin.conf", "cni": CNI, **fields},
    )


def with_two_control_planes(*, joined: bool = False) -> Plan:
    """Without an etcd of their own, whose health would be asked for."""
    made = plan(
        member("node1", Role.INIT, joined=joined),
        member("node2", Role.JOIN_CONTROL_PLANE, joined=joined),
        kubeconfig="admin.conf",
    )
    return replace(made, cluster=replace(made.cluster, etcd=ExternalEtcd(("https://e:2379",))))


@asynccontextmanager
async def executing(machines: dict[str, Machine], known: Credentials) -> AsyncIterator[Execute]:
    hosts = {name: member(name, Role.JOIN_WORKER).host for name in machines}
    async with Connections(Machines(**machines), hosts, Guesses()) as connections:
        yield Execute(connections, known, Free())


async def run(machines: dict[str, Machine], wanted: Plan, where: Place) -> Runner:
    known = credentials()
    async with executing(machines, known) as execute:
        runner = Runner(wanted, where, execute, known, lambda _: None)
        await runner.run(INIT)
        await runner.run(FINISH)
    return runner


def outcomes(runner: Runner) -> dict[str, str]:
    return {f"{result.phase} {result.host}": result.outcome for result in runner.results}


async def test_one_control_plane_and_two_workers(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    (machines["node1"].folder / "kubectl.fails").write_text(
        "get -f manifest.yaml -o name\n", encoding="utf-8"
    )
    runner = await run(machines, three(), where)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert machines["node1"].calls("kubeadm") == [
        (
            "init --config kubeadm.yaml --skip-token-print --skip-certificate-key-print "
            "--ignore-preflight-errors=Swap,Mem"
        ),
        (
            "token create --ttl 1h0m0s --description made by kscan for its joins and revoked by it "
            "--print-join-command"
        ),
    ]
    for name in ("node2", "node3"):
        assert machines[name].calls("kubeadm") == ["join --config kubeadm.yaml"]
        given = json.loads((machines[name].folder / "given.yaml").read_text(encoding="utf-8"))
        found = given["discovery"]["bootstrapToken"]
        assert (found["token"], found["caCertHashes"]) == (TOKEN, [CA_HASH])
        assert found["apiServerEndpoint"] == "192.0.2.1:6443"
    assert (machines["node1"].folder / "applied").read_text(encoding="utf-8") == CNI.text
    kubeconfig = where.folder.kubeconfig
    assert kubeconfig.read_text(encoding="utf-8") == KUBECONFIG
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    for name in NAMES:
        assert machines[name].left == []


async def test_no_secret_is_kept_anywhere(machines: dict[str, Machine], tmp_path: Path) -> None:
    where = place(tmp_path / "place")
    (machines["node2"].folder / "fails").write_text(
        f"error execution phase x: token {TOKEN} is bad\n", encoding="utf-8"
    )
    runner = await run(machines, three(), where)
    assert outcomes(runner)["join-worker node2"] == Outcome.FAILED
    kept = [path for path in (tmp_path / "place").rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"journal.jsonl", "node1.log", "node2.log"}
    said = [path.read_text(encoding="utf-8") for path in kept]
    calls = [call for name in NAMES for call in machines[name].calls("kubeadm")]
    shown = [str(runner.results), str(runner.dropped)]
    for secret in (TOKEN, credentials().token, credentials().certificate_key):
        assert not [text for text in (*said, *calls, *shown) if secret in text]
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


async def test_the_query_of_a_manifest_is_not_kept(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    words = 'error: unable to read URL "https://h/x?token=hush", server reported 403\n'
    (machines["node2"].folder / "fails").write_text(words, encoding="utf-8")
    cni = ManifestFile("cni", "https://h/x?token=hush")
    runner = await run(machines, three(cni=cni), place(tmp_path / "place"))
    kept = [path.read_text("utf-8") for path in (tmp_path / "place").rglob("*") if path.is_file()]
    assert any('"https://h/x"' in text for text in kept)
    assert not [text for text in (*kept, str(runner.results)) if "hush" in text]


async def test_a_node_that_the_api_does_not_have_yet_is_waited_for_before_it_is_labelled(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """A kubeadm of 1.34 or later ends its join before."""
    first = machines["node1"].folder
    missing = first / "kubectl.fails"
    missing.write_text("get node\nlabel --overwrite\nget nodes\n", encoding="utf-8")
    sleep = first / "bin" / "sleep"
    sleep.write_text(f"#!/bin/sh\nrm -f {missing}\n", encoding="utf-8")
    sleep.chmod(0o755)
    wanted = three(joined=True)
    second = replace(wanted.members[1], host=host("node2", labels=(("zone", "a"),)))
    wanted = replace(wanted, members=(wanted.members[0], second, wanted.members[2]))
    runner = await run(machines, wanted, place(tmp_path / "place"))
    assert outcomes(runner)["labels node2"] == Outcome.DONE
    assert "label --overwrite node node2 zone=a" in machines["node1"].calls("kubectl")


async def test_what_is_there_is_left_alone(machines: dict[str, Machine], tmp_path: Path) -> None:
    runner = await run(machines, three(joined=True), place(tmp_path / "place"))
    assert outcomes(runner)["cni node1"] == Outcome.ALREADY
    assert not [name for name in NAMES if machines[name].calls("kubeadm")]
    assert not (machines["node1"].folder / "applied").exists()
    verbs = {call.split()[0] for call in machines["node1"].calls("kubectl")}
    assert verbs <= {"get", "wait", "-n"}


async def test_a_worker_that_fails_is_dropped_and_the_others_join(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    words = "\t[ERROR Swap]: running with swap on\nerror execution phase preflight: no\n"
    (machines["node2"].folder / "fails").write_text(words, encoding="utf-8")
    where = place(tmp_path / "place")
    runner = await run(machines, three(), where)
    assert [*runner.dropped] == ["node2"]
    assert not runner.stopped
    (failed,) = (result for result in runner.results if result.outcome is Outcome.FAILED)
    assert failed.said == ("[ERROR Swap]: running with swap on",)
    assert "logs/node2.log" in failed.message
    assert outcomes(runner)["join-worker node3"] == Outcome.DONE
    assert "ready node3" in outcomes(runner)
    assert "ready node2" not in outcomes(runner)
    entry = where.journal.last("join-worker", "node2")
    assert entry is not None
    assert (entry.event, entry.clean) == (Event.FAILED, True)


async def test_a_failed_init_stops_but_takes_back_the_token(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    (machines["node1"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    runner = await run(machines, three(), place(tmp_path / "place"))
    assert runner.stopped
    found = outcomes(runner)
    assert found.pop("kubeadm-init node1") == Outcome.FAILED
    assert found.pop("revoke node1") == Outcome.DONE
    assert set(found.values()) == {Outcome.SKIPPED}
    assert not machines["node2"].calls("kubeadm")


async def test_an_unreachable_worker_costs_itself_only(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.connections._PAUSE", 0.0)
    machines["node3"].reachable = False
    runner = await run(machines, three(), place(tmp_path / "place"))
    assert [*runner.dropped] == ["node3"]
    assert outcomes(runner)["join-worker node2"] == Outcome.DONE


async def test_a_later_run_finds_what_goes_on(machines: dict[str, Machine], tmp_path: Path) -> None:
    """The first run ends as by SIGKILL: the journal has a beginning without an end."""
    where = place(tmp_path / "place")
    (machines["node1"].folder / "slow").touch()
    first = asyncio.create_task(run(machines, three(), where))
    for _ in range(400):
        if machines["node1"].calls("kubeadm"):
            break
        await asyncio.sleep(0.05)
    first.cancel()
    await asyncio.wait({first})
    again = place(tmp_path / "place", "run2")
    assert [entry.event for entry in again.journal.open_jobs()] == [Event.BEGUN]
    async with executing(machines, credentials()) as execute:
        found = asyncio.create_task(
            Recovery(again, execute, lambda _: None).attach(lambda _: True, "node1")
        )
        await asyncio.sleep(0.3)
        assert not found.done()
        (machines["node1"].folder / "slow").unlink()
        await found
    entry = again.journal.last("kubeadm-init", "node1")
    assert entry is not None
    assert (entry.event, entry.run) == (Event.DONE, "run2")
    assert len(machines["node1"].calls("kubeadm")) == 1
    assert machines["node1"].calls("curl"), "the check must not come before the kubelet is up"
    assert machines["node1"].left == []


async def recovered(machines: dict[str, Machine], where: Place) -> None:
    async with executing(machines, credentials()) as execute:
        await Recovery(where, execute, lambda _: None).attach(lambda _: True, "node1")


@pytest.mark.parametrize(("phase", "waits"), [("join-control-plane", True), ("join-worker", False)])
async def test_once_etcd_has_grown_the_masters_components_are_waited_for(
    machines: dict[str, Machine], tmp_path: Path, phase: str, *, waits: bool
) -> None:
    """Their leases can run out meanwhile, and the check that follows would miss one of them."""
    where, entry = await failed_join(machines, tmp_path / "place")
    note(where, replace(entry, phase=phase), Event.BEGUN)
    manifests = machines["node1"].folder / "etc" / "manifests"
    manifests.mkdir()
    (manifests / "kube-scheduler.yaml").touch()
    before = len(machines["node1"].calls("curl"))
    await recovered(machines, where)
    assert (len(machines["node1"].calls("curl")) > before) is waits


async def failed_join(machines: dict[str, Machine], path: Path) -> tuple[Place, Entry]:
    where = place(path)
    (machines["node2"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    (machines["node2"].folder / "etc" / "admin.conf").unlink()
    await run(machines, three(), where)
    entry = where.journal.last("join-worker", "node2")
    assert entry is not None
    return place(path, "run2"), entry


def after_failure() -> Plan:
    """The cluster is there, and node2 is to be undone."""
    first, second, third = three().members
    return replace(three(), members=(replace(first, joined=True), second, third))


async def undone(
    machines: dict[str, Machine], where: Place, wanted: Plan | None = None
) -> list[str]:
    """Undo what is half done; what was said."""
    said: list[str] = []
    await recovered(machines, where)
    entries = half_done(where, lambda name: name != "node2")
    async with executing(machines, credentials()) as execute:
        await Recovery(where, execute, said.append).undo(entries, wanted or after_failure())
    return said


async def test_what_is_half_done_is_undone_where_the_host_was_clean(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    assert len(machines["node2"].left) == 1
    host = machines["node2"].folder
    for path in ("etc/cni/net.d/10-flannel.conflist", "sys/class/net/cni0"):
        (host / "none" / path).parent.mkdir(parents=True)
        (host / "none" / path).touch()
    await undone(machines, where)
    assert not [*(host / "none" / "etc/cni/net.d").iterdir()]
    assert (host / "ip.calls").read_text(encoding="utf-8") == "link delete cni0\n"
    assert (host / "restored").read_text(encoding="utf-8") == "-A MINE\n" * 2
    assert machines["node2"].calls("kubeadm")[-1] == RESET
    assert machines["node1"].calls("kubectl")[-1] == "delete node node2 --ignore-not-found"
    assert half_done(where, lambda _: False) == ()
    assert machines["node2"].left == []


async def test_a_node_that_cannot_be_deleted_is_said(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    (machines["node1"].folder / "kubectl.fails").write_text("delete node\n", encoding="utf-8")
    with pytest.raises(ClusterError, match="node2: undone, but its node node2 could not be"):
        await undone(machines, where)
    assert [entry.host for entry in where.journal.open_jobs()] == ["node2"]
    assert machines["node2"].calls("kubeadm")[-1] == RESET


async def test_one_that_was_killed_is_undone_too(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    note(where, entry, Event.BEGUN)
    (machines["node2"].folder / "run" / f"kscan-{entry.job}" / "status").unlink()
    await undone(machines, where)
    assert machines["node2"].calls("kubeadm")[-1] == RESET


async def test_a_host_that_was_restarted_is_not_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    note(where, entry, Event.BEGUN)
    shutil.rmtree(machines["node2"].folder / "run" / f"kscan-{entry.job}")
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "node2: nothing proves that what is there was left by this join-worker" in said[-1]
    assert [*where.journal.open_jobs()], "it is named again by the next run"


async def test_what_somebody_has_made_by_hand_since_then_is_not_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    made = machines["node2"].folder / "etc" / "pki" / "ca.crt"
    made.parent.mkdir()
    made.write_text("another CA", encoding="utf-8")
    os.utime(made, (2e9, 2e9))
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "not undone" in said[-1]


@pytest.mark.parametrize("name", ["admin.conf", "kubelet.conf", "pki/sa.key", "manifests/a.yaml"])
async def test_what_was_there_before_it_was_begun_is_not_undone(
    machines: dict[str, Machine], tmp_path: Path, name: str
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    made = machines["node2"].folder / "etc" / name
    made.parent.mkdir(exist_ok=True)
    made.write_text("another's", encoding="utf-8")
    os.utime(made, (1e9, 1e9))
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "not undone" in said[-1]


async def test_what_was_made_between_begin_and_end_is_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    kept = machines["node2"].folder / "run" / f"kscan-{entry.job}"
    os.utime(kept / "job", (1e9, 1e9))
    made = machines["node2"].folder / "etc" / "pki" / "ca.crt"
    made.parent.mkdir()
    made.write_text("ours", encoding="utf-8")
    os.utime(made, (1e9 + 5, 1e9 + 5))
    await undone(machines, where)
    assert machines["node2"].calls("kubeadm")[-1] == RESET


async def test_of_one_that_was_killed_the_end_is_what_it_said_last(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    note(where, entry, Event.BEGUN)
    kept = machines["node2"].folder / "run" / f"kscan-{entry.job}"
    (kept / "status").unlink()
    for name in ("job", "log"):
        os.utime(kept / name, (1e9, 1e9))
    made = machines["node2"].folder / "etc" / "admin.conf"
    made.write_text("made after it was killed, before this run", encoding="utf-8")
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "not undone" in said[-1]


async def test_a_host_that_is_good_by_now_needs_no_undoing(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    (machines["node2"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    await run(machines, three(), where)
    assert half_done(where, lambda _: True) == ()
    assert [*place(tmp_path / "place").journal.open_jobs()] == []


async def test_undoing_that_fails_is_said(machines: dict[str, Machine], tmp_path: Path) -> None:
    where = place(tmp_path / "place")
    (machines["node2"].folder / "etc" / "admin.conf").unlink()
    (machines["node2"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    await run(machines, three(), where)
    bad = machines["node2"].folder / "bin" / "kubeadm"
    bad.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    async with executing(machines, credentials()) as execute:
        recovery = Recovery(where, execute, lambda _: None)
        entries = half_done(where, lambda _: False)
        with pytest.raises(ClusterError, match="node2: `kubeadm reset` has failed"):
            await recovery.undo(entries, three())


async def test_another_admin_conf_is_never_overwritten(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    where.folder.kubeconfig.write_text("mine\n", encoding="utf-8")
    runner = await run(machines, three(), where)
    assert outcomes(runner)["kubeconfig node1"] == Outcome.FAILED
    assert where.folder.kubeconfig.read_text(encoding="utf-8") == "mine\n"


async def test_an_interrupted_run_reports_what_is_done(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    for name in ("node2", "node3"):
        (machines[name].folder / "slow").touch()
    wanted = three()
    hosts = tuple(one.host for one in wanted.members)
    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    work = Work(Request(hosts), place(tmp_path / "place"), opened, lambda _: None)
    task = asyncio.create_task(work.run(wanted, INIT, FINISH))
    for _ in range(400):
        if machines["node2"].calls("kubeadm"):
            break
        await asyncio.sleep(0.05)
    task.cancel()
    worked = await task
    assert worked.interrupted
    assert not worked.good
    done = {f"{result.phase} {result.host}" for result in worked.results}
    assert {"kubeadm-init node1", "token node1"} <= done
    assert "join-worker node2" not in done
    for name in ("node2", "node3"):
        (machines[name].folder / "slow").unlink()


async def test_the_token_is_revoked_after_a_crash_too(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    wanted = three()
    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    def crash(*_words: object) -> tuple[Action, ...]:
        raise ValueError("a bug")

    phases = tuple(
        replace(phase, actions=crash) if phase.name == "labels" else phase for phase in INIT
    )
    labelled = replace(wanted.members[1], host=host("node2", labels=(("a", "b"),)))
    wanted = replace(wanted, members=(wanted.members[0], labelled))
    (machines["node1"].folder / "kubectl.fails").write_text(
        "get nodes -l a=b --field-selector metadata.name=node2 -o name\n", encoding="utf-8"
    )
    hosts = tuple(one.host for one in wanted.members)
    work = Work(Request(hosts), place(tmp_path / "place"), opened, lambda _: None)
    with pytest.raises(ExceptionGroup):
        await work.run(wanted, phases, FINISH)
    assert [call for call in machines["node1"].calls("kubectl") if "get secrets" in call]


async def test_the_journal_knows_what_a_killed_run_has_left_in_the_cluster(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    (machines["node2"].folder / "slow").touch()
    first = asyncio.create_task(run(machines, with_two_control_planes(), where))
    for _ in range(400):
        if machines["node2"].calls("kubeadm"):
            break
        await asyncio.sleep(0.05)
    first.cancel()  # as by SIGKILL: nothing is taken back
    await asyncio.wait({first})
    again = place(tmp_path / "place", "run2")
    assert again.journal.owed == {TOKENS, CERTIFICATES}
    (machines["node2"].folder / "slow").unlink()
    wanted = replace(with_two_control_planes(joined=True), owed=again.journal.owed)
    runner = await run(machines, wanted, again)
    assert outcomes(runner)["revoke-left node1"] == Outcome.DONE
    calls = machines["node1"].calls("kubectl")
    assert [call for call in calls if "delete secret kubeadm-certs" in call]
    assert place(tmp_path / "place").journal.owed == frozenset()


async def test_a_run_that_ends_owes_nothing(machines: dict[str, Machine], tmp_path: Path) -> None:
    where = place(tmp_path / "place")
    (machines["node2"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    runner = await run(machines, with_two_control_planes(), where)
    assert runner.stopped
    assert outcomes(runner)["revoke-certificates node1"] == Outcome.DONE
    assert where.journal.owed == frozenset()


async def test_what_could_not_be_revoked_stays_owed(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    (machines["node1"].folder / "kubectl.fails").write_text("-n kube-system\n", encoding="utf-8")
    runner = await run(machines, with_two_control_planes(), where)
    assert outcomes(runner)["revoke-certificates node1"] == Outcome.FAILED
    assert place(tmp_path / "place").journal.owed == {TOKENS, CERTIFICATES}


@pytest.mark.parametrize(
    ("fails", "reachable", "broken"), [(True, True, True), (False, False, False)]
)
async def test_a_host_that_is_lost_is_told_from_a_step_that_fails(
    machines: dict[str, Machine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fails: bool,
    reachable: bool,
    broken: bool,
) -> None:
    monkeypatch.setattr("scanner.cluster.connections._PAUSE", 0.0)
    machines["node3"].reachable = reachable
    if fails:
        (machines["node3"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    runner = await run(machines, three(), place(tmp_path / "place"))
    assert [*runner.dropped] == ["node3"]
    assert runner.broken is broken


async def test_the_nodes_of_a_cluster_are_asked_of_its_master(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.connections._PAUSE", 0.0)
    wanted = three(joined=True)
    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    hosts = tuple(one.host for one in wanted.members)
    work = Work(Request(hosts), place(tmp_path / "place"), opened, lambda _: None)
    (machines["node1"].folder / "nodes").write_text(
        "192.0.2.2 node2 10.244.1.0/24 10.244.1.0/24\n", encoding="utf-8"
    )
    found = await work.nodes("node1")
    assert found is not None
    assert found.addresses == {"192.0.2.2"}
    (machines["node1"].folder / "kubectl.fails").write_text("get nodes\n", encoding="utf-8")
    assert await work.nodes("node1") is None
    machines["node1"].reachable = False
    assert await work.nodes("node1") is None


class Lost:
    """A proof whose connection to the master is lost."""

    smoke = None

    async def __call__(self, *_words: object, **_known: object) -> Verified:
        raise HostUnreachable("node1 is gone")


class Slow:
    """A proof whose workload takes for ever."""

    smoke = SmokeOptions("lab/busybox:1")

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def __call__(self, *_words: object, **_known: object) -> Verified:
        return Verified((VerifyResult("KS801", "", Verdict.PASS, ""),))

    async def try_workload(self, *_words: object) -> Verified:
        self.began.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_an_interrupted_workload_does_not_cost_the_proof(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    wanted = three(joined=True)
    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    hosts = tuple(one.host for one in wanted.members)
    work = Work(Request(hosts), place(tmp_path / "place"), opened, lambda _: None)
    prove = Slow()
    task = asyncio.create_task(work.run(wanted, INIT, FINISH, cast("Prove", prove)))
    await prove.began.wait()
    task.cancel()
    worked = await task
    assert worked.interrupted
    assert worked.verified is not None
    assert [result.check for result in worked.verified.results] == ["KS801"]


async def test_a_master_that_is_lost_in_the_proof_leaves_nothing_known(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    wanted = three(joined=True)
    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    hosts = tuple(one.host for one in wanted.members)
    work = Work(Request(hosts), place(tmp_path / "place"), opened, lambda _: None)
    worked = await work.run(wanted, INIT, FINISH, cast("Prove", Lost()))
    assert worked.verified is not None
    assert {result.verdict for result in worked.verified.results} == {Verdict.UNKNOWN}
    assert "node1 is gone" in worked.verified.results[0].message
    assert not worked.good
    assert not worked.failed
    assert ("revoke", Outcome.DONE) in {(row.phase, row.outcome) for row in worked.results}


@pytest.mark.parametrize(("held", "minted"), [(0, False), (3, True)])
async def test_a_lost_lock_leaves_a_token_only_where_one_was_minted(
    machines: dict[str, Machine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    held: int,
    *,
    minted: bool,
) -> None:
    """A second run over a finished cluster has nothing that could stay."""
    left = [held]

    class Losing:
        def check(self) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise LockLost("node1: the lock was lost")

    @asynccontextmanager
    async def locked(*_words: object) -> AsyncIterator[Losing]:
        yield Losing()

    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    monkeypatch.setattr("scanner.cluster.work.master_lock", locked)
    wanted = three(joined=not minted)
    hosts = tuple(one.host for one in wanted.members)
    said: list[str] = []
    where = place(tmp_path / "place")
    worked = await Work(Request(hosts), where, opened, said.append).run(wanted, INIT, FINISH)
    assert worked.lock_lost
    assert any("is not revoked" in line for line in said) is minted
    assert bool(where.journal.owed) is minted


async def test_what_takes_too_long_is_not_taken_for_failed(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kubeadm may still be at work: undoing it now would break what it makes."""
    monkeypatch.setattr("scanner.cluster.steps.kubeadm.SECONDS", 1.0)
    (machines["node2"].folder / "slow").touch()
    where = place(tmp_path / "place")
    runner = await run(machines, three(), where)
    assert "did not end within" in runner.dropped["node2"]
    entry = where.journal.last("join-worker", "node2")
    assert entry is not None
    assert entry.event is Event.BEGUN
    assert half_done(where, lambda _: False) == ()
    (machines["node2"].folder / "slow").unlink()
    await recovered(machines, where)
    ended = where.journal.last("join-worker", "node2")
    assert ended is not None
    assert (ended.event, ended.job) == (Event.DONE, entry.job)
