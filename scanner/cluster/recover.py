"""What an earlier run has begun: its end is waited for, and undone if it is half done."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from scanner.cluster.action import Command
from scanner.cluster.execute import Execute
from scanner.cluster.journal import Entry, Event
from scanner.cluster.run import Place, Tell
from scanner.cluster.steps.reset import delete_node, undo
from scanner.errors import ClusterError, HostUnreachable
from scanner.request import Cluster
from scanner.target import Target

SECONDS = 1800.0
_UNDO_SECONDS = 900.0
# kubeadm starts the kubelet anew at its end, and the check that follows must not come in between.
_SETTLED = """\
tries=0
until [ "$({ curl -s --max-time 2 $url || wget -q -T 2 -O - $url; } 2>/dev/null)" = ok ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 60 ] || exit 1
	sleep 1
done
""".replace("$url", "http://127.0.0.1:10248/healthz")
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

    async def attach(self, knows: Callable[[str], bool]) -> None:
        """Wait for what still runs, and take note of how everything ended.

        Args:
            knows: whether a host takes part in this run.
        """
        for entry in tuple(self.place.journal.open_jobs()):
            if not knows(entry.host):
                self.tell(f"{entry.host}: an earlier run began {entry.phase} there; not looked at")
                continue
            if entry.event is Event.BEGUN:
                await self._attach(entry)

    async def _attach(self, entry: Entry) -> None:
        self.tell(f"{entry.host}: an earlier run began {entry.phase} there: looking for its end")
        try:
            ended = await self.execute.attach(entry.host, entry.job, SECONDS, _PATIENCE)
            if ended is not None and ended.goes_on:
                raise ClusterError(f"{entry.host}: {entry.phase} still runs there: try again later")
        except HostUnreachable:
            return  # the check that follows says so
        good = ended is not None and ended.good
        self._note(entry, Event.DONE if good else Event.FAILED)
        if ended is not None:
            self.place.folder.keep_output(entry.host, f"{entry.phase}: its end", ended.output)
        if good:
            await self.execute.forget(entry.host, entry.job)
            await self.execute.at_once(Command(entry.host, _SETTLED))
        elif ended is not None:
            # it was killed at an hour that nobody knows; the last that it said it said before
            marked = f"cd /run/kscan-{entry.job} && touch -r log ended"
            await self.execute.at_once(Command(entry.host, marked))
        self.tell(f"{entry.host}: {entry.phase} had {'ended well' if good else 'not ended well'}")

    async def undo(
        self,
        entries: tuple[Entry, ...],
        cluster: Cluster,
        master: str,
        targets: Mapping[str, Target],
    ) -> None:
        """Make the hosts what they were.

        Args:
            entries: of `half_done`.
            cluster: what was to be made.
            master: a control plane that works, or empty.
            targets: what the hosts were judged as.

        Raises:
            ClusterError: one of them could not be undone.
            HostUnreachable: there is no connection.
        """
        for entry in entries:
            if not (await self.execute.at_once(_proof(entry))).good:
                self.tell(
                    f"{entry.host}: nothing proves that what is there was left by this "
                    f"{entry.phase}: not undone; `kubeadm reset` does it if nothing is lost"
                )
                continue
            self.tell(f"{entry.host}: {entry.phase} is half done there: undone with kubeadm reset")
            job = f"{self.place.run}-undo-{entry.host}"
            target = targets[entry.host]
            text = undo(cluster, target)
            command = Command(entry.host, text, seconds=_UNDO_SECONDS, detached=True)
            await self.execute.start(command, job)
            ended = await self.execute.attach(entry.host, job, _UNDO_SECONDS)
            if ended is None or not ended.good:
                raise ClusterError(
                    f"{entry.host}: `kubeadm reset` has failed: run it there by hand, then again"
                )
            self.place.folder.keep_output(entry.host, "undo", ended.output)
            if master and master != entry.host:
                gone = await self.execute.at_once(delete_node(master, target.node_name))
                if not gone.good:  # a host that is clean again needs no second undoing
                    said = gone.reason or f"exit status {gone.status}"
                    self.place.folder.keep_output(master, "undo: delete-node", gone.output)
                    raise ClusterError(
                        f"{entry.host}: undone, but its node {target.node_name} could not be "
                        f"deleted on {master} ({said}): delete it there by hand, then again"
                    )
            await self.execute.forget(entry.host, job)
            await self.execute.forget(entry.host, entry.job)
            self._note(entry, Event.UNDONE)

    def _note(self, entry: Entry, event: Event) -> None:
        note(self.place, entry, event)


def _proof(entry: Entry) -> Command:
    """Ends well only where what is on the host is what this entry has left there."""
    return Command(entry.host, _OURS.format(job=f"/run/kscan-{entry.job}"))


def half_done(place: Place, is_good: Callable[[str], bool]) -> tuple[Entry, ...]:
    """Hosts to be undone: half done, and found clean by this tool before it touched them.

    Args:
        place: the journal.
        is_good: whether a host was just found ready, or a member.
    """
    failed = []
    for entry in tuple(place.journal.open_jobs()):
        if entry.event is not Event.FAILED:
            continue
        if is_good(entry.host):
            note(place, entry, Event.UNDONE)
        elif entry.clean:
            failed.append(entry)
    return tuple(failed)


def note(place: Place, entry: Entry, event: Event) -> None:
    """Say in the journal what became of what an earlier run has begun."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    place.journal.add(replace(entry, event=event, run=place.run, at=now))
