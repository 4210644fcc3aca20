"""Makers of faults that differ in a path, a unit, a value or a line: `masked("kubelet.service")`.
Each is put in and taken out as the faults of `faults.py` are.
"""

from __future__ import annotations

import shlex

from .faults import Fault

FIRST_ON_PATH = "/usr/local/sbin"


def directory_there(path: str, kubeadm: str = "") -> Fault:
    """An empty directory is there that a fresh host does not have."""
    return _made(f"directory {path}", f"mkdir -p {path}", path, f"test -d {path}", kubeadm)


def dangling_link(path: str) -> Fault:
    """A symbolic link to nothing."""
    put = f'mkdir -p "$(dirname {path})"\nln -s /nowhere {path}'
    return _made(f"dangling link {path}", put, path, f"test -L {path}")


def not_executable(path: str, kubeadm: str = "") -> Fault:
    """A program without its executable bits."""
    name = path.rpartition("/")[2]
    put, take = f"chmod a-x {path}", f"chmod a+x {path}"
    return Fault(f"{name} not executable", put, take, f"test ! -x {path}", kubeadm)


def sysctl_is(setting: str, value: str, good: str, kubeadm: str = "") -> Fault:
    """A kernel parameter of the host's network namespace has another value."""
    put, take = (f"sysctl -q -w {setting}={wanted}" for wanted in (value, good))
    return Fault(f"{setting} is {value}", put, take, f"test $(sysctl -n {setting}) != 1", kubeadm)


def shim(
    program: str, what: str, body: str, folder: str = FIRST_ON_PATH, kubeadm: str = ""
) -> Fault:
    """A script of the program's name is found before it on the search path."""
    path = f"{folder}/{program}"
    script = f"#!/bin/sh\n{body}\n"
    put = f"mkdir -p {folder}\nprintf %s {shlex.quote(script)} >{path}\nchmod 755 {path}"
    return Fault(f"{program} {what}", put, f"rm -f {path}", f"test -x {path}", kubeadm)


def masked(unit: str, kubeadm: str = "") -> Fault:
    """A unit that must not be started; one that runs goes on."""
    put, take = (f"systemctl -q {verb} {unit}" for verb in ("mask", "unmask"))
    seen = f"systemctl is-enabled {unit} | grep -qx masked"
    return Fault(f"{unit} masked", put, take, seen, kubeadm)


def unit_file_missing(unit: str, kubeadm: str = "") -> Fault:
    """The file of a unit is gone; one that runs goes on."""
    path = f"/usr/lib/systemd/system/{unit}"
    put = f"mv {path} {path}.away\nsystemctl daemon-reload"
    take = f"if [ -e {path}.away ]; then mv {path}.away {path}; systemctl daemon-reload; fi"
    return Fault(f"{unit} has no file", put, take, f"test ! -e {path}", kubeadm)


def environment(what: str, *lines: str, kubeadm: str = "") -> Fault:
    """Lines of /etc/environment, which PAM gives to every login and to sudo."""
    text = "".join(f"{line}\n" for line in lines)
    take = "if [ -e /etc/environment.away ]; then mv /etc/environment.away /etc/environment; fi"
    put = (
        "touch /etc/environment\ncp -p /etc/environment /etc/environment.away\n"
        f"printf %s {shlex.quote(text)} >>/etc/environment"
    )
    return Fault(what, put, take, "test -e /etc/environment.away", kubeadm)


def shown(what: str, path: str, writing: str, kubeadm: str = "") -> Fault:
    """A file of the shared kernel shows something else on this host: a file bind-mounted over it.

    `writing` is a shell command that prints what is shown.
    """
    cover = f"/run/lab{path.replace('/', '.')}"
    put = f"{{ {writing}; }} >{cover}\nmount --bind {cover} {path}"
    take = f"while mountpoint -q {path}; do umount {path}; done\nrm -f {cover}"
    return Fault(what, put, take, f"mountpoint -q {path}", kubeadm)


def socket_left(path: str) -> Fault:
    """A program that listened on a Unix socket was killed, and the socket is still there."""
    held, unit = socket_held(path), _unit(path)
    killed = (
        f"systemctl kill -s KILL {unit}\n"
        f'timeout 5 sh -c "while systemctl is-active -q {unit}; do sleep 0.05; done"'
    )
    return Fault(f"{held.name}, left", f"{held.putting}\n{killed}", held.taking, held.seen)


def _unit(path: str) -> str:
    return f"lab-socket{path.replace('/', '-')}.service"


def socket_held(path: str) -> Fault:
    """A program listens on a Unix socket."""
    unit = _unit(path)
    put = (
        f"mkdir -p {path.rpartition('/')[0]}\n"
        f"systemd-run -q --collect --unit={unit} socat UNIX-LISTEN:{path},fork SYSTEM:true\n"
        f'timeout 5 sh -c "until test -S {path}; do sleep 0.05; done"'
    )
    take = f"if systemctl is-active -q {unit}; then systemctl stop {unit}; fi\nrm -f {path}"
    return Fault(f"socket {path}", put, take, f"test -S {path}")


def _made(name: str, putting: str, path: str, seen: str, kubeadm: str = "") -> Fault:
    folder = path.rpartition("/")[0]
    taking = f"rm -rf {path}\nrmdir -p --ignore-fail-on-non-empty {folder} 2>/dev/null || :"
    return Fault(name, putting, taking, seen, kubeadm)
