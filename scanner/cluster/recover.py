"""What an earlier run has begun: its end is waited for, and undone if it is half done."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace

from scanner.cluster.action import Command
from scanner.cluster.credentials import without_any
from scanner.cluster.execute import Execute
from scanner.cluster.journal import Entry, Event
from scanner.cluster.phase import UNDO_NAME
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.result import PhaseResult
from scanner.cluster.run import Runner, Tell
from scanner.cluster.sequence import FINISH_UNDO, UNDO
from scanner.cluster.steps.as_it_was import kubeadm_reset
from scanner.cluster.steps.kubeadm import INIT, JOIN_CONTROL_PLANE
from scanner.cluster.steps.reset import DELETE, RESET_WORKERS
from scanner.errors import ClusterError, HostUnreachable

SECONDS = 1800.0
_TAKE_AWAY = frozenset({UNDO_NAME, RESET_WORKERS.name})
"""Phases after which there is no kubelet to wait for."""
# kubeadm starts the kubelet anew at its end, and the check that follows must not come in between.
_SETTLED = """\
tries=0
until [ "$({ curl -s --max-time 2 $url || wget -q -T 2 -O - $url; } 2>/dev/null)" = ok ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 60 ] || exit 1
	sleep 1
done
""".replace("$url", "http://127.0.0.1:10248/healthz")
# While etcd grows, the others' leader leases can run out, and their holders end and start anew.
_COMPONENTS = """\
for of in kube-controller-manager:10257 kube-scheduler:10259; do
	[ -e "/etc/kubernetes/manifests/${of%:*}.yaml" ] || continue
	url=https://127.0.0.1:${of#*:}/healthz
	tries=0
	until [ "$({ curl -ks --max-time 2 $url ||
		wget -q --no-check-certificate -T 2 -O - $url; } 2>/dev/null)" = ok ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || exit 1
		sleep 1
	done
done
"""
# kubeadm alone writes these files. What is newer than the end of what kscan began, or as old as its
# beginning, is of somebody else, and after a boot nobody knows any more: somebody may have made
# a cluster of it by hand. The kubelet writes its kubelet.conf itself, also after the end.
_OURS = """\
end={job}/status
[ -e "$end" ] || end={job}/ended
[ -e "$end" ] && [ -e {job}/job ] && cd /etc/kubernetes/ || exit 1
newer=$(find admin.conf pki/ca.crt manifests -type f -newer "$end" 2>/dev/null)
older=$(find admin.conf kubelet.conf pki manifests ! -type d ! -newer {job}/job 2>/dev/null)
[ -z "$newer$older" ] || exit 1
"""
_PATIENCE = 15.0
"""Seconds for a host that does not answer; the check that follows gives it more."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """The journal's open ends in the hands of a new run.

    Args:
        place: the journal and the folder.
        execute: reaches the hosts.
        tell: shows what is done.
    """

    place: Place
    execute: Execute
    tell: Tell

    async def attach(self, knows: Callable[[str], bool], master: str) -> None:
        """Wait for what still runs, and take note of how everything ended.

        Args:
            knows: whether a host takes part in this run.
            master: where the check that follows must find a whole control plane.
        """
        grown = False
        for entry in tuple(self.place.journal.open_jobs()):
            self.execute.lock.check()
            if not knows(entry.host):
                self.tell(f"{entry.host}: an earlier run began {entry.phase} there; not looked at")
                continue
            if entry.event is Event.BEGUN:
                await self._attach(entry)
                grown = grown or entry.phase == JOIN_CONTROL_PLANE.name
        if grown:
            try:
                await self.execute.at_once(Command(master, _COMPONENTS))
            except HostUnreachable:
                return  # the check that follows says so

    async def _attach(self, entry: Entry) -> None:
        self.tell(f"{entry.host}: an earlier run began {entry.phase} there: looking for its end")
        try:
            ended = await self.execute.attach(entry.host, entry.job, SECONDS, _PATIENCE)
            if ended is not None and ended.goes_on:
                raise ClusterError(f"{entry.host}: {entry.phase} still runs there: try again later")
        except HostUnreachable:
            return  # the check that follows says so
        good = ended is not None and ended.good
        self.place.mark(entry, Event.DONE if good else Event.FAILED)
        if ended is not None:
            printed = without_any(ended.output)
            self.place.folder.keep_output(entry.host, f"{entry.phase}: its end", printed)
            for note in ended.notes:
                self.tell(f"{entry.host}: {without_any(note)}")
        if good:
            await self.execute.forget(entry.host, entry.job)
            if entry.phase not in _TAKE_AWAY:
                await self.execute.at_once(Command(entry.host, _SETTLED))
        elif ended is not None:
            # it was killed at an hour that nobody knows; the last that it said it said before
            marked = f"cd /run/kscan-{entry.job} && touch -r log ended"
            await self.execute.at_once(Command(entry.host, marked))
        self.tell(f"{entry.host}: {entry.phase} had {'ended well' if good else 'not ended well'}")

    async def undo(self, entries: tuple[Entry, ...], plan: Plan) -> tuple[Entry, ...]:
        """Make the hosts what they were, or finish what an earlier run has begun of that.

        Undoing may be done twice: the proof that a host holds nothing of others is asked for each
        time, and what an earlier run has left on it stays there until the end.

        Args:
            entries: of `half_done`.
            plan: all hosts that were seen, for the control plane that works.

        Returns:
            Those for which anything was changed.

        Raises:
            ClusterError: one of them could not be undone, or the lock is lost.
            HostUnreachable: there is no connection, or there was none any more.
        """
        return tuple(
            [
                entry
                for entry in entries
                if await self._undo(entry, replace(plan, named=frozenset({entry.host})))
            ]
        )

    async def _undo(self, entry: Entry, plan: Plan) -> bool:
        """True if anything was changed."""
        self.execute.lock.check()
        member = plan.member(entry.host)
        undoing = self.place.journal.undoing(entry)
        by_hand = f"`{kubeadm_reset(member.target)}`"
        if undoing is not None and member.joined:
            self._close(entry)  # somebody has finished it, and joined the host again
            return False
        if (await self.execute.at_once(proof(entry))).good:
            phases, what = UNDO, "undone with kubeadm reset"
        elif undoing is not None and member.clean:
            phases, what = FINISH_UNDO, "an earlier run has undone it: what is left of it removed"
        elif undoing is not None:
            self.tell(
                f"{entry.host}: an earlier run began to undo {entry.phase}, and nothing proves "
                f"what is there by now: if nothing is lost, run on {entry.host} as root {by_hand}, "
                "then the same command again"
            )
            return False
        else:
            self.tell(
                f"{entry.host}: nothing proves that what is there was left by this "
                f"{entry.phase}: not undone; {by_hand} does it if nothing is lost"
            )
            return False
        self.tell(f"{entry.host}: {entry.phase} is half done there: {what}")
        runner = Runner(plan, self.place, self.execute, self.execute.credentials, self.tell)
        await runner.run(phases)
        if (failed := runner.failure) is not None:
            why = self._why(entry, plan, failed)
            # a host that was lost has failed in nothing: another exit status
            raise ClusterError(why) if runner.broken or runner.lost else HostUnreachable(why)
        if entry.phase != INIT.name and not plan.stays:
            node = shlex.quote(member.node)
            self.tell(
                f"{entry.host}: undone, but no control plane works that could delete its Node: the "
                f"same command does it when one works again, and so does `kubectl delete node "
                f"{node}`"
            )
            return phases is UNDO  # it stays open, with what proves it
        await self.execute.forget(entry.host, *self.place.journal.jobs(entry.host))
        self._close(entry)
        return True

    def _why(self, entry: Entry, plan: Plan, failed: PhaseResult) -> str:
        """What is to be done by hand."""
        member = plan.member(entry.host)
        if failed.phase == DELETE.name:
            return (
                f"{entry.host}: undone, but its node {member.node} could not be deleted on "
                f"{plan.stays} ({failed.message}): delete it there by hand, then again"
            )
        undoing = self.place.journal.undoing(entry)
        ran = undoing is not None and undoing.run == self.place.run
        if undoing is not None and ran and undoing.event is Event.FAILED:
            return (
                f"{entry.host}: `kubeadm reset` has failed ({failed.message}): run there as root "
                f"`{kubeadm_reset(member.target)}`, then again"
            )
        return f"{entry.host}: {entry.phase} was not undone to its end: {failed.message}"

    def _close(self, entry: Entry) -> None:
        undoing = self.place.journal.undoing(entry)
        self.place.mark(entry, Event.UNDONE)
        if undoing is not None:
            self.place.mark(undoing, Event.UNDONE)


def proof(entry: Entry) -> Command:
    """Ends well only where what is on the host is what this entry has left there."""
    return Command(entry.host, _OURS.format(job=f"/run/kscan-{entry.job}"))
