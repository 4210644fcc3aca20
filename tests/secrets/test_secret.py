"""A secret shows its value to nobody but the one who asks for it."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, dataclass

import pytest
from pydantic import TypeAdapter

from scanner.probe.capture import Capture, dump
from scanner.request import Host, Login
from scanner.runs.waiting import Waiting
from scanner.secrets.redact import Redactor, redacting, redactor
from scanner.secrets.secret import Kind, Secret, Source

VALUE = "hunter2 & more"
SECRET = Secret(Source(Kind.ENV, "NAME"), VALUE)


def test_it_prints_as_its_reference() -> None:
    host = Host("n", Login("a", password=SECRET))
    for text in (repr(SECRET), str(SECRET), f"{SECRET}", f"{SECRET!r:>60}", repr(host)):
        assert VALUE not in text
        assert "env:NAME" in text
    assert "not read" in repr(Secret.at(Kind.PROMPT, "SSH password"))


def test_it_is_never_serialised() -> None:
    with pytest.raises(TypeError, match="never written"):
        pickle.dumps(SECRET)
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(asdict(Login("a", password=SECRET)))
    assert VALUE not in str(asdict(Login("a", password=SECRET)))
    assert VALUE not in repr(vars_of(copy.deepcopy(SECRET)))


def vars_of(value: object) -> list[str]:
    return [repr(value), str(value)]


def test_equal_means_the_same_place_and_the_same_value() -> None:
    assert Secret(Source(Kind.ENV, "NAME"), VALUE) == SECRET
    assert hash(SECRET) == hash(Secret(Source(Kind.ENV, "NAME"), VALUE))
    for other in (
        Secret(Source(Kind.ENV, "NAME"), "x"),
        Secret(Source(Kind.ENV, "OTHER"), VALUE),
        Secret.at(Kind.ENV, "NAME"),
    ):
        assert other != SECRET
    assert SECRET != VALUE


def test_one_that_was_not_read_has_no_value() -> None:
    with pytest.raises(LookupError, match="env:NAME was not read"):
        Secret.at(Kind.ENV, "NAME").reveal()


@dataclass(frozen=True)
class Row:
    text: str
    parts: tuple[str, ...]
    facts: dict[str, object]
    kind: Kind = Kind.FILE


def test_the_redactor_reaches_every_text() -> None:
    short = Secret(Source(Kind.ENV, "B"), "file")
    row = Row(f"a {VALUE}", (VALUE, "b"), {f"x{VALUE}": [VALUE, 1, None]})
    found = Redactor([SECRET, short]).value(row)
    assert found == Row("a ***", ("***", "b"), {"x***": ["***", 1, None]})
    assert found.kind is Kind.FILE, "a word of our own, even if a secret is called so"
    assert VALUE.encode() not in TypeAdapter(Row).dump_json(found)


def test_the_longest_secret_goes_first() -> None:
    inner = Secret(Source(Kind.ENV, "B"), "hunter2")
    assert Redactor([inner, SECRET]).text(f"{VALUE}, hunter2") == "***, ***"
    assert Redactor([inner, SECRET]).data(b"\xff" + VALUE.encode()) == b"\xff***"


def test_what_is_too_short_to_be_told_from_words_stays() -> None:
    assert Redactor([Secret(Source(Kind.ENV, "B"), "abc")]).text("abc") == "abc"


@pytest.mark.parametrize("value", ["plain", 'with "quotes"', "back\\slash", "pä\u2028ss", "a/b<c>"])
def test_a_secret_is_found_in_json_as_it_stands_there(value: str) -> None:
    mine = Redactor([Secret(Source(Kind.ENV, "B"), value)])
    row = Row(f"x{value}y", (), {})
    document = TypeAdapter(Row).dump_json(row)
    assert mine.is_needed(document)
    assert not mine.is_needed(TypeAdapter(Row).dump_json(mine.value(row)))
    assert not Redactor().is_needed(document)


def test_a_run_has_one_redactor() -> None:
    with redacting(Redactor([SECRET])):
        assert redactor().text(VALUE) == "***"
    assert redactor().text(VALUE) == VALUE


def test_an_answer_that_waits_is_judged_as_it_came() -> None:
    capture = Capture("n1", "192.0.2.1", "", "kscan-0", VALUE.encode())
    waiting = Waiting()
    with redacting(Redactor([SECRET])):
        waiting.put(Host("n1", Login("192.0.2.1")), capture)
        assert VALUE.encode() not in dump(capture)
        assert [kept for _, kept in waiting.take()] == [capture]
