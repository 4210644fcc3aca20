"""Make this process's namespaces a large host, then say what the probe costs there, as JSON.

Run under `unshare --net --mount --pid --fork`: nothing of it is left. All that is not made here is
read-only in it, so that nothing can be written through a link into the machine's own files. A
docker and a systemctl that answer at once stand in for the real ones, which are not what is
measured.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scanner.facts import parse_facts
from scanner.probe.frames import parse_frames
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login, NodeRole

RUNS = 7
_BIND = 4096  # MS_BIND of mount(2)
_READ_ONLY = _BIND | 32 | 1  # MS_REMOUNT, MS_RDONLY: of this mount, not of its file system
_RECURSIVE = 16384  # MS_REC
_PRIVATE = 1 << 18  # MS_PRIVATE
_LIBC = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: str, kind: str | None = None, flags: int = 0) -> None:
    kind_bytes = None if kind is None else kind.encode()
    options = b"nr_inodes=100000" if kind == "tmpfs" else None
    if _LIBC.mount(source.encode(), target.encode(), kind_bytes, flags, options) != 0:
        raise OSError(ctypes.get_errno(), target)


def _is_apart() -> bool:
    """True if some process above this one has another mount namespace."""
    process = Path("/proc/self")
    own = (process / "ns/mnt").readlink()
    while process.name != "0":
        with contextlib.suppress(PermissionError):
            if (process / "ns/mnt").readlink() != own:
                return True
        # proc_pid_stat(5): the parent is the second word after the name
        parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        process = process.with_name(parent)
    return False


def enclose() -> None:
    """Let this process write to no file system but those that it mounts from now on.

    Raises:
        OSError: some mount cannot be made read-only.
        RuntimeError: the mount namespace is not its own.
    """
    if not _is_apart():
        raise RuntimeError("run it under unshare --mount")
    _mount("none", "/", flags=_RECURSIVE | _PRIVATE)
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    for place in dict.fromkeys(line.split()[4] for line in lines):
        # proc_pid_mountinfo(5) writes blanks in octal
        _mount("none", place.encode().decode("unicode_escape"), flags=_READ_ONLY)


def _fresh(path: str) -> Path:
    """An empty directory of our own in this place; the machine's own is hidden, not changed."""
    _mount("tmpfs", path, "tmpfs")
    return Path(path)


def _ip(lines: str) -> None:
    subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True)


def ordinary() -> None:
    """Nothing more than what is here."""


def interfaces() -> None:
    _ip("".join(f"link add cali{n} type bridge\n" for n in range(5000)))


def addresses() -> None:
    own = "".join(f"addr add 10.{n // 250}.{n % 250}.1/32 dev e0\n" for n in range(5000))
    _ip(f"link add e0 type bridge\nlink set e0 up\nroute add default dev e0\n{own}")


def routes() -> None:
    more = "".join(f"route add 10.{n // 250}.{n % 250}.0/24 dev e0\n" for n in range(20000))
    _ip(f"link add e0 type bridge\nlink set e0 up\n{more}")


def sockets() -> None:
    """10,000 that listen and 10,000 of connections, in processes of their own."""
    for part in range(5):
        ready, told = os.pipe()
        if os.fork() == 0:
            _hold_sockets(10000 + part * 2000)
            os.write(told, b".")
            time.sleep(600)
            os._exit(0)
        os.read(ready, 1)


def _hold_sockets(first: int) -> None:
    held = []
    for port in range(first, first + 2000):
        listener = socket.socket()
        listener.bind(("127.0.0.1", port))
        listener.listen()
        held.append(listener)
    held += [socket.create_connection(("127.0.0.1", port)) for port in range(first, first + 1000)]
    globals()["_held"] = held


def processes() -> None:
    for _ in range(2000):
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)


def mounts() -> None:
    place = _fresh("/mnt")
    for number in range(5000):
        (place / f"cgroup{number}").mkdir()
        _mount("/mnt", f"/mnt/cgroup{number}", flags=_BIND)


def plain_mounts() -> None:
    """As many as a node with thousands of volumes; none of them has to do with cgroups."""
    place = _fresh("/mnt")
    (place / "volume").mkdir()
    _fresh("/mnt/volume")
    for number in range(20000):
        (place / f"v{number}").mkdir()
        _mount("/mnt/volume", f"/mnt/v{number}", flags=_BIND)


def _etc() -> Path:
    """A copy of /etc that may be written."""
    copy = _fresh("/srv")
    subprocess.run(["cp", "-a", "/etc/.", "/srv"], check=True)
    _mount(str(copy), "/etc", flags=_BIND)
    return Path("/etc")


def etcd_files() -> None:
    _write_files(Path(_fresh("/var/lib"), "etcd"), 20000)


def manifests() -> None:
    _write_files(_etc() / "kubernetes/manifests", 10000, "m" * 100)


def cni() -> None:
    _write_files(_etc() / "cni/net.d", 10000)


def certificates() -> None:
    _write_files(_etc() / "kubernetes/pki", 10000, suffix=".crt")


def _write_files(folder: Path, count: int, stem: str = "f", suffix: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{stem}{number}{suffix}").touch()


def hosts_file() -> None:
    lines = "".join(f"10.0.0.1 host-{n} name-{n}\n" for n in range(300_000))
    hosts = _etc() / "hosts"
    hosts.unlink()
    hosts.write_text(lines)


def configurations() -> None:
    """10 MB in each file of /etc and /var/lib/kubelet that is read."""
    etc, var = _etc(), _fresh("/var/lib")
    (etc / "containerd").mkdir(exist_ok=True)
    (etc / "ufw").mkdir(exist_ok=True)
    (var / "kubelet").mkdir()
    for path, line in (
        (etc / "containerd/config.toml", "SystemdCgroup = true\n"),
        (etc / "ufw/ufw.conf", "# ENABLED=yes\n"),
        (etc / "os-release", "FOO=bar\n"),
        (etc / "machine-id", "a"),
        (var / "kubelet/config.yaml", "cgroupDriver: systemd\n"),
    ):
        # Not through a link: /etc/os-release leads out of this copy.
        path.unlink(missing_ok=True)
        path.write_text(line * (10_000_000 // len(line)))


def open_files() -> None:
    """An API server with 15,000 open files."""
    if os.fork() == 0:
        Path("/proc/self/comm").write_text("kube-apiserver")
        held = [socket.socket() for _ in range(15000)]
        globals()["_held"] = held
        time.sleep(600)
        os._exit(0)
    time.sleep(2)


LARGE: tuple[Callable[[], None], ...] = (
    *(ordinary, interfaces, addresses, routes, sockets, processes, mounts, plain_mounts),
    *(etcd_files, manifests, cni, certificates, hosts_file, configurations, open_files),
)


def measure(shell: str) -> dict[str, object]:
    """The best of several runs, because the machine has other work."""
    host = Host("here", Login("127.0.0.1"), roles=frozenset({NodeRole.CONTROL_PLANE}))
    best, size, missing = float("inf"), 0, dict[str, str]()
    for _ in range(RUNS):
        script = build(Cluster(), host, shell=shell)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [*shell.split(), "-s"], input=script.text, capture_output=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best, size = min(best, spent), max(size, len(done.stdout))
        facts = parse_facts(parse_frames(done.stdout, script.boundary))
        missing = {kind.__name__: reason for kind, reason in facts.missing.items()}
    return {"cpu_seconds": round(best, 3), "bytes": size, "missing": missing}


def stand_in(name: str, text: str, folder: Path) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    for place in ("/usr/bin", "/usr/local/bin"):
        if Path(place, name).exists():
            _mount(str(program), f"{place}/{name}", flags=_BIND)


def main() -> None:
    what, shell = sys.argv[1:]
    enclose()
    _mount("proc", "/proc", "proc")
    _ip("link set lo up\n")
    folder = _fresh("/media")
    stand_in("docker", "exit 1", folder)
    stand_in("systemctl", "echo Names=kubelet.service", folder)
    next(make for make in LARGE if make.__name__ == what)()
    print(json.dumps(measure(shell)))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
