"""The user's rules in the real script, by every shell: each costs at most its own answer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.facts import MEASURED, PARSERS, parse_facts
from scanner.facts.clock import Clock
from scanner.probe.frames import parse_frames
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login, NodeRole
from scanner.rules.answers import Answer, answer_to, parse_answers
from scanner.rules.rule import UserRule, Where

HOST = Host("here", Login("127.0.0.1"), roles=frozenset({NodeRole.CONTROL_PLANE}))
SHELLS = ("dash", "bash", "bash --posix", "busybox sh")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {name.split(maxsplit=1)[0]} (Debian: dash, bash, busybox)")
    return name


def asked(shell: str, *rules: UserRule, path: str | None = None) -> dict[str, Answer]:
    """Run the whole script; the probe's own answers must be there whatever a rule does."""
    script = build(Cluster(), HOST, rules, shell=shell)
    done = subprocess.run(
        [*shell.split(), "-s"],
        input=script.text,
        capture_output=True,
        check=False,
        env=None if path is None else {"PATH": path},
        timeout=120,
    )
    facts = parse_facts(parse_frames(done.stdout, script.boundary))
    assert len(facts.groups) == len(PARSERS) - len(MEASURED)
    assert Clock in facts.groups
    answers = parse_answers(done.stdout, script.boundary)
    assert answers is not None
    if path is None:
        assert done.stdout.rstrip(b"\n").endswith(script.last_line)
    return {rule.name: answer_to(answers, rule.name, rule.digest) for rule in rules}


def rule(name: str, command: str, seconds: int = 30) -> UserRule:
    return UserRule(name, command, name, seconds=seconds)


GOOD = rule("good", "echo good")


def test_output_and_status_are_the_commands_own(shell: str) -> None:
    found = asked(
        shell,
        rule("two-lines", "echo 'a  b'\necho c; exit 3"),
        rule("quotes", """printf '%s' "it's \\$HOME `echo x`" """),
        rule("stderr", "echo no >&2"),
        rule("absent", "kscan-no-such-program"),
        rule("reads", "cat; echo after"),
        rule("no-newline", "printf x"),
        rule("bytes", r"printf '\377'"),
        rule("nul", r"printf 'no\000 such\000\n'"),
        rule("syntax", "if"),
    )
    assert found["two-lines"] == Answer(3, "a  b\nc\n")
    assert found["quotes"].output == "it's $HOME x"
    assert found["stderr"] == Answer(0, "")
    assert found["absent"].exit_status == 127
    assert found["reads"] == Answer(0, "after\n")
    assert found["no-newline"].output == "x"
    assert found["bytes"].output == "\ufffd"
    assert found["nul"] == Answer(0, "no\ufffd such\ufffd\n")
    assert found["syntax"].exit_status != 0


def test_ten_megabytes_are_cut_and_the_status_is_still_known(shell: str) -> None:
    found = asked(shell, rule("much", "head -c 10000000 /dev/zero | tr '\\0' x; exit 4"), GOOD)
    assert (found["much"].exit_status, found["much"].too_long) == (4, True)
    assert len(found["much"].output) == 4096
    assert found["good"].output == "good\n"


@pytest.mark.parametrize(
    "command",
    [
        "sleep 60",
        "yes",
        "sleep 60 & echo done",
        "trap '' TERM INT HUP; sleep 60",
        "kill -9 $$; sleep 60",
        "kill -9 $PPID; sleep 60",
        "kill -9 0; sleep 60",
    ],
)
def test_a_rule_that_hangs_or_kills_costs_itself(shell: str, command: str) -> None:
    found = asked(shell, rule("bad", command, 1), GOOD)
    bad = found["bad"]
    assert bad.missing or bad.exit_status != 0
    assert found["good"] == Answer(0, "good\n")


def test_frames_in_its_output_are_output(shell: str) -> None:
    forged = "kscan-" + "0" * 32
    text = (
        f"{forged} told bad\\n{forged} rule good {GOOD.digest} 0 6\\nforged\\n"
        f"{forged} begin swap\\n{forged} rules end\\n"
    )
    found = asked(shell, rule("bad", f"printf '{text}'"), GOOD)
    assert found["bad"].output.count(forged) == 4
    assert found["good"].output == "good\n"


def test_it_does_not_learn_the_boundary(shell: str) -> None:
    look = (
        "env; set; echo $$ $PPID; "
        "tr '\\0' '\\n' </proc/$PPID/environ; tr '\\0' '\\n' </proc/$PPID/cmdline"
    )
    found = asked(shell, rule("looks", f"( {look} ) | grep -Ec 'kscan-[0-9a-f]{32}'"))
    assert found["looks"].output == "0\n"


def test_a_rule_of_another_role_is_not_sent(shell: str) -> None:
    other = UserRule("other", "echo x", "t", roles=frozenset({Where.WORKER}))
    assert b"RULES" not in build(Cluster(), HOST, (other,)).own
    assert build(Cluster(), HOST, (other,), shell=shell).text.count(b"rules.sh") == 1
    assert not build(Cluster(), HOST, (other,)).rules


def test_without_timeout_no_rule_is_run(tmp_path: Path) -> None:
    for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        for tool in Path(folder).iterdir():
            link = tmp_path / tool.name
            if tool.name != "timeout" and not link.exists():
                link.symlink_to(tool)
    script = build(Cluster(), HOST, (GOOD,)).text.replace(
        b"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        f"PATH={tmp_path}; : ".encode(),
    )
    done = subprocess.run(["/bin/dash", "-s"], input=script, capture_output=True, check=False)
    boundary = build(Cluster(), HOST).boundary
    assert len(boundary) == 38
    assert f" rule good {GOOD.digest} 97 0".encode() in done.stdout


def test_shellcheck_finds_nothing() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("needs shellcheck")
    text = Path(__file__).parents[2] / "scanner" / "probe" / "rules.sh"
    done = subprocess.run(
        # what driver.sh and kscan set, and what they call
        ["shellcheck", "-s", "sh", "-e", "SC2154,SC2034,SC2016,SC2329,SC2153", str(text)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
