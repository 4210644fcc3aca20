"""Keyboard-interactive servers that ask for more than a password; no PAM module here does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import asyncssh
import pytest

from scanner.request import Host, HostKeyPolicy, Login
from scanner.secrets.secret import Kind, Secret, Source
from tests.transport.machine import make_key
from tests.transport.user_keys import refusal

PASSWORD = Secret(Source(Kind.PROMPT, "SSH password"), "a fine password")


@dataclass
class Asking(asyncssh.SSHServer):
    questions: list[tuple[str, bool]]
    answers: list[str] = field(default_factory=list)

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        del username, lang, submethods
        return "", "", "", self.questions

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        del username
        self.answers += responses
        return False


ASKED = [
    (
        [("Password: ", False), ("Code: ", False)],
        [],
        "something else than a password ('Password:')",
    ),
    ([("Verification code: ", True)], [], "something else than a password ('Verification code:')"),
    (
        [("ops's token: ", False)],
        ["a fine password"],
        "the password is refused, which was tried once",
    ),
]


@pytest.mark.parametrize(("questions", "answers", "why"), ASKED)
async def test_more_than_a_password(
    questions: list[tuple[str, bool]], answers: list[str], why: str
) -> None:
    asking = Asking(questions)
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[make_key()], server_factory=lambda: asking
    )
    try:
        login = Login("127.0.0.1", server.get_port(), "ops", host_keys=HostKeyPolicy.OFF)
        message = await refusal(Host("n", replace(login, password=PASSWORD)))
    finally:
        server.close()
        await server.wait_closed()
    assert why in message
    assert asking.answers == answers
