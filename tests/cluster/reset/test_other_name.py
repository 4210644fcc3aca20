"""A host whose Node has another name than the inventory gives it, before it is reset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.result import Outcome
from scanner.cluster.same_machine import Machine as Seen
from scanner.cluster.steps.reset import SAME_MACHINE
from scanner.render.harmless import LONGEST
from tests.cluster.machine import Machine, seen
from tests.cluster.reset.hosts import RESET_WORDS, changed, four, outcomes, reset, write


def listed(name: str, machine: Seen) -> str:
    """A line of all Nodes."""
    fields = (name, machine.machine_id, machine.product_uuid, " ".join(machine.addresses))
    return f"node {','.join(fields)}\n"


ALL = "".join(listed(f"node{number}", seen(number)) for number in (1, 2, 3))
ELSEWHERE = ("192.0.2.77",)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
@pytest.mark.parametrize(
    "its",
    [
        seen(4),
        # a heartbeat behind, or a new machine-id: it is still this machine
        replace(seen(4), addresses=ELSEWHERE),
        replace(seen(4), machine_id="f" * 32),
        replace(seen(4), product_uuid=seen(4).product_uuid.upper()),
    ],
)
async def test_a_host_that_is_a_node_of_another_name_is_left_as_it_is(
    machines: dict[str, Machine], tmp_path: Path, its: Seen, shell: str
) -> None:
    machines["node1"].shell = shell
    write(machines["node1"], "nodes", f"Warning: old\n{ALL}{listed('old', its)}")
    runner = await reset(machines, four("node4"), tmp_path)
    assert changed(machines) == []
    assert outcomes(runner) == {"same-machine node4": Outcome.FAILED}
    said = runner.dropped["node4"]
    assert "node4 is in the cluster as the Node `old`, not as `node4`" in said
    assert "give it `nodeName: old` in the inventory" in said
    title = SAME_MACHINE.title.format(host="node4")
    assert len(f"kscan: {title}: FAILED: {said}") <= LONGEST


@pytest.mark.parametrize(
    "its",
    [
        seen(9),
        # a clone that has an id of its own, and is elsewhere
        replace(seen(4), machine_id="f" * 32, addresses=ELSEWHERE),
        replace(seen(4), product_uuid=seen(9).product_uuid, addresses=ELSEWHERE),
    ],
)
async def test_a_host_that_is_no_node_is_reset_and_nobody_says_that_its_node_was_deleted(
    machines: dict[str, Machine], tmp_path: Path, its: Seen
) -> None:
    """Its Node was deleted by hand."""
    write(machines["node1"], "nodes", ALL + listed("other", its))
    said: list[str] = []
    runner = await reset(machines, four("node4"), tmp_path, said.append)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert f"node4: {RESET_WORDS}" in changed(machines)
    assert "node4: the API had no such node: nothing was deleted" in said


async def test_clones_in_the_inventory_have_nodes_of_their_own(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """Containers of one image and one kernel have the same ids."""
    clone = replace(seen(4), addresses=("192.0.2.3",))
    write(machines["node1"], "nodes", listed("node3", clone))
    runner = await reset(machines, four("node4"), tmp_path)
    assert f"node4: {RESET_WORDS}" in changed(machines)
    assert not runner.dropped


async def test_of_nodes_that_cannot_be_listed_nothing_is_concluded(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "kubectl.fails", "get nodes\n")
    await reset(machines, four("node4"), tmp_path)
    assert changed(machines) == []


async def test_a_host_that_told_no_id_is_not_looked_for(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    wanted = four("node4")
    members = [*wanted.members[:3], replace(wanted.members[3], machine=None)]
    await reset(machines, replace(wanted, members=tuple(members)), tmp_path)
    assert not [call for call in machines["node1"].calls("kubectl") if "get nodes" in call]
