"""The catalogue as text."""

from __future__ import annotations

import pytest

from scanner.checks import CATALOGUE
from scanner.checks.fixes import ALPINE, ARCH, DEBIAN, FIXES, OPENRC, RED_HAT, SUSE, SYSTEMD
from scanner.checks.page import page, versions
from scanner.checks.pages import PATH, text
from scanner.versions import VersionRange
from tests.command import Kscan

INSTALLED = {DEBIAN, RED_HAT, SUSE, ARCH, ALPINE}


def test_the_page_of_checks_is_in_sync() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run `make docs`"


def test_every_check_says_what_it_reads_and_what_to_do() -> None:
    for check in CATALOGUE:
        shown = "\n".join(page(check))
        assert check.description, check.id
        assert "Fix: " in shown, check.id
        assert "| init" in shown or "| join" in shown, check.id


def test_fixes_are_of_checks_and_cover_what_differs() -> None:
    assert FIXES.keys() <= {check.id for check in CATALOGUE}
    for check, fixes in FIXES.items():
        named = {where for where in fixes if where in INSTALLED}
        assert named in (set(), INSTALLED) or check == "KS431", check
        assert (SYSTEMD in fixes) == (OPENRC in fixes), check
    about_packages = {check for check, fixes in FIXES.items() if set(fixes) >= INSTALLED}
    assert about_packages == {"KS111", "KS112", "KS113", "KS114", "KS321", "KS422"}


def test_the_packages_of_programs_have_each_distributions_names() -> None:
    assert "`apt-get install conntrack " in FIXES["KS321"][DEBIAN]
    assert "iproute iproute-tc" in FIXES["KS321"][RED_HAT]
    assert "`apk add conntrack-tools " in FIXES["KS321"][ALPINE]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, "all"),
        ("1.18", None, "from v1.18"),
        (None, "1.23", "before v1.23"),
        ("1.18", "1.31.2", "from v1.18 to before v1.31.2"),
    ],
)
def test_versions_in_words(since: str | None, until: str | None, expected: str) -> None:
    assert versions(VersionRange.parse(since, until)) == expected


def test_the_commands(kscan: Kscan) -> None:
    assert "KS104  Swap" in kscan("checks").out
    assert "machine-ids" in kscan("checks").out
    assert "/etc/machine-id" in kscan("explain", "KS702").out
    assert "between the hosts" in kscan("explain", "machine-ids").out
    explained = kscan("explain", "Swap")
    assert explained.status == 0
    assert "/proc/swaps" in explained.out
    wrong = kscan("explain", "Swop")
    assert (wrong.status, wrong.out) == (2, "")
    assert "did you mean Swap?" in wrong.err
    assert "kscan checks" in wrong.err
    assert "kscan checks" in kscan("explain", "zzzzzzzz").err
