"""1,000 hosts of 80 checks: the size of the page, and how long a reader waits."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from scanner.render.html import write
from scanner.report import Report
from tests.e2e.browser.chromium import Watched, browser
from tests.e2e.browser.fleets import CHECKS, demo, many, only_ready

pytestmark = pytest.mark.e2e
HOSTS = 1_000
SIZE = 10_000_000
FIRST_VIEW, FILTER = 2.0, 0.2
"""Seconds, of the issue."""

_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))"
_CHANGE = """
async ([selector, value]) => {
  const field = document.querySelector(selector);
  if (field.type === "checkbox") field.checked = !field.checked;
  else field.value = value;
  const before = performance.now();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  return (performance.now() - before) / 1000;
}
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return many(demo(tmp_path_factory.mktemp("demo")), HOSTS)


@pytest.fixture(scope="module")
def path(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "report.html"
    with path.open("w", encoding="utf-8") as out:
        write(report, out)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def page(chromium: Browser, path: Path) -> Iterator[Page]:
    watched = Watched()
    with ExitStack() as closing:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        closing.callback(context.close)
        page = context.new_page()
        watched.watch(page, path.as_uri())
        page.goto(path.as_uri())
        yield page
    assert watched == Watched()


def test_the_page_is_small(report: Report, path: Path) -> None:
    assert {len(host.results) for host in report.hosts()} == {CHECKS}
    assert path.stat().st_size < SIZE


def test_the_first_view_and_the_filters_are_quick(chromium: Browser, path: Path) -> None:
    views: list[float] = []
    filters: dict[str, list[float]] = {}
    for _ in range(3):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        before = time.monotonic()
        page.goto(path.as_uri())
        page.wait_for_selector("#grid tbody tr[data-row]")
        page.evaluate(_DRAWN)
        views.append(time.monotonic() - before)
        for selector, value in (
            ("[name=text]", "swap"),
            ("[name=text]", "sectors pending"),
            ("[name=text]", ""),
            ("[name=host]", "node1*"),
            ("[name=host]", ""),
            ("[value=fail]", ""),
            ("[name=check]", "KS104"),
            ("[name=order]", "worst"),
            ("[name=check]", ""),
            ("[name=all]", ""),
        ):
            took = page.evaluate(_CHANGE, [selector, value])
            filters.setdefault(f"{selector} {value}", []).append(took)
        context.close()
    assert min(views) < FIRST_VIEW, views
    # the best of three is the page's own cost: the rest is what else the machine does
    least = {name: min(took) for name, took in filters.items()}
    assert max(least.values()) < FILTER, least


def test_only_rows_in_sight_are_drawn_wherever_one_goes(page: Page) -> None:
    def places() -> list[int]:
        drawn = page.locator("tr[data-row]")
        found: list[int] = drawn.evaluate_all("rows => rows.map((row) => Number(row.dataset.row))")
        return found

    assert len(places()) < 80
    page.locator("#grid table").focus()
    page.keyboard.press("Control+End")
    page.wait_for_selector(f'tr[data-row="{HOSTS}"]')
    assert len(places()) < 80
    active = page.locator("#active")
    page.keyboard.press("Home")
    assert (active.get_attribute("aria-label") or "").startswith("node1000,")
    for _ in range(30):
        page.keyboard.press("PageUp")
    box, frame = active.bounding_box(), page.locator("#grid").bounding_box()
    assert box
    assert frame
    assert frame["y"] < box["y"] < frame["y"] + frame["height"]
    page.locator("#grid").evaluate("(one) => { one.scrollTop = one.scrollHeight / 2; }")
    # not wait_for_function: the page's policy forbids the eval that it polls with
    page.wait_for_selector('tr[data-row="500"]')
    assert len(places()) < 80


def test_columns_come_as_one_goes_to_them(page: Page) -> None:
    page.locator(".chip", has_text="checks without a problem too").click()
    heads = page.locator("#grid thead th").all()
    assert page.locator('tr[data-row="1"] [aria-colindex]').count() < len(heads) - 20
    page.locator("#grid table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    for place in range(1, len(heads), 4):
        for _ in range(4 if place > 1 else 1):
            page.keyboard.press("ArrowRight")
        active = page.locator("#active")
        assert active.get_attribute("aria-colindex") == str(place + 1)
        box, head, frame = (
            one.bounding_box() for one in (active, heads[place], page.locator("#grid"))
        )
        assert box
        assert head
        assert frame
        assert abs(box["x"] - head["x"]) < 1
        assert frame["x"] < box["x"]
        assert box["x"] + box["width"] < frame["x"] + frame["width"] + 1


def test_the_matrix_stays_where_it_was_when_a_host_is_opened(page: Page) -> None:
    table = page.locator("#grid table")
    table.focus()
    for _ in range(20):
        page.keyboard.press("PageDown")
    before = page.locator("#grid").evaluate("one => one.scrollTop")
    assert before > 5_000
    name = page.locator("#active").get_attribute("aria-label") or ""
    page.keyboard.press("Enter")
    page.locator("details[open] h3", has_text=name.split(",")[0]).wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#grid").evaluate("one => one.scrollTop") == before
    assert page.locator("#active").get_attribute("aria-label") == name


def test_above_a_thousand_only_hosts_with_trouble_have_their_facts(
    chromium: Browser, report: Report, tmp_path: Path
) -> None:
    larger = only_ready(many(report, HOSTS + 1), HOSTS - 1)
    out = io.StringIO()
    write(larger, out)
    path = tmp_path / "report.html"
    path.write_text(out.getvalue(), encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri() + "#open=node1")
    section = page.locator("details.host[open]")
    assert "Its facts are left out" in section.inner_text()
    page.goto(path.as_uri() + f"#open=node{HOSTS + 1}")
    page.locator("details[open] h3", has_text=f"node{HOSTS + 1}").wait_for()
    assert "Facts, " in section.inner_text()
    page.close()
