"""The host's clock, what it was compared with, and what its time daemon says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields

_NOW = re.compile(r"([0-9]{1,11})(?:\.([0-9]{9}))?(?![0-9])")
"""`date +%s.%N`; a date(1) that knows no %N prints whole seconds and then anything."""

CHRONYD = "chronyd"
TIMESYNCD = "systemd-timesyncd"
NTPD = "ntpd"


@dataclass(frozen=True, slots=True)
class Clock:
    """CLOCK_REALTIME, read once in the middle of the probe."""

    seconds: float
    """Since 1970, UTC."""
    resolution: float
    """Seconds: the clock was between `seconds` and so much more."""
    synchronised: tuple[str, ...] = ()
    """The daemons that say that they follow a source: systemd-timesyncd by its file
    /run/systemd/timesync/synchronized, chronyd by `chronyc tracking`, ntpd by the peer that
    `ntpq -pn` marks, openntpd by `ntpctl -s status`."""
    chronyd: str = ""
    """chronyd's `Leap status`: Normal, Not synchronised...; empty if it was not asked."""
    is_ntpd_known: bool = False
    """True if ntpd has told whether it follows a source."""


def parse_clock(text: str) -> Clock:
    """Read `now=`, `timesyncd=synchronised`, `chronyd=LEAP STATUS` and `ntpd=none|follows`."""
    fields = Fields.of(text)
    match = _NOW.match(fields.one("now"))
    if match is None:
        raise ParseError("the host's date(1) did not tell the time")
    fraction = match[2]
    chronyd = fields.get("chronyd").strip()
    ntpd = fields.all("ntpd")
    follows = {
        TIMESYNCD: fields.get("timesyncd") == "synchronised",
        # Insert second and Delete second are a leap second ahead, which only a source can tell.
        CHRONYD: bool(chronyd) and chronyd != "Not synchronised",
        NTPD: "follows" in ntpd,
    }
    return Clock(
        float(f"{match[1]}.{fraction or '0'}"),
        1e-9 if fraction else 1.0,
        tuple(name for name, said in follows.items() if said),
        chronyd,
        bool(ntpd),
    )


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """The moments between which the host has read its clock, by the clock of who asked."""

    asked: float
    """Seconds since 1970: the script was sent."""
    heard: float
    """Seconds since 1970: the answer was there."""
