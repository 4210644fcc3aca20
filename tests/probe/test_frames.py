"""Frames: whole answers are read, anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import AnswerStops, NoAnswer, ProbeFailed
from scanner.probe.frames import FORGED, Section, parse_frames

B = "kscan-" + "0" * 32


def framed(sections: dict[str, tuple[int, bytes]]) -> bytes:
    """What driver.sh prints."""
    parts = [f"{B} probe 2\n".encode()]
    for name, (status, body) in sections.items():
        rc = f"\n{B} rc {status} {len(body)}\n".encode()
        parts += [f"{B} begin {name}\n".encode(), body, rc]
    return b"".join([*parts, f"{B} end {len(sections)}\n".encode()])


BODIES = st.binary(max_size=60).filter(lambda body: B.encode() not in body)
ANSWERS = st.dictionaries(
    st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.tuples(st.integers(0, 255), BODIES), max_size=5
)


@given(ANSWERS)
def test_what_was_framed_comes_back(sections: dict[str, tuple[int, bytes]]) -> None:
    expected = {
        name: Section(status, body.decode("utf-8", "replace"))
        for name, (status, body) in sections.items()
    }
    assert parse_frames(framed(sections), B) == expected


@given(ANSWERS, st.data())
def test_an_answer_cut_at_any_byte_is_refused(
    sections: dict[str, tuple[int, bytes]], data: st.DataObject
) -> None:
    whole = framed(sections)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ProbeFailed):
        parse_frames(whole[:cut], B)


@given(st.binary(max_size=300))
def test_anything_else_is_refused(answer: bytes) -> None:
    with pytest.raises(ProbeFailed):
        parse_frames(answer, B)


def test_noise_of_a_login_shell_is_skipped() -> None:
    noisy = b"Welcome!\n\x1b[31mmotd\n" + framed({"cpu": (0, b"nproc=2")}) + b"logout\n"
    assert parse_frames(noisy, B) == {"cpu": Section(0, "nproc=2")}


def test_noise_without_a_newline_before_the_first_frame_is_a_failure_not_a_fact() -> None:
    with pytest.raises(ProbeFailed, match="did not run the probe"):
        parse_frames(b"prompt$ " + f"{B} probe 1\n".encode(), B)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"", "did not run the probe"),
        (f"{B} probe 1\n".encode(), "before its first section"),
        (f"{B} probe 1\n{B} begin cpu\nnproc".encode(), "in section 'cpu'"),
        (framed({"cpu": (0, b"x")})[:-3], "after section 'cpu'"),
    ],
)
def test_the_message_says_where_it_stops(answer: bytes, says: str) -> None:
    with pytest.raises((AnswerStops, NoAnswer), match=says):
        parse_frames(answer, B)


def test_a_lost_section_is_seen_by_the_count() -> None:
    whole = framed({"cpu": (0, b"a"), "swap": (0, b"b")})
    begin = whole.index(f"{B} begin cpu".encode())
    end = whole.index(f"{B} begin swap".encode())
    with pytest.raises(ProbeFailed):
        parse_frames(whole[:begin] + whole[end:], B)


@pytest.mark.parametrize("status", [124, 137, 143])
def test_a_killed_section_has_timed_out(status: int) -> None:
    assert parse_frames(framed({"cpu": (status, b"")}), B)["cpu"].timed_out


def test_captures_without_lengths_are_read() -> None:
    old = f"{B} probe 1\n{B} begin cpu\nnproc=2\n{B} rc 0\n{B} end 1\n"
    assert parse_frames(old.encode(), B) == {"cpu": Section(0, "nproc=2")}


WHOLE = framed({"cpu": (0, b"nproc=2"), "swap": (0, b"device=Filename")})
CPU = f"{B} begin cpu\nnproc=64\n{B} rc 0 8\n".encode()
OTHER = WHOLE.replace(B.encode(), b"kscan-" + b"1" * 32)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (WHOLE.replace(b"nproc=2\n", b"nproc=2\n" + CPU), "wrote a frame into"),
        (WHOLE.replace(f"{B} end".encode(), CPU + f"{B} end".encode()), "into section 'cpu'"),
        (CPU + WHOLE, "repeats or continues"),
        (WHOLE + CPU, "repeats or continues"),
        (WHOLE[: WHOLE.index(f"{B} end".encode())] * 2, "repeats"),
        (WHOLE.replace(b"device", f"{B} begin x\ndevice".encode()), "into section 'x'"),
        (WHOLE.replace(b"device", f"{B} end 1\ndevice".encode()), "wrote a frame"),
        (OTHER, "did not run the probe"),
        (OTHER[:-60] + b"\n" + WHOLE[:-60], "in section 'swap'|after section 'cpu'"),
    ],
)
def test_frames_out_of_their_order_are_refused(answer: bytes, says: str) -> None:
    with pytest.raises(ProbeFailed, match=says):
        parse_frames(answer, B)


def test_what_was_asked_again_counts_once() -> None:
    half = f"{B} probe 2\n{B} begin cpu\nnproc=2\n{B} rc 0 7\n{B} begin swap\ndev"
    again = f"\n{B} again 2\n{B} begin cpu\nnproc=2\n{B} rc 0 7\n"
    killed = f"\n{B} begin swap\n\n{B} rc 137\n{B} end 2\n"
    answer = parse_frames((half + again + killed).encode(), B)
    assert answer == {"cpu": Section(0, "nproc=2"), "swap": Section(137, "")}


@pytest.mark.parametrize("noise", [b"motd\n", b"nproc=64\n", b"\xff", b"\n"])
def test_what_is_written_into_a_section_costs_that_section(noise: bytes) -> None:
    spoiled = WHOLE.replace(b"nproc", noise + b"nproc")
    assert parse_frames(spoiled, B)["cpu"].exit_status == FORGED
    assert parse_frames(spoiled, B)["swap"] == Section(0, "device=Filename")


def test_a_shell_that_counts_characters_is_believed_too() -> None:
    body = "pretty=\u00e4".encode()
    whole = framed({"os": (0, body)}).replace(b" rc 0 9", b" rc 0 8")
    assert parse_frames(whole, B)["os"].exit_status == 0


def test_a_terminal_between_changes_line_ends_only() -> None:
    body = b"a=1\r\nb=2"
    whole = framed({"os": (0, body)}).replace(b"\n", b"\r\n")
    assert parse_frames(whole, B) == {"os": Section(0, body.decode())}
