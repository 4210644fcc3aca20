"""Where the login for the API comes from: admin.conf of a control plane, or a file of the user."""

from __future__ import annotations

import secrets
from pathlib import Path

from scanner.errors import HostUnreachable, UsageError
from scanner.probe.privilege import run_script
from scanner.request import Host
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Session
from scanner.verify.documents import LARGEST
from scanner.verify.kubeconfig import Credentials, NoCredentials, parse

ADMIN_CONF = "/etc/kubernetes/admin.conf"
_SCRIPT = """\
umask 077
f={path}
if test -r "$f"; then
	echo '{mark} begin'
	head -c {limit} "$f"
	echo
elif test -e "$f"; then echo '{mark} unreadable'
else echo '{mark} absent'
fi
echo '{mark} end'
"""


async def read_admin_conf(
    session: Session, host: Host, guesses: Guesses | None = None, *, timeout: float = 30.0
) -> Credentials:
    """Read admin.conf of a control plane, as root; it stays in memory and is only read there.

    Args:
        session: open, on this host.
        host: whose login decides about sudo.
        guesses: sudo's passwords in this run.
        timeout: seconds.

    Raises:
        NoCredentials: there is none, it may not be read, or it cannot be used.
        HostUnreachable: no command can be started.
    """
    mark = f"kscan-{secrets.token_hex(16)}"
    script = _SCRIPT.format(path=ADMIN_CONF, mark=mark, limit=LARGEST)
    ran = await run_script(
        session,
        host,
        script.encode(),
        timeout=timeout,
        last_line=f"{mark} end".encode(),
        guesses=guesses,
    )
    where = f"{ADMIN_CONF} of {host.name}"
    said = ran.done.stdout.decode("utf-8", "replace")
    if f"{mark} absent\n" in said:
        raise NoCredentials(
            f"{where} does not exist: is it a control plane of a cluster that kubeadm made? "
            "See --kubeconfig"
        )
    if f"{mark} unreadable\n" in said:
        why = f" ({ran.obstacle})" if ran.obstacle else ""
        raise NoCredentials(f"{where} cannot be read without root{why}; see --kubeconfig")
    begin, end = said.find(f"{mark} begin\n"), said.rfind(f"\n{mark} end")
    if begin < 0 or end < begin:
        raise HostUnreachable(f"{where} was not read: {ran.done.ended or 'the answer stops'}")
    return parse(said[begin + len(mark) + len(" begin\n") : end], where)


def read_kubeconfig(path: Path) -> Credentials:
    """Read the user's own kubeconfig.

    Raises:
        NoCredentials: it cannot be used.
        UsageError: it cannot be read.
    """

    def read(name: str) -> bytes:
        try:
            return (path.parent / name).expanduser().read_bytes()
        except OSError as error:
            raise UsageError(f"--kubeconfig {path}: {name}: {error.strerror}") from error

    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(f"--kubeconfig {path}: cannot be read: {reason}") from error
    return parse(source, f"--kubeconfig {path}", read)
