"""The part of the program on a host that reads what to do and tells what came of it.

Arguments: `kscan-dial`, or another word where it listens; a mark that nobody else writes; the
seconds after which it is over, whatever happens. stdin: see questions.py, and its end ends all.
stderr: `up`, `ready`, `done`. stdout: one framed answer, see answers.py, and `over` at the end.
"""

import errno
import os
import resource
import select
import signal
import socket
import sys
import threading

from dial import Connection, Datagrams, mtu_to
from listen import BOUNDARY, ENDED_EARLY, Acceptor, Echo, Input, Loop, say

AT_ONCE = 256  # dials; a quarter of the neighbours that a kernel keeps by default
SLOW = 5000  # microseconds up to a refusal or an echo
LOOKUPS = 8
LOOKUP_SECONDS = 3
ENDPOINTS = 4  # addresses of the control plane's endpoint


class Peer:
    """A host to be dialled, and what was found out on the way to it."""

    def __init__(self, index, name, ssh_port, address, *others):
        self.index, self.name, self.ssh_port = index, name, int(ssh_port)
        self.address, self.others, self.found = address, others, "late"
        self.mtu, self.rtt, self.largest, self.echo = mtu_to(address), None, None, None
        self.ports, self.counts, self.sent, self.got = (), False, None, None
        self.dials, self.again, self.control, self.other_address = [], [], [], ""

    def took(self, microseconds):
        """Keep the shortest of its round-trip times."""
        self.rtt = min(int(microseconds), self.rtt or 10**9)

    def echoed_in(self, microseconds):
        """Keep the shortest time to an echo, which a program at the other end has sent."""
        self.echo = min(int(microseconds), self.echo or 10**9)

    def lines(self):
        """What there is to tell but for the dials themselves."""
        if self.name != "-":
            yield "name %s %s" % (self.index, self.found)
        if self.again:
            letters = "".join(dial.result for dial in self.again)
            yield "named %s %s %s" % (self.index, self.other_address, letters)
        if self.control:
            yield "ssh %s %s" % (self.index, self.control[0].result)
        known = (self.rtt, self.mtu, self.sent, self.got, self.largest, self.echo)
        words = ("-" if value is None else str(value) for value in known)
        yield "path %s %s" % (self.index, " ".join(words))


class Endpoint:
    """Where all nodes look for the API server; dialled when it is known what it stands for here."""

    def __init__(self, name, port):
        self.index, self.name, self.port = "endpoint", name, int(port)
        self.found, self.dials, self.addresses = "late", [], []

    def dial(self, run):
        """Dial what its name stands for, which may be an address itself."""
        if self.found not in ("late", "none", "failed"):
            self.addresses = self.found.split(",")[:ENDPOINTS]
        for address in self.addresses:
            there = Peer(self.index, "-", 0, address)
            run.start(self.dials, there, "%d/tcp" % self.port)

    def line(self):
        """What came of it."""
        found = ["%s %s" % (at, dial.result) for at, dial in zip(self.addresses, self.dials)]
        return "endpoint " + (" ".join(found) or self.found)


class Run:
    """Everything that one host is asked, in the order in which it happens."""

    def __init__(self):
        self.loop = Loop()
        self.input = Input(self.loop)
        self.peers, self.order, self.told = {}, [], []
        self.queue, self.running, self.lookups = [], 0, 0
        self.token, self.own, self.endpoint = b"", [], None

    def read_until(self, last):
        """Serve the peers until a line has come."""
        while True:
            while self.input.lines:
                words = self.input.lines.pop(0).decode("ascii").split()
                if words == [last]:
                    return
                getattr(self, "read_" + words[0])(*words[1:])
            self.loop.turn()

    def read_token(self, digits):
        """What the peers' datagrams are known by."""
        self.token = bytes.fromhex(digits)

    def read_own(self, *addresses):
        """What the peers call this host."""
        self.own = addresses

    def read_listen(self, *ports):
        """Open what nobody holds."""
        for name in ports:
            port, proto = name.split("/")
            try:
                if proto == "tcp":
                    Acceptor(self.loop, int(port))
                else:
                    Echo(self.loop, int(port), self.token, self.own)
                state = "ok"
            except OSError as error:
                state = errno.errorcode.get(error.errno, "?")
            self.told.append("listen %s %s" % (name, state))

    def read_peer(self, index, *words):
        """A host, before what is dialled there."""
        self.peers[index] = Peer(index, *words)

    def read_count(self, *indices):
        """The peers on the way to which lost datagrams are counted."""
        for index in indices:
            self.peers[index].counts = True

    def read_endpoint(self, name, port):
        """The control plane's endpoint."""
        self.endpoint = Endpoint(name, port)

    def read_dial(self, index, *ports):
        """What is dialled, in the order of the answer."""
        self.peers[index].ports = ports
        self.order += [(self.peers[index], name) for name in ports]

    def start(self, kept, peer, name, measured=False):
        """Dial as soon as there is room."""
        port, proto = name.split("/")

        def dial():
            if proto == "tcp":
                kept.append(Connection(self, peer, int(port)))
            else:
                kept.append(Datagrams(self, peer, int(port), measured))

        self.queue.append(dial)

    def over(self):
        """One dial has ended."""
        self.running -= 1

    def finish(self):
        """Work until nothing is left to be waited for."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < 4096 and soft != hard:
            soft = min(hard, 4096) if hard != resource.RLIM_INFINITY else 4096
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        room = AT_ONCE if soft > 4 * AT_ONCE else max(8, (soft - 200) // 3)
        while self.queue or self.running or self.lookups:
            while self.queue and self.running < room:
                self.running += 1
                self.queue.pop(0)()
            if self.running or self.lookups:
                self.loop.turn()

    def dial(self):
        """Dial everything, look the names up beside it, then what follows from both."""
        measured, controls = set(), 0
        for peer, name in self.order:
            first = name.endswith("udp") and peer.index not in measured
            if first:
                measured.add(peer.index)
            self.start(peer.dials, peer, name, first)
        self.look_up()
        self.finish()
        if self.endpoint:
            self.endpoint.dial(self)
        for peer in self.peers.values():
            ports, found = peer.ports, peer.found.split(",")
            if peer.address not in found and found[0] in peer.others:
                peer.other_address = found[0]
                there = Peer(peer.index, "-", peer.ssh_port, found[0])
                for name in ports:
                    self.start(peer.again, there, name)
            # what waited for other dials is dialled once more, now that there are few
            ended = [(name, dial.result) for name, dial in zip(ports, peer.dials)]
            slow = [name for name, result in ended if result == "r" and (peer.rtt or 0) > SLOW]
            if peer.rtt is None and (peer.echo or 0) > SLOW:
                slow = [name for name, result in ended if result == "o" and name.endswith("udp")]
            for name in slow[:1] * 3:
                self.start([], peer, name)
            silent = ports and all(dial.result == "d" for dial in peer.dials)
            if silent and controls < AT_ONCE:
                controls += 1
                self.start(peer.control, peer, "%d/tcp" % peer.ssh_port)
        self.finish()

    def look_up(self):
        """Ask for all names at once, in threads, as a name server may be silent."""
        names = [peer for peer in self.peers.values() if peer.name != "-"]
        names += [self.endpoint] if self.endpoint else []
        asked = {str(each.index): each for each in names}
        done, notice = os.pipe()
        self.lookups = len(names)

        def ask():
            while names:
                try:
                    peer = names.pop()
                except IndexError:
                    return
                try:
                    rows = socket.getaddrinfo(peer.name.encode(), None, 0, socket.SOCK_STREAM)
                    found = ",".join(sorted({row[4][0] for row in rows})[:16])
                except OSError as error:
                    found = "none" if error.errno in (-2, -5) else "failed"
                os.write(notice, ("%s %s\n" % (peer.index, found)).encode())

        def told():
            for line in os.read(done, 65536).decode().splitlines():
                index, _, found = line.partition(" ")
                if index in asked and found and self.lookups:
                    asked[index].found = found
                    self.lookups -= 1

        def late():
            self.lookups = 0

        self.loop.poll.register(done, select.POLLIN)
        self.loop.calls[done] = told
        self.loop.after(LOOKUP_SECONDS, late)
        for _ in range(min(LOOKUPS, len(names))):
            threading.Thread(target=ask, daemon=True).start()

    def tell(self):
        """Write the answer with its length, so that one that was cut is seen."""
        letters = "".join(self.next_letter(peer) for peer, _ in self.order)
        lines = [*self.told, "dials " + letters]
        for peer in self.peers.values():
            lines += peer.lines()
        lines += [self.endpoint.line()] if self.endpoint else []
        body = "".join(line + "\n" for line in lines).encode()
        frame = (BOUNDARY, len(body), body.decode(), BOUNDARY, len(lines))
        data = ("\n%s edges %d\n%s%s end %d\n" % frame).encode()
        while data:
            data = data[os.write(1, data) :]

    @staticmethod
    def next_letter(peer):
        """Dials were started, and so kept, in the order of the questions."""
        return peer.dials.pop(0).result

    @staticmethod
    def leave():
        """All others have ended too; whatever may still hold the channel open need not."""
        os.write(1, ("%s over\n" % BOUNDARY).encode())
        os._exit(0)

    def main(self):
        """Wait for the questions, for the word to begin, and for the end."""
        say("up python")
        self.read_until("bind")
        say("ready")
        self.read_until("go")
        self.dial()
        self.tell()
        self.input.ending = self.leave
        say("done")
        while True:
            self.loop.turn()


signal.alarm(int(sys.argv[3]))
try:
    Run().main()
except Exception:  # noqa: BLE001 - by 1 a Python that does not run is known, see start.sh
    sys.__excepthook__(*sys.exc_info())
os._exit(ENDED_EARLY)
