"""The hosts' clocks against each other, corrected by the time that the answers took."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from scanner.checks.rule import Severity
from scanner.fleet.record import FleetFacts, Offset
from scanner.fleet.rule import Fleet, FleetFinding, Gap, Said, fleet_check, told, untold

FAIL_SECONDS = 30.0
"""Our own: certificates that were just made are not valid yet, and leases have run out."""
WARN_SECONDS = 1.0
"""etcd warns of as much between its members (rafthttp/probing_status.go,
v3.4)."""
_TWO = 2
_SOURCE = "date +%s.%N, between sending the script and its answer"


@fleet_check(
    "KS711",
    "clocks",
    Severity.ERROR,
    passed="no clock is more than 1 s from the fleet's median",
    remedy="Start a time daemon (chrony or systemd-timesyncd) with sources that it can reach.",
)
def clocks(fleet: Fleet) -> Iterator[Said]:
    """Read each host's clock once, and compare it with the median of all of them.

    Passes if each is within 1 s; more is a warning, over 30 s an error. The clock was read between
    the moment the script was sent and the one its answer came: half of that time is the
    uncertainty, which is given to the host, so that nothing is said that was not measured. Of two
    hosts nobody can tell which one is wrong, and both are named. Certificates, tokens, leases and
    logs go by the clock.
    """
    known = list(told(fleet.machines(), "clock", Offset))
    yield from untold(fleet.hosts, "clock")
    if len(known) == _TWO:
        yield from _of_two(known[0], known[1])
    elif len(known) > _TWO:
        middle = median(offset.middle for _, offset in known)
        for host, offset in known:
            yield from _of_one(host, offset.middle - middle, offset.uncertainty)


def _of_one(host: FleetFacts, ahead: float, uncertainty: float) -> Iterator[Said]:
    if abs(ahead) - uncertainty > WARN_SECONDS:
        way = "ahead of" if ahead > 0 else "behind"
        yield _finding(
            f"a clock is {_give_or_take(ahead, uncertainty)} {way} the fleet's median",
            (host.host,),
            ahead,
            uncertainty,
        )
    else:
        yield from _unclear((host.host,), ahead, uncertainty)


def _of_two(one: tuple[FleetFacts, Offset], two: tuple[FleetFacts, Offset]) -> Iterator[Said]:
    apart = one[1].middle - two[1].middle
    uncertainty = one[1].uncertainty + two[1].uncertainty
    names = (one[0].host, two[0].host)
    if abs(apart) - uncertainty > WARN_SECONDS:
        message = f"two clocks are {_give_or_take(apart, uncertainty)} apart"
        yield _finding(message, names, apart, uncertainty)
    else:
        yield from _unclear(names, apart, uncertainty)


def _finding(message: str, hosts: tuple[str, ...], off: float, uncertainty: float) -> FleetFinding:
    certain = abs(off) - uncertainty > FAIL_SECONDS
    return FleetFinding(
        message,
        hosts,
        have=_give_or_take(off, uncertainty),
        need=f"at most {FAIL_SECONDS if certain else WARN_SECONDS:g} s",
        source=_SOURCE,
        severity=Severity.ERROR if certain else Severity.WARNING,
    )


def _unclear(hosts: tuple[str, ...], off: float, uncertainty: float) -> Iterator[Gap]:
    """A host that took so long to answer that its clock may be wrong after all."""
    if abs(off) + uncertainty > WARN_SECONDS:
        could_fail = abs(off) + uncertainty > FAIL_SECONDS
        yield Gap(
            hosts,
            "the answer took so long that the clock is not known to a second",
            Severity.ERROR if could_fail else Severity.WARNING,
        )


@fleet_check(
    "KS712",
    "this machine's clock",
    Severity.WARNING,
    passed="the clock of the machine that asks is within 1 s of the fleet's median",
    remedy="Set the clock of the machine that kscan runs on; it is what expiry is judged by.",
    skip=lambda fleet: None if len(fleet.hosts) > _TWO else "two clocks do not outvote a third",
)
def own_clock(fleet: Fleet) -> Iterator[Said]:
    """Compare the clock of the machine that kscan runs on with the median of the hosts' clocks.

    Passes within 1 s, where the median is certain to that; three hosts must have told theirs. The
    validity of certificates is judged by this machine's clock.
    """
    known = [offset for _, offset in told(fleet.machines(), "clock", Offset)]
    if len(known) <= _TWO:
        yield Gap(_names(fleet), "fewer than three hosts told the time", Severity.WARNING)
        return
    low, high = median(offset.low for offset in known), median(offset.high for offset in known)
    # The median of the true offsets lies between the two.
    if low > WARN_SECONDS or high < -WARN_SECONDS:
        middle = median(offset.middle for offset in known)
        way = "behind" if middle > 0 else "ahead of"
        yield FleetFinding(
            f"the clock of this machine is {_seconds(middle)} {way} the hosts' median",
            (),
            have=_give_or_take(middle, (high - low) / 2),
            need=f"at most {WARN_SECONDS:g} s",
            source=_SOURCE,
        )
    elif low < -WARN_SECONDS or high > WARN_SECONDS:
        yield Gap(_names(fleet), "the answers took too long to tell", Severity.WARNING)


def _names(fleet: Fleet) -> tuple[str, ...]:
    return tuple(host.host for host in fleet.hosts)


def _give_or_take(value: float, uncertainty: float) -> str:
    return f"{_seconds(value)} (give or take {_seconds(uncertainty)})"


def _seconds(value: float) -> str:
    """`90.0 s`, `0.012 s`: as many digits as mean something."""
    size = abs(value)
    return f"{size:,.1f} s" if size >= 1 else f"{size:.3f} s"
