"""Kubernetes version strings as semver values, and the ranges that checks apply to."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TypeAlias

from semver import Version as SemVer

Version: TypeAlias = SemVer
"""A full version: major.minor.patch, with an optional pre-release and build (semver.org 2.0.0)."""

_FULL = re.compile(r"v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?)\Z")


@functools.lru_cache(maxsize=128)
def parse_version(text: str) -> Version:
    """Read `v1.20.2`, `1.31.0-rc.1` or `v1.30.1+build`; hosts with one text share one value.

    Raises:
        ValueError: not a full version; two numbers are not enough because some checks change
            in a patch release.
    """
    match = _FULL.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a full version such as v1.31.2")
    return SemVer.parse(match[1])


def minor_floor(text: str) -> Version:
    """The lowest version that `since="1.31"` or `until="1.31.2"` means, pre-releases included.

    A pre-release of 1.31.0 already has 1.31's checks, so both are compared with `1.31.0-0`.
    """
    major, minor, patch = [*text.split("."), "0", "0"][:3]
    return SemVer(int(major), int(minor), int(patch), prerelease="0")


@dataclass(frozen=True, slots=True)
class VersionRange:
    """`since` <= version < `until`; None leaves that side open."""

    since: Version | None = None
    until: Version | None = None

    @classmethod
    def parse(cls, since: str | None, until: str | None) -> VersionRange:
        """Build a range of `1.18` or `1.31.2` strings."""
        return cls(
            None if since is None else minor_floor(since),
            None if until is None else minor_floor(until),
        )

    def __contains__(self, version: Version) -> bool:
        return (self.since is None or self.since <= version) and (
            self.until is None or version < self.until
        )
