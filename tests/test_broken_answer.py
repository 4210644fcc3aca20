"""An answer that cannot be read: what happened to it, and what the user is to do."""

from __future__ import annotations

import pytest

from scanner.errors import ProbeFailed
from scanner.judge import facts_of
from scanner.probe.capture import Capture
from scanner.probe.privilege import SUDO_OFF
from scanner.secrets.redact import Redactor, redacting
from scanner.secrets.secret import Kind, Secret, Source

B = "kscan-" + "0" * 32
BEGUN = f"{B} probe 2\n{B} begin cpu\nnproc=2\n{B} rc 0 7\n"
CUT = f"{BEGUN}{B} begin swap\ndev"
WHOLE = f"{BEGUN}{B} end 1\n"
LATE = "not finished within 7.75 s"
FLOODED = "output cut at 1048576 bytes"
LOST = "the connection to node1 was lost (it was closed there): see sshd's log there"


def reason(stdout: str, ended: str = "", stderr: str = "", obstacle: str = SUDO_OFF) -> str:
    capture = Capture(
        "node1",
        "192.0.2.1",
        "2026-06-15T12:00:00+00:00",
        B,
        stdout.encode(),
        stderr,
        ended,
        obstacle=obstacle,
    )
    with pytest.raises(ProbeFailed) as raised:
        facts_of(capture)
    return str(raised.value)


@pytest.mark.parametrize(
    ("stdout", "ended", "says"),
    [
        ("", "", ("did not run the probe", "ssh HOST echo ok", "ForceCommand")),
        ("", LATE, ("had not begun the probe", "start-up files", "--timeout")),
        ("x" * 5000, FLOODED, ("cut before the probe's answer", "1 MiB", "must print nothing")),
        ("", LOST, ("no answer to the probe came; the connection", "see sshd's log there")),
        (CUT, LATE, ("stops in section 'swap'", "what hangs or is slow there", "--timeout")),
        (BEGUN, LATE, ("stops after section 'cpu'", "--timeout")),
        (f"{B} probe 2\n", LATE, ("stops before its first section",)),
        (CUT, FLOODED, ("was cut in section 'swap'", "start-up files")),
        (CUT, LOST, ("stops in section 'swap'; the connection to node1 was lost",)),
        (CUT, "killed by SIGKILL", ("stops in section 'swap'", "OOM", "killed by SIGKILL")),
        (CUT, "", ("stops in section 'swap'", "ended before its time")),
        (WHOLE + WHOLE, "", ("repeats or continues", "nothing of it is believed", "start-up")),
        (BEGUN + BEGUN, LATE, ("repeats or continues", "--save-captures")),
        (CUT + f"\n{B} end 1\n", "", ("wrote a frame", "find out what writes")),
    ],
)
def test_what_to_do_is_said(stdout: str, ended: str, says: tuple[str, ...]) -> None:
    said = reason(stdout, ended)
    assert [word for word in says if word not in said] == []
    assert SUDO_OFF not in said
    assert len(said) < 500


def test_the_times_of_the_machinery_are_no_news() -> None:
    assert LATE not in reason(CUT, LATE)
    assert FLOODED not in reason("x", FLOODED)


def test_what_was_printed_instead_is_shown_in_part() -> None:
    said = reason("This account is\n for backups.\n", stderr="sh: no\n" * 100)
    assert "it printed: This account is for backups.; sh: no sh: no" in said
    assert len(said) < 600


def test_a_secret_is_cut_out_before_the_text_is_cut() -> None:
    secret = Secret(Source(Kind.ENV, "PW"), "hunter2-hunter2")
    with redacting(Redactor((secret,))):
        said = reason("x" * 190 + "hunter2-hunter2")
    assert "hunter" not in said


def test_why_it_is_not_root_explains_only_an_answer_that_never_began() -> None:
    why = "sudo neither took nor refused the password: does PAM ask for more there?"
    assert reason("", LATE, obstacle=why).endswith(why)
    assert why not in reason(CUT, LOST, obstacle=why)
    assert why not in reason(WHOLE + WHOLE, obstacle=why)


def test_a_host_without_processes_left_says_so() -> None:
    said = reason("", stderr="bash: fork: retry: Resource temporarily unavailable")
    assert "lets this login start no more processes" in said
