"""`reset` on hosts of this machine: what is asked first, what is refused, what proves the end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.connections import Connections
from scanner.cluster.execute import Execute
from scanner.cluster.lock import LockLost, master_lock
from scanner.cluster.plan import Plan
from scanner.cluster.result import Outcome
from scanner.cluster.run import Runner
from scanner.cluster.sequence import RESET
from scanner.secrets.guesses import Guesses
from scanner.target import Role
from tests.cluster.machine import (
    Free,
    Machine,
    Machines,
    credentials,
    member,
    node,
    place,
    plan,
    seen,
)

NAMES = ("node1", "node2", "node3", "node4")
RESET_WORDS = "reset --force --cri-socket /var/run/dockershim.sock"
CURL = """#!/bin/sh
HOST={folder}
echo "$*" >>$HOST/curl.calls
for url; do :; done
case $url in
*/member/list) if [ -e $HOST/late ]; then rm $HOST/late; echo '{{"error":"no leader"}}'
	else cat $HOST/etcd || exit 7; fi ;;
*/member/remove) if [ -e $HOST/shaken ]; then
		mv $HOST/shaken $HOST/calm
		echo '{{"error":"etcdserver: unhealthy cluster","code":14}}'
		exit
	fi
	[ -e $HOST/stuck ] || cp $HOST/etcd.after $HOST/etcd; echo '{{}}' ;;
*) if grep -qs -F -e "$url" $HOST/sick; then echo '{{"health":"false"}}'
	else echo '{{"health":"true"}}'; fi ;;
esac
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_BEFORE_SECONDS", "_AFTER_SECONDS"):
        monkeypatch.setattr(f"scanner.cluster.steps.etcd.{name}", 0)


@pytest.fixture
def machines(tmp_path: Path) -> dict[str, Machine]:
    """Three control planes and a worker; etcd is asked on each, and has all three."""
    made = {name: Machine.make(tmp_path / name) for name in NAMES}
    for machine in made.values():
        curl = machine.folder / "bin" / "curl"
        curl.write_text(CURL.format(folder=machine.folder), encoding="utf-8")
        write(machine, "etcd", etcd("node1", "node2", "node3"))
    return made


def write(machine: Machine, name: str, text: str) -> None:
    (machine.folder / name).write_text(text, encoding="utf-8")


def etcd(*names: str) -> str:
    members = [
        {
            "ID": f"1844674407370955161{name[-1]}",
            "name": name,
            "peerURLs": [f"https://192.0.2.{name[-1]}:2380"],
            "clientURLs": [f"https://192.0.2.{name[-1]}:2379"],
        }
        for name in names
    ]
    return json.dumps({"members": members}, indent=1)


def four(*named: str) -> Plan:
    return plan(
        member("node1", Role.INIT, joined=True),
        member("node2", Role.JOIN_CONTROL_PLANE, joined=True),
        member("node3", Role.JOIN_CONTROL_PLANE, joined=True),
        member("node4", Role.JOIN_WORKER, joined=True),
        named=frozenset(named),
    )


async def reset(machines: dict[str, Machine], wanted: Plan, path: Path) -> Runner:
    hosts = {one.name: one.host for one in wanted.members}
    async with Connections(Machines(**machines), hosts, Guesses()) as connections:
        known = credentials()
        execute = Execute(connections, known, Free())
        runner = Runner(wanted, place(path / "place"), execute, known, lambda _: None)
        await runner.run(RESET)
    return runner


def outcomes(runner: Runner) -> dict[str, str]:
    return {f"{result.phase} {result.host}": result.outcome for result in runner.results}


def changed(machines: dict[str, Machine]) -> list[str]:
    """Everything that was run that changes something."""
    calls = []
    for name, machine in machines.items():
        kubectl = (call for call in machine.calls("kubectl") if not call.startswith("get "))
        curl = (call for call in machine.calls("curl") if "remove" in call)
        calls += [f"{name}: {call}" for call in (*kubectl, *machine.calls("kubeadm"), *curl)]
    return calls


async def test_a_clone_neither_drains_nor_deletes_the_node_that_it_is_a_clone_of(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "node", node(seen(9), "node4"))
    runner = await reset(machines, four("node4"), tmp_path)
    assert changed(machines) == []
    assert outcomes(runner) == {"same-machine node4": Outcome.FAILED}
    assert "Node node4 is another machine than node4" in runner.dropped["node4"]
    assert runner.failure is not None


async def test_one_clone_does_not_stop_the_others(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "node", node(seen(4), "any"))
    cloned = four("node2", "node4")
    members = [
        replace(one, machine=seen(4)) if one.name == "node4" else one for one in cloned.members
    ]
    runner = await reset(machines, replace(cloned, members=tuple(members)), tmp_path)
    assert [*runner.dropped] == ["node2"]
    assert machines["node4"].calls("kubeadm") == [RESET_WORDS]
    assert not machines["node2"].calls("kubeadm")


async def test_a_worker_goes_that_is_its_node(machines: dict[str, Machine], tmp_path: Path) -> None:
    write(machines["node1"], "node", node(seen(4), "node4"))
    runner = await reset(machines, four("node4"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert changed(machines)[-2:] == [
        "node1: delete node node4 --ignore-not-found",
        f"node4: {RESET_WORDS}",
    ]
    assert not machines["node1"].calls("curl"), "etcd has nothing to do with a worker"


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
@pytest.mark.parametrize(
    ("address", "server"),
    [("192.0.2.1", "https://192.0.2.1:8443"), ("fd00::1", "https://[fd00::1]:8443")],
)
async def test_the_api_is_asked_on_the_host_that_stays_wherever_the_endpoint_leads_to(
    machines: dict[str, Machine], tmp_path: Path, shell: str, address: str, server: str
) -> None:
    """admin.conf names controlPlaneEndpoint, which may be the very host that is reset."""
    first = machines["node1"]
    first.shell = shell
    first.env["no_proxy"] = "10.0.0.0/8"
    write(first, "node", node(seen(4), "node4"))
    (first.folder / "etc" / "manifests").mkdir()
    flags = (f"--advertise-address={address}", "--allow-privileged=true", "--secure-port=8443")
    manifest = "\n".join(f"    - {flag}" for flag in ("kube-apiserver", *flags))
    write(first, "etc/manifests/kube-apiserver.yaml", f"{manifest}\n")
    runner = await reset(machines, four("node4"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert first.calls("kubectl")[-1] == "delete node node4 --ignore-not-found"
    assert first.calls("server") == [f"{server} 10.0.0.0/8,{address}"] * len(first.calls("kubectl"))


async def test_a_node_that_became_another_machines_meanwhile_is_not_deleted(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    first = machines["node1"].folder / "node"
    first.write_text(node(seen(4), "node4"), encoding="utf-8")
    kubeadm = machines["node4"].folder / "bin" / "kubeadm"
    text = node(seen(9), "node4")
    kubeadm.write_text(f"#!/bin/sh\ncat >{first} <<'E'\n{text}E\n", encoding="utf-8")
    runner = await reset(machines, four("node4"), tmp_path)
    assert outcomes(runner)["reset node4"] == Outcome.DONE
    assert outcomes(runner)["delete-node node4"] == Outcome.FAILED
    assert "The host was reset, and the Node is left as it is" in runner.dropped["node4"]
    assert not [call for call in changed(machines) if "delete node" in call]


async def test_an_api_that_does_not_answer_stops_before_the_first_change(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "kubectl.fails", "get node\n")
    runner = await reset(machines, four("node3", "node4"), tmp_path)
    assert changed(machines) == []
    assert {*runner.dropped} == {"node3", "node4"}


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


async def test_kubeadm_neither_looks_for_the_member_nor_asks_the_api_server_that_has_lost_it(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    first, third = machines["node1"], machines["node3"]
    write(first, "etcd.after", etcd("node1", "node2"))
    write(third, "reset.help", "      --skip-phases strings   List of phases\n")
    write(third, "etc/admin.conf", "clusters:\n- cluster:\n    server: https://192.0.2.3:6443\n")
    kubeadm = third.folder / "bin" / "kubeadm"
    seen = third.folder / "seen"
    text = kubeadm.read_text(encoding="utf-8")
    copying = f"cat admin.conf >{seen}; echo $NO_PROXY >>{seen}\n"
    kubeadm.write_text(text.replace('echo "$@"', f'{copying}echo "$@"', 1), encoding="utf-8")
    third.env["NO_PROXY"] = "10.0.0.0/8"
    runner = await reset(machines, four("node3"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    options = "--skip-phases=remove-etcd-member --kubeconfig admin.conf"
    assert third.calls("kubeadm") == [f"{RESET_WORDS} {options}"]
    assert seen.read_text(encoding="utf-8").splitlines()[2:] == [
        "    server: https://192.0.2.1:6443",
        "10.0.0.0/8,192.0.2.1",
    ]
    assert third.left == []


async def test_the_data_that_kubeadm_leaves_without_that_phase_is_removed(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    third = machines["node3"]
    write(machines["node1"], "etcd", etcd("node1", "node2"))
    usual, own = third.folder / "none" / "var/lib/etcd", third.folder / "data of etcd"
    for path in (usual, own):
        (path / "member" / "wal").mkdir(parents=True)
    await reset(machines, four("node3"), tmp_path)
    assert not [*usual.iterdir()], "where the inventory has it, if the manifest is gone"
    assert [*own.iterdir()]
    (usual / "member").mkdir()
    (third.folder / "etc" / "manifests").mkdir()
    write(third, "etc/manifests/etcd.yaml", f"    - etcd\n    - --data-dir={own}\n")
    await reset(machines, four("node3"), tmp_path)
    assert not [*own.iterdir()]
    assert [*usual.iterdir()]


async def test_where_no_control_plane_stays_kubeadm_does_it_all(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node3"], "reset.help", "--skip-phases\n")
    data = machines["node3"].folder / "none" / "var/lib/etcd/member"
    data.mkdir(parents=True)
    await reset(machines, four("node1", "node2", "node3"), tmp_path)
    assert machines["node3"].calls("kubeadm") == [RESET_WORDS]
    assert data.exists()


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


async def test_all_control_planes_may_go(machines: dict[str, Machine], tmp_path: Path) -> None:
    runner = await reset(machines, four(*NAMES), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    for name in NAMES:
        assert machines[name].calls("kubeadm") == [RESET_WORDS]


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


class Lost:
    """A lock that is lost after some actions."""

    def __init__(self, held: int) -> None:
        self.held = held

    def check(self) -> None:
        self.held -= 1
        if self.held < 0:
            raise LockLost("node1: the lock was lost")


@pytest.mark.parametrize(("held", "calls"), [(0, 0), (1, 0), (2, 1)])
async def test_without_the_lock_the_next_step_is_not_done(
    machines: dict[str, Machine], tmp_path: Path, held: int, calls: int
) -> None:
    write(machines["node1"], "node", node(seen(4), "node4"))
    wanted = four("node4")
    hosts = {one.name: one.host for one in wanted.members}
    phases = tuple(replace(phase, always=phase.name == "delete-node") for phase in RESET)
    async with Connections(Machines(**machines), hosts, Guesses()) as connections:
        known = credentials()
        execute = Execute(connections, known, Lost(held))
        runner = Runner(wanted, place(tmp_path / "place"), execute, known, lambda _: None)
        await runner.run(phases)
    assert runner.lost == "node1: the lock was lost"
    assert runner.stopped
    assert len([call for call in changed(machines) if "--help" not in call]) == calls
    assert outcomes(runner)["delete-node node4"] == Outcome.SKIPPED, "nor what takes back"


async def test_a_lock_is_lost_with_the_command_that_holds_it(machines: dict[str, Machine]) -> None:
    machine = machines["node1"]
    hosts = {"node1": member("node1", Role.INIT).host}
    async with (
        Connections(Machines(node1=machine), hosts, Guesses()) as connections,
        master_lock(connections, "node1", "ann@a, run 1") as lock,
    ):
        lock.check()
        (task,) = (one for one in asyncio.all_tasks() if one.get_name() == "lock")
        task.cancel()
        await asyncio.wait({task})
        with pytest.raises(LockLost, match=r"node1: the lock /run/kscan\.lock was lost"):
            lock.check()
