"""How a login becomes root for one script, in one exec, and why it could not."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files

from scanner.request import Host, Login, Sudo
from scanner.secrets.guesses import Guess, Guesses
from scanner.secrets.redact import redactor
from scanner.secrets.secret import Secret
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Reply, Stdin, whole

COMMAND = "sh -s"
"""For a login that is root, or shall stay what it is; and for what comes first on stdin."""

ABSENT = "kscan-absent"
SUDO_COMMAND = (
    "sh -c 'test `id -u` = 0 && exec sh -s; LC_ALL=C; export LC_ALL; "
    'if test -n "`command -v sudo`"; then sudo -n sh -s && exit; '
    f'else test -n "`command -v doas`" || echo {ABSENT} >&2; fi; '
    'if test -n "`command -v doas`"; then doas -n sh -s && exit; fi; exec sh -s\''
)
"""One exec that becomes root if it may: a sudo that refuses has not read the script from stdin,
so that the same shell can still run it without privilege. No `$` and no newline: csh and fish
must read it as sh does. No /dev/null, which may be a file there; driver.sh looks at it first."""

SUDO_OFF = "sudo is off for it"
"""The user's own choice."""

_LOG = logging.getLogger(__name__)

_WORDS = b"incorrect password attempt"
"""sudo's, after the last one that it takes."""
_WRONG = "sudo refuses the password for {}, which was tried once: correct sudoPassword"
_NO_PROGRAM = "the host has neither sudo nor doas: install sudo, or log in as root"

_HEARD = 1 << 16
"""Bytes of stderr that are searched for marks; a start-up file may print a lot before them."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What the script left behind, without the words of the way to root."""

    done: Completed
    obstacle: str = ""
    """Why the login could not become root, in one sentence; empty if nothing was said of it."""


async def run_script(
    session: Session,
    host: Host,
    script: Stdin,
    *,
    timeout: float,
    last_line: bytes,
    guesses: Guesses | None = None,
) -> Ran:
    """Run a script with the privilege that the login may have, else without.

    Args:
        session: open, on this host.
        host: whose login says how to become root.
        script: for `sh -s`; it prints nothing to stderr that a refusal could be taken for.
        timeout: seconds for all of it.
        last_line: see Session.run.
        guesses: sudo's passwords in this run; None for a run of one host.

    Raises:
        HostUnreachable: no command can be started.
    """
    guesses = guesses or Guesses()
    ran = await _run(session, host, script, guesses, timeout=timeout, last_line=last_line)
    done = ran.done
    _LOG.debug(
        "%s: the script ended with %s after %.3f s, %d bytes; %s",
        host.name,
        done.ended or done.exit_status,
        done.seconds,
        len(done.stdout),
        ran.obstacle or "nothing is known to keep it from root",
    )
    return ran


async def _run(
    session: Session,
    host: Host,
    script: Stdin,
    guesses: Guesses,
    *,
    timeout: float,
    last_line: bytes,
) -> Ran:
    login = host.login
    if login.sudo is Sudo.OFF or login.user == "root":
        done = await session.run(COMMAND, stdin=script, timeout=timeout, last_line=last_line)
        return Ran(_redacted(done), SUDO_OFF if login.sudo is Sudo.OFF else "")
    if login.sudo_password is None:
        done = await session.run(SUDO_COMMAND, stdin=script, timeout=timeout, last_line=last_line)
        why = _NO_PROGRAM if ABSENT.encode() in done.stderr else obstacle(done.stderr, login)
        stderr = done.stderr.replace(ABSENT.encode() + b"\n", b"")
        return Ran(_redacted(replace(done, stderr=stderr)), why)
    guess = guesses.guess(host.name, login.user, login.sudo_password)
    dialogue = BecomeRoot(script, login.sudo_password, guess)
    try:
        done = await session.run(
            COMMAND, stdin=dialogue.first, timeout=timeout, last_line=last_line, dialogue=dialogue
        )
    finally:
        dialogue.leave()
    why = dialogue.obstacle(done.stderr, login)
    return Ran(_redacted(dialogue.without_marks(done)), why)


class BecomeRoot:
    """Talks to privilege.sh: the password when sudo asks, the script when it is root, or never.

    The password is sent at most once: the second question means that it is wrong.

    Args:
        script: what to run.
        password: sudo's.
        guess: decides whether this host may be given it.
    """

    def __init__(self, script: Stdin, password: Secret, guess: Guess) -> None:
        # Random for each host and run: nothing that a host prints by itself can ask for a password.
        self._mark = f"kscan-{secrets.token_hex(16)}".encode()
        words = rb"(?:(password)|(?:(pid) ([0-9]{1,10})|(root|fed|plain|refused|absent|unsafe))\n)"
        self._marks = re.compile(rb"%s %s" % (self._mark, words))
        self._script = script
        self._password = password
        self._guess = guess
        self._send: Callable[[Reply], None] | None = None
        self._is_sent = False
        self._withheld = ""
        self._said = b""
        self._heard = 0
        self._pid = b""
        self._questions = 0
        self._words: set[bytes] = set()
        text = files("scanner.probe").joinpath("privilege.sh").read_text(encoding="utf-8")
        self.first = b"MARK=%s\n%s" % (self._mark, text.encode())

    def begin(self, send: Callable[[Reply], None]) -> None:
        """The password may have to wait for what other hosts say to it."""
        self._send = send

    def heard(self, data: bytes) -> Reply | None:
        """Look for what privilege.sh or sudo says next; all of it is on stderr."""
        if self._has_begun or self._heard > _HEARD:
            return None
        self._heard += len(data)
        self._said += data
        reply = b""
        while said := self._marks.search(self._said):
            before, self._said = self._said[: said.start()], self._said[said.end() :]
            reply += self._answer(said[1] or said[2] or said[4], said[3] or b"", before)
        return Reply(reply, is_last=self._has_begun) if reply else None

    @property
    def _has_begun(self) -> bool:
        """True once the script was sent."""
        return not self._words.isdisjoint({b"root", b"fed", b"plain"})

    def _answer(self, word: bytes, pid: bytes, before: bytes) -> bytes:
        self._words.add(word)
        if self._is_sent and (word == b"password" or (word == b"refused" and _WORDS in before)):
            self._guess.refused()
        match word:
            case b"pid":
                self._pid = pid
            case b"password":
                self._questions += 1
                if self._questions == 1:
                    may = self._guess.ask(self._decided)
                    return b"" if may is None else self._first_reply(may=may)
                return b"kill%s\n" % self._pid if not self._is_wrong(self._questions - 1) else b""
            case b"refused" if not (self._is_wrong(self._questions) or self._withheld):
                # what waits for more of kscan may end; to a shell that reads it, a colon is nothing
                return b":\n"
            case b"fed":
                self._guess.taken()
                return b"script\n" + whole(self._script)
            case b"root" | b"plain":
                return whole(self._script)
        return b""

    def _decided(self, may: bool) -> None:
        if self._send is not None and not self._is_wrong(self._questions):
            self._send(Reply(self._first_reply(may=may)))

    def _first_reply(self, *, may: bool) -> bytes:
        self._is_sent = may
        if may:
            return b"password%s\n" % self._password.reveal().encode()
        self._withheld = self._guess.why_not()
        return b"kill%s\n" % self._pid

    def leave(self) -> None:
        """The command has ended; to be called before its obstacle is asked for."""
        if self._guess.waits:
            self._withheld = self._guess.still_waiting()
        self._guess.over()

    @staticmethod
    def _is_wrong(questions: int) -> bool:
        return questions > 1

    def obstacle(self, stderr: bytes, login: Login) -> str:
        """Why it did not become root; empty if it did, or if nothing is known."""
        if self._withheld or self._is_wrong(self._questions):
            asked = f"sudo asks {_who(login)} for a password; {self._withheld}"
            return asked if self._withheld else _WRONG.format(_who(login))
        if b"absent" in self._words:
            return _NO_PROGRAM
        if b"unsafe" in self._words:
            return "sudo's password is not given to a host whose sh has no printf of its own"
        if self._questions and self._words == {b"pid", b"password"}:
            return "sudo neither took nor refused the password: does PAM ask for more there?"
        return obstacle(stderr.rpartition(b"%s password" % self._mark)[2], login)

    def without_marks(self, done: Completed) -> Completed:
        """The script's own output: sudo's lecture and questions are no part of it."""
        begun = re.split(rb"%s (?:root|fed|plain)\n" % self._mark, done.stderr, maxsplit=1)
        return replace(done, stderr=self._marks.sub(b"", begun[-1]).lstrip(b"\n"))


def obstacle(stderr: bytes, login: Login) -> str:  # noqa: PLR0911 # one return for each cause
    """What sudo and doas said in refusing, as one sentence that tells what to do.

    Args:
        stderr: their words under LC_ALL=C; other words give an empty sentence.
        login: who asked.
    """
    said = redactor().text(stderr.decode("utf-8", "replace"))
    who = _who(login)
    if _WORDS.decode() in said:  # it did not ask again: passwd_tries is 1
        return _WRONG.format(who)
    if re.search(r"not in the sudoers file|is not allowed to|may not run sudo", said):
        return f"sudo does not let {who} run sh as root: add a rule to /etc/sudoers.d"
    if "must have a tty" in said:
        return (
            f"sudo asks {who} for a terminal, and kscan uses none: "
            "set `Defaults !requiretty` in /etc/sudoers.d"
        )
    if re.search(r"sudo: .*password is required|no askpass program|no tty present", said):
        return (
            f"sudo asks {who} for a password and none was given: give sudoPassword or "
            "--ask-sudo-pass, or add a NOPASSWD rule to /etc/sudoers.d"
        )
    if "doas: Authentication" in said:
        return f"doas asks {who} for a password, which kscan never gives it: permit it with nopass"
    if "doas: Operation not permitted" in said:
        return f"doas does not let {who} run sh as root: add a rule with nopass to doas.conf"
    if words := re.search(r"^(?:sudo|doas): .{1,200}", said, re.MULTILINE):
        return f"it could not become root, {words[0].strip()}"
    return ""


def _who(login: Login) -> str:
    return f"the login {login.user}" if login.user else "this login"


def _redacted(done: Completed) -> Completed:
    """stderr is for people only, and cut where it is kept: half a secret could not be found."""
    return replace(done, stderr=redactor().data(done.stderr))
