"""The Kubernetes API through a tunnel: each question in a thread of its own, with a deadline.

The `kubernetes` client makes the connections; of its answers only JSON is taken, as its typed
models would refuse what they do not expect, and nothing of an answer is certain here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from kubernetes import client

from scanner.verify import memory_file
from scanner.verify.answered import ApiFailed, answered
from scanner.verify.kubeconfig import Credentials
from scanner.verify.objects import Object, text
from scanner.verify.pod_command import run_in_pod
from scanner.verify.reply import Reply

LARGEST = 32 << 20
"""Bytes of one answer."""
_PAGE = 500
_PAGES = 100
_CONNECT_SECONDS = 10.0
SECONDS = 20.0
"""For one question."""
_AT_ONCE = 6
_PAUSES = (1.0, 2.0)
"""Seconds before a busy API server is asked again."""
_MERGE = "application/merge-patch+json"


class Api:
    """One login at one API server; from `opened`.

    Args:
        configuration: the library's.
    """

    def __init__(self, configuration: client.Configuration) -> None:
        self._client = client.ApiClient(configuration)
        self._base = configuration.host
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def close(self) -> None:
        """Close its connections."""
        self._client.rest_client.close()

    async def get(self, path: str, **query: str) -> Reply:
        """Read.

        Raises:
            ApiFailed: there is no answer.
        """
        return await self.ask("GET", path, query=query)

    async def ask(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        query: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> Reply:
        """Ask one question; PATCH is a merge patch. An API server that is busy is asked again.

        Raises:
            ApiFailed: there is no answer.
        """
        async with self._gate:
            reply = await self._once(method, path, body, query, seconds)
            for pause in _PAUSES:
                if not reply.is_busy(method):
                    break
                await asyncio.sleep(pause)
                reply = await self._once(method, path, body, query, seconds)
            return reply

    async def all(self, path: str, **query: str) -> tuple[Object, ...] | Reply:
        """All objects of a list, page by page; the answer of the API server if it gives none.

        Raises:
            ApiFailed: there is no answer, no end of it, or it is no list.
        """
        found: list[Object] = []
        proceed = ""
        for _ in range(_PAGES):
            more = {"continue": proceed} if proceed else {}
            reply = await self.get(path, limit=str(_PAGE), **query, **more)
            if not reply.is_good:
                return reply
            items = reply.items
            if items is None:
                raise ApiFailed(f"{path}: the answer is no list")
            found += items
            proceed = text(reply.body, "metadata", "continue")
            if not proceed:
                return tuple(found)
        raise ApiFailed(f"{path} has more than {_PAGES * _PAGE:,} objects")

    async def execute(
        self, namespace: str, pod: str, command: list[str], *, seconds: float = SECONDS
    ) -> tuple[int | None, str, str]:
        """Run a command in a pod: exit status, stdout, stderr.

        Raises:
            ApiFailed: it was not run.
        """
        return await answered(
            lambda: run_in_pod(self._client.configuration, namespace, pod, command, seconds),
            seconds,
        )

    async def _once(
        self,
        method: str,
        path: str,
        body: Object | None,
        query: Mapping[str, str] | None,
        seconds: float,
    ) -> Reply:
        return await answered(lambda: self._ask(method, path, body, query or {}, seconds), seconds)

    def _ask(
        self,
        method: str,
        path: str,
        body: Object | None,
        query: Mapping[str, str],
        seconds: float,
    ) -> Reply:
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = _MERGE if method == "PATCH" else "application/json"
        configuration = self._client.configuration
        if bearer := configuration.api_key.get("authorization"):
            headers["authorization"] = bearer
        timeout = (min(_CONNECT_SECONDS, seconds), seconds)
        answer = self._client.call_api(
            method, url, header_params=headers, body=body, _request_timeout=timeout
        ).response
        try:
            data = answer.read(LARGEST + 1, decode_content=True)
        finally:
            answer.release_conn()
        if len(data) > LARGEST:
            answer.close()
            raise ApiFailed(f"{path}: the answer is larger than {LARGEST >> 20} MiB")
        return Reply.of(answer.status, data)


@asynccontextmanager
async def opened(credentials: Credentials, port: int | None) -> AsyncIterator[Api]:
    """A login; its certificate and key lie in memory only.

    Args:
        credentials: who to be, and whom to believe.
        port: of a tunnel on 127.0.0.1; None = go to the server itself.
    """
    contents = {"ca": credentials.ca, "cert": credentials.certificate, "key": credentials.key}
    with memory_file.paths(contents) as paths:
        configuration = client.Configuration()
        host = f"[{credentials.host}]" if ":" in credentials.host else credentials.host
        place = f"{host}:{credentials.port}" if port is None else f"127.0.0.1:{port}"
        configuration.host = f"https://{place}"
        configuration.verify_ssl = True
        configuration.ssl_ca_cert = paths["ca"]
        configuration.cert_file = paths.get("cert")
        configuration.key_file = paths.get("key")
        configuration.tls_server_name = credentials.tls_server_name or credentials.host
        configuration.api_key = (
            {"authorization": f"Bearer {credentials.token}"} if credentials.token else {}
        )
        configuration.proxy = None  # the tunnel is the way, whatever the environment says
        configuration.retries = 0
        configuration.connection_pool_maxsize = _AT_ONCE
        api = Api(configuration)
        try:
            yield api
        finally:
            api.close()
