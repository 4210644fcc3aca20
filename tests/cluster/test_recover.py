"""What an earlier run has begun is waited for, and undone where it is half done."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.half_done import half_done
from scanner.cluster.journal import Event
from scanner.cluster.recover import Recovery
from scanner.errors import ClusterError
from tests.cluster.machine import (
    Machine,
    credentials,
    place,
)
from tests.cluster.runs import (
    RESET,
    executing,
    failed_join,
    recovered,
    run,
    three,
    undone,
)


def put(machine: Machine, name: str, at: float) -> None:
    """A file of /etc/kubernetes that was written then."""
    path = machine.folder / "etc" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("it is not read", encoding="utf-8")
    os.utime(path, (at, at))


@pytest.mark.parametrize(("phase", "waits"), [("join-control-plane", True), ("join-worker", False)])
async def test_once_etcd_has_grown_the_masters_components_are_waited_for(
    machines: dict[str, Machine], tmp_path: Path, phase: str, *, waits: bool
) -> None:
    """Their leases can run out meanwhile, and the check that follows would miss one of them."""
    where, entry = await failed_join(machines, tmp_path / "place")
    where.mark(replace(entry, phase=phase), Event.BEGUN)
    manifests = machines["node1"].folder / "etc" / "manifests"
    manifests.mkdir()
    (manifests / "kube-scheduler.yaml").touch()
    before = len(machines["node1"].calls("curl"))
    await recovered(machines, where)
    assert (len(machines["node1"].calls("curl")) > before) is waits


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
    where.mark(entry, Event.BEGUN)
    (machines["node2"].folder / "run" / f"kscan-{entry.job}" / "status").unlink()
    await undone(machines, where)
    assert machines["node2"].calls("kubeadm")[-1] == RESET


async def test_what_an_end_wants_the_user_to_know_is_said_by_the_run_that_finds_it(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    where.mark(entry, Event.BEGUN)
    log = machines["node2"].folder / "run" / f"kscan-{entry.job}" / "log"
    log.write_text("abcdef.0123456789abcdef\nkscan: rules of iptables are left\n", encoding="utf-8")
    said = await recovered(machines, where)
    assert "node2: rules of iptables are left" in said


async def test_a_host_that_was_restarted_is_not_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    where.mark(entry, Event.BEGUN)
    shutil.rmtree(machines["node2"].folder / "run" / f"kscan-{entry.job}")
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "node2: nothing proves that what is there was left by this join-worker" in said[-1]
    assert [*where.journal.open_jobs()], "it is named again by the next run"


async def test_what_somebody_has_made_by_hand_since_then_is_not_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    put(machines["node2"], "pki/ca.crt", 2e9)
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "not undone" in said[-1]


@pytest.mark.parametrize("name", ["admin.conf", "kubelet.conf", "pki/sa.key", "manifests/a.yaml"])
async def test_what_was_there_before_it_was_begun_is_not_undone(
    machines: dict[str, Machine], tmp_path: Path, name: str
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    put(machines["node2"], name, 1e9)
    said = await undone(machines, where)
    assert RESET not in machines["node2"].calls("kubeadm")
    assert "not undone" in said[-1]


async def test_what_was_made_between_begin_and_end_is_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    kept = machines["node2"].folder / "run" / f"kscan-{entry.job}"
    os.utime(kept / "job", (1e9, 1e9))
    put(machines["node2"], "pki/ca.crt", 1e9 + 5)
    await undone(machines, where)
    assert machines["node2"].calls("kubeadm")[-1] == RESET


async def test_of_one_that_was_killed_the_end_is_what_it_said_last(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    where.mark(entry, Event.BEGUN)
    kept = machines["node2"].folder / "run" / f"kscan-{entry.job}"
    (kept / "status").unlink()
    for name in ("job", "log"):
        os.utime(kept / name, (1e9, 1e9))
    put(machines["node2"], "admin.conf", time.time())  # after it was killed, before this run
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


async def test_what_is_not_undone_is_not_among_what_was_changed(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, entry = await failed_join(machines, tmp_path / "place")
    shutil.rmtree(machines["node2"].folder / "run" / f"kscan-{entry.job}")
    async with executing(machines, credentials()) as execute:
        entries = half_done(where, lambda name: name != "node2")
        assert [one.host for one in entries] == ["node2"]
        assert await Recovery(where, execute, lambda _: None).undo(entries, three()) == ()


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
