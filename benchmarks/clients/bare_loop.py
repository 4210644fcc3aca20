"""A bare asyncssh loop: `bare_loop.py PORT KEY PROBE LAST_LINE ADDRESSES`, 100 at once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncssh


async def main(port: str, key: str, text: bytes, last_line: str, addresses: list[str]) -> None:
    """Send the probe to all and believe only whole answers."""
    keys = [asyncssh.read_private_key(key)]
    gate = asyncio.Semaphore(100)

    async def one(address: str) -> None:
        async with (
            gate,
            asyncssh.connect(
                address,
                int(port),
                username="root",
                client_keys=keys,
                known_hosts=None,
                config=None,
                agent_path=None,
            ) as connection,
        ):
            done = await connection.run("sh -s", input=text, encoding=None)
            assert isinstance(done.stdout, bytes)  # noqa: S101 # encoding=None
            if not done.stdout.rstrip().endswith(last_line.encode()):
                sys.exit(f"{address}: not a whole answer")
            sys.stdout.write(f"{last_line}\n")

    await asyncio.gather(*map(one, addresses))


_PORT, _KEY, _PROBE, _LAST_LINE, _LIST = sys.argv[1:]
_ADDRESSES = Path(_LIST).read_text(encoding="ascii").split()
asyncio.run(main(_PORT, _KEY, Path(_PROBE).read_bytes(), _LAST_LINE, _ADDRESSES))
