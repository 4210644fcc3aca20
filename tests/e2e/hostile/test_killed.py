"""kscan is killed while a host's kubeadm runs: nothing of it may live on there.

kubeadm is a stand-in that never ends; the sshd is a real one in a process namespace of its own, in
which each process can be seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.hostile.faulty import USER, FaultyHost, faulty, missing, workshop

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]

KUBEADM = """mount -t tmpfs -o mode=755 kubeadm /usr/local/bin
cat >/usr/local/bin/kubeadm <<'END'
#!/bin/sh
case $1 in
version) echo v1.31.0 ;;
*)
	echo '[preflight] Running pre-flight checks'
	sleep 3458 &
	sleep 3459
	;;
esac
END
chmod 755 /usr/local/bin/kubeadm"""
SECONDS = 10
"""One until the watcher has noticed, and the killing; the machine may be busy."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with workshop() as made:
        yield made


@pytest.fixture(scope="module", params=["dash", "bash", "busybox"])
def host(folder: Path, request: pytest.FixtureRequest) -> Iterator[FaultyHost]:
    """Where sh is each of the shells that a host may have."""
    shell = shutil.which(request.param)
    if shell is None:
        pytest.skip(f"needs {request.param}")
    bind = f"mount --bind {shell} $(readlink -f /bin/sh)"
    # busybox goes by the name that it is called by, which dash is none of
    with faulty(folder, f"{bind}\n{KUBEADM}", login_shell="/bin/bash") as made:
        yield made


def processes(host: FaultyHost) -> list[str]:
    """Command lines in the host's process namespace, but for sshd's own."""
    namespace = (host.root.parent / "ns/pid").readlink()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "ns/pid").readlink() == namespace:
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:70])
        except OSError:
            continue
    return [line for line in found if line and not line.startswith(("/usr/sbin/sshd", "sshd:"))]


@pytest.mark.parametrize("user", ["root", USER])
def test_kubeadm_ends_with_kscan(host: FaultyHost, folder: Path, user: str) -> None:
    words = (
        *("check", "--host", f"{user}@127.0.0.1:{host.port}", "--host-keys", "off"),
        *("--identity-file", str(folder / "client"), "--with-kubeadm", "--yes"),
        *("--timeout", "300", "--format", "json"),
    )
    with subprocess.Popen(
        [sys.executable, "-m", "scanner", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    ) as kscan:
        try:
            end = time.monotonic() + 60
            while not any("sleep 3459" in line for line in processes(host)):
                assert kscan.poll() is None
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            kscan.kill()
    end = time.monotonic() + SECONDS
    while left := processes(host):
        assert time.monotonic() < end, left
        time.sleep(0.2)
