"""When a certificate ends: of a login with one that has ended the API server says only 401."""

from __future__ import annotations

import datetime

from scanner.verify import der

_UTC_TIME = 0x17
"""With two digits for the year (RFC 5280, 4.1.2.5.1); else GeneralizedTime, with four."""


def not_after(certificate: bytes) -> datetime.datetime | None:
    """The end, in UTC; None if it cannot be read.

    Args:
        certificate: PEM; of several the first counts.
    """
    try:
        validity = der.fields(certificate)[3]
        _, begin, _ = der.element(validity, 0)
        _, _, second = der.element(validity, begin)
        _, content, end = der.element(validity, second)
        said = validity[content:end].decode("ascii")
        if validity[second] == _UTC_TIME:
            said = ("19" if said >= "50" else "20") + said
        return datetime.datetime.strptime(said, "%Y%m%d%H%M%S%z")
    except (ValueError, IndexError):
        return None
