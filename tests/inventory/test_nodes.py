from __future__ import annotations

from scanner.inventory.nodes import compose


def test_scalars_stay_as_they_are_written() -> None:
    text = "a: 1.30\nb: off\nc: 0x1F\nd: 2027-01-31\ne: '~'\nf: 1_0\ng: =\nh: !!str null\n"
    assert compose(text, "i").data == {
        "a": "1.30",
        "b": "off",
        "c": "0x1F",
        "d": "2027-01-31",
        "e": "~",
        "f": "1_0",
        "g": "=",
        "h": "null",
    }


def test_what_is_not_given_is_none_and_a_quoted_empty_text_is_not() -> None:
    text = "a:\nb: ~\nc: null\nd: ''\ne: \"null\"\n"
    assert compose(text, "i").data == {"a": None, "b": None, "c": None, "d": "", "e": "null"}


def test_keys_and_items_know_their_lines() -> None:
    document = compose("hosts:\n  - {name: a,\n     port: 1}\n  - name:\n      b\n", "i")
    assert document.line(("hosts",)) == 1
    assert document.line(("hosts", 0, "name")) == 2
    assert document.line(("hosts", 0, "port")) == 3
    assert document.line(("hosts", 1, "name")) == 4


def test_what_is_missing_is_on_the_line_around_it() -> None:
    document = compose("a: 1\nhosts:\n  - {name: a}\n", "i")
    assert document.line(("hosts", 0, "address")) == 3
    assert document.line(("hosts", 7, "address")) == 2
    assert document.line(("cluster", "name")) == 1


def test_an_alias_gives_the_values_and_lines_of_its_anchor() -> None:
    document = compose("x: &x\n  port: 1\ny: *x\nz: [*x]\n", "i")
    assert document.data == {"x": {"port": "1"}, "y": {"port": "1"}, "z": [{"port": "1"}]}
    assert document.line(("y",)) == 3
    assert document.line(("y", "port")) == 2
    assert document.line(("z", 0)) == 4


def test_an_anchor_may_be_used_again() -> None:
    assert compose("a: &n 1\nb: *n\nc: &n 2\nd: *n\n", "i").data == {
        "a": "1",
        "b": "1",
        "c": "2",
        "d": "2",
    }


def test_a_byte_order_mark_of_windows_editors_is_no_character() -> None:
    text = b"\xef\xbb\xbfa: 1\r\nb: 2\r\n".decode("utf-8-sig")
    assert compose(text, "i").data == {"a": "1", "b": "2"}


def test_the_first_of_two_keys_is_kept_so_that_the_rest_is_still_read() -> None:
    document = compose("a: 1\nb: 2\na: 3\n", "i")
    assert document.data == {"a": "1", "b": "2"}
    assert [str(problem) for problem in document.problems] == [
        "i:3: a: duplicate key, first on line 1"
    ]
