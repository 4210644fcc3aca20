"""What keeps the host's clock right."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip
from scanner.facts.base import FactMissing, Facts
from scanner.facts.clock import CHRONYD, NTPD, TIMESYNCD, Clock
from scanner.facts.services import InitSystem, Services
from scanner.target import Target

_UNITS = {
    "chrony": CHRONYD,
    "chronyd": CHRONYD,
    "systemd-timesyncd": TIMESYNCD,
    "ntp": NTPD,
    "ntpd": NTPD,
    "ntpsec": NTPD,
    "openntpd": NTPD,
}
"""Unit -> the daemon behind it."""
_SOURCES = {
    CHRONYD: "chronyc tracking",
    NTPD: "ntpq -pn, or ntpctl -s status",
    TIMESYNCD: "/run/systemd/timesync/synchronized",
}


@check(
    "KS205",
    "time daemon",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Enable chrony or systemd-timesyncd, with a server that the host can reach.",
)
def time_daemon(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Ask systemd for chrony, systemd-timesyncd and ntpd; passes if one runs and follows a source.

    Whether it does is said by `chronyc tracking` (its leap status is not `Not synchronised`), by
    the file that systemd-timesyncd makes at its first answer, and by the peer that `ntpq -pn` marks
    with `*` or `o` (not its own clock, .LOCL.), of openntpd by `ntpctl -s status`. timedatectl is
    not run, because it starts a service. A virtual machine whose hypervisor sets its clock has no
    daemon, and is warned of. How far the clocks are apart is KS711's. Source: chronyc(1),
    systemd-timesyncd.service(8), ntpq(8), ntpctl(8).
    """
    services = facts[Services]
    if services.init is not InitSystem.SYSTEMD or _UNITS.keys().isdisjoint(services.units):
        raise FactMissing("whether a time daemon runs was not asked: that needs systemd")
    running = {
        daemon
        for unit, daemon in _UNITS.items()
        if unit in services.units and services.units[unit].active
    }
    if not running:
        yield Finding(
            "no time daemon runs",
            have="none",
            need="chrony, systemd-timesyncd or ntpd",
            source="systemctl show",
        )
        return
    clock = facts[Clock]
    if not running.isdisjoint(clock.synchronised):
        return
    if CHRONYD in running and not clock.chronyd:
        raise FactMissing("chronyd runs, and its state could not be asked with chronyc")
    if NTPD in running and not clock.is_ntpd_known:
        raise FactMissing("ntpd runs, and its state could not be asked with ntpq")
    asked = sorted(running)
    yield Finding(
        f"{' and '.join(asked)} does not say that the clock follows a source",
        have=clip(clock.chronyd) or "not synchronised",
        need="synchronised",
        source=", ".join(_SOURCES[name] for name in asked),
    )
