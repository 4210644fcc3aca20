"""Three control planes and a worker of this machine, from which `reset` takes some away."""

from __future__ import annotations

import json
from pathlib import Path

from scanner.cluster.connections import Connections
from scanner.cluster.execute import Execute
from scanner.cluster.plan import Plan
from scanner.cluster.run import Runner, Tell
from scanner.cluster.sequence import RESET
from scanner.secrets.guesses import Guesses
from scanner.target import Role
from tests.cluster.machine import Free, Machine, Machines, credentials, member, place, plan

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


async def reset(
    machines: dict[str, Machine], wanted: Plan, path: Path, tell: Tell = lambda _: None
) -> Runner:
    hosts = {one.name: one.host for one in wanted.members}
    async with Connections(Machines(**machines), hosts, Guesses()) as connections:
        known = credentials()
        execute = Execute(connections, known, Free())
        runner = Runner(wanted, place(path / "place"), execute, known, tell)
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
