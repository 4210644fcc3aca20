"""Files with the user's own rules: what is read, and every error at once with file and line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from scanner.inventory import schema
from scanner.inventory.nodes import RULES, compose
from scanner.inventory.overrides import Loaded
from scanner.inventory.rule_model import RuleFile
from scanner.rules.rule import UserRule, Way, Where
from scanner.severity import Severity
from scanner.versions import parse_version

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(schema.schema(RuleFile))
HOSTS = "hosts: [{name: a, address: 192.0.2.1}]\n"
WHOLE = """
checks:
  - id: chrony-sources
    title: chrony's sources
    command: |
      chronyc -n sources |
        grep -c x
    expect: {number: ">= 1", contains: "1", exitStatus: 0}
    severity: warning
    roles: [control-plane]
    since: v1.24.0
    until: v1.31.2
    timeout: 5
    message: too few
    fix: Add some.
  - {id: plain, command: "true"}
"""


def rules(loaded: Callable[..., Loaded], text: str) -> tuple[UserRule, ...]:
    Path("r.yaml").write_text(text, encoding="utf-8")
    return loaded(HOSTS + "checks: [r.yaml]\n").request.rules


def test_every_key(loaded: Callable[..., Loaded]) -> None:
    whole, plain = rules(loaded, WHOLE)
    assert whole.command == "chronyc -n sources |\n  grep -c x"
    assert [expected.way for expected in whole.expect] == [Way.CONTAINS, Way.NUMBER]
    assert whole.severity is Severity.WARNING
    assert whole.roles == {Where.CONTROL_PLANE}
    assert (whole.since, whole.until) == (parse_version("1.24.0"), parse_version("1.31.2"))
    assert (whole.seconds, whole.message, whole.fix) == (5, "too few", "Add some.")
    assert (plain.id, plain.title, plain.severity) == ("user/plain", "plain", Severity.ERROR)
    assert (plain.seconds, plain.expect, plain.roles) == (10, (), frozenset(Where))


def test_the_schema_takes_the_same() -> None:
    VALIDATOR.validate(compose(WHOLE, "r.yaml", RULES).data)
    assert not VALIDATOR.is_valid({"checks": []})
    assert not VALIDATOR.is_valid({"checks": [{"id": "A b", "command": "x"}]})


def test_schema_and_page_are_up_to_date() -> None:
    text = schema.RULES_PATH.read_text(encoding="utf-8")
    assert text == schema.schema_text(RuleFile)
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert schema.with_tables(page, RuleFile) == page


def test_the_page_shows_rules_that_can_be_read(loaded: Callable[..., Loaded]) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    shown = page.partition("# rules/ours.yaml\n")[2].partition("```")[0]
    assert len(rules(loaded, shown)) == 4


WRONG = {
    "checks: [{id: a, command: x, expext: {}}]": (
        "r.yaml:1: checks[0].expext: unknown key, did you mean 'expect'?"
    ),
    "checks: [{id: a, command: x, expect: {nubmer: '> 1'}}]": (
        "r.yaml:1: checks[0].expect.nubmer: unknown key, did you mean 'number'?"
    ),
    "checks:\n- {id: a, command: x, command: y}": (
        "r.yaml:2: checks[0].command: duplicate key, first on line 2"
    ),
    "checks:\n- {id: a, command: x}\n- {id: a, command: y}": (
        "r.yaml:3: checks[1].id: duplicate id 'a', first in r.yaml:2"
    ),
    "checks: [{command: x}]": "r.yaml:1: checks[0].id: missing",
    "checks: [{id: a}]": "r.yaml:1: checks[0].command: missing",
    "checks: []": "r.yaml:1: checks: the list is empty; expected at least one",
    "rules: []": "r.yaml:1: rules: unknown key, expected one of checks",
    "- a": "r.yaml:1: expected a map with keys such as checks, not a list",
    "": "r.yaml: the file is empty; it needs checks: at least",
    "checks: [{id: A, command: x}]": "r.yaml:1: checks[0].id: 'A' is no id",
    "checks: [{id: a, command: ' '}]": "r.yaml:1: checks[0].command: expected a command",
    'checks: [{id: a, command: "a\\u202eb"}]': "checks[0].command: holds a control character",
    "checks: [{id: a, command: x, timeout: 61}]": "checks[0].timeout: expected a whole number",
    "checks: [{id: a, command: x, severity: fatal}]": "unknown severity 'fatal'",
    "checks: [{id: a, command: x, roles: [master]}]": "unknown role 'master'",
    "checks: [{id: a, command: x, since: 1.30}]": "read as 1.30, which is not a full version",
    "checks: [{id: a, command: x, expect: {matches: 'a('}}]": "not a pattern of RE2",
    "checks: [{id: a, command: x, expect: {exitStatus: 256}}]": "from 0 to 255",
    "checks: [{id: a, command: x, expect: {contains: b, doesNotContain: b}}]": "contradicts",
    "checks:\n- id: a\n  command: x\n  expect: {}": (
        "r.yaml:4: checks[0].expect: the map is empty; without it the exit status decides"
    ),
    "checks: [{id: a, command: x, expect: {contains: }}]": "expect: the map is empty",
    "checks:\n- {id: a, command: x, since: v1.31.0,\n   until: v1.31.0}": (
        "r.yaml:3: checks[0].until: no version is from v1.31.0 and before v1.31.0"
    ),
    "checks: [{id: a, command: x, since: v1.32.0, until: v1.31.2}]": "no version is from",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong(lines: Callable[..., list[str]], text: str) -> None:
    Path("r.yaml").write_text(text, encoding="utf-8")
    found = lines(HOSTS + "checks: [r.yaml]\n")
    assert any(WRONG[text] in line for line in found), found


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_opened(
    lines: Callable[..., list[str]], make: Callable[[str], None]
) -> None:
    make("r.yaml")
    assert lines(HOSTS + "checks: [r.yaml]\n") == [
        "inventory.yaml:2: checks[0]: not a file: 'r.yaml'"
    ]


def test_a_name_that_is_too_long_is_one_line(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(HOSTS + f"checks: [{'a' * 300}]\n")
    assert "cannot be read: File name too long" in line


def test_errors_of_all_files_come_at_once(lines: Callable[..., list[str]]) -> None:
    Path("one.yaml").write_text("checks:\n- {id: a, command: x}\n- {id: b, comand: x}\n")
    Path("two.yaml").write_text("checks: [{id: a, command: x}]\n")
    found = lines("hosts: [{name: a, adress: b}]\nchecks: [one.yaml, two.yaml, three.yaml]\n")
    assert [line.partition(": ")[0] for line in found] == [
        *("inventory.yaml:1", "inventory.yaml:1", "one.yaml:3", "one.yaml:3"),
        *("two.yaml:1", "three.yaml"),
    ]
    assert "duplicate id 'a', first in one.yaml:2" in found[4]


def test_an_inventory_that_was_only_found_brings_no_rules(
    lines: Callable[..., list[str]],
) -> None:
    Path("r.yaml").write_text(WHOLE)
    (line,) = lines(HOSTS + "checks: [r.yaml]\n", named=False)
    assert line.startswith("inventory.yaml:2: checks: your own rules are refused")
    assert "-i inventory.yaml" in line


def test_a_hundred_rules_are_the_most(lines: Callable[..., list[str]]) -> None:
    entries = "".join(f"- {{id: a{number}, command: x}}\n" for number in range(101))
    Path("r.yaml").write_text(f"checks:\n{entries}")
    assert "101 rules together, more than 100" in lines(HOSTS + "checks: [r.yaml]\n")[0]


def test_a_file_that_is_named_twice(lines: Callable[..., list[str]]) -> None:
    Path("r.yaml").write_text(WHOLE)
    assert "is there twice" in lines(HOSTS + "checks: [r.yaml, r.yaml]\n")[0]
