"""Is the cluster's Node of a name the host that is meant? A name alone proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from scanner.checks.rule import clip
from scanner.cluster.addresses import spelled
from scanner.facts.base import Facts
from scanner.facts.identity import Addresses, Identity
from scanner.fleet.identity import DEFAULT_UUIDS


class Match(StrEnum):
    """What is known of a Node and a host."""

    SAME = "same"
    ANOTHER = "another"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Machine:
    """What the host told of itself; whatever is empty is not known."""

    machine_id: str = ""
    """/etc/machine-id, in lower case."""
    product_uuid: str = ""
    """/sys/class/dmi/id/product_uuid, in lower case."""
    addresses: tuple[str, ...] = ()
    """The global ones of all its interfaces; with more than 200 interfaces only those of the one
    with the default route. Without a default route they are not told: then it is the one that the
    host was reached at, if that is a number."""


@dataclass(frozen=True, slots=True)
class Node:
    """What the kubelet that speaks for a Node has last told the API; empty as in Machine."""

    machine_id: str = ""
    """status.nodeInfo.machineID."""
    system_uuid: str = ""
    """status.nodeInfo.systemUUID: the product_uuid, and where there is none the machine-id
    (cadvisor's GetSystemUUID)."""
    addresses: tuple[str, ...] = ()
    """status.addresses of the type InternalIP."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The outcome, and what led to it, each as a clause."""

    match: Match
    reasons: tuple[str, ...] = ()


def machine_of(facts: Facts, reached: str) -> Machine:
    """What the probe has seen of the machine.

    Args:
        facts: of the host.
        reached: the address or name that kscan has connected to.
    """
    identity, told = facts.get(Identity), facts.get(Addresses)
    addresses = () if told is None else (*told.ipv4, *told.ipv6, *(at for _, at in told.others))
    addresses = addresses or tuple(_addresses((reached,)))
    if identity is None:
        return Machine(addresses=addresses)
    return Machine(
        identity.machine_id.strip().lower(), (identity.product_uuid or "").strip(), addresses
    )


NODE = (
    '{"node "}{.metadata.name}{"\\n"}'
    '{"machineID "}{.status.nodeInfo.machineID}{"\\n"}'
    '{"systemUUID "}{.status.nodeInfo.systemUUID}{"\\n"}'
    '{range .status.addresses[?(@.type=="InternalIP")]}{"address "}{.address}{"\\n"}{end}'
)
"""kubectl's jsonpath for what `read_node` reads."""


def read_node(text: str) -> Node | None:
    """Read what kubectl printed by NODE; None if the API has no such Node.

    Args:
        text: other lines, such as kubectl's warnings, are left out.
    """
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        found.setdefault(name, []).append(value.strip())
    if "node" not in found:
        return None
    first = {name: values[0].lower() for name, values in found.items()}
    addresses = tuple(filter(None, found.get("address", ())))
    return Node(first.get("machineID", ""), first.get("systemUUID", ""), addresses)


def same_machine(node: Node, machine: Machine | None) -> Matched:
    """Compare a Node with a host.

    SAME takes an InternalIP that the host has, and one of its two ids. Neither would do alone: an
    image that was cloned keeps its machine-id, boards and virtual machines share UUIDs, and two
    sites have the same private addresses. An address and one id that agree outweigh another id: a
    new /etc/machine-id or a restored virtual machine changes one of them.

    ANOTHER takes an id that differs, where it is not outweighed.

    Everything else is UNKNOWN, and is refused as ANOTHER is. Equal ids at another address are among
    it: a host that was given a new address looks so, and a clone of the Node's machine does. The
    kubelet tells the API its addresses with each heartbeat, so that of the first one the address
    agrees again within a minute, unless its kubelet does not run; and then nothing is lost by a
    person deleting the Node, which ends the doubt.

    Args:
        node: as the API has it.
        machine: as the host has told; None if it told nothing.
    """
    if machine is None:
        return Matched(Match.UNKNOWN, ("the host has told nothing of itself",))
    ids = [*_ids(node, machine)]
    differing = tuple(
        f"its {name} is {clip(theirs)}, the host's {clip(own)}"
        for name, theirs, own in ids
        if theirs != own
    )
    theirs, own = _addresses(node.addresses), _addresses(machine.addresses)
    if theirs & own and len(differing) < len(ids):
        return Matched(Match.SAME)
    elsewhere = (
        f"its InternalIP is {clip(', '.join(sorted(theirs)))}, which the host does not have",
    )
    if differing:
        # one id says it: the line is to be read whole
        return Matched(Match.ANOTHER, differing[:1] + (elsewhere if not theirs & own else ()))
    if not ids:
        return Matched(Match.UNKNOWN, ("no machine-id and no UUID is known of both",))
    if not theirs or not own:
        return Matched(Match.UNKNOWN, ("no address is known of both",))
    return Matched(Match.UNKNOWN, ("its ids are the host's, as a clone's are", *elsewhere))


def same_ids(node: Node, machine: Machine) -> bool:
    """True if an id is known of both, and none differs: it may be the host at a new address."""
    ids = [*_ids(node, machine)]
    return bool(ids) and all(theirs == own for _, theirs, own in ids)


UNTOUCHED = "Nothing was changed for this host"
"""How `refusal` says what was done until then."""
WAS_RESET = "The host was reset, and the Node is left as it is"


def refusal(host: str, name: str, matched: Matched, done: str = UNTOUCHED) -> str:
    """Why this Node is not touched, and what to do, in one line; empty if it is the host.

    Args:
        host: kscan's label.
        name: of the Node.
        matched: of `same_machine`.
        done: UNTOUCHED or WAS_RESET.
    """
    if matched.match is Match.SAME:
        return ""
    why = "; ".join(matched.reasons)
    if matched.match is Match.ANOTHER:
        return (
            f"the cluster's Node {name} is another machine than {host}: {why}. {done}: give it a "
            "hostname of its own, or its nodeName in the inventory; if the Node was left by this "
            f"host before it was set up anew, `kubectl delete node {name}`, then again"
        )
    return (
        f"nothing proves that the cluster's Node {name} is {host}: {why}. {done}: if no other "
        f"machine is that Node, `kubectl delete node {name}`, then again"
    )


def _ids(node: Node, machine: Machine) -> Iterator[tuple[str, str, str]]:
    """(name, the Node's, the host's) of what is known of both."""
    if node.machine_id and machine.machine_id:
        yield "machine-id", node.machine_id, machine.machine_id
    uuids = node.system_uuid, machine.product_uuid
    if all(uuids) and not DEFAULT_UUIDS & {*uuids}:
        yield "system UUID", *uuids


def _addresses(told: tuple[str, ...]) -> frozenset[str]:
    """What is no address is left out."""
    return frozenset(filter(None, map(spelled, told)))
