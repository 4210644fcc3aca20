from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.facts.base import ParseError
from scanner.facts.protobuf import fields, flag, messages, text

CONDITION = b"\x0a\x0cRuntimeReady\x10\x01"


def test_fields_in_their_order() -> None:
    data = b"\x08\x96\x01\x12\x01a\x19" + bytes(8) + b"\x25" + bytes(4) + b"\x12\x01b"
    assert list(fields(data)) == [(1, 150), (2, b"a"), (3, bytes(8)), (4, bytes(4)), (2, b"b")]
    assert messages(data, 2) == (b"a", b"b")
    assert (text(data, 2), text(data, 9)) == ("b", "")


def test_a_bool_that_is_false_is_not_sent() -> None:
    assert flag(CONDITION, 2) is True
    assert flag(CONDITION[:-2], 2) is False
    assert text(CONDITION, 1) == "RuntimeReady"


@pytest.mark.parametrize(
    "data",
    [
        b"\x08",
        b"\x0a\x05abc",
        b"\x0b",
        b"\x19\0",
        b"\x08" + b"\x80" * 11,
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7fa",
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        list(fields(data))


def test_a_field_of_another_kind_is_refused() -> None:
    with pytest.raises(ParseError, match="is a number"):
        messages(b"\x08\x01", 1)
    with pytest.raises(ParseError, match="is not a number"):
        flag(b"\x0a\x01a", 1)


@given(st.binary(max_size=200), st.integers(1, 5))
def test_any_bytes_are_a_message_or_refused(data: bytes, number: int) -> None:
    for read in (lambda d, _: list(fields(d)), messages, text, flag):
        try:
            read(data, number)
        except ParseError:
            continue
