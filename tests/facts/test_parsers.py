"""Parsers on what sections print, one row a case; nothing but ParseError may come out of one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.facts import PARSERS, parse_facts
from scanner.facts.base import FactMissing, ParseError
from scanner.facts.cri import CriInfo, parse_cri
from scanner.facts.environment import parse_environment
from scanner.facts.hardware import Cpu, Memory, Swap
from scanner.facts.kernel import KernelConfig
from scanner.facts.paths import parse_listeners, parse_paths
from scanner.facts.programs import Run
from scanner.facts.runtime_config import parse_containerd, parse_kubelet_config
from scanner.probe.frames import Section
from tests.facts.sections import files, kernel, machine, network, programs

READY = """rc=0
out=  "status": {
out=    "conditions": [
out=      {
out=        "message": "",
out=        "reason": "",
out=        "status": true,
out=        "type": "RuntimeReady"
out=      },
out=      {
out=        "message": "cni plugin not initialized",
out=        "reason": "NetworkPluginNotReady",
out=        "status": false,
out=        "type": "NetworkReady"
out=      }
out=    ]"""

SECTIONS = (files, kernel, machine, network, programs)
ACCEPTED = [row for section in SECTIONS for row in section.ACCEPTED]

REFUSED = [row for section in SECTIONS for row in section.REFUSED]


@pytest.mark.parametrize(("parse", "text", "fact"), ACCEPTED)
def test_a_section_becomes_a_fact(parse: Callable[[str], object], text: str, fact: object) -> None:
    assert parse(text) == fact


@pytest.mark.parametrize(("parse", "text"), REFUSED)
def test_what_a_section_never_prints_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_the_conditions_of_crictl() -> None:
    cri = parse_cri(f"socket=/run/a.sock\n{READY}\nsocket=/run/b.sock\nrc=1\nerr=refused")
    ready, refused = cri.sockets["/run/a.sock"], cri.sockets["/run/b.sock"]
    assert ready.info is not None
    assert (ready.info.runtime_ready, ready.info.reason) == (True, "")
    assert refused.info == CriInfo(Run(1, "", "refused"), None, "")


def test_a_runtime_that_is_not_ready_says_why() -> None:
    text = READY.replace('"status": true', '"status": false').replace(
        '"reason": "",\nout=        "status": false',
        '"reason": "Down",\nout=        "status": false',
    )
    found = parse_cri(f"socket=/s\n{text}").sockets["/s"].info
    assert found is not None
    assert (found.runtime_ready, found.reason) == (False, "Down")


@pytest.mark.parametrize(
    "name", [name for name, _, _ in PARSERS], ids=[name for name, _, _ in PARSERS]
)
@given(st.one_of(st.text(max_size=80), st.from_regex(r"([a-z_]{1,9}=[^\n]{0,9}\n){0,5}")))
def test_no_parser_raises_anything_but_its_own_error(name: str, text: str) -> None:
    parse = {section: parser for section, _, parser in PARSERS}[name]
    fields = [case[1].split("=")[0] for case in ACCEPTED if case[0] is parse]
    for prefix in ("", *(f"{field}=" for field in fields)):
        try:
            parse(prefix + text)
        except ParseError:
            continue


def test_a_missing_fact_says_why() -> None:
    facts = parse_facts({"cpu": Section(0, "nproc=x"), "swap": Section(137, "device=Filename")})
    with pytest.raises(FactMissing, match="nproc is 'x'"):
        facts[Cpu]
    with pytest.raises(FactMissing, match="deadline"):
        facts[Swap]
    died = parse_facts({"swap": Section(2, "device=Filename Type Size\nsh: read error")})
    with pytest.raises(FactMissing, match="section swap ended with status 2"):
        died[Swap]
    lacking = parse_facts({"kernelconfig": Section(97, "missing=grep\n")})
    with pytest.raises(FactMissing, match="has no grep, which section kernelconfig needs"):
        lacking[KernelConfig]
    with pytest.raises(FactMissing, match="no section memory"):
        facts[Memory]


def test_a_port_that_was_not_asked_for_in_a_truncated_list_is_not_known() -> None:
    listeners = parse_listeners(
        "listen=00000000:0016\nused=0100007F:192C\ntruncated=yes\ntables=1\nread=1\nports=192B|192C"
    )
    assert listeners.on(6443) == ()
    assert listeners.on(22) == ("0.0.0.0",)
    with pytest.raises(FactMissing, match="too many"):
        listeners.on(2379)
    with pytest.raises(FactMissing, match="a connection uses"):
        listeners.on(6444)


def test_a_path_that_the_login_cannot_see_is_not_absent() -> None:
    paths = parse_paths("hidden=/etc/kubernetes/pki/ca.crt")
    with pytest.raises(FactMissing, match="without root"):
        paths.state("/etc/kubernetes/pki/ca.crt")
    with pytest.raises(FactMissing, match="not asked"):
        paths.state("/other")


@pytest.mark.parametrize(
    ("parse", "text", "says"),
    [
        (
            parse_containerd,
            "file=/etc/containerd/config.toml\nread=yes\nlarge=/etc/containerd/config.toml",
            "too large",
        ),
        (
            parse_kubelet_config,
            "file=/var/lib/kubelet/config.yaml\nlarge=/var/lib/kubelet/config.yaml",
            "too large",
        ),
        (parse_environment, "path=/bin\ntoo_long=no_proxy", "NO_PROXY is too long"),
    ],
)
def test_a_part_of_something_large_is_not_taken_for_all_of_it(
    parse: Callable[[str], object], text: str, says: str
) -> None:
    with pytest.raises(ParseError, match=says):
        parse(text)
