from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.render.harmless import harmless
from scanner.render.markdown import MOST, write
from scanner.render.markdown_text import code, codes, prose
from scanner.report import Report
from tests.render.fleet import (
    applied,
    between_hosts,
    fail,
    host,
    report_of,
    small_fleet,
    varied_fleet,
)
from tests.render.folding import DOCKER_IS_STOPPED, NOT_ROOT_EITHER, judged
from tests.render.hostile import WORDS, hostile_report
from tests.render.markdown_reader import acting, text_of

ACTS = re.compile(r"@\w|#\d|!\d|www\.|://|GH-\d|:\w+:|[0-9a-f]{7}|[<>|*_~$\\\[\]&]")
"""What GitHub and GitLab make something of in text outside code."""


def written(report: Report) -> str:
    out = io.StringIO()
    write(report, out)
    return out.getvalue()


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("report.md", written(report_of(small_fleet(), fleet=between_hosts())))


def test_the_verdict_comes_first() -> None:
    first = written(report_of(small_fleet())).split("\n", 1)[0]
    assert first == (
        "# NOT READY: 4 of 8 hosts ready; 4 problems on 2 hosts; 1 warning on 4 hosts; "
        "2 hosts unreachable"
    )
    assert written(report_of([host("a", "10.0.0.1")])).startswith("# READY: 1 of 1 host ready\n")


def test_the_running_cluster_and_what_was_not_done() -> None:
    text = written(applied())
    first = text.split("\n", 1)[0]
    assert "; 2 problems of the running cluster; 2 of 4 phases not done; " in first
    assert "## The running cluster\n\n1 of 4 results about the running cluster passed.\n" in text
    for words in ("**FAIL** KS802", "**UNKNOWN** KS802", "**WARN** KS803"):
        assert words in text
    assert "**FAIL** `join` on `node1`\n\n- kubeadm ended with 1\n" in text
    assert "**NOT DONE** `join` on `node2`\n\n- not done, because of" in text
    for part in acting(text):
        assert not ACTS.search(part), part


@pytest.mark.parametrize("name", WORDS)
def test_nothing_becomes_a_link_or_a_mention(name: str) -> None:
    for text in acting(written(hostile_report(WORDS[name]))):
        assert not ACTS.search(text), text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("swap is in use on /swapfile", "swap is in use on `/swapfile`"),
        ("Run `swapoff -a` and take it out.", "Run `swapoff -a` and take it out."),
        ("1. one", "`1`. one"),
        ("- one", "`-` one"),
        ("Run `kubeadm reset`.", "Run `kubeadm reset`."),
        ("in /etc/fstab, too", "in `/etc/fstab`, too"),
        ("(a in /etc/x), (--b) f(c_)", "(a in `/etc/x`), (`--b`) `f(c_)`"),
        ("(see `a b`).", "(see `a b`)."),
        ("a <b> <c> d", "a `<b> <c>` d"),
        ("ask @ops or #12", "ask `@ops` or `#12`"),
        ("x@`y`", "`x@y`"),
        ("a ` b", "a `` ` `` b"),
        ("found 2 of 3 (two), why?", "found 2 of 3 (two), why?"),
        ("a|b", "`a\\x7cb`"),
        ("", ""),
        ("node1 deadbeef", "node1 `deadbeef`"),
    ],
)
def test_prose(text: str, shown: str) -> None:
    assert prose(text) == shown


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_comes_back_from_code(text: str) -> None:
    shown = harmless(text).replace("|", "\\x7c")
    if shown.strip(" "):
        assert text_of(f"- x {code(text)}") == f"x {shown}\n"
        assert text_of(f"|a|b|\n|---|---|\n|{code(text)}|y|") == f"a\nb\n{shown}\ny\n"


@given(st.text(st.sampled_from("ab1 `|*_<>@#-.:/\\&[]()!~+=\u202e\n"), max_size=40))
def test_any_text_comes_back_from_prose_but_for_backticks(text: str) -> None:
    document = f"- {prose(text)}"
    wanted = re.sub(r"[\s`]+", "", harmless(text).replace("|", "\\x7c"))
    assert re.sub(r"[\s`]+", "", text_of(document)) == wanted
    for word in acting(document):
        assert not ACTS.search(word)


def test_names_are_counted_where_there_are_many() -> None:
    assert codes(["a", "b", "c"], 2) == "`a`, `b` and 1 more"


def test_a_matrix_for_few_groups_and_counts_for_many() -> None:
    few, many = written(report_of(small_fleet())), written(report_of(varied_fleet(300, 60)))
    assert "| check | `cp1` | `node[1-3]` | `node4` | `evil` |" in few
    assert "| `Swap` | ok | ok | **FAIL** | WARN |" in few
    assert "| check |" not in many
    assert "| not ready | 150 |" in many or "| not ready |" in many


def test_it_fits_into_a_ticket_whatever_the_fleet() -> None:
    fleet = [
        host(f"n{number}", f"10.0.0.{number}", Swap=fail(f"{number} " * 200, f"{number} " * 200))
        for number in range(200)
    ]
    text = written(report_of(fleet))
    assert MOST / 2 < len(text) < 65_536
    assert "for which a ticket has no room" in text
    text_of(text)


def test_what_another_problem_explains_stands_below_it() -> None:
    text = written(report_of([judged("a", *DOCKER_IS_STOPPED), judged("b", *NOT_ROOT_EITHER)]))
    block = text[text.index("**FAIL** Service-Docker") :].split("\n\n## ", 1)[0]
    assert block.startswith(
        "**FAIL** Service-Docker (KS203) on 1 host\n\n"
        "- the service docker does not run (on `a`)\n"
        "- Because of it also FAIL CRI (KS211): docker does not answer: dial unix: connect: "
        "connection refused\n"
    )
    assert "**FAIL** CRI" not in text
    assert "; 2 problems on 2 hosts" in text
    for part in acting(text):
        assert not ACTS.search(part), part


def test_what_is_not_known_of_some_unreachable_hosts_names_them() -> None:
    fleet = [
        replace(result, hosts=("node6",)) if result.check == "KS702" else result
        for result in between_hosts()
    ]
    text = written(report_of(small_fleet(), fleet=tuple(fleet)))
    lines = [line for line in text.splitlines() if line.startswith("- Because of it also UNKNOWN")]
    assert [line.endswith(" (not known of `node6`)") for line in lines] == [True, False, False]


def test_of_many_rows_below_a_problem_the_rest_is_named() -> None:
    rules = [f"user/{number}" for number in range(20)]
    one = judged("a", *NOT_ROOT_EITHER)
    (conntrack,) = (r for r in one.results if r.subject == "conntrack")
    more = tuple(replace(conntrack, check=name, kubeadm=None, subject="") for name in rules)
    text = written(report_of([replace(one, results=(*one.results, *more))]))
    assert text.count("Because of it also UNKNOWN") == 12
    for name in ("CRI", *rules):
        assert name in text
    text_of(text)
