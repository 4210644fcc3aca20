"""What keeps packets for this host away: ufw, and the policy of the input chains."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields


@dataclass(frozen=True, slots=True)
class Firewall:
    """ufw's switch and nftables' input chains, iptables-nft's among them; rules are not read."""

    ufw: bool | None
    """ENABLED of /etc/ufw/ufw.conf; None if it cannot be read, False without that file."""
    dropping: tuple[str, ...] | None
    """`FAMILY TABLE CHAIN` of those with the policy drop; None if nft(8) did not answer."""
    nft: bool
    """False if the host has no nft(8)."""
    legacy: bool
    """The old iptables has, or may have, a filter table, whose policy nft(8) does not see."""


_UFW = {"absent": False, "no": False, "yes": True, "unreadable": None}
_ANSWERED = frozenset({"0", "unused"})
"""nft(8) ended well, or the kernel has not even loaded nf_tables."""


def parse_firewall(text: str) -> Firewall:
    """Read `ufw=`, `legacy=`, `nft=` and `input=POLICY FAMILY TABLE CHAIN`."""
    fields = Fields.of(text)
    ufw = fields.one("ufw")
    if ufw not in _UFW:
        raise ParseError(f"{ufw[:40]!r} is no state of ufw")
    status = fields.one("nft")
    chains = (value.partition(" ") for value in fields.all("input"))
    dropping = tuple(chain for policy, _, chain in chains if policy == "drop")
    return Firewall(
        _UFW[ufw],
        dropping if status in _ANSWERED else None,
        nft=status != "absent",
        legacy=bool(fields.get("legacy")),
    )
