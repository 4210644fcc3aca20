"""The known boundaries of the programs that kubeadm looks for, each with its ground."""

from __future__ import annotations

from scanner.request import ContainerRuntime
from scanner.target import Role
from tests.checks.boundary import ABSENT, CAME, GONE, MILDER, STRICTER, WARN, change
from tests.hosts import binaries

WORKER = Role.JOIN_WORKER
DOCKER = ContainerRuntime.DOCKER
BARE = binaries(*("crictl", "conntrack", "ip", "iptables", "nsenter", "losetup", "cp"))
WARNED = binaries("ebtables", "socat", "ethtool", "tc", "touch")

BOUNDARIES = (
    change("FileExisting-conntrack", "RN 1.18 PR#85857", "v1.17.17", "v1.18.0", CAME, BARE),
    change("FileExisting-conntrack", "checks_linux.go of 1.32", "v1.31.14", "v1.32.0", GONE, BARE),
    change(
        "FileExisting-conntrack",
        "checks_linux.go of 1.32: never on a join",
        "v1.31.14",
        "v1.32.0",
        GONE,
        BARE,
        role=WORKER,
        kubernetes="v1.31.0",
    ),
    change(
        "FileExisting-conntrack",
        "kubeadm issue 3105",
        "v1.32.9",
        "v1.33.0",
        GONE,
        BARE,
        kubernetes="v1.31.0",
    ),
    change(
        "FileExisting-crictl",
        "RN 1.24 PR#107317",
        "v1.23.17",
        "v1.24.0",
        STRICTER,
        BARE,
        runtime=DOCKER,
    ),
    change("FileExisting-crictl", "PR#124685", "v1.30.14", "v1.31.0", MILDER, BARE),
    change("FileExisting-crictl", "RN 1.32 PR#126596", "v1.31.14", "v1.32.0", (WARN, ABSENT), BARE),
    *(
        change(f"FileExisting-{name}", f"RN 1.33 PR#{number}", "v1.32.9", "v1.33.0", sides, program)
        for name, number, sides, program in (
            ("ip", 129131, GONE, BARE),
            ("iptables", 129131, GONE, BARE),
            ("nsenter", 129450, GONE, BARE),
            ("losetup", 129450, CAME, BARE),
            ("cp", 130045, CAME, BARE),
            ("ethtool", 129131, (WARN, ABSENT), WARNED),
            ("tc", 129131, (WARN, ABSENT), WARNED),
            ("touch", 129317, (WARN, ABSENT), WARNED),
        )
    ),
    *(
        change(f"FileExisting-{name}", f"PR#127151, #{number}", last, first, (WARN, ABSENT), WARNED)
        for name in ("ebtables", "socat")
        for number, last, first in (
            (127413, "v1.31.1", "v1.31.2"),
            (127414, "v1.30.5", "v1.30.6"),
            (127415, "v1.29.9", "v1.29.10"),
            (127416, "v1.28.14", "v1.28.15"),
        )
    ),
    *(
        change(
            f"FileExisting-{name}",
            "PR#127151: the first releases of the next minor still have it",
            last,
            first,
            (ABSENT, WARN),
            WARNED,
        )
        for name in ("ebtables", "socat")
        for last, first in (
            ("v1.28.15", "v1.29.0"),
            ("v1.29.10", "v1.30.0"),
            ("v1.30.6", "v1.31.0"),
        )
    ),
)
