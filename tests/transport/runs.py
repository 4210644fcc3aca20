"""A whole run over some hosts, as kscan does it."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.request import Host
from scanner.transport.fanout import Done, Failed, Outcome, fan_out
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport


async def connect_all(
    hosts: Sequence[Host],
    settings: SshSettings | None = None,
    *,
    command: str = "exit 0",
    at_once: int = 256,
    most: int | None = None,
    deadline: float | None = None,
) -> dict[str, Outcome[int | None]]:
    """Run a command on each host: its exit status, or why there is none, by host."""
    outcomes: dict[str, Outcome[int | None]] = {}

    def on_done(host: Host, outcome: Outcome[int | None]) -> None:
        outcomes[host.name] = outcome

    async with SshTransport(settings or SshSettings(global_known_hosts=())) as transport:
        transport.expect(hosts)

        async def work(host: Host) -> int | None:
            async with transport.connect(host) as session:
                return (await session.run(command, timeout=10)).exit_status

        await fan_out(hosts, work, on_done, at_once=at_once, most=most, deadline=deadline)
    return outcomes


def error_of(outcome: Outcome[int | None]) -> Exception:
    assert isinstance(outcome, Failed)
    return outcome.error


def all_done(outcomes: dict[str, Outcome[int | None]]) -> bool:
    return all(isinstance(outcome, Done) for outcome in outcomes.values())
