from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.facts.programs import Run as Ran
from scanner.fleet.judge import FleetResult
from scanner.matrix import build
from scanner.render import terminal
from scanner.render.causes import causes
from scanner.render.screen import Layout
from scanner.report import HostReport, Report, Run
from scanner.verdict import Verdict
from tests.render.fleet import (
    HOSTILE,
    applied,
    between_hosts,
    fail,
    host,
    report_of,
    small_fleet,
    unreachable,
    varied_fleet,
)
from tests.render.folding import DOCKER_IS_STOPPED, NOT_ROOT, NOT_ROOT_EITHER, judged
from tests.runtimes import silent_docker

HEADING = re.compile(r"(FAIL|WARN|UNKNOWN) .*\(KS\d+\)$")
COLOUR = re.compile("\x1b\\[[0-9;]*m")


def shown(
    hosts: Iterable[HostReport] | Report,
    width: int = 80,
    *,
    colour: bool = False,
    only_failing: bool | None = None,
) -> str:
    out = io.StringIO()
    report = hosts if isinstance(hosts, Report) else report_of(hosts)
    terminal.write(report, out, width=width, colour=colour, only_failing=only_failing)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_golden(golden: Callable[[str, str], None], width: int) -> None:
    report = report_of(small_fleet(), fleet=between_hosts())
    golden(f"terminal-{width}.txt", shown(report, width))


def test_between_hosts_only_what_is_not_green_has_words() -> None:
    text = shown(report_of([host("a", "192.0.2.1")], fleet=between_hosts()))
    assert "on 2 hosts: node[1,3]" in text
    assert "UNKNOWN  machine-ids, product_uuids" in text
    assert "UNKNOWN  addresses" in text
    assert "and 2 other messages on 2 hosts: node2, evil" in text
    assert "Ignored until 2027-01-31: a lab" in text
    assert "1 of 6 rules between hosts found nothing wrong" in text
    assert "1 problem between hosts" in text
    assert "warning between hosts" not in text, "it is ignored"
    assert "KS731" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("layout", Layout)
def test_the_running_cluster_and_the_phases_are_told(layout: Layout) -> None:
    out = io.StringIO()
    terminal.write(applied(), out, width=100, colour=False, only_failing=None, layout=layout)
    text = out.getvalue()
    assert "kube-proxy" in text
    assert "join on node1: kubeadm ended with 1\n" in text
    assert "2 of 4 phases not done" in " ".join(text.split())
    assert "\x1b" not in text


def test_a_single_host_hears_nothing_of_rules_between_hosts() -> None:
    alone = tuple(replace(result, total=1) for result in between_hosts()[-2:])
    text = shown(report_of([host("a", "192.0.2.1")], fleet=alone))
    assert text == shown(report_of([host("a", "192.0.2.1")]))


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("size", [1, 3, 12, 40, 1000])
@pytest.mark.parametrize("groups", [1, 5, 60])
def test_no_line_is_wider_than_the_screen(size: int, groups: int, width: int) -> None:
    lines = shown(varied_fleet(size, groups), width).split("\n")
    too_wide = [line for line in lines if len(line) > width]
    assert [line for line in too_wide if not HEADING.match(line)] == []


@pytest.mark.parametrize(("size", "groups"), [(1, 1), (3, 5), (1000, 60)])
def test_colour_adds_nothing_that_the_words_do_not_say(size: int, groups: int) -> None:
    fleet = varied_fleet(size, groups)
    painted = shown(fleet, colour=True)
    assert "\x1b[1;31m" in painted or size == 1
    unpainted = "\n".join(line.rstrip() for line in COLOUR.sub("", painted).split("\n"))
    assert unpainted == shown(fleet)


def test_a_stream_without_utf_8_gets_ascii_only() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    fleet = [*small_fleet(), host("märz", "10.0.0.3"), *varied_fleet(100, 30)]
    terminal.write(report_of(fleet), out, width=80, colour=False, only_failing=False)
    out.flush()
    text = raw.getvalue().decode("ascii")
    assert "m\\xe4rz" in text
    assert " ok" in text


def test_hostile_text_is_shown_and_does_nothing() -> None:
    evil = replace(
        host("e\x1b[2Jvil", "10.0.0.6\u202e", Swap=fail(HOSTILE, HOSTILE)), reason=HOSTILE
    )
    lost = unreachable("\x07x", "10.0.0.7", HOSTILE)
    for fleet in ([evil], [evil, lost], [evil, lost, *varied_fleet(30, 30)]):
        text = shown(fleet)
        assert set(text) - {"✔", "─", "…", "\n"} <= set(map(chr, range(32, 127)))
        assert "\\x1b[31mred\\x07" in text
        assert "\nfake" not in text


def test_rows_that_passed_are_hidden_above_twelve_hosts_and_counted() -> None:
    text = shown(varied_fleet(40, 5))
    assert "NumCPU" not in text
    hidden = (
        "Not shown: 4 checks that passed on every host that was asked; 3 that no host was asked"
    )
    assert hidden in " ".join(text.split())
    assert "NumCPU" in shown(varied_fleet(40, 5), only_failing=False)
    assert "NumCPU" in shown(varied_fleet(12, 5))
    assert "NumCPU" not in shown(varied_fleet(12, 5), only_failing=True)


def test_the_verdict_stands_last() -> None:
    *_, verdict, version = shown(varied_fleet(40, 5)).rstrip("\n").split("\n")
    assert verdict == (
        "NOT READY: 37 of 40 hosts ready; 2 problems on 3 hosts; 1 warning on 1 host"
    )
    assert version == "Kubernetes v1.31.2 (kubeadm on cp1)"
    ready = shown(varied_fleet(40, 1)).rstrip("\n").split("\n")
    assert ready[-2] == "READY: 40 of 40 hosts ready"


def test_connections_that_were_tried_again_are_counted() -> None:
    hosts = [replace(one, retries=number) for number, one in enumerate(varied_fleet(3, 0))]
    assert "; connected again 3 times to 2 hosts" in " ".join(shown(report_of(hosts)).split())
    assert "again" not in shown(report_of(varied_fleet(3, 0)))


def test_an_interrupted_run_says_so() -> None:
    report = report_of(varied_fleet(2, 1), Run("r", "2026-01-31T10:15:00Z", 1.0, complete=False))
    assert "interrupted before every host had finished" in shown(report)


def test_many_groups_become_rows_and_name_what_is_wrong() -> None:
    text = shown(varied_fleet(1000, 60))
    table, _, _ = text.partition("\n\n")
    assert table.startswith("hosts ")
    assert len(re.findall(r"^node", table, re.MULTILINE)) == 60


def test_different_messages_of_one_cause_are_told_up_to_five() -> None:
    fleet = [host(f"n{n}", "", Swap=fail(f"swap is on: /dev/{n}", "Off.")) for n in range(20)]
    text = shown(fleet)
    assert text.count("swap is on") == 5
    assert "and 15 other messages on 15 hosts: n[5-19]" in text
    assert text.count("Fix: Off.") == 1


@given(st.integers(2, 60), st.integers(1, 60), st.sampled_from([60, 80, 160]))
def test_every_cause_is_told_once(size: int, groups: int, width: int) -> None:
    fleet = varied_fleet(size, groups)
    report = report_of(fleet)
    headings = [
        line.split()[:2] for line in shown(report, width).split("\n") if HEADING.match(line)
    ]
    found = causes(build(fleet, {}))
    assert headings == [[cause.verdict.upper(), cause.row.name] for cause in found]


def test_no_hosts() -> None:
    assert "0 of 0 hosts ready" in shown([])


def test_where_the_hosts_own_kubeadm_says_something_else() -> None:
    silent = replace(fail("too little memory", "Add some."), kubeadm_says=())
    text = shown([host(name, name, Mem=silent) for name in ("a1", "a2")], 100)
    assert "kubeadm on 2 hosts said something else in 1 row" in text
    assert "  Mem: kscan says ERROR, kubeadm nothing\n         on 2 hosts: a[1,2]\n" in text
    noted = replace(host("b", "b"), notes=("kubeadm says [ERROR ImagePull]: \x1b[2J", "stderr: x"))
    text = shown([noted], 100)
    assert "No host's own kubeadm came to a check" in text
    assert "kubeadm says [ERROR ImagePull]: \\x1b[2J" in text
    assert "stderr" not in text


@pytest.mark.parametrize("layout", [Layout.WIDE, Layout.COMPACT])
def test_golden_layouts(golden: Callable[[str, str], None], layout: Layout) -> None:
    out = io.StringIO()
    report = report_of(small_fleet(), fleet=between_hosts())
    terminal.write(report, out, width=80, colour=False, only_failing=None, layout=layout)
    golden(f"terminal-{layout}.txt", out.getvalue())


def test_hundreds_of_hosts_stay_readable() -> None:
    report = report_of(varied_fleet(600, 60))
    texts = {}
    for layout in Layout:
        out = io.StringIO()
        terminal.write(report, out, width=80, colour=False, only_failing=None, layout=layout)
        texts[layout] = out.getvalue()
    compact = texts[Layout.COMPACT].splitlines()
    assert len(compact) < 30
    assert max(map(len, compact)) <= 80
    assert max(map(len, texts[Layout.FITTING].splitlines())) <= 80
    table = texts[Layout.WIDE].split("\n\n", 1)[0].splitlines()
    assert len({len(line) for line in table if set(line) & set("─")}) == 1
    assert "…" not in texts[Layout.WIDE]


def test_compact_keeps_the_end_of_a_sentence_between_hosts() -> None:
    message = (
        "node[31-40] -> node1,node2 6443/tcp,10250/tcp: dropped, answers on 22; a firewall on the "
        "hosts dialled, on the way, or the diallers' own"
    )
    told = FleetResult("KS790", "a>b", Verdict.FAIL, message, ("node1", "node2"), blocking=True)
    out = io.StringIO()
    report = report_of(small_fleet(), fleet=(told,))
    terminal.write(report, out, width=80, colour=False, only_failing=None, layout=Layout.COMPACT)
    assert "the diallers' own" in " ".join(out.getvalue().split())
    assert max(map(len, out.getvalue().splitlines())) <= 80


def test_what_another_problem_explains_stands_below_it() -> None:
    fleet = [judged("a", *DOCKER_IS_STOPPED), judged("b", *DOCKER_IS_STOPPED), judged("c")]
    text = shown(fleet)
    block = text[text.index("FAIL     Service-Docker (KS203)") :].split("\n\n", 1)[0]
    assert block.splitlines() == [
        "FAIL     Service-Docker (KS203)",
        "         the service docker does not run",
        "         on 2 hosts: a, b",
        "         Because of it also:",
        "           FAIL CRI (KS211): docker does not answer: dial unix: connect:",
        "             connection refused",
        "           FAIL IsDockerSystemdCheck (KS212): docker does not answer: dial",
        "             unix: connect: connection refused",
        "           FAIL SystemVerification (KS411): docker does not say what it is,",
        "             but: dial unix: connect: connection refused",
        "           UNKNOWN KS215: could not be known: docker does not answer",
        "           UNKNOWN ImagePull (KS218): could not be known: the container",
        "             runtime did not list its images",
        "         Fix: Run `systemctl enable --now docker` (OpenRC: `rc-update add docker",
        "         default` and `rc-service docker start`).",
    ]
    assert "1 problem on 2 hosts" in text
    assert "FAIL     CRI" not in text


def test_what_is_not_known_of_unreachable_hosts_alone_stands_below_them() -> None:
    some = between_hosts()
    of_both = replace(some[1], check="KS704", hosts=("node4", "node5"))
    of_one = replace(some[1], check="KS706", hosts=("node5",))
    text = shown(report_of(small_fleet(), fleet=(*some, of_both, of_one)), 160)
    lost, _, rest = text.partition("Between the hosts")
    below = lost.partition("  Because of it also:\n")[2].split("\n\n", 1)[0]
    assert [line.split(":")[0] for line in below.splitlines()] == [
        "    UNKNOWN machine-ids, product_uuids",
        "    UNKNOWN addresses",
        "    UNKNOWN KS706",
        "    not known of node5",
    ]
    assert "UNKNOWN  KS704" in rest
    assert "not known of 2 hosts: node[4,5]" in rest
    assert "addresses" not in rest


def test_a_row_below_a_problem_names_its_hosts_where_it_has_not_all() -> None:
    fleet = [judged("a", *NOT_ROOT), judged("b", *NOT_ROOT_EITHER)]
    text = shown(fleet, 160)
    line = (
        "           UNKNOWN FileExisting-conntrack (KS321): could not be known: /usr/sbin/conntrack"
    )
    assert line in text
    assert "           on b\n" in text[text.index(line) :]
    assert "By itself this is WARN" not in text


def test_a_long_message_below_a_problem_is_cut_but_for_the_wide_layout() -> None:
    said = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
    words = f"{said} {'x ' * 100}end"
    fleet = [judged("a", DOCKER_IS_STOPPED[0], silent_docker(Ran(1, "", words)))]
    fitting, wide = shown(fleet), io.StringIO()
    assert "end" not in fitting[fitting.index("Because of it also") :]
    terminal.write(
        report_of(fleet), wide, width=80, colour=False, only_failing=None, layout=Layout.WIDE
    )
    below = wide.getvalue().partition("Because of it also")[2]
    assert below.count("x end") == 3


def test_the_compact_layout_names_what_stands_below() -> None:
    out = io.StringIO()
    report = report_of([judged("a", *DOCKER_IS_STOPPED)])
    terminal.write(report, out, width=80, colour=False, only_failing=None, layout=Layout.COMPACT)
    assert out.getvalue().startswith(
        "FAIL     Service-Docker: the service docker does not run\n         on a\n"
        "         because of it also 5 rows: CRI, IsDockerSystemdCheck,\n"
        "         SystemVerification, KS215, ImagePull\n"
    )
    assert max(map(len, out.getvalue().splitlines())) <= 80
