"""Frames of the user's rules: what is whole counts, everything else is missing with a reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.rules.answers import Answer, Answers, answer_to, parse_answers

B = "kscan-" + "ab" * 16
DIGEST = "0" * 16
BEGIN = f"x\n{B} end 3\n\n{B} rules begin\n"


def frame(name: str, output: str, status: int = 0, *, code: int = 0, length: int = -1) -> str:
    body = f"{output}\n{status}" if not code else ""
    size = len(body.encode()) if length < 0 else length
    return f"\n{B} rule {name} {DIGEST} {code} {size}\n{body}\n{B} told {name}\n"


def parsed(*frames: str) -> Answers:
    answers = parse_answers((BEGIN + "".join(frames)).encode(), B)
    assert answers is not None
    return answers


def test_whole_answers() -> None:
    answers = parsed(frame("a", "one\ntwo\n"), frame("b", "", 3))
    assert answer_to(answers, "a", DIGEST) == Answer(0, "one\ntwo\n")
    assert answer_to(answers, "b", DIGEST) == Answer(3, "")


def test_an_answer_to_another_command_and_none_at_all() -> None:
    answers = parsed(frame("a", "one"))
    assert "another command" in answer_to(answers, "a", "1" * 16).missing
    assert "not run" in answer_to(answers, "b", DIGEST).missing


def test_without_rules_there_is_nothing() -> None:
    assert parse_answers(f"\n{B} end 3\n".encode(), B) is None
    assert parse_answers(BEGIN.encode(), "") is None


def test_codes_are_reasons() -> None:
    for code, says in ((137, "deadline"), (124, "deadline"), (97, "timeout(1)"), (98, "frames")):
        answers = parsed(frame("a", "", code=code))
        assert says in answer_to(answers, "a", DIGEST).missing


def test_a_cut_answer_is_missing() -> None:
    text = (BEGIN + frame("a", "one") + frame("b", "two")).encode()
    for end in range(len(BEGIN), len(text)):
        answers = parse_answers(text[:end], B)
        assert answers is not None
        for name, output in (("a", "one"), ("b", "two")):
            found = answer_to(answers, name, DIGEST)
            assert found.missing or found == Answer(0, output)


def test_a_name_that_is_answered_twice_counts_for_nothing() -> None:
    answers = parsed(frame("a", "bad"), frame("a", "good"), frame("b", "good"))
    assert "in its place" in answer_to(answers, "a", DIGEST).missing
    assert answer_to(answers, "b", DIGEST).output == "good"


def test_what_is_written_between_is_seen() -> None:
    answers = parsed(frame("a", "one", length=3))
    assert "wrote into" in answer_to(answers, "a", DIGEST).missing


def test_characters_count_too_as_busybox_has_it() -> None:
    answers = parsed(frame("a", "é", length=3))
    assert answer_to(answers, "a", DIGEST).output == "é"


def test_more_than_the_limit_is_cut_and_said() -> None:
    found = answer_to(parsed(frame("a", "x" * 4097)), "a", DIGEST)
    assert (len(found.output), found.too_long) == (4096, True)
    assert not answer_to(parsed(frame("a", "x" * 4096)), "a", DIGEST).too_long


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    answers = parse_answers(BEGIN.encode() + data, B)
    assert answers is not None
    assert answer_to(answers, "a", DIGEST).missing or answers.given
