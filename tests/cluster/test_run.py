"""Phases on hosts of this machine: what is done, left alone, stopped, dropped and found again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.half_done import half_done
from scanner.cluster.journal import Event
from scanner.cluster.plan import ManifestFile
from scanner.cluster.recover import Recovery
from scanner.cluster.result import Outcome
from scanner.cluster.steps.token import CERTIFICATES, TOKENS
from tests.cluster.machine import (
    CA_HASH,
    KUBECONFIG,
    TOKEN,
    Machine,
    credentials,
    host,
    place,
)
from tests.cluster.runs import (
    CNI,
    NAMES,
    executing,
    outcomes,
    recovered,
    run,
    three,
    with_two_control_planes,
)


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


@pytest.mark.parametrize(
    ("error", "times", "outcome"),
    [
        ("The connection to the server was refused", 2, Outcome.DONE),
        ("The connection to the server was refused", 3, Outcome.FAILED),
        ("error: timed out waiting for the condition on nodes/node3", 1, Outcome.FAILED),
    ],
)
async def test_a_node_is_not_left_behind_for_one_answer_of_its_load_balancer(
    machines: dict[str, Machine], tmp_path: Path, error: str, times: int, outcome: Outcome
) -> None:
    first = machines["node1"].folder
    kubectl = first / "bin" / "kubectl"
    fails = (
        f'case "$*" in *"wait --for"*node3*) echo x >>{first}/waits\n'
        f"[ $(wc -l <{first}/waits) -gt {times} ] || {{ echo '{error}' >&2; exit 1; }} ;; esac\n"
    )
    kubectl.write_text(f"#!/bin/sh\n{fails}", encoding="utf-8")
    sleep = first / "bin" / "sleep"
    sleep.write_text("#!/bin/sh\n", encoding="utf-8")
    sleep.chmod(0o755)
    runner = await run(machines, three(joined=True), place(tmp_path / "place"))
    assert outcomes(runner)["ready node3"] == outcome
    assert outcomes(runner)["ready node2"] == Outcome.DONE


async def test_of_a_member_whose_node_was_deleted_the_way_out_is_said(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    first = machines["node1"].folder
    error = 'Error from server (NotFound): nodes "node3" not found'
    (first / "bin" / "kubectl").write_text(
        f"#!/bin/sh\ncase \"$*\" in *node3*) echo '{error}' >&2; exit 1 ;; esac\n",
        encoding="utf-8",
    )
    sleep = first / "bin" / "sleep"
    sleep.write_text("#!/bin/sh\n", encoding="utf-8")
    sleep.chmod(0o755)
    runner = await run(machines, three(joined=True), place(tmp_path / "place"))
    assert [*runner.dropped] == ["node3"]
    said = runner.dropped["node3"]
    assert said.startswith(f"{error}: run `kscan reset node3`, then the same command again")
    assert "exit status 1" in said


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


async def test_a_kubeadm_that_was_killed_is_said(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    kubeadm = machines["node2"].folder / "bin" / "kubeadm"
    kubeadm.write_text("#!/bin/sh\necho '[preflight] Running'\nkill -9 $$\n", encoding="utf-8")
    runner = await run(machines, three(), place(tmp_path / "place"))
    assert "exit status 137: killed, perhaps for want of memory" in runner.dropped["node2"]


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


async def test_without_a_cluster_nothing_is_revoked(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """What failed is then the one thing that is said."""
    first = machines["node1"]
    (first.folder / "etc" / "admin.conf").unlink()
    (first.folder / "fails").write_text("error: no\n", encoding="utf-8")
    where = place(tmp_path / "place")
    runner = await run(machines, three(), where)
    failed = [row.phase for row in runner.results if row.outcome is Outcome.FAILED]
    assert failed == ["kubeadm-init"]
    assert not first.calls("kubectl")
    assert not where.journal.owed


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
    kubeadm = machines["node1"].folder / "bin" / "kubeadm"
    text = kubeadm.read_text(encoding="utf-8")
    kubeadm.write_text(text.replace("is done", f"is done with {TOKEN}"), encoding="utf-8")
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
    kept = (tmp_path / "place" / "logs" / "node1.log").read_text(encoding="utf-8")
    assert "init is done with" in kept
    assert TOKEN not in kept, "the run that minted it is not this one"


async def test_another_admin_conf_is_never_overwritten(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    where.folder.kubeconfig.write_text("mine\n", encoding="utf-8")
    runner = await run(machines, three(), where)
    assert outcomes(runner)["kubeconfig node1"] == Outcome.FAILED
    assert where.folder.kubeconfig.read_text(encoding="utf-8") == "mine\n"


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


async def test_what_takes_too_long_is_not_taken_for_failed(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kubeadm may still be at work: undoing it now would break what it makes."""
    monkeypatch.setattr("scanner.cluster.steps.kubeadm.JOIN_SECONDS", 1.0)
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
