from __future__ import annotations

import pytest

from scanner.facts.resolver import ResolvConf, Resolver
from tests.checks.rows import Row, passes, warns

GOOD = ResolvConf(("192.0.2.53",))
STUB = ResolvConf(("127.0.0.53",))

ROWS = (
    passes("KS512"),
    passes("KS512", Resolver(STUB, GOOD)),
    passes("KS512", Resolver(None, GOOD)),
    passes("KS512", Resolver(ResolvConf(("fe80::1%eth0",)), None)),
    warns("KS512", Resolver(STUB, None), words="/etc/resolv.conf sends pods to 127.0.0.53"),
    warns("KS512", Resolver(GOOD, ResolvConf(("::1",))), words="/run/systemd/resolve"),
    warns("KS512", Resolver(ResolvConf(("192.0.2.53", "127.0.0.1")), None), words="127.0.0.1"),
    warns("KS512", Resolver(ResolvConf(), None), words="names no server"),
    warns("KS512", Resolver(None, None), words="there is no /etc/resolv.conf"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_name_servers(row: Row) -> None:
    row.prove()
