"""The part of the program on a host that waits: for stdin, for timers, for its peers.

`dial.py` and `run.py` follow it in one text; Python 3.6 and later, and nothing else.
"""

import errno
import heapq
import os
import select
import socket
import struct
import sys
import time

BOUNDARY = sys.argv[2]
ENDED_EARLY = 3  # exit status; 1, 126 and 127 are a Python's that does not run
HELD = 128  # connections of peers at once
UNROUTABLE = "EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN ENONET ENOPROTOOPT EACCES EPERM".split()

NO_ROUTE = "EHOSTUNREACH ENETUNREACH EACCES EINVAL".split()  # of ip-route(8): its types


def say(words):
    """One line for kscan about where this stands."""
    os.write(2, ("%s %s\n" % (BOUNDARY, words)).encode())


def letter(code):
    """o open, r refused, d dropped, u unroutable, x none of them."""
    if code in (0, errno.ECONNRESET):
        return "o"
    if code == errno.ECONNREFUSED:
        return "r"
    if code == errno.ETIMEDOUT:
        return "d"
    return "u" if errno.errorcode.get(code) in UNROUTABLE else "x"


def letter_here(code):
    """As `letter`, of what connect() says at once: the host's own routes lead nowhere."""
    return "h" if errno.errorcode.get(code) in NO_ROUTE else letter(code)


class Loop:
    """Calls a function when its file can be read or written, or when its time has come."""

    def __init__(self):
        self.poll, self.calls, self.timers, self.number = select.poll(), {}, [], 0

    def watch(self, file, events, call):
        self.calls[file.fileno()] = call
        self.poll.register(file, events)

    def drop(self, file):
        if self.calls.pop(file.fileno(), None):
            self.poll.unregister(file)
        file.close()

    def after(self, seconds, call):
        self.number += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.number, call))

    def turn(self):
        wait = 5
        while self.timers and self.timers[0][0] <= time.monotonic():
            heapq.heappop(self.timers)[2]()
            wait = 0  # whoever turns the loop may have got what it waits for
        if self.timers and wait:
            wait = self.timers[0][0] - time.monotonic()
        for number, _ in self.poll.poll(max(0, int(wait * 1000) + 1)):
            call = self.calls.get(number)
            if call:
                call()


class Input:
    """The lines of stdin; its end is the end."""

    def __init__(self, loop):
        self.lines, self.rest, self.ending = [], b"", lambda: os._exit(ENDED_EARLY)
        loop.poll.register(0, select.POLLIN)
        loop.calls[0] = self.read

    def read(self):
        data = os.read(0, 65536)
        if not data:
            self.ending()
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.lines += lines


def bound(kind, port):
    """A socket on all addresses of both families, or OSError where somebody holds the port."""
    try:
        made = socket.socket(socket.AF_INET6, kind)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        anywhere = "::"
    except OSError:  # there is no IPv6
        made, anywhere = socket.socket(socket.AF_INET, kind), "0.0.0.0"
    made.setblocking(False)
    if kind == socket.SOCK_STREAM:  # for UDP it would take another program's packets
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((anywhere, port))
    except OSError:
        made.close()
        raise
    return made


class Acceptor:
    """Answers on one TCP port; it lets go of everything with the process."""

    def __init__(self, loop, port):
        self.loop, self.held = loop, []
        self.socket = bound(socket.SOCK_STREAM, port)
        self.socket.listen(128)
        loop.watch(self.socket, select.POLLIN, self.accept)

    def accept(self):
        try:
            taken = self.socket.accept()[0]
        except OSError:
            taken = None
        if taken:
            # reset and not closed: nothing stays on the port that a component may want
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.held.append(taken)
            self.loop.watch(taken, select.POLLIN, lambda: self.leave(taken))
        if self.held and (not taken or len(self.held) > HELD):
            self.leave(self.held[0])

    def leave(self, taken):
        if taken in self.held:
            self.held.remove(taken)
            self.loop.drop(taken)


class Echo:
    """Sends datagrams of the peers back, cut to their heads: it makes nothing larger.

    From the address that they were sent to, whatever the routes say: so each has its socket.
    """

    def __init__(self, loop, port, token, own):
        self.token, everywhere = token, bound(socket.SOCK_DGRAM, port)
        everywhere.close()
        sockets = [each for each in (self.at(address, port) for address in own) if each]
        for each in sockets or [bound(socket.SOCK_DGRAM, port)]:
            loop.watch(each, select.POLLIN, lambda each=each: self.answer(each))

    @staticmethod
    def at(address, port):
        made = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        )
        made.setblocking(False)
        try:
            made.bind((address, port))
        except OSError:  # it is the address of something before this host
            made.close()
            return None
        return made

    def answer(self, there):
        try:
            for _ in range(64):
                data, sender = there.recvfrom(65535)
                if data[8:24] == self.token:
                    there.sendto(data[:32], sender)
        except OSError:
            pass
