from __future__ import annotations

import io
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from scanner.render.html import write
from scanner.report import HostReport, Report
from tests.render.fleet import (
    HOST,
    HOSTILE,
    between_hosts,
    fail,
    host,
    report_of,
    small_fleet,
    varied_fleet,
)

VOID = {"meta", "br", "wbr"}


class Page(HTMLParser):
    """What a browser sees: elements, ids, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links.update(value or "" for name, value in attrs if name in {"href", "src"})
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style"} & set(self.open):
            self.text.append(data)


def page(hosts: Iterable[HostReport] | Report) -> str:
    out = io.StringIO()
    write(hosts if isinstance(hosts, Report) else report_of(hosts), out)
    return out.getvalue()


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("report.html", page(report_of(small_fleet(), fleet=between_hosts())))


@pytest.mark.parametrize(
    "fleet",
    [[], small_fleet(), varied_fleet(60, 60), report_of(small_fleet(), fleet=between_hosts())],
    ids=["none", "small", "varied", "between"],
)
def test_the_page_is_well_formed_and_needs_nothing_else(fleet: list[HostReport] | Report) -> None:
    text = page(fleet)
    seen = Page(text)
    assert not seen.open
    assert len(set(seen.ids)) == len(seen.ids)
    assert {link[1:] for link in seen.links} <= set(seen.ids)
    assert not seen.elements.keys() & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not {name for name in seen.attributes if name.startswith("on") or name == "style"}
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_hostile_text_stays_text() -> None:
    evil = replace(
        host(HOSTILE, HOSTILE, Swap=replace(fail(HOSTILE, HOSTILE), kubeadm_says=(HOSTILE,))),
        node_name=HOSTILE,
        roles=(HOSTILE,),
        reason=HOSTILE,
        notes=(HOSTILE,),
        capture_id=HOSTILE,
        facts={HOSTILE: {HOSTILE: HOSTILE, "deep": [{HOSTILE: HOSTILE}]}},
    )
    report = report_of([evil, *small_fleet()], fleet=between_hosts())
    cluster = replace(report.header.cluster, name=HOSTILE, kubernetes_version_from=HOSTILE)
    text = page(replace(report, header=replace(report.header, cluster=cluster)))
    seen = Page(text)
    assert not seen.open
    assert seen.elements["script"] == 0
    assert "<script>alert('x')</script>" in "".join(seen.text)
    assert not set(text) & set("\x1b\x07\x9b\u202e\u2066\r")
    assert "\\u202egnp.exe\\u2066" in text
    assert "\nfake" not in text


def test_everything_of_a_result_is_shown() -> None:
    text = "".join(Page(page(small_fleet())).text)
    for part in (
        "swap is on: /dev/dm-1",
        "2047 MiB",
        "/proc/swaps",
        "Turn swap off and take it out of /etc/fstab.",
        "Ignored until 2027-01-31: NodeSwap is on",
        "[ERROR Port-10250]: Port 10250 is in use",
        "KS204",
        "not kubeadm's",
        "capture 0123456789abcdef",
        "no answer from HOST:22 within 10 s",
        "kubeadm on cp1",
    ):
        assert part in text, part


def test_a_verdict_is_a_symbol_and_a_word() -> None:
    cells = re.findall(r'<td class="v-(\w+)">(\S) (\w+)</td>', page(small_fleet()))
    assert set(cells) == {
        ("pass", "✔", "ok"),
        ("warn", "▲", "warn"),
        ("fail", "✘", "fail"),
        ("skip", "-", "skip"),
        ("unknown", "?", "unknown"),
    }


def test_table_headers_have_a_scope() -> None:
    assert not re.findall(r"<th(?! scope=)[ >]", page(small_fleet()))


def test_a_stream_without_utf_8_gets_character_references() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    write(report_of(small_fleet()), out)
    out.flush()
    assert "".join(Page(raw.getvalue().decode()).text) == "".join(Page(page(small_fleet())).text)


def test_a_thousand_hosts_are_streamed() -> None:
    lines = [HOST.dump_json(one, by_alias=True) for one in varied_fleet(1_000, 60)]
    header = report_of(varied_fleet(1_000, 60)).header
    report = Report(header, lambda: map(HOST.validate_json, lines), lambda: iter(lines))
    with open("/dev/null", "w", encoding="utf-8") as out:  # noqa: PTH123 - a stream that keeps nothing
        tracemalloc.start()
        write(report, out)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 3_500_000
    assert Page(page(report)).elements["details"] == 1_000


def test_where_the_hosts_own_kubeadm_says_something_else() -> None:
    silent = replace(fail("too little memory", "Add some."), kubeadm_says=())
    text = page([host("a", "192.0.2.1", Mem=silent)])
    assert "kubeadm on 1 host said something else in 1 row" in text
    assert "kscan says ERROR, kubeadm nothing" in text
    assert '<p class="quiet">kubeadm says nothing</p>' in text
    assert "own-kubeadm" not in page([host("a", "192.0.2.1")])
