"""The block of data: what a reader of it finds is what the report holds, and it acts nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from scanner.evaluate import Ignored, Result
from scanner.matrix import build
from scanner.render import page_data
from scanner.render.page_data import VERDICTS, PageData, safe_json
from scanner.report import HostReport, HostStatus
from scanner.verdict import Verdict
from tests.render.fleet import (
    HOSTILE,
    TITLES,
    fail,
    host,
    small_fleet,
    unreachable,
    varied_fleet,
)

SYMBOLS = {verdict: verdict.value[0] for verdict in Verdict}


def document(hosts: Iterable[HostReport]) -> dict[str, Any]:
    kept = list(hosts)
    with closing(PageData(len(kept))) as data:
        matrix = build(data.watch(kept), TITLES)
        text = "".join(data.pieces(matrix.rows, SYMBOLS))
    assert "<" not in text
    assert text.isascii()
    read: dict[str, Any] = json.loads(text)
    return read


@dataclass(frozen=True)
class Read:
    """A document as `page/data.js` reads it."""

    texts: list[str]
    results: list[list[Any]]
    facts: list[list[Any]]
    hosts: list[tuple[list[Any], list[int], list[int] | None]]


def read(made: dict[str, Any]) -> Read:
    found = Read([""], [], [], [])
    for texts, results, facts, about, cells, groups in made["hosts"]:
        found.texts.extend(texts)
        found.results.extend(results)
        found.facts.extend(facts)
        found.hosts.append((about, cells, groups))
    return found


def shown(result: Result, texts: list[str], coded: list[Any]) -> None:
    """A coded result says the same as the one it was made of."""
    _, verdict, flags, evidence, message, remedy, source, findings, ignored, says = coded
    assert VERDICTS[verdict] is result.verdict
    assert (bool(flags & 1), bool(flags & 2)) == (result.blocking, result.kubeadm is None)
    assert texts[evidence] == result.evidence.value
    assert [texts[n] for n in (message, remedy, source)] == [
        page_data._shown(text) for text in (result.message, result.remedy, result.source)
    ]
    assert [[texts[n] for n in one[1:]] for one in findings or []] == [
        [page_data._shown(text) for text in (f.message, f.have, f.need, f.source)]
        for f in result.findings
    ]
    assert ([texts[n] for n in ignored] if ignored else None) == (
        [result.ignored.reason, result.ignored.until] if result.ignored else None
    )
    assert (None if says == 0 else [texts[n] for n in says]) == (
        None if result.kubeadm_says is None else list(result.kubeadm_says)
    )


def test_every_result_and_fact_is_there_again() -> None:
    hosts = [*small_fleet(), *varied_fleet(100, 90)]
    made = document(hosts)
    found = read(made)
    assert [about[0] for about, _, _ in found.hosts] == [one.name for one in hosts]
    for one, (about, cells, groups) in zip(hosts, found.hosts, strict=True):
        assert len(cells) == len(one.results)
        for result, number in zip(one.results, cells, strict=True):
            shown(result, found.texts, found.results[number])
        assert groups is not None
        assert len(groups) == len(one.facts or {})
        assert made["statuses"][about[5]] == one.status
        assert about[7:9] == [one.seconds.connect, one.seconds.probe]
    assert found.facts[0] == ["Cpu", [["online", "4"]]]


def test_columns_are_the_rows_of_the_matrix_by_number() -> None:
    hosts = small_fleet()
    made = document(hosts)
    found = read(made)
    names = {number: (check, subject) for number, check, subject, _ in made["columns"]}
    for one, (_, cells, _) in zip(hosts, found.hosts, strict=True):
        coded = [names[found.results[number][0]] for number in cells]
        assert coded == [(result.check, result.subject) for result in one.results]
    assert [name for *_, name in made["columns"]][-1] == "Clock source tsc"


def test_what_hosts_have_in_common_stands_there_once() -> None:
    found = read(document(varied_fleet(500, 90)))
    assert len(found.texts) == len(set(found.texts)) < 40
    assert len({json.dumps(result) for result in found.results}) == len(found.results) < 40
    assert len(found.facts) == 2


def test_what_differs_in_anything_is_not_the_same() -> None:
    base = fail("swap is on", "Turn it off.", "1", "0", "/proc/swaps")
    kinds = [
        base,
        replace(base, blocking=False),
        replace(base, message="swap"),
        replace(base, remedy=""),
        replace(base, source=""),
        replace(base, findings=()),
        replace(base, verdict=Verdict.WARN),
        replace(base, ignored=Ignored("r", "")),
        replace(base, kubeadm_says=()),
        replace(base, kubeadm_says=("[ERROR Swap]: on",)),
    ]
    hosts = [host(f"n{n}", "192.0.2.1", Swap=kind) for n, kind in enumerate(kinds)]
    made = document(hosts)
    place = next(number for number, _, _, name in made["columns"] if name == "Swap")
    swaps = {
        number
        for _, cells, _ in read(made).hosts
        for number in cells
        if read(made).results[number][0] == place
    }
    assert len(swaps) == len(kinds)


def test_hostile_text_is_shown_as_the_rest_of_the_page_shows_it() -> None:
    evil = host(HOSTILE, HOSTILE, Swap=fail(HOSTILE, HOSTILE))
    made = read(document([replace(evil, facts={HOSTILE: {HOSTILE: [HOSTILE]}})]))
    for text in (*made.texts, *made.facts[0][1][0], made.hosts[0][0][0]):
        assert not set(text) & set("\x1b\x07\x9b\u202e\u2066\r\n"), text
    assert HOSTILE.encode("unicode_escape").decode() in made.texts


def test_long_text_is_cut_and_says_so() -> None:
    made = document([host("a", "192.0.2.1", Swap=fail("x" * 10_000, ""))])
    assert f"{'x' * page_data.LONGEST}... (+{10_000 - page_data.LONGEST})" in read(made).texts


@pytest.mark.parametrize("hosts", [page_data.WHOLE, page_data.WHOLE + 1])
def test_above_a_thousand_hosts_only_those_in_trouble_have_facts(hosts: int) -> None:
    fleet = [replace(one, status=HostStatus.READY) for one in varied_fleet(hosts - 3, 1)]
    fleet += [
        replace(fleet[0], name="member", status=HostStatus.MEMBER),
        replace(fleet[0], name="bad", status=HostStatus.NOT_READY),
        unreachable("lost", "192.0.2.1", "no route"),
    ]
    made = document(fleet)
    with_facts = [about[0] for about, _, groups in read(made).hosts if groups is not None]
    if hosts > page_data.WHOLE:
        assert with_facts == ["bad", "lost"]
        assert made["whole"] == page_data.WHOLE
    else:
        assert len(with_facts) == hosts
        assert made["whole"] is None


def test_no_host() -> None:
    assert document([])["hosts"] == []


def test_json_for_a_script_has_no_way_out_of_it() -> None:
    text = safe_json(["</script>", "<!--", "\u2028"])
    assert text == '["\\u003c/script>","\\u003c!--","\\u2028"]'
    assert json.loads(text) == ["</script>", "<!--", "\u2028"]
