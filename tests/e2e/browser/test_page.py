"""The page in a real Chromium: what a reader does with it, by mouse, keyboard and address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from scanner.report import Report
from tests.e2e.browser.contrast import too_weak
from tests.e2e.browser.fleets import demo
from tests.edges.fleet import plan
from tests.edges.reports import DROPPED, PATHS
from tests.edges.reports import report as edges_of
from tests.edges.tallies import tally
from tests.render.fleet import (
    HOSTILE,
    between_hosts,
    fail,
    host,
    report_of,
    small_fleet,
    varied_fleet,
)

pytestmark = pytest.mark.e2e
Opened = Callable[..., Page]
EVIL = (
    f"</script><script>alert(1)</script><!--<script>'`\"&amp;=cmd()|' /C calc'!A0 \u2028{HOSTILE}"
)


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The demo's ten hosts."""
    return demo(tmp_path_factory.mktemp("demo"))


def small() -> Report:
    return report_of(small_fleet(), fleet=between_hosts())


def rows(page: Page) -> list[str]:
    return page.locator("#grid tbody .name").all_inner_texts()


def columns(page: Page) -> list[str]:
    heads = page.locator("#grid thead th:not(:first-child)").all()
    return [head.get_attribute("aria-label") or "" for head in heads]


def test_the_page_opens_on_the_verdict_and_draws_the_rest(opened: Opened) -> None:
    page = opened(small())
    expect(page.locator("h1")).to_have_text("NOT READY")
    expect(page.locator("header")).to_be_in_viewport()
    expect(page.locator("#without")).to_have_count(0)
    expect(page.get_by_role("heading", name="Problems")).to_be_in_viewport()
    assert rows(page) == [one.name for one in small_fleet()]
    assert len(page.locator("details.host").all()) == len(small_fleet())
    assert page.locator('tr[data-row="5"] td[aria-label="fail"]').first.inner_text() == "✘"


def test_without_script_the_verdict_and_the_problems_are_there(opened: Opened) -> None:
    page = opened(small(), script=False)
    expect(page.get_by_text("swap is on: /dev/dm-1").first).to_be_visible()
    expect(page.get_by_text("Turn swap off and take it out").first).to_be_visible()
    # by its element: Playwright finds no text in there
    expect(page.locator("noscript p")).to_be_in_viewport()
    expect(page.locator("#without")).to_be_visible()
    expect(page.locator("#without")).to_contain_text("ready 4 hosts: cp1, node[1-3]")
    expect(page.locator("#grid")).to_be_hidden()
    for name in ("Checks and hosts", "Hosts"):
        expect(page.locator("nav").get_by_text(name, exact=True)).to_be_hidden()


def test_with_script_nothing_says_that_there_is_none(opened: Opened) -> None:
    page = opened(small())
    expect(page.locator("noscript p")).to_have_count(0)
    for name in ("Checks and hosts", "Hosts"):
        expect(page.locator("nav").get_by_text(name, exact=True)).to_be_visible()


def test_what_another_problem_explains_stands_below_it(opened: Opened, ten: Report) -> None:
    page = opened(ten)
    docker = page.locator(".problem", has=page.get_by_role("heading", name="Service-Docker"))
    expect(docker).to_have_count(1)
    below = docker.locator("details.with")
    expect(below).to_contain_text("Because of it also 4 rows")
    for name in ("CRI", "IsDockerSystemdCheck", "SystemVerification"):
        expect(below.get_by_text(name, exact=True)).to_be_visible()
    fix = docker.get_by_role("button", name="Copy: Run systemctl enable --now docker")
    expect(fix).to_be_visible()
    below.locator("summary").click()
    expect(below.get_by_text("CRI", exact=True)).to_be_hidden()
    docker.get_by_role("link", name="1 host").click()
    assert rows(page) == ["node3"]


def test_what_is_not_known_of_unreachable_hosts_stands_below_them(opened: Opened) -> None:
    page = opened(small())
    lost = page.locator("section", has=page.locator("#unreachable"))
    expect(lost.get_by_text("machine-ids, product_uuids", exact=True)).to_be_visible()
    expect(page.locator("section", has=page.locator("#between"))).not_to_contain_text("machine-ids")


def test_what_is_below_a_problem_is_there_without_script(opened: Opened, ten: Report) -> None:
    page = opened(ten, script=False)
    below = page.locator("details.with").first
    expect(below.locator("summary")).to_have_text("Because of it also 10 rows")
    expect(below.get_by_text("CRI", exact=True)).to_be_hidden()  # many would push the next down
    below.locator("summary").click()
    expect(below.get_by_text("CRI", exact=True)).to_be_visible()


def test_filters_and_their_address(opened: Opened, ten: Report) -> None:
    page = opened(ten)
    page.locator("select[name=check]").select_option(label="Swap (KS104)")
    page.locator("label.chip", has_text="fail").click()
    assert rows(page) == ["node5"]
    assert columns(page) == ["Swap (KS104)"]
    assert page.url.partition("#")[2] == "check=KS104&verdict=fail"
    again = opened(ten, "#check=KS104&verdict=fail")
    assert rows(again) == ["node5"]
    assert again.locator("select[name=check]").input_value() == "KS104"
    assert again.locator("input[value=fail]").is_checked()
    again.get_by_role("button", name="Clear").click()
    assert len(rows(again)) == 10


@pytest.mark.parametrize(
    ("fragment", "names"),
    [
        ("#host=node1", ["node1", "node10"]),
        ("#host=node1,*5", ["node1", "node10", "node5"]),
        ("#host=*1", ["node1"]),
        ("#status=unreachable", ["node10"]),
        ("#text=swapfile", ["node5"]),
        ("#text=NODE9", ["node9"]),
        ("#text=no+such+words", []),
        ("#verdict=fail&check=Port-10250", ["node8"]),
        ("#role=init", ["node1"]),
        ("#status=notReady&order=worst&host=node5,node7", ["node7", "node5"]),
        ("#order=slow&host=node7,node10", ["node7", "node10"]),
        ("#order=name&verdict=fail&text=docker", ["node3"]),
    ],
)
def test_every_filter_is_restored_from_the_address(
    opened: Opened, ten: Report, fragment: str, names: list[str]
) -> None:
    assert rows(opened(ten, fragment)) == names


def test_a_whole_path_by_keyboard(opened: Opened, ten: Report) -> None:
    page = opened(ten)
    page.keyboard.press("/")
    page.keyboard.type("node5")
    assert rows(page) == ["node5"]
    page.locator("#grid table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    active = page.locator("#active")
    assert page.locator("#grid table").get_attribute("aria-activedescendant") == "active"
    assert active.get_attribute("aria-label") == "node5, not ready"
    for _ in columns(page):
        page.keyboard.press("ArrowRight")
        if active.get_attribute("aria-label") == "fail":
            break
    assert "node5, Swap: fail: swap is in use" in page.locator("#cell").inner_text()
    page.keyboard.press("Enter")
    section = page.locator("details.host[open]")
    expect(section.locator("h3")).to_have_text("node5")
    expect(section.locator("li.meant")).to_contain_text("swap is in use on /swapfile")
    expect(section.locator("li.meant")).to_be_in_viewport()
    assert section.locator("summary").first.evaluate("one => one === document.activeElement")
    page.keyboard.press("Escape")
    assert page.locator("#grid table").evaluate("one => one === document.activeElement")
    page.go_back()
    expect(page.locator("details.host[open]")).to_have_count(0)
    assert rows(page) == ["node5"]


def test_a_host_has_its_evidence_timings_and_capture(opened: Opened, ten: Report) -> None:
    page = opened(ten, "#open=node5&at=KS104")
    section = page.locator("details.host[open]").first
    for part in ("/swapfile", "/proc/swaps", "read from", "connected in", "probed in", "capture"):
        expect(section).to_contain_text(part)
    capture = next(one.capture_id for one in ten.hosts() if one.name == "node5")
    expect(section).to_contain_text(capture)
    section.get_by_text("Facts,").click()
    expect(section.locator(".facts")).to_contain_text("machineId")


def test_links_of_a_problem_lead_to_its_hosts(opened: Opened) -> None:
    page = opened(small())
    page.locator(".problem").first.get_by_role("link", name="node4").click()
    expect(page.locator("details.host[open] h3")).to_have_text("node4")
    page.locator("header").get_by_role("link", name="2 unreachable").click()
    assert rows(page) == ["node5", "node6"]


def test_a_fix_is_copied(opened: Opened, ten: Report) -> None:
    page = opened(ten)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    swap = page.locator(".problem", has_text="swapfile")
    assert page.locator("button.copy").count() > 10
    swap.get_by_role("button").click()
    expect(swap.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    # the command alone would be half of it
    assert copied.startswith("Run swapoff -a and take the swap lines out of /etc/fstab")


def hostile() -> Report:
    evil = host(EVIL, EVIL, Swap=replace(fail(EVIL, EVIL, EVIL, EVIL, EVIL), kubeadm_says=(EVIL,)))
    evil = replace(
        evil,
        node_name=EVIL,
        roles=(EVIL,),
        role=EVIL,
        reason=EVIL,
        notes=(EVIL,),
        capture_id=EVIL,
        facts={EVIL: {EVIL: EVIL, "__proto__": [{EVIL: EVIL}]}, "__proto__": EVIL},
    )
    named = host("__proto__", "constructor")
    report = report_of([evil, named, *small_fleet()], fleet=between_hosts())
    cluster = replace(report.header.cluster, name=EVIL, kubernetes_version_from=EVIL)
    return replace(report, header=replace(report.header, cluster=cluster))


def test_hostile_text_is_text_and_acts_nowhere(opened: Opened) -> None:
    page = opened(hostile())
    page.locator("#grid tbody th").first.click()
    section = page.locator("details.host[open]")
    expect(section.locator("h3")).to_contain_text("<script>alert(1)</script>")
    for one in section.locator(".folded > summary").all():
        one.click()
    for part in ("=cmd()|' /C calc'!A0", "\\u202egnp.exe\\u2066", "\\u2028", "\\x1b[31m"):
        expect(section).to_contain_text(part)
    assert page.locator("script").count() == 2
    page.locator("#grid tbody th", has_text="__proto__").click()
    expect(page.locator("details.host[open] h3").first).to_have_text("__proto__")
    text = page.locator("body").inner_text()
    assert not set(text) & set("\x1b\x07\x9b\u202e\u2066\u2028")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_contrast_is_aa_in_both_colour_schemes(
    opened: Opened, ten: Report, scheme: str, width: int
) -> None:
    page = opened(ten, "#verdict=fail,unknown,warn&open=node7&at=KS104", width, scheme)
    for one in page.locator("details.host[open] .folded > summary").all():
        one.click()
    page.locator("#grid table").focus()
    assert too_weak(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_contrast_test_sees_a_weak_text(opened: Opened, scheme: str) -> None:
    page = opened(small(), scheme=scheme)
    page.evaluate("document.querySelector('h1').style.color = '#777777'")
    page.evaluate("document.querySelector('header').style.background = '#888888'")
    assert any("READY" in one for one in too_weak(page))


def test_a_narrow_window_needs_no_sideways_scrolling(opened: Opened, ten: Report) -> None:
    page = opened(ten, "#open=node7", width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_paper_every_host_is_there(opened: Opened) -> None:
    page = opened(report_of(varied_fleet(60, 60)))
    assert len(rows(page)) < 60
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert len(rows(page)) == 60
    expect(page.locator("details.host[open]")).to_have_count(24)
    expect(page.locator("form")).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("details.host[open]")).to_have_count(0)


def test_on_paper_what_is_below_a_problem_is_open(opened: Opened, ten: Report) -> None:
    page = opened(ten)
    shut = page.locator("details.with:not([open])")
    expect(shut).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(shut).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(shut).to_have_count(1)


def test_round_trips_are_a_view_that_needs_no_script(opened: Opened) -> None:
    for script in (True, False):
        page = opened(edges_of(tally(plan(), DROPPED, paths=PATHS)), script=script)
        slow = page.get_by_label("node2 -> node1: ok, round trip 12.1 ms")
        expect(slow).to_have_text("ok", use_inner_text=True)
        page.get_by_label("state", exact=True).focus()
        page.keyboard.press("ArrowRight")
        expect(slow).to_have_text("12.1", use_inner_text=True)
        expect(page.get_by_label("node3 -> node1: dropped")).to_have_text("?", use_inner_text=True)
        page.keyboard.press("ArrowLeft")
        expect(slow).to_have_text("ok", use_inner_text=True)
        page.get_by_text("3 round trips, the slowest first").click()
        expect(page.get_by_role("cell", name="12.1 ms", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_contrast_of_round_trips(opened: Opened, scheme: str) -> None:
    page = opened(edges_of(tally(plan(), DROPPED, paths=PATHS)), scheme=scheme)
    page.get_by_label("round trip in ms").check(force=True)
    assert too_weak(page) == []


def test_a_report_of_no_host(opened: Opened) -> None:
    page = opened(report_of([]))
    assert rows(page) == []
    page.locator("#grid table").focus()
    for key in ("ArrowDown", "ArrowRight", "End", "Enter", "PageDown", "Control+End"):
        page.keyboard.press(key)
    expect(page.locator("#count")).to_contain_text("0 hosts of 0")


@pytest.mark.parametrize(
    "fragment",
    ["#", "#problems", "#open=nobody", "#check=KS999", "#verdict=nonsense", "#a=b&&=&%zz", "#at=x"],
)
def test_an_address_of_another_report_breaks_nothing(opened: Opened, fragment: str) -> None:
    page = opened(small(), fragment)
    expect(page.locator("#count")).to_contain_text("of 8")


def test_screen_readers_get_a_grid(opened: Opened, ten: Report) -> None:
    page = opened(ten)
    grid = page.get_by_role("grid", name="Checks and hosts")
    assert grid.get_attribute("aria-rowcount") == "11"
    assert grid.get_by_role("rowheader").count() == 10
    assert grid.get_by_role("columnheader").count() == len(columns(page)) + 1
    first = grid.get_by_role("row").nth(1)
    assert first.get_attribute("aria-rowindex") == "2"
    assert {cell.get_attribute("aria-label") for cell in grid.get_by_role("gridcell").all()} <= {
        "ok", "warn", "fail", "skip", "unknown", "no such check",
    }  # fmt: skip
