"""Reading kubeadm's words; those of v1.20.2 were printed by a real one, those of 1.34 follow
PR#132080."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.kubeadm.said import CHARACTERS, MESSAGES, Said, parse_said
from scanner.target import Role
from tests.kubeadm.said import ADVICE, ERRORS, JOIN, OLD, REFUSED, ROOT, STACK, START, WARNED

NEW = (
    f"{START}{WARNED}[preflight] Some fatal errors occurred:\n{ERRORS}{ADVICE}"
    f"error: error execution phase preflight: preflight checks failed\n{STACK}"
)
PULLING = (
    "[preflight] Pulling images required for setting up a Kubernetes cluster\n"
    "[preflight] This might take a minute or two, depending on the speed of your internet\n"
)


@pytest.mark.parametrize(
    "words", [OLD, NEW, OLD.replace("\n", "\r\n")], ids=["1.20", "1.34", "tty"]
)
def test_both_frames_are_read_alike(words: str) -> None:
    said = parse_said(words)
    assert said.started
    assert said.fatal
    assert said.error == ""
    assert said.about("Swap") == (WARNED.strip(),)
    assert said.about("Port-6443") == ("[ERROR Port-6443]: Port 6443 is in use",)
    (cri,) = said.about("CRI")
    assert cri.startswith("[ERROR CRI]: container runtime is not running: output: time=1\n")
    assert cri.endswith("\nsecond line\n, error: exit status 1")
    assert said.about("Mem") == ()


def test_several_lines_of_one_name_keep_their_order() -> None:
    words = START + "".join(f"\t[WARNING Hostname]: number {n}\n" for n in range(3))
    assert [line[-1] for line in parse_said(words).about("Hostname")] == ["0", "1", "2"]


def test_the_report_of_system_verification_is_no_part_of_a_message() -> None:
    report = "\x1b[0;37mKERNEL_VERSION\x1b[0m: \x1b[0;32m6.1.0\x1b[0m\n"
    dump = (
        "[preflight] The system verification failed. Printing the output from the verification:\n"
    )
    said = parse_said(f"{START}{WARNED}{dump}{report}{OLD.removeprefix(START)}")
    assert said.about("Swap") == (WARNED.strip(), WARNED.strip())
    assert said.error == ""


def test_colour_in_a_message_is_taken_out() -> None:
    assert parse_said("\t[ERROR Mem]: \x1b[0;31mred\x1b[0m\n").about("Mem") == ("[ERROR Mem]: red",)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (REFUSED, REFUSED.partition("\n")[0]),
        ("error: unknown field\nin line 3\n", "error: unknown field in line 3"),
        ("error execution phase preflight: no such thing\n" + STACK, "no such thing"),
        ("", ""),
    ],
)
def test_a_kubeadm_that_refuses_says_why(words: str, error: str) -> None:
    said = parse_said(words)
    assert not said.started
    assert said.error == error
    assert not said.reached("Swap", Role.INIT, ended=True)


def test_what_comes_after_the_checks_is_kept() -> None:
    assert parse_said(JOIN).error.startswith("couldn't validate the identity")


W, C, INIT = Role.JOIN_WORKER, Role.JOIN_CONTROL_PLANE, Role.INIT
REACHED = [
    (OLD, INIT, True, "Mem", True),
    (OLD, INIT, True, "ImagePull", False),
    (START + WARNED, INIT, False, "Swap", True),
    (START + WARNED, INIT, False, "Mem", False),
    (START + WARNED + PULLING, INIT, False, "Mem", True),
    (START + WARNED + PULLING, INIT, False, "ImagePull", False),
    (START + WARNED + PULLING, INIT, True, "ImagePull", True),
    (ROOT, INIT, True, "IsPrivilegedUser", True),
    (ROOT, INIT, True, "Mem", False),
    (JOIN, W, True, "Port-10250", True),
    (JOIN, W, True, "FileAvailable--etc-kubernetes-pki-ca.crt", True),
    (START + WARNED, W, False, "Port-10250", False),
    (JOIN, C, True, "Port-10250", True),
    (JOIN, C, True, "HTTPProxy", True),
    (JOIN, C, True, "DirAvailable--etc-kubernetes-manifests", True),
    (JOIN, C, True, "IsPrivilegedUser", True),
    (JOIN, C, True, "Port-6443", False),
    (JOIN, C, True, "Mem", False),
    (JOIN, C, True, "DirAvailable--var-lib-etcd", False),
    (JOIN, C, True, "FileAvailable--etc-kubernetes-manifests-etcd.yaml", False),
]


@pytest.mark.parametrize(("words", "role", "ended", "name", "expected"), REACHED)
def test_how_far_kubeadm_came(
    words: str, role: Role, ended: bool, name: str, expected: bool
) -> None:
    assert parse_said(words).reached(name, role, ended=ended) is expected


@given(st.text(alphabet="\t[]ERORWAING :\nabc\x1b0;m", max_size=300))
def test_anything_can_be_read(words: str) -> None:
    assert isinstance(parse_said(words), Said)


@pytest.mark.parametrize(
    "piece", ["\t[ERROR A]: b\n", "continued\n", "\x1b[0m", "\x1b[" + "0" * 50, "error: "]
)
def test_a_megabyte_is_read_in_time_and_cut(piece: str) -> None:
    began = time.monotonic()
    said = parse_said(f"\t[ERROR {'N' * 900}]: first\n" + piece * ((1 << 20) // len(piece)))
    assert time.monotonic() - began < 10
    assert len(said.messages) <= MESSAGES
    assert max(len(message.line) for message in said.messages) < CHARACTERS + 300
