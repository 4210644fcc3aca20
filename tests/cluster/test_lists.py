"""Loops over what kubectl lists: each is done, and a list that failed is no empty one."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.cluster.action import Command
from scanner.cluster.connections import Connections
from scanner.cluster.execute import Execute
from scanner.cluster.plan import ManifestFile
from scanner.cluster.steps.manifests import CNI, rollout
from scanner.cluster.steps.reset import DRAIN
from scanner.cluster.steps.token import REVOKE, REVOKE_CERTIFICATES, _encoded
from scanner.secrets.guesses import Guesses
from scanner.target import Role
from scanner.verify.tokens import KEEPS_CERTIFICATES, MADE_BY_KSCAN
from tests.cluster.machine import Free, Machine, Machines, credentials, host, member, plan

MASTER = member("node1", Role.INIT, joined=True)
WANTED = plan(MASTER, member("node4", Role.JOIN_WORKER), named=frozenset({"node4"}))
(DRAINED,) = DRAIN.actions(WANTED, "node4")
assert isinstance(DRAINED, Command)
ROLLOUT = rollout(WANTED, ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n"))
KUBECTL = """\
shift 2
case " $* " in
*" get "*)
	cat {folder}/list
	[ ! -e {folder}/broken ] || {{ echo 'error: connection refused' >&2; exit 1; }}
	exit
	;;
*) cat ;; # would eat the list
esac
echo "$*" >>{folder}/kubectl.calls
[ ! -e {folder}/refused ]
"""


@pytest.fixture(params=["dash", "bash", "busybox sh"])
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Machine:
    made = Machine.make(tmp_path / "node1", request.param)
    text = KUBECTL.format(folder=made.folder)
    (made.folder / "bin" / "kubectl").write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    (made.folder / "list").touch()
    return made


async def good(machine: Machine, command: Command) -> bool:
    connections = Connections(Machines(node1=machine), {"node1": host("node1")}, Guesses())
    return (await Execute(connections, credentials(), Free()).at_once(command)).good


LISTED = "".join(
    f"{name} {_encoded(description)}\n"
    for name, description in (
        ("a", MADE_BY_KSCAN),
        ("b", "somebody's"),
        ("c", MADE_BY_KSCAN),
        ("d", KEEPS_CERTIFICATES),
    )
)
CASES = [
    (Command("node1", REVOKE), LISTED, "delete secret", 2),
    (ROLLOUT, "DaemonSet ns a\nConfigMap ns b\nDeployment ns c\n", "rollout status", 2),
    (DRAINED, "node/node4\n", "drain node4", 1),
]


@pytest.mark.parametrize(("command", "listed", "call", "times"), CASES)
async def test_each_of_a_list_is_done(
    machine: Machine, command: Command, listed: str, call: str, times: int
) -> None:
    assert await good(machine, command), "an empty list"
    assert not machine.calls("kubectl")
    (machine.folder / "list").write_text(listed, encoding="utf-8")
    assert await good(machine, command)
    assert sum(call in line for line in machine.calls("kubectl")) == times


async def test_no_token_is_left_of_an_upload_that_did_not_come_to_the_certificates(
    machine: Machine,
) -> None:
    """kubeadm makes it before the Secret that names it as its owner."""
    (machine.folder / "list").write_text(LISTED, encoding="utf-8")
    assert await good(machine, Command("node1", REVOKE_CERTIFICATES))
    assert machine.calls("kubectl") == [
        "-n kube-system delete secret kubeadm-certs --ignore-not-found",
        "-n kube-system delete secret d --ignore-not-found",
    ]


APPLIES = """\
[ "$3" = apply ] || exit 0
echo "$*" >>{folder}/kubectl.calls
[ "$(wc -l <{folder}/kubectl.calls)" -gt {fails} ] || {{ cat {folder}/error; exit 1; }}
"""


@pytest.mark.parametrize(
    ("error", "fails", "applied"),
    [
        ('Internal error occurred: failed calling webhook "x.y.z": connection refused', 9, True),
        ('failed calling admission webhook "x": no endpoints', 9, True),
        ("conversion webhook for c/v1, Kind=C failed: no route to host", 9, True),
        ('no matches for kind "C" in version "c/v1"', 4, True),
        ('no matches for kind "C" in version "c/v1"', 5, False),
        ("The Deployment is invalid: spec.selector: Required value", 5, False),
    ],
)
async def test_what_is_applied_waits_for_the_webhook_that_must_see_it(
    machine: Machine, error: str, fails: int, *, applied: bool
) -> None:
    """Its pods come with the same manifest, and pull their image first."""
    text = APPLIES.format(folder=machine.folder, fails=fails)
    for name, program in (("kubectl", text), ("sleep", "")):
        path = machine.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{program}", encoding="utf-8")
        path.chmod(0o755)
    (machine.folder / "error").write_text(error, encoding="utf-8")
    wanted = plan(MASTER, cni=ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n"))
    (apply,) = CNI.actions(wanted, "node1")
    assert isinstance(apply, Command)
    assert await good(machine, apply) is applied


async def test_a_webhook_that_never_answers_is_a_failure(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.steps.manifests._WEBHOOK_TRIES", 1)
    text = APPLIES.format(folder=machine.folder, fails=99)
    (machine.folder / "bin" / "kubectl").write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    (machine.folder / "error").write_text('failed calling webhook "x"', encoding="utf-8")
    wanted = plan(MASTER, cni=ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n"))
    (apply,) = CNI.actions(wanted, "node1")
    assert isinstance(apply, Command)
    assert not await good(machine, apply)
    assert len(machine.calls("kubectl")) == 1


@pytest.mark.parametrize("command", [case[0] for case in CASES])
async def test_a_list_that_cannot_be_had_is_a_failure(machine: Machine, command: Command) -> None:
    (machine.folder / "broken").touch()
    assert not await good(machine, command)
    assert not machine.calls("kubectl")


@pytest.mark.parametrize(("command", "listed"), [case[:2] for case in CASES[:2]])
async def test_one_that_is_refused_is_a_failure(
    machine: Machine, command: Command, listed: str
) -> None:
    (machine.folder / "list").write_text(listed, encoding="utf-8")
    (machine.folder / "refused").touch()
    assert not await good(machine, command)
