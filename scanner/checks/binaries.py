"""Programs that must be on kubeadm's search path."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.dockershim import has_client, uses_dockershim
from scanner.checks.rule import (
    ALL,
    INIT,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    history,
)
from scanner.checks.search_path import locate
from scanner.facts.base import Facts
from scanner.kubeadm import releases
from scanner.target import Target

_EBTABLES_SOCAT = ("ebtables", "socat")

ROWS = (
    *history(ALL, Severity.ERROR, until="1.31", v1_20=Evidence.REAL, subjects=("crictl",)),
    applies(
        *(ALL, Severity.WARNING),
        since="1.31",
        until="1.32",
        evidence=Evidence.NOTES,
        subjects=("crictl",),
    ),
    *history(
        *(ALL, Severity.ERROR),
        since="1.18",
        until="1.32",
        v1_20=Evidence.REAL,
        gaps=Evidence.NOTES,
        subjects=("conntrack",),
    ),
    applies(INIT, Severity.ERROR, since="1.32", until="1.33", subjects=("conntrack",)),
    *history(
        *(ALL, Severity.ERROR),
        until="1.33",
        v1_20=Evidence.REAL,
        gaps=Evidence.NOTES,
        subjects=("ip", "iptables", "nsenter"),
    ),
    *history(ALL, Severity.ERROR, v1_20=Evidence.REAL, gaps=Evidence.NOTES, subjects=("mount",)),
    *history(ALL, Severity.ERROR, since="1.33", gaps=Evidence.INFERRED, subjects=("losetup",)),
    *history(ALL, Severity.ERROR, since="1.33", gaps=Evidence.NOTES, subjects=("cp",)),
    # Dropped in a patch release of each of these minors: cherry-picks #127413 to #127416, merged
    # on 2024-09-18. The patch numbers are those of the next releases after that day.
    *history(ALL, Severity.WARNING, until="1.28.15", subjects=_EBTABLES_SOCAT),
    *history(ALL, Severity.WARNING, since="1.29", until="1.29.10", subjects=_EBTABLES_SOCAT),
    *history(ALL, Severity.WARNING, since="1.30", until="1.30.6", subjects=_EBTABLES_SOCAT),
    *history(ALL, Severity.WARNING, since="1.31", until="1.31.2", subjects=_EBTABLES_SOCAT),
    *history(
        *(ALL, Severity.WARNING),
        until="1.33",
        gaps=Evidence.NOTES,
        subjects=("ethtool", "tc", "touch"),
    ),
)

PROGRAMS = tuple(sorted(frozenset[str]().union(*(row.subjects or () for row in ROWS))))


def _not_needed(target: Target, program: str) -> str | None:
    below = releases.find(target.kubeadm).conntrack_below
    if program == "conntrack" and below is not None and target.kubernetes >= below:
        return f"kubeadm v{target.kubeadm} asks it only for a Kubernetes older than v{below}"
    return None


@check(
    "KS321",
    "programs",
    *ROWS,
    kubeadm="FileExisting-{subject}",
    remedy="Install {subject} (cri-tools brings crictl, iproute2 or iproute brings ip and tc, "
    "util-linux brings mount and nsenter); if it is there already, add its directory to root's "
    "PATH and to secure_path in sudoers.",
    subjects=lambda _target: PROGRAMS,
    skip=_not_needed,
)
def program(facts: Facts, target: Target, name: str) -> Iterator[Finding]:
    """Look the program up on the PATH that kubeadm would inherit; passes if it is executable there.

    crictl is not asked for where kubeadm talks to docker itself (dockershim's socket and a docker
    client, until 1.23): it passes there. A program that lies only in a system directory which is
    not on root's PATH is not found by kubeadm either. Source: checks.go InPathCheck, v1.20.2;
    checks_linux.go of 1.32; release notes of 1.18, 1.31, 1.32 and 1.33.
    """
    if name == "crictl" and uses_dockershim(target) and has_client(facts):
        return
    place = locate(facts, name)
    if not place.found:
        if place.elsewhere:
            sentence = f"{place.elsewhere} is not on kubeadm's PATH"
        else:
            sentence = f"there is no executable {name} on kubeadm's PATH"
        yield Finding(sentence, have=place.elsewhere or "absent", need=name, source="PATH")
