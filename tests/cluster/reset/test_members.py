"""What etcd is asked before a control plane goes, and what proves that it has let it go."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.cluster.execute import Execute
from scanner.cluster.result import Outcome
from scanner.target import Role
from tests.cluster.machine import Machine, member, plan
from tests.cluster.reset.hosts import RESET_WORDS, changed, etcd, four, outcomes, reset, write


async def test_a_control_plane_is_not_reset_where_etcd_would_lose_its_quorum(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "sick", "https://192.0.2.2:2379/health\n")
    runner = await reset(machines, four("node3", "node4"), tmp_path)
    assert changed(machines) == []
    found = outcomes(runner)
    assert found.pop("same-machine node3") == found.pop("same-machine node4") == Outcome.DONE
    assert found.pop("etcd node1") == Outcome.FAILED
    assert set(found.values()) == {Outcome.SKIPPED}
    assert runner.failure is not None
    assert "without node3 etcd would lose its quorum" in runner.failure.message


@pytest.mark.parametrize("broken", ["no curl", "no answer", "no list"])
async def test_an_etcd_that_cannot_be_asked_is_no_yes(
    machines: dict[str, Machine], tmp_path: Path, broken: str
) -> None:
    curl = machines["node1"].folder / "bin" / "curl"
    text = {"no curl": "exit 127", "no answer": "exit 7", "no list": "echo '{\"members\":[]}'"}
    curl.write_text(f"#!/bin/sh\n{text[broken]}\n", encoding="utf-8")
    runner = await reset(machines, four("node3"), tmp_path)
    assert changed(machines) == []
    assert outcomes(runner)["etcd node1"] == Outcome.FAILED


def noting(machines: dict[str, Machine]) -> Path:
    """A file with what etcd and the host are told, in this order."""
    told = machines["node1"].folder / "told"
    for name, program in (("node1", "curl"), ("node3", "kubeadm")):
        path = machines[name].folder / "bin" / program
        text = path.read_text(encoding="utf-8").replace("#!/bin/sh", "", 1)
        path.write_text(f"#!/bin/sh\necho {program} $* >>{told}\n{text}", encoding="utf-8")
    return told


async def test_the_member_leaves_etcd_before_its_host_is_reset(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """Of two: kubeadm could fail to remove it, and then nobody could any more."""
    first = machines["node1"]
    write(first, "etcd", etcd("node1", "node3"))
    write(first, "etcd.after", etcd("node1"))
    told = noting(machines)
    runner = await reset(machines, four("node3"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    (removed,) = (call for call in changed(machines) if "remove" in call)
    assert '-X POST -d {"ID": "18446744073709551613"} https://127.0.0.1:2379/v3/' in removed
    lines = told.read_text(encoding="utf-8").splitlines()
    steps = [
        next((word for word in ("remove", "list", "--help", RESET_WORDS) if word in line), "")
        for line in lines
    ]
    (at,) = (number for number, step in enumerate(steps) if step == RESET_WORDS)
    assert "list" in steps[steps.index("remove") : at], "the list proves it before the reset"
    assert "list" in steps[at:], "and is asked for again after it"


async def test_a_reset_that_was_ended_after_the_removal_goes_on(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(machines["node1"], "etcd.after", etcd("node1", "node2"))
    with monkeypatch.context() as patch:

        async def ended(*_: object) -> None:
            raise RuntimeError  # as if by SIGKILL: nothing is done after it

        patch.setattr(Execute, "start", ended)
        with pytest.raises(ExceptionGroup):
            await reset(machines, four("node3"), tmp_path)
    assert len([call for call in changed(machines) if "remove" in call]) == 1
    assert not machines["node3"].calls("kubeadm")
    runner = await reset(machines, four("node3"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert machines["node3"].calls("kubeadm") == [f"{RESET_WORDS} --kubeconfig admin.conf"]
    assert len([call for call in changed(machines) if "remove" in call]) == 1


async def test_an_etcd_that_takes_no_change_at_first_is_asked_again(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has just lost a member; and an error of its is not taken for a list without members."""
    monkeypatch.setattr("scanner.cluster.steps.etcd._BEFORE_SECONDS", 8)
    (machines["node1"].folder / "bin" / "sleep").symlink_to("/bin/true")
    write(machines["node1"], "etcd.after", etcd("node1", "node2"))
    for name in ("late", "shaken"):
        write(machines["node1"], name, "")
    runner = await reset(machines, four("node3"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert len([call for call in changed(machines) if "remove" in call]) == 2


async def test_the_host_of_a_member_that_stays_is_not_reset(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "stuck", "")
    runner = await reset(machines, four("node3"), tmp_path)
    assert not machines["node3"].calls("kubeadm")
    assert outcomes(runner)["reset node3"] == Outcome.FAILED
    assert runner.failure is not None
    assert "`etcdctl member remove fffffffffffffffd` on node1" in runner.failure.message


async def test_a_member_that_came_back_meanwhile_is_removed_after_the_reset_too(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    listed = machines["node1"].folder / "etcd"
    write(machines["node1"], "etcd.after", etcd("node1", "node2"))
    again = etcd("node1", "node2", "node3")
    kubeadm = machines["node3"].folder / "bin" / "kubeadm"
    kubeadm.write_text(
        f"#!/bin/sh\n[ $2 = --help ] || cat >{listed} <<'E'\n{again}\nE\n", encoding="utf-8"
    )
    runner = await reset(machines, four("node3"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert len([call for call in machines["node1"].calls("curl") if "remove" in call]) == 2


@pytest.mark.parametrize("answers", [True, False])
async def test_the_last_one_that_is_seen_may_go_unless_etcd_knows_others(
    machines: dict[str, Machine], tmp_path: Path, *, answers: bool
) -> None:
    if not answers:
        (machines["node1"].folder / "etcd").unlink()
    alone = plan(member("node1", Role.INIT, joined=True), named=frozenset({"node1"}))
    runner = await reset(machines, alone, tmp_path)
    assert bool(machines["node1"].calls("kubeadm")) is not answers
    if answers:
        assert runner.failure is not None
        assert "etcd has members that are not to be reset: node2" in runner.failure.message
