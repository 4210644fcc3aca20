"""When the certificates end that lie on a host; nothing else of them is read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields
from scanner.facts.paths import PathState

_DIGITS = re.compile(r"[0-9]{12}|[0-9]{14}")
_UTC_TIME_DIGITS = 12
_UTC_TIME_PIVOT = 50
"""A UTCTime's two digits from 50 on are years of 1900 (RFC 5280, 4.1.2.5.1)."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """notAfter of the certificates below /etc/kubernetes/pki and of the kubelet's own."""

    expiry: Mapping[str, datetime.datetime]
    """Path -> the last second in which it is valid, UTC."""
    unread: tuple[str, ...]
    """Paths that this login cannot look at, or that hold no certificate."""
    complete: bool
    """False if there are more than 20 files."""


def parse_certificates(text: str) -> Certificates:
    """Read `STATE=PATH` of three paths, `expires=DIGITS PATH` and `unread=PATH`."""
    fields = Fields.of(text)
    if not any(fields.all(state.value) for state in PathState):
        raise ParseError("the certificates were not looked for")
    pairs = (value.partition(" ") for value in fields.all("expires"))
    return Certificates(
        {path: _not_after(digits) for digits, _, path in pairs},
        (
            *fields.all(PathState.HIDDEN.value),
            *fields.all(PathState.DIR_UNREADABLE.value),
            *fields.all("unread"),
        ),
        complete=fields.get("truncated") != "yes",
    )


def _not_after(digits: str) -> datetime.datetime:
    """An ASN.1 UTCTime or GeneralizedTime without its Z."""
    if not _DIGITS.fullmatch(digits):
        raise ParseError(f"{digits[:40]!r} is no date of a certificate")
    century = ""
    if len(digits) == _UTC_TIME_DIGITS:
        century = "19" if int(digits[:2]) >= _UTC_TIME_PIVOT else "20"
    try:
        return datetime.datetime.strptime(f"{century}{digits}Z", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise ParseError(f"{digits!r} is no date of a certificate") from error
