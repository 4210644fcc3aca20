"""Networks of a lab: one control namespace with a bridge, and per host a namespace linked to it.
Nothing leads out: the control namespace answers for the rest of the world with "unreachable".
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

BRIDGE = "lab0"


@dataclass(frozen=True, slots=True)
class Port:
    """Where one host is plugged in."""

    name: str
    """Name of the host, and of its end of the cable in the control namespace."""
    netns: str
    address: str
    address6: str


def ports(control: str, count: int) -> list[Port]:
    """Where the hosts node1, node2, ... of a lab are plugged in; its addresses begin with .11."""
    return [
        Port(f"node{n}", f"{control}-node{n}", address(10 + n), address6(10 + n))
        for n in range(1, count + 1)
    ]


def address(number: int) -> str:
    """IPv4 address number `number` of a lab; each lab has the whole network for itself."""
    return f"10.77.{number // 256}.{number % 256}"


def address6(number: int) -> str:
    """IPv6 unique local address number `number` of a lab."""
    return f"fd77:6c61:62::{number:x}"


def build(control: str, ports: Sequence[Port]) -> None:
    """Make the control namespace, its bridge, and a namespace for each port."""
    ip("netns", "add", control)
    batch(
        control,
        "link set lo up",
        f"link add {BRIDGE} type bridge forward_delay 0",
        f"addr add {address(1)}/16 dev {BRIDGE}",
        f"addr add {address6(1)}/64 dev {BRIDGE} nodad",
        f"link set {BRIDGE} up",
        # A router that says no at once, so that nothing in a host waits for a timeout.
        "route add unreachable default metric 4096",
        "-6 route add unreachable default metric 4096",
    )
    sysctl(control, "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    for port in ports:
        ip("netns", "add", port.netns)
        batch(
            control,
            f"link add {port.name} type veth peer name eth0 netns {port.netns}",
            f"link set {port.name} master {BRIDGE} up",
        )
        batch(
            port.netns,
            "link set lo up",
            f"addr add {port.address}/16 dev eth0",
            f"addr add {port.address6}/64 dev eth0 nodad",
            "link set eth0 up",
            f"route add default via {address(1)}",
            f"-6 route add default via {address6(1)}",
        )


def delete(netns: str) -> None:
    """Delete a namespace, and its links first: a process may still keep the namespace alive."""
    if netns not in names():
        return
    listing = ip("-n", netns, "-o", "link", "show").stdout
    for line in listing.splitlines():
        device = line.split(": ")[1].split("@")[0]
        if device == BRIDGE or "link-netns" in line:
            ip("-n", netns, "link", "delete", device, check=False)
    ip("netns", "delete", netns, check=False)


def names() -> frozenset[str]:
    """Names of the network namespaces of this machine."""
    listing = ip("netns", "list").stdout
    return frozenset(line.split()[0] for line in listing.splitlines() if line.strip())


def sysctl(netns: str, *settings: str) -> None:
    """Set kernel parameters of one network namespace."""
    ip("netns", "exec", netns, "sysctl", "-q", "-w", *settings)


def batch(netns: str, *lines: str) -> None:
    """Run several lines of ip(8) in a namespace."""
    for family in ("-4", "-6"):
        mine = [line for line in lines if line.startswith("-6 ") == (family == "-6")]
        text = "\n".join(line.removeprefix("-6 ") for line in mine) + "\n"
        if mine:
            options = ["-6"] if family == "-6" else []
            ip("-n", netns, *options, "-batch", "-", stdin=text)


def ip(*arguments: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run ip(8) and keep what it says."""
    done = subprocess.run(
        ["ip", *arguments], input=stdin, capture_output=True, text=True, check=False
    )
    if check and done.returncode != 0:
        message = f"ip {' '.join(arguments)}: {done.stderr.strip()}\n{stdin}"
        raise RuntimeError(message)
    return done
