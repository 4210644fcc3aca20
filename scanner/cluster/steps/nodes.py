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

_THERE_SECONDS = 60
# From 1.34 on a join does not wait for its Node (NodeLocalCRISocket), so that it may not be there.
# And where control planes have just joined, a load balancer may send kubectl to one that is not up.
_WAIT = """\
tries=0
until {kubectl} get node {node} >/dev/null 2>&1 || [ "$tries" -ge {seconds} ]; do
	tries=$((tries + 1))
	sleep 1
done
tries=0
until said=$({kubectl} {then} 2>&1); do
	printf '%s\\n' "$said"
	tries=$((tries + 1))
	case $said in *'timed out waiting'*) exit 1 ;; esac
	[ "$tries" -lt 3 ] || {end}
	sleep 2
done
printf '%s\\n' "$said"
"""
# Of a member it was deleted by hand: its kubelet does not make it again until it is restarted.
_GONE = """\
{{
		case $said in *'(NotFound)'*) printf '%s: %s\\n' "$said" {way_out} ;; esac
		exit 1
	}}"""


def _when_there(plan: Plan, host: str, then: str, seconds: float = 0.0) -> Command:
    """What kubectl does with a Node as soon as the API has it, for which it needs some seconds."""
    member, end = plan.member(host), "exit 1"
    if member.joined and host != plan.master:
        end = _GONE.format(
            way_out=shlex.quote(f"run `kscan reset {host}`, then the same command again")
        )
    node = shlex.quote(member.node)
    text = _WAIT.format(kubectl=KUBECTL, node=node, seconds=_THERE_SECONDS, then=then, end=end)
    return Command(plan.master, text, seconds=seconds + _THERE_SECONDS + 60.0)


def _labels(plan: Plan, host: str) -> tuple[Action, ...]:
    member = plan.member(host)
    words = " ".join(shlex.quote(f"{key}={value}") for key, value in member.host.labels)
    then = f"label --overwrite node {shlex.quote(member.node)} {words}"
    return (_when_there(plan, host, then),)


def _labelled(plan: Plan, host: str) -> Command:
    """The node has them all."""
    member = plan.member(host)
    wanted = shlex.quote(",".join(f"{key}={value}" for key, value in member.host.labels))
    name = shlex.quote(f"metadata.name={member.node}")
    command = f"{KUBECTL} get nodes -l {wanted} --field-selector {name} -o name | grep -q ."
    return Command(plan.master, command)


def _ready(plan: Plan, host: str) -> tuple[Action, ...]:
    node = shlex.quote(plan.member(host).node)
    then = f"wait --for=condition=Ready node/{node} --timeout={READY_SECONDS}s"
    return (_when_there(plan, host, then, READY_SECONDS),)


def _there(plan: Plan, host: str) -> tuple[Action, ...]:
    return (_when_there(plan, host, f"get node {shlex.quote(plan.member(host).node)}"),)


def _all(plan: Plan) -> tuple[str, ...]:
    return tuple(member.name for member in plan.members)


def _rolled_out(plan: Plan, _host: str) -> tuple[Action, ...]:
    return () if plan.cni is None else (rollout(plan, plan.cni),)


# In lines of their own, as small as they can be: thousands of nodes must fit into one answer.
_LIST = """\
echo {header}
{kubectl} get nodes -o jsonpath='{{range .items[*]}}{{.status.addresses[*].address}} \
{{.spec.podCIDR}} {{.spec.podCIDRs[*]}}{{"\\n"}}{{end}}'
"""


def all_nodes(master: str) -> Command:
    """Tells addresses and podCIDRs of every Node, as `fleet.nodes_there` reads them."""
    return Command(master, _LIST.format(header=HEADER, kubectl=KUBECTL), seconds=30.0)


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
    lambda plan: () if plan.cni is None else _all(plan),
    _ready,
    on_failure=OnFailure.DROP_HOST,
    window=_AT_ONCE,
)
THERE = Phase(
    "node",
    "the node {host} is in the API",
    # without a network add-on nobody becomes Ready
    lambda plan: _all(plan) if plan.cni is None else (),
    _there,
    on_failure=OnFailure.DROP_HOST,
    window=_AT_ONCE,
)
CNI_ROLLED_OUT = Phase(
    "cni-rollout",
    "the network add-on rolled out, on {host}",
    lambda plan: (plan.master,) if plan.cni is not None else (),
    _rolled_out,
)
