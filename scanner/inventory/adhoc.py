"""Requests without an inventory: hosts of the command line, or this machine."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator, Sequence

from scanner.inventory import addresses, jump, names, words
from scanner.inventory.overrides import Loaded, Overrides
from scanner.inventory.problems import Problem, failure, printable, quoted
from scanner.request import Host, Login, NodeRole, Request, Sudo


def from_hosts(given: Sequence[str], overrides: Overrides) -> Loaded:
    """Make a request of `--host` words such as `ops@10.0.0.[11-13]:2222`.

    Nobody gave roles: the first host is judged as the control plane, the others as workers, and
    a note says so.

    Args:
        given: the words; user and port of a word win over the overrides.
        overrides: the options.

    Raises:
        InventoryError: a word or an option is wrong, or a machine is given twice.
    """
    problems = list(overrides.problems())
    logins: dict[tuple[str, int | None], Login] = {}
    jump_names = None if overrides.jump is None or problems else jump.split(overrides.jump)
    key = None if problems else overrides.key
    through = jump.chain(jump_names or (), {}, overrides.host_keys, key)
    for text in given:
        try:
            word = words.split(text)
        except ValueError as error:
            problems.append(Problem("--host", str(error)))
            continue
        for address in word.hosts:
            port = overrides.port if word.port is None else word.port
            if (address, port) in logins:
                problems.append(Problem("--host", f"{quoted(address)} is given twice"))
            logins[address, port] = Login(
                address=address,
                port=port,
                user=word.user or overrides.user,
                identity_file=key,
                sudo=overrides.sudo or Sudo.AUTO,
                host_keys=overrides.host_keys,
                jump=through,
                password=overrides.password,
                sudo_password=overrides.sudo_password,
                direct=jump_names == (),
            )
    if not logins and not problems:
        problems.append(Problem("--host", "no hosts at all; expected [user@]host[:port]"))
    if problems:
        raise failure(problems)
    hosts = tuple(_hosts(tuple(logins.values())))
    request = Request(hosts, overrides.cluster, source="the command line")
    note = f"--host gives no roles: {hosts[0].name} is judged as the control plane"
    if len(hosts) > 1:
        note += f", the other {len(hosts) - 1} as workers"
    return Loaded(request, (printable(note),))


def this_machine(overrides: Overrides) -> Loaded:
    """Make a request for this machine without SSH, judged as a control plane and a worker.

    Args:
        overrides: the options; those of a login have no meaning here.

    Raises:
        InventoryError: an option is wrong.
    """
    if problems := tuple(overrides.problems()):
        raise failure(problems)
    host = Host(
        name=names.safe_name(socket.gethostname()) or "localhost",
        login=Login(
            "localhost",
            sudo=overrides.sudo or Sudo.AUTO,
            local=True,
            sudo_password=overrides.sudo_password,
        ),
        roles=frozenset(NodeRole),
    )
    return Loaded(Request((host,), overrides.cluster, source="this machine"))


def _hosts(logins: Sequence[Login]) -> Iterator[Host]:
    """Name the hosts by address, and by port too where one address has several."""
    logins_at = Counter(login.address for login in logins)
    taken: set[str] = set()
    for index, login in enumerate(logins):
        name = names.safe_name(login.address) or "host"
        if logins_at[login.address] > 1 and login.port is not None:
            name += f"-{login.port}"
        while name in taken:
            name += "-x"
        taken.add(name)
        role = NodeRole.WORKER if index else NodeRole.CONTROL_PLANE
        yield Host(
            name=name,
            login=login,
            roles=frozenset({role}),
            advertise_address=addresses.advertisable(login.address),
        )
