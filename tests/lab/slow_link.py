"""Stands in for `tc netem` where the kernel has none: run in a host's network, it takes eth0's
address over to a device of its own and sends what leaves it later, or not at all.

    python3 slow_link.py ADDRESS/LENGTH MAC DELAY_MS LOSS_PERCENT

It says `ready`, and ends with its stdin; the device is gone with it.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
TAP, NO_PACKET_INFO, VNET_HEADER = 0x2, 0x1000, 0x4000
SOL_PACKET, PACKET_VNET_HDR = 263, 15
ALL_PROTOCOLS = 3
OUTGOING = 4
"""sll_pkttype of what this host has sent itself."""


def main() -> None:
    address, mac, delay, loss = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    tap = os.open("/dev/net/tun", os.O_RDWR)
    # With virtio's header, which carries the checksums that a cable between namespaces leaves out.
    flags = TAP | NO_PACKET_INFO | VNET_HEADER
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"slow0", flags))
    cable = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
    cable.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    cable.bind(("eth0", ALL_PROTOCOLS))
    neighbours = ip("neigh", "show", "dev", "eth0", "nud", "permanent").splitlines()
    ip("addr", "del", address, "dev", "eth0")
    ip("link", "set", "eth0", "address", "02:00:00:ff:ff:ff")
    ip("link", "set", "eth0", "promisc", "on", "arp", "off")
    ip("link", "set", "slow0", "address", mac, "up")
    ip("addr", "add", address, "dev", "slow0")
    for line in neighbours:
        there, _, lladdr, *_ = line.split()
        ip("neigh", "replace", there, "lladdr", lladdr, "dev", "slow0", "nud", "permanent")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    forward(tap, cable, delay / 1000, loss / 100)
    ip("link", "set", "eth0", "promisc", "off", "arp", "on")
    ip("link", "set", "eth0", "address", mac)
    ip("addr", "add", address, "dev", "eth0")
    for line in neighbours:
        there, _, lladdr, *_ = line.split()
        ip("neigh", "replace", there, "lladdr", lladdr, "dev", "eth0", "nud", "permanent")


def forward(tap: int, cable: socket.socket, delay: float, loss: float) -> None:
    """Copy frames until stdin ends."""
    waiting: list[tuple[float, int, bytes]] = []
    number = 0
    while True:
        wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([0, tap, cable.fileno()], [], [], wait)
        if 0 in ready and not os.read(0, 1):
            return
        if cable.fileno() in ready:
            frame, sender = cable.recvfrom(1 << 17)
            if sender[2] != OUTGOING:
                os.write(tap, frame)
        if tap in ready:
            frame = os.read(tap, 1 << 17)
            number += 1
            if random.random() >= loss:  # noqa: S311 # no secret
                heapq.heappush(waiting, (time.monotonic() + delay, number, frame))
        while waiting and waiting[0][0] <= time.monotonic():
            cable.send(heapq.heappop(waiting)[2])


def ip(*words: str) -> str:
    """Run ip(8) here."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
