"""What the API server answered to one question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.verify.objects import Object, from_json, objects, text

_ABSENT, _THROTTLED, _UNAVAILABLE = 404, 429, 503


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, of which nothing is certain."""

    status: int
    """HTTP's; 200 and 201 are good."""
    body: object
    """The JSON value, or the text of what is none."""

    @classmethod
    def of(cls, status: int, data: bytes) -> Reply:
        """Read it."""
        decoded = data.decode("utf-8", "replace")
        try:
            return cls(status, from_json(decoded))
        except (ValueError, RecursionError):
            return cls(status, decoded)

    @property
    def is_good(self) -> bool:
        """True if it did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    @property
    def is_absent(self) -> bool:
        """True if there is no such thing."""
        return self.status == _ABSENT

    @property
    def is_refusal(self) -> bool:
        """True if it did nothing of it, and says so."""
        return 400 <= self.status < 500  # noqa: PLR2004 - as above

    @property
    def reason(self) -> str:
        """Why not, as a clause."""
        message = text(self.body, "message")
        if not message and isinstance(self.body, str):
            message = " ".join(self.body.split())[:300]
        return f"the API server answers {self.status}" + (f": {message}" if message else "")

    @property
    def items(self) -> tuple[Object, ...] | None:
        """The objects of a list; None for what is none, as one that was cut.

        The API server writes an empty list as [] or null.
        """
        if not isinstance(self.body, Mapping) or "items" not in self.body:
            return None
        found = self.body["items"]
        return (
            tuple(objects(self.body, "items")) if found is None or isinstance(found, list) else None
        )

    def is_busy(self, method: str) -> bool:
        """True if nothing was done but soon may be: it throttles, or a balancer has no server."""
        return self.status == _THROTTLED or (method == "GET" and self.status == _UNAVAILABLE)
