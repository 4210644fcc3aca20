"""What the container runtimes said on their CRI sockets, to kscan itself and to crictl."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scanner.facts import protobuf
from scanner.facts.base import ParseError
from scanner.facts.fields import Fields
from scanner.facts.grpc import OK, UNIMPLEMENTED, Answer, parse_transfer
from scanner.facts.images import parse_images
from scanner.facts.programs import Run, read_run

_RUNTIME_READY = "RuntimeReady"
_NO_HTTP2 = frozenset({1, 2, 4})
"""curl's exit status where it does not know HTTP/2 or the option for it (curl(1), EXIT CODES)."""
_REFUSED = 7
_SILENT = {
    _REFUSED: "nobody answers on its socket (connection refused)",
    28: "it does not answer within 3 s",
}


@dataclass(frozen=True, slots=True)
class CriInfo:
    """`crictl info` on one socket."""

    run: Run
    runtime_ready: bool | None
    """The condition RuntimeReady; None if the answer has none."""
    reason: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the runtime calls itself."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Rpc:
    """The runtime's own answers to Version, Status and RuntimeConfig of runtime.v1."""

    failure: str = ""
    """Why there is no Status; empty if there is."""
    runtime_ready: bool | None = None
    """The condition RuntimeReady; None if the answer has none."""
    reason: str = ""
    """The reason and message of that condition."""
    runtime_config: bool | None = None
    """Whether it implements RuntimeConfig; None if that could not be seen."""
    runtime: Runtime | None = None
    """None if there is no answer to Version."""
    refused: bool = False
    """True if no process listens on the socket, which is left from one that did."""


@dataclass(frozen=True, slots=True)
class CriSocket:
    """The answers on one socket."""

    info: CriInfo | None
    """None where the host has no crictl."""
    rpc: Rpc | None
    unasked: str = ""
    """Why `rpc` is None."""
    told_crictl: Runtime | None = None
    """`crictl version`, which is run where `rpc` cannot be had."""

    images: frozenset[str] | None = None
    """Names with tags, of the images that kubeadm may want; None if they are not known."""

    @property
    def runtime(self) -> Runtime | None:
        """Its name and version; None if nobody was told."""
        return self.told_crictl if self.rpc is None else self.rpc.runtime


@dataclass(frozen=True, slots=True)
class Cri:
    """The answers of the CRI sockets that exist."""

    crictl: bool
    """False if the host has no crictl."""
    sockets: dict[str, CriSocket]


_CONDITION = re.compile(r"\{([^{}]*)\}", re.DOTALL)


def parse_cri(text: str) -> Cri:
    """Read the blocks that begin with `socket=`.

    Raises:
        ParseError: crictl was run and its exit status is missing.
    """
    crictl = Fields.of(text).get("crictl") != "absent"
    blocks = re.split(r"^socket=", text, flags=re.MULTILINE)[1:]
    answers: dict[str, CriSocket] = {}
    for block in blocks:
        socket, _, body = block.partition("\n")
        fields = Fields.of(body)
        info = None
        if crictl:
            run = read_run(fields)
            info = CriInfo(run, *_runtime_ready(run.stdout))
        name, version = fields.get("RuntimeName"), fields.get("RuntimeVersion")
        runtime = Runtime(name, version) if name and version else None
        rpc, unasked, listed = _rpc(fields.get("grpc"), fields.get("bodiless"))
        images = parse_images(fields, complete=listed or "images" in fields.values)
        answers[socket] = CriSocket(info, rpc, unasked, runtime, images)
    return Cri(crictl, answers)


def _runtime_ready(text: str) -> tuple[bool | None, str]:
    for match in _CONDITION.finditer(text):
        values = dict(re.findall(r'"(\w+)":\s*("(?:[^"\\]|\\.)*"|true|false)', match[1]))
        if values.get("type") == f'"{_RUNTIME_READY}"' and "status" in values:
            reason = f"{values.get('reason', '')} {values.get('message', '')}".replace('"', "")
            return values["status"] == "true", reason.strip()
    return None, ""


_UNASKED = {
    "": "the runtime was not asked over gRPC",
    "denied": "only root may use the runtime's socket",
    "absent": "there is no curl to ask the runtime with",
}


def _rpc(value: str, bodiless: str) -> tuple[Rpc | None, str, bool]:
    """The answers in a field `grpc=`, else why there are none; and are images listed?"""
    if value in _UNASKED:
        return None, _UNASKED[value], False
    try:
        transfer = parse_transfer(value)
        asked = _asked(transfer.answers)
        if asked is None and bodiless:
            asked = _refused(parse_transfer(bodiless).answers)
    except ParseError as error:
        return None, f"the runtime's answer over gRPC cannot be read: {error}", False
    status = transfer.exit_status
    if asked is None and status in _SILENT:
        asked = Rpc(_SILENT[status], refused=status == _REFUSED)
    if asked is not None:
        listed = [answer.status == OK for answer in transfer.answers[3:]]
        return asked, "", status == 0 and any(listed)
    if status in _NO_HTTP2:
        return None, "the host's curl cannot speak HTTP/2", False
    return None, f"curl ended with {status} before the runtime had answered", False


def _refused(answers: Sequence[Answer]) -> Rpc | None:
    """A request without a body can only tell that there is no such service."""
    unknown = [answer for answer in answers if answer.status == UNIMPLEMENTED]
    return _asked(unknown) if unknown else None


def _asked(answers: Sequence[Answer]) -> Rpc | None:
    """What the answers say, None where they end before they say whether the runtime works."""
    for answer in answers[:2]:
        if answer.status != OK:
            return Rpc(f"{answer.message or 'it refuses'} (gRPC status {answer.status})")
    if len(answers) < 2:  # noqa: PLR2004 - Version and Status
        return None
    version, status = answers[0].body, answers[1].body
    config = answers[2].status if len(answers) > 2 else None  # noqa: PLR2004 - RuntimeConfig, the third
    return Rpc(
        "",
        *_condition(status),
        {OK: True, UNIMPLEMENTED: False}.get(config) if config is not None else None,
        Runtime(protobuf.text(version, 2), protobuf.text(version, 3)),
    )


def _condition(response: bytes) -> tuple[bool | None, str]:
    """RuntimeReady of a StatusResponse (cri-api, pkg/apis/runtime/v1/api.proto)."""
    for status in protobuf.messages(response, 1):
        for condition in protobuf.messages(status, 1):
            if protobuf.text(condition, 1) == _RUNTIME_READY:
                reason = f"{protobuf.text(condition, 3)} {protobuf.text(condition, 4)}"
                return protobuf.flag(condition, 2), reason.strip()
    return None, ""
