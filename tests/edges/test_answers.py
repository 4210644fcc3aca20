"""What a host says of its dials: whole and asked for, or an error, and never anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.edges.answers import Answer, Path, parse_answer
from scanner.edges.plan import Dial
from scanner.errors import ProbeFailed

BOUNDARY = "kscan-" + "0a" * 16
DIALS = (Dial(1, (0, 3)), Dial(4, (0,)))
BODY = (
    "listen 6443/tcp ok",
    "listen 179/tcp EACCES",
    "dials ord",
    "name 1 10.0.0.2,fd00::2",
    "named 1 10.0.0.3 ou",
    "ssh 4 r",
    "name 4 none",
    "path 1 140 1500 20 19 1400 160",
    "path 4 - 1500 - - - -",
)


def framed(*lines: str, end: str = "") -> bytes:
    body = "".join(f"{line}\n" for line in lines)
    last = end or f"{BOUNDARY} end {len(lines)}\n"
    return f"\n{BOUNDARY} edges {len(body)}\n{body}{last}".encode()


def test_a_whole_answer() -> None:
    assert parse_answer(b"welcome" + framed(*BODY) + b"bye", BOUNDARY, DIALS) == Answer(
        frozenset({"6443/tcp"}),
        "ord",
        {1: ("10.0.0.2", "fd00::2"), 4: ()},
        frozenset(),
        {1: ("10.0.0.3", "ou")},
        {4: "r"},
        {1: Path(140, 1500, 20, 19, 1400, 160), 4: Path(None, 1500)},
    )


def test_a_name_that_was_not_looked_up_to_the_end() -> None:
    answer = parse_answer(framed("dials ooo", "name 1 late"), BOUNDARY, DIALS)
    assert answer.names == {1: ()}
    assert answer.late == {1}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("endpoint 198.51.100.10 r 2001:DB8::1 d", {"198.51.100.10": "r", "2001:db8::1": "d"}),
        ("endpoint none", {}),
        ("endpoint late", {}),
        ("endpoint failed", {}),
    ],
)
def test_an_endpoint(line: str, found: dict[str, str]) -> None:
    answer = parse_answer(framed("dials ooo", line), BOUNDARY, DIALS, endpoint=True)
    assert answer.endpoint == found


@pytest.mark.parametrize(
    "lines",
    [
        ("dials ooo",),
        ("dials ooo", "endpoint 198.51.100.10"),
        ("dials ooo", "endpoint 198.51.100.10 rr"),
        ("dials ooo", "endpoint api.example r"),
        ("dials ooo", "endpoint none", "endpoint none"),
    ],
)
def test_an_endpoint_that_is_none(lines: tuple[str, ...]) -> None:
    with pytest.raises(ProbeFailed):
        parse_answer(framed(*lines), BOUNDARY, DIALS, endpoint=True)


def test_an_endpoint_that_nobody_has_asked_for() -> None:
    with pytest.raises(ProbeFailed):
        parse_answer(framed("dials ooo", "endpoint none"), BOUNDARY, DIALS)


def test_a_host_with_nothing_to_dial() -> None:
    assert parse_answer(framed("dials "), BOUNDARY, ()) == Answer()


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("dials or",),
        ("dials ordo",),
        ("dials orz",),
        ("dials ord", "dials ord"),
        ("dials ord", "name 2 10.0.0.1"),
        ("dials ord", "name 1 10.0.0.1", "name 1 10.0.0.2"),
        ("dials ord", "name 1 somewhere"),
        ("dials ord", "named 1 10.0.0.1 o"),
        ("dials ord", "named 1 elsewhere oo"),
        ("dials ord", "ssh 1 oo"),
        ("dials ord", "path 1 1 2 3 4 5"),
        ("dials ord", "path 1 -1 2 3 4 5 6"),
        ("dials ord", "path 1 1234567890 2 3 4 5 6"),
        ("dials ord", "path - 1 2 3 4 5 6"),
        ("dials ord", "path 1 1 65536 3 4 5 6"),
        ("dials ord", "path 1 1 2 3 4 65536 6"),
        ("dials ord", "rm 1"),
        ("dials ord", ""),
        ("dials ord", "ssh \u0661 o"),
    ],
)
def test_what_was_not_asked_is_not_believed(lines: tuple[str, ...]) -> None:
    with pytest.raises(ProbeFailed):
        parse_answer(framed(*lines), BOUNDARY, DIALS)


@pytest.mark.parametrize("cut", range(0, len(framed(*BODY)), 7))
def test_a_cut_answer_is_none(cut: int) -> None:
    with pytest.raises(ProbeFailed):
        parse_answer(framed(*BODY)[:cut], BOUNDARY, DIALS)


def test_what_is_written_between_is_seen() -> None:
    whole = framed(*BODY)
    for place in range(whole.index(b"listen"), whole.index(b"end") - len(BOUNDARY)):
        with pytest.raises(ProbeFailed):
            parse_answer(whole[:place] + b"x" + whole[place:], BOUNDARY, DIALS)


def test_another_boundary_is_none() -> None:
    with pytest.raises(ProbeFailed, match="no answer"):
        parse_answer(framed(*BODY), BOUNDARY.replace("0a", "0b"), DIALS)


WORDS = st.sampled_from(["listen", "dials", "name", "named", "ssh", "path", "1", "4", "ord", "o"])
LINES = st.lists(st.lists(WORDS | st.text(max_size=12), max_size=7).map(" ".join), max_size=6)


@given(st.binary(max_size=300) | LINES.map(lambda lines: framed(*lines)))
def test_nothing_but_an_answer_or_an_error(said: bytes) -> None:
    try:
        answer = parse_answer(said, BOUNDARY, DIALS)
    except ProbeFailed:
        return
    assert len(answer.dials) == 3
    assert set(answer.paths) | set(answer.names) <= {1, 4}
