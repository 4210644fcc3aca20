"""kubeadm's own words for what went wrong, out of all that it printed."""

from __future__ import annotations

import re

from scanner.kubeadm.said import parse_said

_LINES = 6
_WIDTH = 300
_PHASE = re.compile(r"(?:error: )?error execution phase .*")
_BAD = re.compile(r"error|unable|fail|cannot|timed out|refused", re.IGNORECASE)


def error_lines(printed: str) -> tuple[str, ...]:
    """At most six lines: its `[ERROR ...]`, the error it ended with, else its last words."""
    messages = parse_said(printed).messages
    lines = [message.line for message in messages if message.severity == "ERROR"]
    rest = [line.strip() for line in printed.splitlines() if line.strip()]
    if not lines:
        lines = [line for line in rest if _PHASE.fullmatch(line)]
    if not lines:
        lines = [line for line in rest if _BAD.search(line)][-_LINES:] or rest[-2:]
    return tuple(" ".join(line.split())[:_WIDTH] for line in lines[:_LINES])
