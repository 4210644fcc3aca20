"""Running a script over a session: its status and words, whatever it prints or however it ends."""

from __future__ import annotations

from pathlib import Path

from scanner.apply import Applied, apply
from scanner.request import Host, Login, Sudo
from scanner.transport.local import LocalSession

HOST = Host("here", Login("", local=True, sudo=Sudo.OFF))


async def applied(script: str, seconds: float = 60) -> Applied:
    return await apply(LocalSession(), HOST, script, seconds=seconds)


async def test_status_and_last_words() -> None:
    done = await applied("echo one\necho 'kscan fix: parts changed: 1' >&2\nexit 1")
    assert (done.exit_status, done.words) == (1, "parts changed: 1")
    assert done.said.splitlines()[0] == "one"


async def test_it_may_close_its_input_and_fail_at_once() -> None:
    assert (await applied("set -eu\nexec </dev/null\nfalse\necho no")).exit_status == 1
    assert (await applied("exec </dev/null\ncat")).exit_status == 0


async def test_what_it_prints_is_harmless() -> None:
    done = await applied(r"printf 'a\033[31m\r\n\377\n'")
    assert "\x1b" not in done.said
    assert done.said.isprintable() or "\n" in done.said


async def test_an_end_that_was_not_seen_is_said() -> None:
    done = await applied("sleep 60", 1)
    assert done.exit_status is None
    assert "its end was not seen" in done.words


async def test_a_script_that_was_cut_runs_nothing(tmp_path: Path) -> None:
    done = await applied(f"main() {{\n: >{tmp_path}/there\n")
    assert done.exit_status != 0
    assert not (tmp_path / "there").exists()
