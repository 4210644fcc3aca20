"""The part of the program on a host that dials; `listen.py` stands before it in one text."""

import errno
import select
import socket
import struct
import time

from listen import letter, letter_here

SILENCE = 3.5  # seconds; a SYN is repeated by the kernel after 1 s and 3 s
AGAIN = (0.4, 2.2)  # for a link that loses packets, so that one that was lost is no firewall
HEAD = b"\0" * 8  # no VXLAN header that a kernel would look into
HELLOS = (0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3)
ECHOES, ECHO_EVERY = 20, 0.02
TRIES = (0.01, 0.25, 0.5, 0.75)
LARGEST = 9000
LADDER = (1280, 1350, 1370, 1380, 1390, 1400, 1410, 1420, 1430, 1440, 1450, 1460, 1472, 1480, 1492)
LADDER += (1500, 2000, 4000, 8000, 8850, 8900, 8950)


def family(address):
    """IPv4 or IPv6."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def mtu_to(address):
    """What the kernel knows of the path, in bytes; nothing is sent."""
    level, option = (41, 24) if ":" in address else (0, 14)  # IPV6_MTU, IP_MTU
    try:
        with socket.socket(family(address), socket.SOCK_DGRAM) as udp:
            udp.connect((address, 9))
            return min(udp.getsockopt(level, option), LARGEST)
    except OSError:
        return 0


class Connection:
    """Dials one TCP port, more than once while nothing comes back."""

    def __init__(self, run, peer, port):
        self.run, self.peer, self.port, self.sockets, self.result = run, peer, port, [], None
        for seconds in AGAIN:
            run.loop.after(seconds, self.attempt)
        run.loop.after(SILENCE, lambda: self.end("d"))
        self.attempt()

    def attempt(self):
        if self.result:
            return
        try:
            dialled, began = socket.socket(family(self.peer.address)), time.monotonic()
            self.sockets.append(dialled)
            dialled.setblocking(False)
            code = dialled.connect_ex((self.peer.address, self.port))
        except OSError as error:
            self.end(letter(error.errno))
            return
        if code != errno.EINPROGRESS:
            self.end(letter_here(code), dialled, began)
            return
        self.run.loop.watch(dialled, select.POLLOUT, lambda: self.answered(dialled, began))

    def answered(self, dialled, began):
        code = dialled.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.end(letter(code), dialled, began)

    def end(self, result, dialled=None, began=0):
        if self.result:
            return
        self.result = result
        if result == "o":
            # tcpi_rtt of struct tcp_info (linux/tcp.h), microseconds
            told = dialled.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            self.peer.took(struct.unpack_from("I", told, 68)[0])
            dialled.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif result == "r" and dialled:
            self.peer.took((time.monotonic() - began) * 1e6)
        for each in self.sockets:
            self.run.loop.drop(each)
        self.run.over()


class Datagrams:
    """Sends to one UDP port; where a peer echoes, also looks for loss and for the largest size."""

    def __init__(self, run, peer, port, measured=False):
        self.run, self.peer, self.measured, self.result = run, peer, measured, None
        self.got, self.sizes, self.began, self.sends = set(), {}, time.monotonic(), 0
        self.sent_at = {}
        self.socket = socket.socket(family(peer.address), socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        run.loop.after(SILENCE, lambda: self.result or self.end("d"))
        try:
            level, option = (41, 23) if ":" in peer.address else (0, 10)
            self.socket.setsockopt(level, option, 3)  # IP_PMTUDISC_PROBE: never in fragments
            self.socket.connect((peer.address, port))
        except OSError as error:
            self.end(letter_here(error.errno))
            return
        run.loop.watch(self.socket, select.POLLIN, self.hear)
        for number, seconds in enumerate(HELLOS):
            run.loop.after(seconds, lambda number=number: self.result or self.send(number))

    def send(self, number, size=0):
        self.sends += 1
        if number < 200:  # those are sent once each
            self.sent_at[number] = time.monotonic()
        data = HEAD + self.run.token + struct.pack(">HHHH", 0, 0, 0, number)
        try:
            self.socket.send(data + b"\0" * (size - len(data)))
        except OSError as error:
            if letter(error.errno) in "ru":
                self.end(letter(error.errno))

    def hear(self):
        try:
            data = self.socket.recv(2048)
        except OSError as error:
            if letter(error.errno) in "ru":
                self.end(letter(error.errno))
            return
        if data[8:24] != self.run.token or len(data) < 32 or self.socket.fileno() < 0:
            return
        number = struct.unpack_from(">H", data, 30)[0]
        if number in self.sent_at:
            self.peer.echoed_in((time.monotonic() - self.sent_at.pop(number)) * 1e6)
        self.got.add(number)
        if not self.result:
            self.result = "o"
            self.measure()
        elif 200 in self.got and (not self.peer.counts or self.echoed() == ECHOES):
            self.close()

    def echoed(self):
        return sum(100 <= number < 200 for number in self.got)

    def measure(self):
        if not self.measured:
            self.close()
            return
        if self.peer.counts:
            for number in range(ECHOES):
                self.run.loop.after(number * ECHO_EVERY, lambda n=100 + number: self.send(n))
        self.large([self.peer.mtu], 200)
        self.run.loop.after(1.2, self.measured_once)

    def large(self, sizes, first):
        """Each size more than once: what counts is the size of the packet, with its headers."""
        headers = 48 if ":" in self.peer.address else 28
        for number, size in enumerate(sizes, first):
            self.sizes[number] = size
            for seconds in TRIES:
                self.run.loop.after(
                    seconds, lambda n=number, s=size: n in self.got or self.send(n, s - headers)
                )

    def measured_once(self):
        if 200 in self.got or self.peer.mtu <= LADDER[0]:
            self.close()
            return
        self.large([*(size for size in LADDER if size < self.peer.mtu), self.peer.mtu], 300)
        self.run.loop.after(1.2, self.close)

    def close(self):
        if self.measured:
            if self.peer.counts:
                self.peer.sent = ECHOES
                self.peer.got = self.echoed()
            known = [size for number, size in self.sizes.items() if number in self.got]
            self.peer.largest = max(known, default=0)
        self.end("o")

    def end(self, result):
        if self.socket.fileno() >= 0:
            self.result = result
            # later ones may answer to a datagram before, or only to the last
            if result == "r" and self.sends == 1:
                self.peer.took((time.monotonic() - self.began) * 1e6)
            self.run.loop.drop(self.socket)
            self.run.over()
