"""Your own rules from the command line, on this machine: told, run, judged, and judged again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.render import schema
from tests.command import Ended, Kscan

RULES = """
checks:
  - {id: good, command: echo 5, expect: {number: ">= 4"}}
  - {id: bad, command: echo 3, expect: {number: ">= 4"}, severity: warning, fix: Buy more.}
  - {id: hangs, command: sleep 60, timeout: 1, severity: warning}
  - {id: kills, command: kill -9 0, severity: warning}
  - {id: floods, command: "head -c 10000000 /dev/zero | tr '\\\\0' a", severity: warning,
     expect: {matches: '(a+)+$'}}
  - {id: reads, command: "cat; echo end", expect: {string: "== end"}}
"""
EXPECTED = {
    "user/good": "pass",
    "user/bad": "warn",
    "user/hangs": "unknown",
    "user/kills": "unknown",
    "user/floods": "unknown",
    "user/reads": "pass",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "i.yaml").write_text(
        "hosts: [{name: here, local: true}]\nchecks: [sub/r.yaml]\n", encoding="utf-8"
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "r.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def verdicts(ended: Ended) -> dict[str, str]:
    document: dict[str, Any] = json.loads(ended.out)
    (host,) = document["hosts"]
    return {result["check"]: result["verdict"] for result in host["results"]}


def test_each_rule_has_its_row_now_and_from_the_capture(kscan: Kscan, folder: Path) -> None:
    del folder
    words = ("-i", "i.yaml", "--only", "user/*", "--format", "json")
    live = kscan("check", *words, "--save-captures", "captures")
    assert "kscan: 6 rules of your own run on the hosts (sub/r.yaml): as root" in live.err
    assert verdicts(live) == EXPECTED
    assert live.status == 0
    assert json.loads(live.out)["titles"]["user/good"] == "good"
    jsonschema.validate(json.loads(live.out), json.loads(schema.text()))
    offline = kscan("evaluate", "captures", *words)
    assert verdicts(offline) == EXPECTED
    assert "run on the hosts" not in offline.err
    without = kscan("evaluate", "captures", "--format", "json", "--only", "NumCPU,Swap")
    assert "user/good" not in verdicts(without)


def test_another_command_makes_a_saved_answer_unknown(kscan: Kscan, folder: Path) -> None:
    words = ("-i", "i.yaml", "--only", "user/*", "--format", "json")
    kscan("check", *words, "--save-captures", "captures")
    (folder / "sub" / "r.yaml").write_text(RULES.replace("echo 5", "echo 6"), encoding="utf-8")
    offline = kscan("evaluate", "captures", *words)
    assert verdicts(offline)["user/good"] == "unknown"
    assert offline.status == 4


def test_rules_that_take_longer_than_the_host_has_do_not_cost_the_host(
    kscan: Kscan, folder: Path
) -> None:
    (folder / "sub" / "r.yaml").write_text(
        "checks:\n- {id: a, command: sleep 60, timeout: 60}\n- {id: b, command: 'true'}\n"
    )
    ended = kscan("check", "-i", "i.yaml", "--timeout", "12", "--format", "json")
    found = verdicts(ended)
    assert (found["user/a"], found["user/b"]) == ("unknown", "unknown")
    assert found["KS101"] in {"pass", "fail"}


def test_an_inventory_that_was_found_brings_none(kscan: Kscan, folder: Path) -> None:
    (folder / "i.yaml").rename(folder / "inventory.yaml")
    ended = kscan("check")
    assert ended.status == 2
    assert "your own rules are refused in an inventory that was only found" in ended.err


def test_they_are_selected_ignored_explained_and_listed(kscan: Kscan, folder: Path) -> None:
    del folder
    only = ("-i", "i.yaml", "--format", "json", "--only", "user/good,user/bad")
    assert set(verdicts(kscan("check", *only))) == {"user/good", "user/bad"}
    assert "did you mean user/good" in kscan("check", "-i", "i.yaml", "--only", "user/god").err
    assert "no check is called" in kscan("check", "--only", "user/good").err
    page = kscan("explain", "user/bad", "-i", "i.yaml").out
    assert "`echo 3`" in page
    assert "Fix: Buy more." in page
    assert "user/hangs" in kscan("checks", "-i", "i.yaml").out
    assert "user/" not in kscan("checks").out
