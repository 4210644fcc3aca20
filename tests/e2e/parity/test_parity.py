"""kscan and the host's own kubeadm say the same of the same host: the same names with the same
severity, for every row of the tables. It is v1.20.2, or that of KSCAN_LAB_KUBERNETES.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.parity import (
    cases_control_plane,
    cases_environment,
    cases_etcd,
    cases_files,
    cases_kernel,
    cases_many,
    cases_ports,
    cases_programs,
    cases_refused,
    cases_runtime,
    cases_services,
    cases_versions,
    kscan,
    kubeadm,
)
from tests.e2e.parity.bench import Bench
from tests.e2e.parity.case import Case, Phase
from tests.e2e.parity.cases_etcd import WAITING
from tests.e2e.parity.versions import DOCKER_20_10, TOO_OLD
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e

GOOD = tuple(Case("good host", phase=phase) for phase in Phase)
TABLES = (
    *GOOD,
    *cases_ports.CASES,
    *cases_files.CASES,
    *cases_programs.CASES,
    *cases_kernel.CASES,
    *cases_versions.CASES,
    *cases_services.CASES,
    *cases_runtime.CASES,
    *cases_environment.CASES,
    *cases_etcd.CASES,
    *cases_control_plane.CASES,
    *cases_many.CASES,
    *cases_refused.CASES,
)
QUICK = frozenset(
    {
        "init: good host",
        "worker: good host",
        "control-plane: good host",
        "init: port 2379 held on [::1]",
        "init: a dotfile in the data directory",
        "worker: file /etc/kubernetes/pki/ca.crt",
        "init: conntrack not executable",
        "init: IPv6 advertise address",
        f"worker: kubelet {TOO_OLD}",
        "worker: containerd stopped, its socket configured",
        "init: proxy for ops through sudo",
        "init: external etcd with TLS",
        "init: three faults on a control plane",
    }
)
"""The dozen, subject by subject, that a short run takes."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with Bench.start(tmp_path_factory.mktemp("home")) as running:
        yield running


class Waited:
    """The answers of the cases that are asked at once, when the first of them is wanted."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._answers: dict[Case, tuple[kubeadm.Said, kscan.Report]] = {}

    def __getitem__(self, case: Case) -> tuple[kubeadm.Said, kscan.Report]:
        self._answers = self._answers or self._bench.ask_at_once(WAITING)
        return self._answers[case]


@pytest.fixture(scope="module")
def waited(bench: Bench) -> Waited:
    return Waited(bench)


def test_names_are_unique_and_the_dozen_are_there() -> None:
    names = [str(case) for case in TABLES]
    assert sorted(names) == sorted(set(names))
    assert set(names) >= QUICK


def identity(case: Case) -> str:
    return f"{'quick ' if str(case) in QUICK else ''}{case}"


@pytest.mark.parametrize("case", TABLES, ids=identity)
def test_parity(bench: Bench, waited: Waited, case: Case) -> None:
    said, report = waited[case] if case in WAITING else bench.ask_with_faults(case)
    words = f"kubeadm:\n{said.words}\nkscan:\n{report.words}"
    if case.refused:
        assert not said.started, words
        assert case.refused in said.words, words
        assert ("ERROR" in {severity for severity, _ in report.own}) != bool(case.why), words
        return
    assert said.started, words
    ours = kubeadm.stage(case, said, report.pairs)
    assert (said.pairs - ours, ours - said.pairs) == (case.only_kubeadm, case.only_kscan), words
    if case.user != "plain":
        assert report.unknown == case.unknown, words
    assert bool(case.only_kubeadm or case.only_kscan) == bool(case.why), "a difference has a reason"


@pytest.mark.parametrize("good", GOOD, ids=str)
def test_the_host_is_good_again(bench: Bench, good: Case) -> None:
    """Every fault was taken out: after all of them the host is as warned about as a fresh one."""
    said, _ = bench.ask(good)
    assert said.pairs == DOCKER_20_10, said.words


def test_a_message_of_several_lines_is_one_finding() -> None:
    words = (
        "[preflight] Running pre-flight checks\n"
        "\t[WARNING SystemVerification]: not validated\nSuggestion: another line\n"
        "error execution phase preflight: [preflight] Some fatal errors occurred:\n"
        "\t[ERROR CRI]: container runtime is not running: output: Client:\n"
        " Context: default\nERROR: no daemon\n, error: exit status 1\n"
        "\t[ERROR ImagePull]: failed\n"
        "[preflight] If you know what you are doing, you can make a check non-fatal\n"
    )
    said = kubeadm.parse(words)
    assert said.started
    assert said.pairs == {("WARNING", "SystemVerification"), ("ERROR", "CRI")}
