"""Answers of a runtime over gRPC, as curl 7.88 wrote them of containerd 1.6.20 on a lab host."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.facts.base import ParseError
from scanner.facts.cri import CriSocket, Rpc, Runtime, parse_cri
from scanner.facts.grpc import Answer, Transfer, parse_transfer

HEADERS = b"HTTP/2 200 \r\ncontent-type: application/grpc\r\n"
WELL = b"grpc-status: 0\r\ngrpc-message: \r\n"
VERSION_BODY = b'\x0a\x050.1.0\x12\x0acontainerd\x1a\x0a1.6.20~ds1"\x02v1'
STATUS_BODY = (
    b"\x0as\x0a\x10\x0a\x0cRuntimeReady\x10\x01"
    b"\x0a_\x0a\x0cNetworkReady\x1a\x15NetworkPluginNotReady"
    b'"8Network plugin returns error: cni plugin not initialized'
)
NO_CONFIG = b"unknown method RuntimeConfig for service runtime.v1.RuntimeService"
DISABLED = b"unknown service runtime.v1.RuntimeService"


def answer(body: bytes) -> bytes:
    return HEADERS + b"\r\n\0" + len(body).to_bytes(4) + body + WELL


def refusal(message: bytes, status: int = 12) -> bytes:
    return HEADERS + b"grpc-status: %d\r\ngrpc-message: %s\r\n\r\n" % (status, message)


VERSION, STATUS, CONFIG = answer(VERSION_BODY), answer(STATUS_BODY), refusal(NO_CONFIG)
CONTAINERD_1_6 = Rpc(
    runtime_ready=True, runtime_config=False, runtime=Runtime("containerd", "1.6.20~ds1")
)


def asked(curl: bytes, exit_status: int = 0) -> CriSocket:
    digits = (curl + b"curl=%d" % exit_status).hex()
    return parse_cri(f"crictl=absent\nsocket=/s\ngrpc={digits}").sockets["/s"]


def test_each_answer_with_its_status() -> None:
    transfer = parse_transfer((VERSION + STATUS + CONFIG + b"curl=0").hex())
    answers = (Answer(0, "", VERSION_BODY), Answer(0, "", STATUS_BODY))
    assert transfer == Transfer(0, (*answers, Answer(12, NO_CONFIG.decode(), b"")))


def test_trailers_after_a_blank_line_and_percent_signs() -> None:
    """Another curl may end the trailers with a blank line; gRPC encodes what is not ASCII."""
    told = HEADERS + b"\r\n\r\ngrpc-status: 2\r\ngrpc-message: caf%C3%A9 100%25\r\n\r\n" + CONFIG
    transfer = parse_transfer((told + b"curl=0").hex())
    assert [(one.status, one.message) for one in transfer.answers] == [
        (2, "café 100%"),
        (12, NO_CONFIG.decode()),
    ]


def test_the_runtime_itself() -> None:
    assert asked(VERSION + STATUS + CONFIG) == CriSocket(None, CONTAINERD_1_6)


def test_a_runtime_with_runtime_config() -> None:
    found = asked(VERSION + STATUS + answer(b"\x0a\x02\x08\x01")).rpc
    assert found is not None
    assert found.runtime_config is True


def test_a_runtime_that_is_not_ready() -> None:
    body = b"\x0a\x1c\x0a\x1a\x0a\x0cRuntimeReady\x1a\x04Down\x22\x04gone"
    found = asked(VERSION + answer(body) + CONFIG).rpc
    assert found is not None
    assert (found.runtime_ready, found.reason) == (False, "Down gone")


@pytest.mark.parametrize(
    ("curl", "exit_status", "words"),
    [
        (refusal(DISABLED) * 3, 0, "unknown service runtime.v1.RuntimeService (gRPC status 12)"),
        (refusal(DISABLED), 92, "unknown service runtime.v1.RuntimeService (gRPC status 12)"),
        (VERSION + refusal(b"", 14), 0, "it refuses (gRPC status 14)"),
        (b"", 7, "nobody answers on its socket (connection refused)"),
        (b"", 28, "it does not answer within 3 s"),
        (VERSION + HEADERS, 28, "it does not answer within 3 s"),
    ],
)
def test_a_runtime_that_does_not_work(curl: bytes, exit_status: int, words: str) -> None:
    assert asked(curl, exit_status) == CriSocket(None, Rpc(words, refused=exit_status == 7))


@pytest.mark.parametrize(
    ("curl", "exit_status", "words"),
    [
        (b"", 2, "the host's curl cannot speak HTTP/2"),
        (b"", 1, "the host's curl cannot speak HTTP/2"),
        (b"", 16, "curl ended with 16 before the runtime had answered"),
        (VERSION, 56, "curl ended with 56 before the runtime had answered"),
        (VERSION + STATUS[:-60], 0, "curl ended with 0 before the runtime had answered"),
        (b"SSH-2.0-x\r\n", 0, "cannot be read: what answers is not HTTP"),
        (answer(b"\x0a\x7f") + STATUS, 0, "goes beyond the end"),
        (HEADERS + b"grpc-status: \xc2\xb2\r\n\r\n", 0, "is not a number"),
    ],
)
def test_what_says_nothing_about_the_runtime(curl: bytes, exit_status: int, words: str) -> None:
    found = asked(curl, exit_status)
    assert found.rpc is None
    assert words in found.unasked


@pytest.mark.parametrize(
    ("field", "words"),
    [("grpc=denied\n", "only root"), ("grpc=absent\n", "no curl"), ("", "was not asked")],
)
def test_what_was_not_asked_over_grpc(field: str, words: str) -> None:
    found = parse_cri(f"crictl=absent\nsocket=/s\n{field}").sockets["/s"]
    assert found.rpc is None
    assert words in found.unasked


def test_a_refusal_that_curl_lost_is_asked_for_without_a_body() -> None:
    lost, told = b"curl=92".hex(), (refusal(DISABLED) + b"curl=0").hex()
    other = (refusal(b"EOF", 13) + b"curl=0").hex()
    found = parse_cri(f"crictl=absent\nsocket=/s\nbodiless={told}\ngrpc={lost}").sockets["/s"]
    assert found.rpc == Rpc("unknown service runtime.v1.RuntimeService (gRPC status 12)")
    found = parse_cri(f"crictl=absent\nsocket=/s\nbodiless={other}\ngrpc={lost}").sockets["/s"]
    assert found.unasked == "curl ended with 92 before the runtime had answered"


def test_the_version_that_crictl_was_told() -> None:
    text = "socket=/s\ngrpc=absent\nRuntimeName=cri-o\nRuntimeVersion=1.28.1\nrc=0"
    assert parse_cri(text).sockets["/s"].runtime == Runtime("cri-o", "1.28.1")


@given(st.binary(max_size=300))
def test_any_bytes_are_answers_or_refused(data: bytes) -> None:
    for told in (data, VERSION + data, HEADERS + b"\r\n" + data, VERSION + HEADERS + data):
        digits = (told + b"curl=0").hex()
        with contextlib.suppress(ParseError):
            parse_transfer(digits)
        assert parse_cri(f"crictl=absent\nsocket=/s\ngrpc={digits}").sockets.keys() == {"/s"}
