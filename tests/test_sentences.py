"""What a host says does nothing in a report's sentences, wherever they are shown."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from scanner.checks.rule import Finding
from scanner.evaluate import Result
from scanner.fleet.judge import FleetResult
from scanner.fleet.rule import FleetFinding
from scanner.report import HostReport, HostStatus
from scanner.sentences import harmless_fleet, harmless_host
from scanner.verdict import Verdict

TITLE = "\x1b]0;owned\x07\u202e"
SHOWN = "\\x1b]0;owned\\x07\\u202e"


def host(text: str) -> HostReport:
    finding = Finding(text, text, text, text, remedy=text)
    return HostReport(
        "n",
        text,
        "192.0.2.1",
        ("worker",),
        "join-worker",
        HostStatus.NOT_READY,
        text,
        notes=(text, "fine"),
        facts={"os": {"name": text}},
        results=(
            Result("KS101", "Mem", "", Verdict.PASS, ""),
            Result("KS102", "CPU", text, Verdict.SKIP, text),
            Result("KS103", "X", "", Verdict.FAIL, text, text, text, (finding,), kubeadm_says=()),
        ),
    )


def test_a_title_that_a_host_would_set() -> None:
    said = harmless_host(host(TITLE))
    assert (said.node_name, said.reason, said.notes) == (SHOWN, SHOWN, (SHOWN, "fine"))
    passed, skipped, failed = said.results
    assert (passed.message, skipped.subject, skipped.message) == ("", SHOWN, SHOWN)
    assert (failed.message, failed.remedy, failed.source) == (SHOWN, SHOWN, SHOWN)
    assert failed.findings == (Finding(SHOWN, SHOWN, SHOWN, SHOWN, remedy=SHOWN),)
    assert said.facts == {"os": {"name": TITLE}}, "facts are compared, and are not for reading"


def test_between_hosts() -> None:
    finding = FleetFinding(TITLE, ("n",), TITLE, TITLE, TITLE, remedy=TITLE)
    result = FleetResult("KS701", TITLE, Verdict.FAIL, TITLE, ("n",), findings=(finding,))
    (said,) = harmless_fleet((result,))
    assert (said.subject, said.message, said.hosts) == (SHOWN, SHOWN, ("n",))
    assert said.findings == (FleetFinding(SHOWN, ("n",), SHOWN, SHOWN, SHOWN, remedy=SHOWN),)


def test_kubeadms_own_lines_stay_lines() -> None:
    row = Result("KS1", "Swap", "", Verdict.WARN, "", kubeadm_says=("[WARNING Swap]: a\n\tb\x1b",))
    (said,) = harmless_host(
        HostReport("n", "", "", (), "", HostStatus.READY, results=(row,))
    ).results
    assert said.kubeadm_says == ("[WARNING Swap]: a\n\tb\\x1b",)


@given(st.text(max_size=30))
def test_what_is_fine_is_not_touched(text: str) -> None:
    said = harmless_host(host(text)).reason
    assert all(unicodedata.category(char)[0] != "C" for char in said)
    if text.isascii() and text.isprintable():
        assert harmless_host(host(text)) == host(text)
