"""What `--plan` and the question say before anything is changed."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.change import bring_up, checked, half_done
from scanner.cluster.journal import Entry, Event, Journal
from scanner.errors import ClusterError, UsageError
from scanner.membership import State
from scanner.report import HostStatus
from scanner.request import Request
from scanner.verify.smoke.attempt import SmokeOptions
from tests.cli.no_machine import Hosts, done


def test_a_workload_is_in_the_plan_and_in_the_question(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = "a Deployment and a Service of lab/busybox:1 in a namespace of their own"
    done(plan_only=True, smoke=SmokeOptions("lab/busybox:1"))
    assert wanted in capsys.readouterr().out
    done(smoke=SmokeOptions("lab/busybox:1"))
    assert wanted in capsys.readouterr().err
    assert len(hosts.plans) == 1


def test_the_proof_is_in_the_plan_before_what_is_taken_back(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts.master = State.NONE
    done(plan_only=True, smoke=SmokeOptions("lab/busybox:1"))
    numbered = [line for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]
    (proof,) = (n for n, line in enumerate(numbered) if "asked through its API" in line)
    assert "nothing is changed" in numbered[proof]
    assert "lab/busybox:1" in numbered[proof + 1]
    assert "revoked" in numbered[proof + 2]
    assert [line.partition(".")[0] for line in numbered] == [
        str(n) for n in range(1, len(numbered) + 1)
    ]


def test_what_a_run_would_do_before_is_in_the_plan(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    (folder / "admin.conf").touch()
    journal = Journal.below(folder)
    journal.add(Entry("cluster", "node1", Event.DONE, "run0", "2026-11-26", ca="a"))
    begun = Entry("join-worker", "node2", Event.BEGUN, "run0", "2026-11-26", "job", clean=True)
    journal.add(begun)
    monkeypatch.setattr(half_done, "GOOD", (HostStatus.MEMBER,))  # node2 is half done
    before = (folder / "journal.jsonl").read_bytes()
    hosts.master = State.NONE
    done(plan_only=True)
    first = [line for line in capsys.readouterr().out.splitlines() if line.startswith("first")]
    waits, undoes, sets_aside = first
    assert waits.startswith("first: node2: an earlier run began join-worker there (job job): ")
    assert "node2: join-worker, which an earlier run began there (job job)" in undoes
    assert sets_aside == "first, on this machine: of an earlier cluster, and set aside"
    assert (folder / "journal.jsonl").read_bytes() == before
    assert (folder / "admin.conf").exists()


@pytest.mark.parametrize("answer", ["no", "yes"])
def test_what_is_of_an_earlier_cluster_is_set_aside_after_a_yes(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    (folder / "admin.conf").touch()
    hosts.master = State.NONE

    def ask(*_words: object, **_known: object) -> None:
        if answer == "no":
            raise UsageError("nothing was changed, as answered")

    monkeypatch.setattr(bring_up, "ask", ask)
    if answer == "no":
        with pytest.raises(UsageError):
            done()
    else:
        done()
    assert (folder / "admin.conf").exists() is (answer == "no")


def test_a_folder_of_another_cluster_forbids_a_plan_too(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    Journal.below(folder).add(
        Entry("cluster", "node1", Event.DONE, "run0", "2026-11-26", ca="another")
    )
    found = hosts.scanned

    @contextmanager
    def scanned(*words: Any) -> Any:
        with found(*words) as seen:
            words[2].take.cas["node1"] = "ours"
            yield seen

    monkeypatch.setattr(checked, "scanned", scanned)
    for plan_only in (True, False):
        with pytest.raises(ClusterError, match="of another cluster than the one of node1: move it"):
            done(plan_only=plan_only)
    assert "admin.conf of node1 to this machine" in capsys.readouterr().out
