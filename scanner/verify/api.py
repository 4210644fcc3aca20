"""The Kubernetes API through a tunnel: one question at a time, in a thread, with a deadline.

The `kubernetes` client makes the connections; of its answers only JSON is taken, as its typed
models would refuse what they do not expect, and nothing of an answer is certain here.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

import urllib3
import websocket
import yaml
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream

from scanner.errors import KscanError
from scanner.verify import memory_file
from scanner.verify.daemon import in_daemon
from scanner.verify.kubeconfig import Credentials
from scanner.verify.objects import Object, text
from scanner.verify.reply import Reply

T = TypeVar("T")

LARGEST = 32 << 20
"""Bytes of one answer."""
_PAGE = 500
_PAGES = 100
_CONNECT_SECONDS = 10.0
SECONDS = 20.0
"""For one question."""
_AT_ONCE = 6
_GRACE = 5.0
_PAUSES = (1.0, 2.0)
"""Seconds before a busy API server is asked again."""
_MERGE = "application/merge-patch+json"


class ApiFailed(KscanError):
    """The API server gave no answer at all; the message says why."""


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
        return await _in_thread(lambda: self._execute(namespace, pod, command, seconds), seconds)

    async def _once(
        self,
        method: str,
        path: str,
        body: Object | None,
        query: Mapping[str, str] | None,
        seconds: float,
    ) -> Reply:
        return await _in_thread(
            lambda: self._ask(method, path, body, query or {}, seconds), seconds
        )

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

    def _execute(
        self, namespace: str, pod: str, command: list[str], seconds: float
    ) -> tuple[int | None, str, str]:
        configuration = copy.copy(self._client.configuration)
        # streams take a proxy of the environment unless one is named, which no_proxy then rules out
        configuration.proxy, configuration.no_proxy = self._base, "*"
        core = client.CoreV1Api(client.ApiClient(configuration))
        running: Any = stream(
            core.connect_get_namespaced_pod_exec,
            pod,
            namespace,
            command=command,
            stdout=True,
            stderr=True,
            stdin=False,
            tty=False,
            _preload_content=False,
        )
        try:
            running.run_forever(timeout=seconds)
            stdout = running.read_stdout() if running.peek_stdout() else ""
            stderr = running.read_stderr() if running.peek_stderr() else ""
            return _status(running), stdout, stderr
        finally:
            running.close()


def _status(running: Any) -> int | None:
    """The exit status; None if the command was not run to its end, or at all."""
    try:
        status = running.returncode
    except (LookupError, TypeError, ValueError, yaml.YAMLError):  # the library takes any words
        return None
    return status if isinstance(status, int) else None


async def _in_thread(work: Callable[[], T], seconds: float) -> T:
    """Let a thread do it; one that does not come back in time is left to itself."""
    try:
        async with asyncio.timeout(seconds + _GRACE):
            return await in_daemon(work)
    except TimeoutError:
        raise ApiFailed(f"no answer within {seconds:g} s") from None
    except (
        ApiException,
        urllib3.exceptions.HTTPError,
        websocket.WebSocketException,
        OSError,
    ) as error:
        raise ApiFailed(_why(error)) from None


def _why(error: Exception) -> str:
    """The innermost cause in one line: urllib3 wraps each in others."""
    cause: BaseException = error
    while (inner := getattr(cause, "reason", None) or cause.__cause__) is not None:
        if not isinstance(inner, BaseException):
            break
        cause = inner
    said = getattr(error, "reason", None) if isinstance(error, ApiException) else None
    words = " ".join(str(said or cause).split())[:300]
    return words or type(cause).__name__


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
