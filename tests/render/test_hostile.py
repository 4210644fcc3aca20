"""Whatever a host says is text in every format: nothing acts, nothing is lost, nothing crashes."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree.ElementTree import fromstring

import pytest

from scanner.render.base import Format, writer
from scanner.render.harmless import harmless
from scanner.render.screen import Layout, Screen
from scanner.report import Report
from tests.render.hostile import WORDS, hostile_report
from tests.render.markdown_reader import text_of

TEXTS = {name: word for name, word in WORDS.items() if name != "surrogate"}
"""JSON cannot hold a lone surrogate, and neither reports nor captures can bring one."""


def written(form: Format, report: Report, layout: Layout = Layout.FITTING) -> str:
    out = io.StringIO()
    writer(form, Screen(100, layout=layout))(report, out)
    return out.getvalue()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def as_read(form: Format, document: str) -> str:
    """What a reader of the format sees, without blanks: lines are broken anywhere."""
    text = document
    match form:
        case Format.JSON:
            text = repr(json.loads(document))
        case Format.HTML:
            parser = _Text()
            parser.feed(document)
            text = parser.text
        case Format.JUNIT:
            tree = fromstring(document)
            text = " ".join(
                " ".join((*element.attrib.values(), element.text or "")) for element in tree.iter()
            )
        case Format.MARKDOWN:
            text = text_of(document)
        case Format.CSV:
            rows = csv.reader(io.StringIO(document, newline=""), strict=True)
            text = " ".join(cell for row in rows for cell in row)
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("form", Format)
def test_nothing_acts(form: Format, name: str) -> None:
    document = written(form, hostile_report(TEXTS[name]))
    allowed = "\r\n" if form is Format.CSV else "\n"
    hidden = {
        char
        for char in document
        if char not in {*allowed, " "}
        and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cn"}
    }
    if form is Format.JSON:
        hidden = {char for char in hidden if not char.isprintable() and ord(char) < 0xFFFE}
        hidden.discard("\U000e0041")
    assert not hidden
    if form is not Format.JSON:
        assert "\nfake" not in document


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"long"}))
@pytest.mark.parametrize("form", sorted(set(Format) - {Format.HTML, Format.JSON}))
def test_it_is_all_there(form: Format, name: str) -> None:
    word = TEXTS[name]
    seen = as_read(form, written(form, hostile_report(word)))
    wanted = re.sub(r"\s+", "", harmless(word))
    if form is Format.MARKDOWN:
        wanted = wanted.replace("|", "\\x7c")
    assert wanted in seen


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("layout", Layout)
def test_no_line_of_a_screen_is_the_hosts(layout: Layout, name: str) -> None:
    document = written(Format.TERMINAL, hostile_report(TEXTS[name]), layout)
    assert "\x1b" not in document
    assert not [line for line in document.splitlines() if line.startswith("fake")]


@pytest.mark.parametrize("form", sorted(set(Format) - {Format.JSON}))
def test_a_surrogate_is_escaped_wherever_it_might_come_from(form: Format) -> None:
    document = written(form, hostile_report(WORDS["surrogate"]))
    assert "\\ud800" in document
    document.encode()


@pytest.mark.parametrize("form", Format)
def test_a_stream_that_takes_ascii_only(form: Format) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", newline="")
    writer(form)(hostile_report("Müller ✔ \u202e"), out)
    out.flush()
    assert raw.getvalue().isascii()
    assert b"M" in raw.getvalue()
