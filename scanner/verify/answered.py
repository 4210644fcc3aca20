"""The answer of the library that asks: waited for as long as agreed, else why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import urllib3
import websocket
from kubernetes.client.exceptions import ApiException

from scanner.errors import KscanError
from scanner.verify.daemon import in_daemon
from scanner.verify.objects import text
from scanner.verify.reply import Reply

T = TypeVar("T")

_GRACE = 5.0
_BETWEEN = " -+-+- "
"""What websocket-client writes between an answer's status, headers and body."""


class ApiFailed(KscanError):
    """The API server gave no answer at all; the message says why."""


class ApiSilent(ApiFailed):
    """It was not connected to, or did not answer in time: the next question will fare no better."""


async def answered(work: Callable[[], T], seconds: float) -> T:
    """Let a thread do it; one that does not come back in time is left to itself.

    Args:
        work: has a deadline of its own.
        seconds: that deadline.

    Raises:
        ApiFailed: there is no answer.
    """
    try:
        async with asyncio.timeout(seconds + _GRACE):
            return await in_daemon(work)
    except TimeoutError:
        raise ApiSilent(f"no answer within {seconds:g} s") from None
    except (
        ApiException,
        urllib3.exceptions.HTTPError,
        websocket.WebSocketException,
        OSError,
    ) as error:
        raise ApiSilent(_why(error)) from None


def _why(error: Exception) -> str:
    """The innermost cause in one line: urllib3 wraps each in others."""
    cause: BaseException = error
    while (inner := getattr(cause, "reason", None) or cause.__cause__) is not None:
        if not isinstance(inner, BaseException):
            break
        cause = inner
    said = getattr(error, "reason", None) if isinstance(error, ApiException) else None
    words = " ".join(_refusal(str(said or cause)).split())[:300]
    return words or type(cause).__name__


def _refusal(said: str) -> str:
    """Of a stream that was refused: its status and the API server's words, without the headers."""
    parts = said.split(_BETWEEN)
    message = text(Reply.of(0, parts[-1].encode("utf-8", "replace")).body, "message")
    return f"{parts[0]}: {message}" if message else parts[0]
