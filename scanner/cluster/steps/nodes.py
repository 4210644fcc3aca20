"""The nodes as the API has them: labelled as the inventory says, and Ready."""

from __future__ import annotations

import shlex

from scanner.cluster.action import KUBECTL, Action, Command
from scanner.cluster.phase import OnFailure, Phase
from scanner.cluster.plan import Plan
from scanner.cluster.steps.manifests import rollout
from scanner.fleet.nodes_there import HEADER

READY_SECONDS = 300
_AT_ONCE = 6
"""Commands over one connection to the master: sshd takes ten (MaxSessions)."""

# From 1.34 on a join does not wait for its Node (NodeLocalCRISocket), so that it may not be there.
_WAIT = """\
tries=0
until {kubectl} get node {node} >/dev/null 2>&1 || [ "$tries" -ge {seconds} ]; do
	tries=$((tries + 1))
	sleep 1
done
{kubectl} {wait}
"""


def _labels(plan: Plan, host: str) -> tuple[Action, ...]:
    member = plan.member(host)
    words = " ".join(shlex.quote(f"{key}={value}") for key, value in member.host.labels)
    command = f"{KUBECTL} label --overwrite node {shlex.quote(member.node)} {words}"
    return (Command(plan.master, command),)


def _labelled(plan: Plan, host: str) -> Command:
    """The node has them all."""
    member = plan.member(host)
    wanted = shlex.quote(",".join(f"{key}={value}" for key, value in member.host.labels))
    name = shlex.quote(f"metadata.name={member.node}")
    command = f"{KUBECTL} get nodes -l {wanted} --field-selector {name} -o name | grep -q ."
    return Command(plan.master, command)


def _ready(plan: Plan, host: str) -> tuple[Action, ...]:
    node = shlex.quote(plan.member(host).node)
    wait = (
        f"wait --for=condition=Ready node/{node} --timeout={READY_SECONDS}s"
        if plan.cni is not None
        else f"get node {node}"  # without a network nobody becomes Ready
    )
    text = _WAIT.format(kubectl=KUBECTL, node=node, seconds=60, wait=wait)
    return (Command(plan.master, text, seconds=READY_SECONDS + 120.0),)


def _rolled_out(plan: Plan, _host: str) -> tuple[Action, ...]:
    return () if plan.cni is None else (rollout(plan, plan.cni),)


# In lines of their own, as small as they can be: thousands of nodes must fit into one answer.
_ALL = """\
echo {header}
{kubectl} get nodes -o jsonpath='{{range .items[*]}}{{.status.addresses[*].address}} \
{{.spec.podCIDR}} {{.spec.podCIDRs[*]}}{{"\\n"}}{{end}}'
"""


def all_nodes(master: str) -> Command:
    """Tells addresses and podCIDRs of every Node, as `fleet.nodes_there` reads them."""
    return Command(master, _ALL.format(header=HEADER, kubectl=KUBECTL), seconds=30.0)


LABELS = Phase(
    "labels",
    "labels of the node {host}",
    lambda plan: tuple(member.name for member in plan.members if member.host.labels),
    _labels,
    _labelled,
    on_failure=OnFailure.DROP_HOST,
    window=_AT_ONCE,
)
READY = Phase(
    "ready",
    "the node {host} becomes Ready",
    lambda plan: tuple(member.name for member in plan.members),
    _ready,
    on_failure=OnFailure.DROP_HOST,
    window=_AT_ONCE,
)
CNI_ROLLED_OUT = Phase(
    "cni-rollout",
    "the network add-on rolled out, on {host}",
    lambda plan: (plan.master,) if plan.cni is not None else (),
    _rolled_out,
)
