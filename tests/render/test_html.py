from __future__ import annotations

import base64
import gc
import hashlib
import io
import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from scanner.render.html import SCRIPTS, _resource, write
from scanner.report import HostReport, Report
from tests.render.fleet import (
    HOST,
    HOSTILE,
    applied,
    between_hosts,
    fail,
    host,
    report_of,
    small_fleet,
    varied_fleet,
)
from tests.render.folding import DOCKER_IS_STOPPED, NOT_ROOT, judged

VOID = {"meta", "br", "wbr", "input"}
OURS = re.compile(r"(<style>).*?(</style>)|(<script>).*?(</script>)", re.DOTALL)
DIGEST = re.compile(r"sha256-[A-Za-z0-9+/=]+")


class Page(HTMLParser):
    """What a browser sees: elements, ids, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.data = ""
        """The block of data."""
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
        if self.open and self.open[-1] == "script":
            self.data += data if data.startswith("{") else ""
        elif "style" not in self.open:
            self.text.append(data)


def page(hosts: Iterable[HostReport] | Report) -> str:
    out = io.StringIO()
    write(hosts if isinstance(hosts, Report) else report_of(hosts), out)
    return out.getvalue()


def test_golden(golden: Callable[[str, str], None]) -> None:
    """Without style and script, which are files of their own."""
    text = page(report_of(small_fleet(), fleet=between_hosts()))
    text = OURS.sub(lambda found: "".join(filter(None, found.groups())), text)
    golden("report.html", DIGEST.sub("sha256-DIGEST", text))


@pytest.mark.parametrize(
    "fleet",
    [
        *([], small_fleet(), varied_fleet(60, 60)),
        *(report_of(small_fleet(), fleet=between_hosts()), applied()),
    ],
    ids=["none", "small", "varied", "between", "applied"],
)
def test_the_page_is_well_formed_and_needs_nothing_else(fleet: list[HostReport] | Report) -> None:
    text = page(fleet)
    seen = Page(text)
    assert not seen.open
    assert len(set(seen.ids)) == len(seen.ids)
    assert all(link.startswith("#") for link in seen.links)
    assert {link[1:] for link in seen.links if "=" not in link} <= set(seen.ids)
    assert not seen.elements.keys() & {"link", "img", "iframe", "object", "embed", "base"}
    assert not {name for name in seen.attributes if name.startswith("on") or name == "style"}
    assert "url(" not in text
    assert "@import" not in text
    assert json.loads(seen.data)["hosts"] is not None


def test_the_policy_allows_our_own_style_and_script_only() -> None:
    text = page(small_fleet())
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert len(policy) == 1
    assert [part.split()[0] for part in policy[0].split("; ")] == [
        *("default-src", "style-src", "script-src", "base-uri", "form-action")
    ]
    assert "unsafe" not in policy[0]
    for tag in ("style", "script"):
        [own] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[0]


def test_the_script_makes_text_and_never_markup_or_code() -> None:
    for name in SCRIPTS:
        source = _resource(name)
        assert source.isascii(), "a page in ASCII has the same script, and so the same digest"
        assert not re.findall(
            r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function|fetch|XMLHttp"
            r"Request|import|localStorage|cookie|DOMParser|setHTMLUnsafe|srcdoc)\b",
            source,
        )
        assert "</" not in source
        assert "<!--" not in source
    assert _resource(SCRIPTS[0]).startswith('"use strict";')
    assert _resource("page.css").isascii()
    assert "</" not in _resource("page.css")


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
    assert seen.elements["script"] == 2
    assert "<script>alert('x')</script>" in "".join(seen.text)
    assert "<script>alert('x')</script>" in json.dumps(json.loads(seen.data))
    assert not set(text) & set("\x1b\x07\x9b\u202e\u2066\r")
    assert "\\u202egnp.exe\\u2066" in text
    assert "\nfake" not in text


def test_everything_of_a_result_is_there() -> None:
    seen = Page(page(report_of(small_fleet(), fleet=between_hosts())))
    data = json.dumps(json.loads(seen.data), ensure_ascii=False)
    for part in (
        "swap is on: /dev/dm-1",
        "2047 MiB",
        "/proc/swaps",
        "Turn swap off and take it out of /etc/fstab.",
        "NodeSwap is on",
        "[ERROR Port-10250]: Port 10250 is in use",
        "KS204",
        "0123456789abcdef",
        "no answer from 10.0.0.15:22 within 10 s",
    ):
        assert part in data, part
    text = "".join(seen.text)
    for part in (
        "swap is on: /dev/dm-1",
        "Turn swap off and take it out of /etc/fstab.",
        "Ignored until 2027-01-31: NodeSwap is on",
        "no answer from HOST:22 within 10 s",
        "Give each host its own name.",
        "kubeadm on cp1",
    ):
        assert part in text, part


def test_the_running_cluster_and_what_was_not_done() -> None:
    written = page(applied())
    seen = Page(written)
    assert {"cluster", "phases"} <= {*seen.ids}
    assert {"#cluster", "#phases"} <= seen.links
    text = " ".join(" ".join(seen.text).split())
    for words in ("Look at its log.", "join on node1", "kubeadm ended with 1", "2 of 4 phases"):
        assert words in text
    assert "<script>alert" not in written


def test_what_another_problem_explains_stands_below_it() -> None:
    written = page([judged("a", *DOCKER_IS_STOPPED), judged("b", *NOT_ROOT)])
    seen = Page(written)
    assert not seen.open
    assert seen.elements["details"] == 2
    below = written[written.index('<details class="with">') :].split("</details>", 1)[0]
    for words in ("<b>CRI</b>", "KS211", "docker info needs root", "could not be known"):
        assert words in below
    assert "<h3>CRI</h3>" not in written
    assert "2 problems on 2 hosts" in written
    assert 'href="#verdict=fail&amp;check=KS203"' in written


def test_what_is_not_known_of_unreachable_hosts_alone_stands_below_them() -> None:
    written = page(report_of(small_fleet(), fleet=between_hosts()))
    lost = written[written.index('id="unreachable"') :].split("</section>", 1)[0]
    assert "<b>machine-ids, product_uuids</b>" in lost
    assert "<b>addresses</b>" in lost
    assert written.count("product_uuids") == 1


def test_without_script_the_page_says_so_and_names_every_host() -> None:
    written = page(small_fleet())
    (note,) = re.findall(r"<noscript>(.*?)</noscript>", written, re.DOTALL)
    assert written.index("</header>") < written.index(note) < written.index('id="problems"')
    assert "Without JavaScript" in note
    assert Page(note).links == {"#without"}
    rest = written[written.index('<div class="note" id="without">') :].split("</div>", 1)[0]
    text = "".join(Page(f"{rest}</div>").text)
    for line in ("ready 4 hosts: cp1,node[1-3]", "unreachable 2 hosts: node[5,6]", "not ready 2"):
        assert line in text.replace(", ", ",")
    for anchor in ("#matrix", "#hosts"):
        assert re.search(rf'<a (class="skip" )?href="{anchor}" hidden>', written)
    assert "[hidden]" in _resource("main.js"), "which the script shows"


def test_hostile_names_and_messages_stay_text_without_script() -> None:
    evil = replace(host(HOSTILE, HOSTILE, Swap=fail(HOSTILE, HOSTILE)), reason=HOSTILE)
    written = page([evil, replace(judged("b", *NOT_ROOT), name=f"b{HOSTILE}")])
    before = written[: written.index('<script type="application/json"')]
    assert "<script" not in before
    assert Page(written).elements["noscript"] == 1


def test_what_blocks_stands_before_what_does_not() -> None:
    text = page(small_fleet())
    blocks, warns = text.index('id="problems"'), text.index('id="warnings"')
    assert blocks < text.index("port 10250 is in use by kubelet") < warns
    assert warns < text.index("cgroups v1 support is in maintenance mode")


def test_a_fix_stands_as_a_sentence_and_as_commands() -> None:
    seen = Page(page(small_fleet()))
    assert "Run kubeadm reset." in "".join(seen.text)
    assert "kubeadm reset" in seen.text


def test_table_headers_have_a_scope() -> None:
    assert not re.findall(r"<th(?! scope=)[ >]", page(small_fleet()))


def test_a_stream_without_utf_8_gets_character_references() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    write(report_of(small_fleet()), out)
    out.flush()
    ascii_page, whole = Page(raw.getvalue().decode()), Page(page(small_fleet()))
    assert "".join(ascii_page.text) == "".join(whole.text)
    assert json.loads(ascii_page.data) == json.loads(whole.data)


def peak(hosts: int) -> int:
    """Bytes that a page of so many hosts needs at its worst."""
    lines = [HOST.dump_json(one, by_alias=True) for one in varied_fleet(hosts, 60)]
    header = report_of(varied_fleet(hosts, 60)).header
    report = Report(header, lambda: map(HOST.validate_json, lines), lambda: iter(lines))
    with open("/dev/null", "w", encoding="utf-8") as out:  # noqa: PTH123 - a stream that keeps nothing
        gc.collect()
        tracemalloc.start()
        write(report, out)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def test_a_thousand_hosts_are_streamed() -> None:
    few = max(peak(100), peak(100))  # what is read and made once, and the compiled template
    assert min(peak(1_000), peak(1_000)) - few < 500 * 900
    assert few < 4_000_000
    assert len(json.loads(Page(page(varied_fleet(1_000, 60))).data)["hosts"]) == 1_000


def reads(hosts: list[HostReport]) -> int:
    """How often the page of these hosts decodes all of them."""
    report = report_of(hosts)
    asked = 0

    def counted() -> Iterator[HostReport]:
        nonlocal asked
        asked += 1
        return report.hosts()

    page(replace(report, hosts=counted))
    return asked


def test_hosts_are_decoded_once_and_again_only_for_their_own_kubeadm() -> None:
    assert reads(varied_fleet(3, 1)) == 1
    assert reads(small_fleet()) == 2


def test_where_the_hosts_own_kubeadm_says_something_else() -> None:
    silent = replace(fail("too little memory", "Add some."), kubeadm_says=())
    text = page([host("a", "192.0.2.1", Mem=silent)])
    assert "kubeadm on 1 host said something else in 1 row" in text
    assert "kscan says ERROR, kubeadm nothing" in text
    assert "own-kubeadm" not in page([host("a", "192.0.2.1")])
