"""One kscan run over hosts of which each has one thing wrong: full, read-only, without /proc, ...

Every host is this machine behind a real sshd, so that the truth is the same for all of them: what
the sound one passes or fails, a faulty one may at most not know.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanner.facts import parse_facts
from scanner.probe.frames import parse_frames
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login
from tests.e2e.hostile.faulty import USER, FaultyHost, faulty, missing, workshop

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]

TIMEOUT = 25
LOGINS = ("root", USER)
CHECKED = ("check", "subject")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a host, and what the user must be told."""

    name: str
    make: str = ""
    login_shell: str = "/bin/dash"
    home: str = ""
    proc: str = "mount -t proc proc /proc"
    chroot: str = ""
    unknown: str = ""
    """A part of the message of each row that is not known here and is on the sound host; empty: all
    rows are as there."""
    plain: str = ""
    """The same for the login without privilege, where it differs."""
    found: tuple[str, str] = ("", "")
    """A check whose business the fault is, and a part of what it says of it."""
    reason: str = ""
    """A part of the reason of the unprivileged login's row: it cannot be asked at all."""


def _full() -> str:
    places = ("/tmp", "/var/tmp", "/var/log", "/dev/shm", "/root", "/home")  # noqa: S108 # names
    return "\n".join(
        (
            *(f"mount -t tmpfs -o mode=1777,size=4k,nr_inodes=2 full {place}" for place in places),
            "mount -o remount,size=4k,nr_inodes=20 /run",
            *(f"head -c 4096 /dev/zero >{place}/full" for place in (*places, "/run")),
            "n=0; while (: >/run/more$n) 2>/dev/null; do n=$((n + 1)); done",
            *(f"! touch {place}/one-more" for place in (*places, "/run")),
        )
    )


def _limited(processes: int, shell: str = "/bin/dash") -> str:
    """A login shell that may start so many processes, as pam_limits has it."""
    return f"""cat >/media/limited <<END
#!/bin/bash
ulimit -u {processes}
exec {shell} "\\$@"
END
chmod 755 /media/limited"""


READ_ONLY = """mount -o remount,bind,ro /
mount -o remount,ro /run
mount -o remount,ro /home"""
NO_TMP = """mkdir /media/top
for place in /*; do
	case $place in
	/tmp | /media) continue ;;
	esac
	if [ ! -d "$place" ] || [ -L "$place" ]; then
		cp -a "$place" /media/top
	else
		mkdir "/media/top$place"
		mount --rbind "$place" "/media/top$place"
	fi
done
mkdir /media/top/media
cp -a /media/host /media/client.pub /media/sshd_config /media/top/media
test ! -e /media/top/tmp"""
EMPTY = "mount -t tmpfs -o ro,mode=755 empty"
NULL_FILE = """echo 'echo forged' >/media/null
chmod {mode} /media/null
mount -t tmpfs -o mode=755 dev /media/top
cp -a /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /media/top
cp -a /media/null /media/top/null
mount --move /media/top /dev"""
POSIX = (
    "printf '#!/bin/sh\\nexec /bin/bash --posix \"$@\"\\n' >/media/posix; chmod 755 /media/posix"
)
FEW = "start no more"
PROC = "mount -t proc proc /proc"

FAULTS = (
    Fault("full-disk", _full(), found=("KS318", "0.0 GiB are free on /var/log")),
    Fault("read-only", READ_ONLY, found=("KS318", "/ is mounted read-only")),
    Fault("no-tmp", NO_TMP, chroot="chroot /media/top"),
    Fault("no-proc", f"{EMPTY} /proc", unknown=PROC),
    Fault("no-sys", f"{EMPTY} /sys", unknown="mount -t sysfs sysfs /sys"),
    Fault("hidepid", proc="mount -t proc -o hidepid=2 proc /proc", plain="hidepid"),
    Fault("null-0666", f"mkdir /media/top\n{NULL_FILE.format(mode=666)}", unknown="mknod"),
    Fault("null-0644", f"mkdir /media/top\n{NULL_FILE.format(mode=644)}", unknown="mknod"),
    Fault("no-home", home="/nowhere/at/all"),
    Fault("posix", POSIX, login_shell="/media/posix"),
    Fault("rbash", login_shell="/bin/rbash"),
    *(
        Fault(f"fork-{number}", _limited(number), login_shell="/media/limited", reason="fork")
        for number in (1, 2, 3, 4, 5, 6, 8, 10, 14)
    ),
    *(
        Fault(
            f"bash-fork-{number}",
            f"mount --bind /bin/bash /bin/dash\n{_limited(number)}",
            login_shell="/media/limited",
            reason="--timeout",  # bash waits, and tries again for 15 s
        )
        for number in (3, 6)
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    hosts: dict[str, dict[str, Any]]
    alone: dict[str, dict[str, Any]]
    """The sound host in a run without the others."""
    machines: dict[str, FaultyHost]
    seconds: float


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with ExitStack() as stack:
        folder = stack.enter_context(workshop())
        machines = {"sound": stack.enter_context(faulty(folder))}
        for fault in FAULTS:
            machines[fault.name] = stack.enter_context(
                faulty(
                    folder,
                    fault.make,
                    login_shell=fault.login_shell,
                    home=fault.home,
                    proc=fault.proc,
                    chroot=fault.chroot,
                )
            )
        hosts, seconds = _kscan(folder, machines)
        alone, _ = _kscan(folder, {"sound": machines["sound"]})
        yield Run(hosts, alone, machines, seconds)


def _kscan(
    folder: Path, machines: dict[str, FaultyHost]
) -> tuple[dict[str, dict[str, Any]], float]:
    lines = [
        f"  - {{name: {name}-{user}, address: 127.0.0.1, port: {where.port}, user: {user}, "
        "roles: [control-plane]}"
        for name, where in machines.items()
        for user in LOGINS
    ]
    (folder / "inventory.yaml").write_text(
        "cluster: {controlPlaneEndpoint: '127.0.0.1:6443', kubernetesVersion: v1.31.0}\n"
        f"defaults: {{identityFile: {folder}/client, hostKeys: 'off'}}\nhosts:\n"
        + "\n".join((lines[0].replace("sound", "first"), *lines, ""))
    )
    words = ("check", folder / "inventory.yaml", "--format", "json", "--timeout", TIMEOUT)
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, words)],
        capture_output=True,
        check=False,
        env={**os.environ, "HOME": str(folder)},
    )
    assert done.stdout, done.stderr.decode()
    report = json.loads(done.stdout)
    return {host["name"]: host for host in report["hosts"]}, report["run"]["seconds"]


def _rows(host: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row["check"], row["subject"]): (row["verdict"], row["message"]) for row in host["results"]
    }


@pytest.mark.parametrize("user", LOGINS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_cannot_be_read_is_not_known_and_the_rest_is_as_it_is(
    run: Run, fault: Fault, user: str
) -> None:
    host, sound = run.hosts[f"{fault.name}-{user}"], run.hosts[f"sound-{user}"]
    if host["status"] == "unreachable":
        assert user == USER
        assert fault.reason
        assert fault.reason in host["reason"] or FEW in host["reason"]
        assert host["results"] == []
        return
    wanted = fault.unknown or (fault.plain if user == USER else "") or (fault.reason and FEW)
    rows, expected = _rows(host), _rows(sound)
    assert rows.keys() == expected.keys()
    check, said = fault.found
    assert said in " ".join(message for place, (_, message) in rows.items() if place[0] == check)
    for place, (verdict, message) in rows.items():
        if verdict != expected[place][0] and place[0] != check:
            assert verdict == "unknown", (place, verdict, message, expected[place])
            assert wanted, (place, verdict, message, expected[place])
            assert wanted in message, (place, verdict, message, expected[place])


@pytest.mark.parametrize("user", LOGINS)
def test_the_sound_host_is_judged_as_if_it_were_alone(run: Run, user: str) -> None:
    assert run.hosts[f"sound-{user}"]["status"] != "unreachable"
    assert _rows(run.hosts[f"sound-{user}"]) == _rows(run.alone[f"sound-{user}"])


def test_the_run_ends_with_its_timeout(run: Run) -> None:
    assert run.seconds < TIMEOUT + 2


@pytest.mark.parametrize("name", ["null-0666", "null-0644"])
def test_a_file_in_the_place_of_the_null_device_is_not_written(run: Run, name: str) -> None:
    assert (run.machines[name].root / "dev/null").read_text() == "echo forged\n"


WITHOUT = """set -e
mount --make-rprivate /
mkdir -p /media
mount -t tmpfs dev /media
cp -a /dev/zero /dev/full /media
mount --bind /media /dev
set +e
sh -s
ls /dev >&2"""


def test_without_a_null_device_nothing_is_asked_and_nothing_made() -> None:
    """No sshd starts there; a host may lose the device later, or be this machine."""
    script = build(Cluster(), Host("here", Login("")))
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", WITHOUT],
        input=script.text,
        capture_output=True,
        check=True,
    )
    facts = parse_facts(parse_frames(done.stdout, script.boundary))
    assert facts.groups == {}
    assert all("mknod -m 666 /dev/null c 1 3" in reason for reason in facts.missing.values())
    assert done.stderr.split() == [b"full", b"zero"]
