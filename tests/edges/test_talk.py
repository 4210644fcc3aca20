"""The conversation with a host: each word once, in any pieces, and nothing for anybody else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.edges.talk import Talk
from scanner.transport.dialogue import Input, Reply

MARK = "kscan-" + "0f" * 16
TEXT = b"token 00\nbind\n"


def heard(talk: Talk, *pieces: bytes) -> list[Reply]:
    replies = [talk.heard(piece) for piece in pieces]
    return [reply for reply in replies if reply is not None]


def words(*said: str) -> bytes:
    return "".join(f"{MARK} {word}\n" for word in said).encode()


def test_the_questions_are_sent_once() -> None:
    talk = Talk(MARK, TEXT)
    assert heard(talk, words("up python"), words("up perl")) == [Reply(TEXT)]
    assert talk.program == "python"


def test_a_host_without_a_program_is_left() -> None:
    talk = Talk(MARK, TEXT)
    assert heard(talk, words("up none")) == [Reply(TEXT, is_last=True)]


def test_alone_it_goes_on_at_once_and_ends_when_it_is_done() -> None:
    spoken: list[Reply] = []
    talk = Talk(MARK, TEXT)
    talk.begin(spoken.append)
    heard(talk, words("up python", "ready"), words("done"), words("done", "ready"))
    assert spoken == [Reply(b"go\n"), Reply(is_last=True)]
    assert talk.was_stopped


def test_with_others_it_waits_for_them() -> None:
    calls: list[str] = []
    talk = Talk(MARK, TEXT, lambda: calls.append("ready"), lambda: calls.append("done"))
    heard(talk, words("up perl", "ready", "ready"), words("done"))
    assert calls == ["ready", "done"]
    assert not talk.was_stopped


def test_what_it_says_reaches_the_command() -> None:
    written: list[bytes] = []
    closed: list[bool] = []
    talk = Talk(MARK, TEXT)
    given_to = Input(b"program", talk)
    given_to.heard(words("up python"))  # before the command's input is open
    given_to.open(written.append, lambda: closed.append(True))
    given_to.heard(words("ready"))
    given_to.heard(words("done"))
    assert b"".join(written) == b"program" + TEXT + b"go\n"
    assert closed == [True]


def test_after_a_flood_nothing_is_heard() -> None:
    talk = Talk(MARK, TEXT)
    assert heard(talk, b"x" * 70_000, words("up python")) == []


@given(st.lists(st.integers(1, 40), max_size=12), st.binary(max_size=60))
def test_pieces_and_noise_change_nothing(cuts: list[int], noise: bytes) -> None:
    said = noise + b"\n" + words("up python", "ready", "done")
    calls: list[str] = []
    talk = Talk(MARK, TEXT, lambda: calls.append("ready"), lambda: calls.append("done"))
    pieces = []
    for cut in cuts:
        pieces.append(said[:cut])
        said = said[cut:]
    assert heard(talk, *pieces, said) == [Reply(TEXT)]
    assert calls == ["ready", "done"]


@given(st.binary(max_size=200))
def test_nobody_else_is_answered(noise: bytes) -> None:
    talk = Talk(MARK, TEXT, lambda: None, lambda: None)
    assert heard(talk, noise, b"kscan-" + b"1e" * 16 + b" up python\n") == []
    assert talk.program == ""
