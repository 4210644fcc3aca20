"""Captures: what is saved is what is read, and nothing else is taken for one."""

from __future__ import annotations

import dataclasses
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import CaptureError, Hurdle
from scanner.probe.capture import SUFFIX, Capture, answer, dump, load, save
from scanner.probe.captured import captured_request
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login, NodeRole

BOUNDARY = "kscan-" + "a" * 32
CAPTURE = Capture(
    "node1",
    "192.0.2.11",
    "2026-01-02T03:04:05+00:00",
    BOUNDARY,
    f"{BOUNDARY} probe 1\n\xff\x00".encode("latin-1"),
    "sudo: a password is required\n",
    connect_seconds=0.25,
    probe_seconds=1.5,
    retries=3,
    roles=("control-plane",),
    retried_for={Hurdle.MAX_STARTUPS: 2, Hurdle.CUT: 1},
)


def test_a_saved_capture_comes_back_and_is_private(tmp_path: Path) -> None:
    path = save(tmp_path / "new", CAPTURE)
    assert load(path.read_bytes()) == CAPTURE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [other.name for other in path.parent.iterdir()] == [f"node1{SUFFIX}"]


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CaptureError, match="cannot be written"):
        save(tmp_path / "file", CAPTURE)


@given(st.binary(max_size=200))
def test_any_answer_survives_the_file(stdout: bytes) -> None:
    capture = dataclasses.replace(CAPTURE, stdout=stdout)
    assert load(dump(capture)) == capture


@given(st.binary(max_size=200))
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(CaptureError, match="not a capture"):
        load(data)


@pytest.mark.parametrize(
    "head",
    [
        b'{"schema": "kscan.capture/v2"}',
        b'{"schema": "kscan.capture/v1", "other": 1}',
        b'{"schema": "kscan.capture/v1", "host": 1, "address": "", "taken_at": ""}',
        b'{"schema": "kscan.capture/v1", "host": "a", "address": "", "taken_at": "", "roles": 1}',
        dump(CAPTURE).partition(b"\n")[0].replace(b'"MaxStartups": 2', b'"the moon": 2'),
        b"[" * 100_000,
    ],
)
def test_a_header_of_another_shape_is_refused(head: bytes) -> None:
    with pytest.raises(CaptureError, match="not a capture"):
        load(head + b"\n")


def test_the_id_does_not_depend_on_the_boundary() -> None:
    other = "kscan-" + "b" * 32
    stdout = CAPTURE.stdout.replace(BOUNDARY.encode(), other.encode())
    again = dataclasses.replace(CAPTURE, boundary=other, stdout=stdout)
    assert again.id == CAPTURE.id
    assert re.fullmatch("[0-9a-f]{16}", CAPTURE.id)
    assert dataclasses.replace(CAPTURE, stdout=b"").id == ""


def test_an_answer_takes_the_boundary_of_the_script() -> None:
    script = build(Cluster(), Host("node1", Login("192.0.2.11")))
    assert answer(CAPTURE, script.text).startswith(f"{script.boundary} probe 1\n".encode())


def test_something_else_than_the_probe_gets_no_answer() -> None:
    with pytest.raises(CaptureError, match=f"^{CAPTURE.host}: a capture answers kscan's probe"):
        answer(CAPTURE, b"rm -rf /\n")


def test_a_directory_of_captures_is_a_request(tmp_path: Path) -> None:
    save(tmp_path, CAPTURE)
    save(tmp_path, dataclasses.replace(CAPTURE, host="node2", roles=()))
    request = captured_request(tmp_path, None).request
    assert [(host.name, host.roles) for host in request.hosts] == [
        ("node1", frozenset({NodeRole.CONTROL_PLANE})),
        ("node2", frozenset({NodeRole.WORKER})),
    ]


def test_an_empty_directory_is_no_fleet(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no files"):
        captured_request(tmp_path, None)
