"""The talk with privilege.sh. The real sudo and doas are in tests/privilege/; what they say was
taken down there, and here it also comes in pieces, too often and from hosts that lie."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.probe.privilege import BecomeRoot, obstacle, run_script
from scanner.request import Host, Login
from scanner.secrets.guesses import Guesses
from scanner.secrets.secret import Kind, Secret, Source
from scanner.transport.base import Completed
from scanner.transport.dialogue import Reply
from scanner.transport.local import LocalSession

SCRIPT = b"echo facts\n"
PASSWORD = "a 'fine' $password"  # noqa: S105 - of nothing
LOGIN = Login("a", user="ops")


class Talk:
    """A dialogue, with the mark that it has chosen."""

    def __init__(self, host: str = "a", guesses: Guesses | None = None) -> None:
        secret = Secret(Source(Kind.PROMPT, "sudo password"), PASSWORD)
        self.guesses = guesses or Guesses()
        self.dialogue = BecomeRoot(SCRIPT, secret, self.guesses.guess(host, "ops", secret))
        self.dialogue.begin(self._take)
        first = self.dialogue.first.decode()
        self.mark = first.partition("\n")[0].removeprefix("MARK=")
        self.sent: list[bytes] = []
        self.closed = False

    def hear(self, text: str) -> None:
        reply = self.dialogue.heard(text.replace("@", self.mark).encode())
        if reply is not None:
            self._take(reply)

    def _take(self, reply: Reply) -> None:
        self.sent.append(reply.data)
        self.closed |= reply.is_last

    def why(self, text: str) -> str:
        return self.dialogue.obstacle(text.replace("@", self.mark).encode(), LOGIN)


PASSWORD_LINE = f"password{PASSWORD}\n".encode()
TALKS = [
    (["\n@ root\n"], [SCRIPT], True),
    (["sudo: a password is required\n", "\n@ plain\n"], [SCRIPT], True),
    (["lecture\n\n@ pid 12\n@ password"], [PASSWORD_LINE], False),
    (["@ pid 12\n@ password", "\n@ fed\n"], [PASSWORD_LINE, b"script\n" + SCRIPT], True),
    (["@ pass", "word\n@ f", "ed\n"], [PASSWORD_LINE, b"script\n" + SCRIPT], True),
    (["@ pid 12\n@ password", "Sorry\n@ password"], [PASSWORD_LINE, b"kill12\n"], False),
    (["@ pid 12\n"] + ["@ password"] * 9, [PASSWORD_LINE, b"kill12\n"], False),
    (["@ password" * 9], [PASSWORD_LINE + b"kill\n"], False),
    (["@ pid 12\n@ refused\n", "@ plain\n"], [b":\n", SCRIPT], True),
    (["@ root\n", "@ password", "@ root\n"], [SCRIPT], True),
    (["Password: ", "kscan-0 password", "@ pid x\n", "@ rooted"], [], False),
    (["x" * (1 << 17), "@ password"], [], False),
]


@pytest.mark.parametrize(("heard", "sent", "closed"), TALKS)
def test_what_is_sent(heard: list[str], sent: list[bytes], closed: bool) -> None:
    talk = Talk()
    for text in heard:
        talk.hear(text)
    assert (talk.sent, talk.closed) == (sent, closed)
    assert sum(PASSWORD.encode() in data for data in talk.sent) <= 1


SAID = [
    ("ops is not in the sudoers file.\n", "sudo does not let the login ops"),
    (
        "Sorry, user ops is not allowed to execute '/usr/bin/sh' as root on h.\n",
        "sudo does not let",
    ),
    ("sudo: sorry, you must have a tty to run sudo\n", "sudo asks the login ops for a terminal"),
    ("sudo: a password is required\n", "sudo asks the login ops for a password and none was given"),
    (
        "sudo: no tty present and no askpass program specified\n",
        "sudo asks the login ops for a pass",
    ),
    ("doas: Authentication required\n", "doas asks the login ops for a password"),
    ("doas: Operation not permitted\n", "doas does not let the login ops"),
    (
        "sudo: account validation failure, is your account locked?\n",
        "it could not become root, sudo: a",
    ),
    ("bash: warning: setlocale\n", ""),
    ("", ""),
]


@pytest.mark.parametrize(("said", "why"), SAID)
def test_each_refusal_has_a_sentence(said: str, why: str) -> None:
    found = obstacle(said.encode(), LOGIN)
    assert found.startswith(why)
    assert bool(found) == bool(why)


def test_what_the_first_sudo_said_is_not_the_reason() -> None:
    talk = Talk()
    for text in ("sudo: a password is required\n", "@ pid 1\n@ password", "\n@ refused\n@ plain\n"):
        talk.hear(text)
    said = "sudo: a password is required\n@ pid 1\n@ passwordops is not in the sudoers file.\n"
    assert talk.why(said).startswith("sudo does not let")


def test_one_that_waits_for_more_says_so() -> None:
    """A stack that asks for a code shows its question; nothing here has such a module."""
    talk = Talk()
    talk.hear("@ pid 1\n@ password")
    assert "does PAM ask for more" in talk.why("@ pid 1\n@ passwordYour code: ")


def test_only_the_scripts_own_words_are_kept() -> None:
    talk = Talk()
    said = f"lecture\n{talk.mark} pid 1\n{talk.mark} password\n\n{talk.mark} fed\nmine\n"
    done = Completed(b"out", said.encode(), 0, 1.0)
    assert talk.dialogue.without_marks(done).stderr == b"mine\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="a wrong password would be tried on this machine")
async def test_where_the_login_is_root_already() -> None:
    secret = Secret(Source(Kind.PROMPT, "sudo password"), "not mine")
    host = Host("n", Login("", user="somebody", local=True, sudo_password=secret))
    script = b"echo out; echo err >&2; echo end\n"
    ran = await run_script(LocalSession(), host, script, timeout=20, last_line=b"end")
    assert (ran.done.stdout, ran.done.stderr) == (b"out\nend\n", b"err\n")


@pytest.mark.parametrize("shell", ["dash", "bash", "bash --posix", "busybox sh"])
def test_every_shell_reads_it(shell: str) -> None:
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell}")
    script = Path(__file__).parents[2] / "scanner/probe/privilege.sh"
    subprocess.run([*shell.split(), "-n", str(script)], check=True)


def test_a_password_that_three_hosts_refuse_is_sent_to_no_fourth() -> None:
    """Two at a time; a host that refuses frees the place of the next one."""
    guesses = Guesses()
    talks = [Talk(f"node{number}", guesses) for number in range(5)]
    for talk in talks:
        talk.hear("@ pid 12\n@ password")
    assert [talk.sent for talk in talks] == [[PASSWORD_LINE], [PASSWORD_LINE], [], [], []]
    talks[0].hear("Sorry\n@ password")
    assert talks[2].sent == [PASSWORD_LINE]
    talks[1].hear("\nsudo: 1 incorrect password attempt\n\n@ refused\n@ plain\n")
    assert talks[3].sent == []
    talks[2].hear("Sorry\n@ password")
    assert [talk.sent for talk in talks[3:]] == [[b"kill12\n"], [b"kill12\n"]]
    talks[4].hear("\n@ refused\n@ plain\n")
    assert talks[4].sent[1:] == [SCRIPT]
    assert talks[4].why("") == (
        "sudo asks the login ops for a password; not tried: the sudo password was refused by 3 "
        "hosts and taken by none, and more tries could lock the account: correct it"
    )


def test_once_a_host_has_taken_the_password_nobody_waits() -> None:
    guesses = Guesses()
    talks = [Talk(f"node{number}", guesses) for number in range(9)]
    for talk in talks:
        talk.hear("@ pid 12\n@ password")
    talks[0].hear("\n@ fed\n")
    assert all(talk.sent[0] == PASSWORD_LINE for talk in talks)
    for talk in talks[1:]:
        talk.hear("Sorry\n@ password")
    late = Talk("late", guesses)
    late.hear("@ pid 12\n@ password")
    assert late.sent == [PASSWORD_LINE]


def test_a_host_that_never_answers_frees_its_place() -> None:
    guesses = Guesses()
    talks = [Talk(f"node{number}", guesses) for number in range(3)]
    for talk in talks:
        talk.hear("@ pid 12\n@ password")
    talks[2].dialogue.leave()
    assert "2 other hosts have been sent it" in talks[2].why("")
    last = Talk("last", guesses)
    last.hear("@ pid 12\n@ password")
    assert last.sent == []
    talks[0].dialogue.leave()
    assert last.sent == [PASSWORD_LINE]


def test_a_host_is_not_sent_a_second_time_what_it_has_refused() -> None:
    """With --with-kubeadm there are two scripts."""
    guesses = Guesses()
    first, second = Talk("node", guesses), Talk("node", guesses)
    for said in ("@ pid 12\n@ password", "Sorry\n@ password"):
        first.hear(said)
    second.hear("@ pid 12\n@ password")
    assert (first.sent, second.sent) == ([PASSWORD_LINE, b"kill12\n"], [b"kill12\n"])
    assert "was refused here before" in second.why("")
