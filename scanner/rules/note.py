"""What the user is told before their own rules run: how many, where, and as whom."""

from __future__ import annotations

from collections import Counter

from scanner.request import Host, Request, Sudo
from scanner.rules.check import asked_of
from scanner.selection import Selection


def running(request: Request, selection: Selection) -> tuple[str, ...]:
    """One line for stderr; none where no rule will run."""
    rules = asked_of(request.rules, selection)
    if not rules:
        return ()
    files = ", ".join(dict.fromkeys(rule.source for rule in rules))
    count = "1 rule of your own runs" if len(rules) == 1 else f"{len(rules)} rules of your own run"
    logins = Counter(map(_whom, request.hosts))
    whom = "; ".join(f"{how} ({_hosts(number)})" for how, number in logins.items())
    return (f"{count} on the hosts ({files}): {whom}",)


def _hosts(number: int) -> str:
    return "1 host" if number == 1 else f"{number} hosts"


def _whom(host: Host) -> str:
    login = host.login
    if login.user == "root":
        return "as root"
    user = "the user who runs kscan" if login.local else login.user or "the SSH login"
    if login.sudo is Sudo.OFF:
        return f"as {user}"
    return f"as root where sudo or doas lets {user}, else as {user}"
