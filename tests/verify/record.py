"""Record what verify reads of a real cluster, without its secrets, for the tests to be judged by.

`python -m tests.verify.record INVENTORY FILE` where the hosts of the inventory are reached; the
committed file is of the lab's whole cluster (tests/lab/whole.py), v1.20.2.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from scanner.inventory.load import load
from scanner.inventory.overrides import Overrides
from scanner.transport.ssh import SshTransport
from scanner.verify import jws
from scanner.verify.api import opened
from scanner.verify.expected import expected
from scanner.verify.gather import gather, version_of
from scanner.verify.observed import Observed
from scanner.verify.reach import control_planes, reached
from scanner.verify.run import now
from scanner.verify.tunnel import way_to
from tests.verify.recorded import TOKEN_SECRET, dumped, loaded


async def _record(inventory: Path) -> Observed:
    request = load(inventory, named=True, overrides=Overrides()).request
    async with (
        SshTransport() as transport,
        reached(transport, control_planes(request), None, bind_port=6443) as way,
        way_to(way.session, way.credentials) as port,
        opened(way.credentials, port) as api,
    ):
        version = await version_of(api)
        return await gather(api, version, expected(request, now()), way.credentials.ca)


def scrubbed(observed: Observed) -> Observed:
    """Each token has a secret that is none, with which cluster-info is signed anew."""
    without_fields = json.loads(json.dumps(dumped(observed)), object_hook=_without_managed_fields)
    seen = loaded(without_fields)
    lists = dict(seen.lists)
    objects: dict[Any, Any] = dict(seen.objects)
    for listed, found in lists.items():
        if listed.name != "TOKENS" or not isinstance(found, tuple):
            continue
        for secret in found:
            data: Any = secret["data"]
            data["token-secret"] = base64.b64encode(TOKEN_SECRET.encode()).decode()
            token_id = base64.b64decode(data["token-id"]).decode()
            for ref, value in objects.items():
                key = f"jws-kubeconfig-{token_id}"
                if ref.name == "cluster-info" and key in value["data"]:
                    content = value["data"]["kubeconfig"]
                    value["data"][key] = jws.sign(content, token_id, TOKEN_SECRET)
    return replace(seen, objects=objects, lists=lists)


def _without_managed_fields(value: dict[str, Any]) -> dict[str, Any]:
    value.pop("managedFields", None)
    value.pop("images", None)  # of a Node's status: long, and not read
    return value


if __name__ == "__main__":
    made = scrubbed(asyncio.run(_record(Path(sys.argv[1]))))
    text = json.dumps(dumped(made), indent=1, sort_keys=True, ensure_ascii=True)
    Path(sys.argv[2]).write_text(text + "\n", encoding="ascii")
