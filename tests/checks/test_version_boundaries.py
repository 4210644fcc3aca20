"""Every version boundary of kubeadm's preflight that is known, on both sides of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scanner.checks import CATALOGUE
from scanner.kubeadm.system_validators import VENDORED
from scanner.versions import minor_floor
from tests.checks import boundaries, boundaries_programs, boundaries_verification
from tests.checks.boundary import VERIFIED, Boundary

BOUNDARIES = (
    *boundaries.BOUNDARIES,
    *boundaries_programs.BOUNDARIES,
    *boundaries_verification.BOUNDARIES,
)


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_both_sides(boundary: Boundary) -> None:
    before, after = boundary.said(boundary.last), boundary.said(boundary.first)
    assert (before[0], after[0]) == (boundary.before, boundary.after), (before, after)
    assert boundary.words in before[1] + after[1]


def test_each_row_of_kubeadms_own_that_has_an_end_stands_here() -> None:
    """A `since` or `until` that nobody proves is a figure that anyone may mistype."""
    proven = {(boundary.name.partition("-")[0], boundary.first) for boundary in BOUNDARIES}
    missing = []
    for check in CATALOGUE:
        for row in check.applies:
            if row.own or check.kubeadm is None:
                continue
            others = [other for other in check.applies if other is not row]
            for edge, inside in ((row.versions.since, True), (row.versions.until, False)):
                if edge is None:
                    continue
                # Where a row ends and the next of the same worst begins, only the evidence changes.
                same = any(
                    other.roles == row.roles
                    and other.severity is row.severity
                    and other.subjects == row.subjects
                    and edge in ((other.versions.until,) if inside else (other.versions.since,))
                    and not other.own
                    for other in others
                )
                name = check.kubeadm.partition("-")[0]
                if not same and (name, f"v{edge.finalize_version()}") not in proven:
                    missing.append(f"{check.id} {name} v{edge}")
    assert missing == []


def test_each_change_of_the_library_stands_here() -> None:
    changed = {
        f"v{minor_floor(after.since).finalize_version()}"
        for before, after in pairwise(VENDORED)
        if after.since is not None and before.library is not after.library
    }
    assert changed <= {row.first for row in BOUNDARIES if row.name == VERIFIED}
