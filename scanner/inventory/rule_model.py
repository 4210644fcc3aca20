"""The keys of a file with the user's own rules; its schema and docs/rules.md are made of this."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeAlias

from pydantic import Field, WithJsonSchema

from scanner.inventory import fields as f
from scanner.inventory import scalars
from scanner.inventory.model import Section
from scanner.inventory.problems import quoted
from scanner.rules import expect as reading
from scanner.rules.rule import MOST_SECONDS, SECONDS, Expectation, Way, Where
from scanner.severity import Severity

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST = 16_384
_HIGHEST_STATUS = 255


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} is no id: expected at most 63 lower-case letters, digits and '-', a "
            "letter or digit at both ends; kscan puts user/ before it"
        )
    return text


def _command(text: str) -> str:
    """Text of one line or several, for `sh -c`."""
    if not text.strip():
        raise ValueError("expected a command for sh, such as 'chronyc -n tracking'")
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters; put a script on the hosts instead")
    if any(not (char.isprintable() or char in "\n\t") for char in text):
        raise ValueError("holds a control character")
    return text


def _whole(text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not low <= int(text) <= high:
        raise ValueError(f"expected a whole number from {low} to {high}, not {quoted(text)}")
    return int(text)


def _number(title: str, low: int, high: int) -> WithJsonSchema:
    number = {"type": "integer", "minimum": low, "maximum": high}
    digits = {"type": "string", "pattern": "^[0-9]{1,3}$"}
    return WithJsonSchema({"title": title, "anyOf": [number, digits]})


RuleName: TypeAlias = Annotated[
    str, f.read_with(_name), f.any_text("id", pattern=f"^{_NAME.pattern}$")
]
Command: TypeAlias = Annotated[str, f.read_with(_command), f.only_text("command")]
Status: TypeAlias = Annotated[
    int,
    f.read_with(lambda text: _whole(text, 0, _HIGHEST_STATUS)),
    _number("0 to 255", 0, _HIGHEST_STATUS),
]
Seconds: TypeAlias = Annotated[
    int,
    f.read_with(lambda text: _whole(text, 1, MOST_SECONDS)),
    _number("seconds", 1, MOST_SECONDS),
]
Worst: TypeAlias = Annotated[
    Severity, f.read_with(scalars.choice(Severity, "severity")), f.enum_of(Severity)
]
Place: TypeAlias = Annotated[Where, f.read_with(scalars.choice(Where, "role")), f.enum_of(Where)]


def _reader(way: Way) -> Callable[[str], Expectation]:
    return lambda text: reading.read(way, text)


Matches: TypeAlias = Annotated[
    Expectation, f.read_with(_reader(Way.MATCHES)), f.any_text("pattern")
]
DoesNotMatch: TypeAlias = Annotated[
    Expectation, f.read_with(_reader(Way.DOES_NOT_MATCH)), f.any_text("pattern")
]
Contains: TypeAlias = Annotated[Expectation, f.read_with(_reader(Way.CONTAINS)), f.any_text("text")]
DoesNotContain: TypeAlias = Annotated[
    Expectation, f.read_with(_reader(Way.DOES_NOT_CONTAIN)), f.any_text("text")
]
Text: TypeAlias = Annotated[
    Expectation, f.read_with(_reader(Way.STRING)), f.any_text("== or !=, text")
]
Number: TypeAlias = Annotated[
    Expectation, f.read_with(_reader(Way.NUMBER)), f.any_text("comparison")
]
AnyVersion: TypeAlias = Annotated[
    Expectation, f.read_with(_reader(Way.VERSION)), f.any_text("comparison")
]


class Expect(Section):
    """`expect`: all that is given must hold."""

    matches: Matches | None = Field(
        default=None,
        description="A pattern of RE2 that some part of the output matches; `^` and `$` are the "
        "ends of each line.",
    )
    does_not_match: DoesNotMatch | None = Field(
        default=None, description="A pattern that no part of the output matches."
    )
    contains: Contains | None = Field(default=None, description="Text that the output contains.")
    does_not_contain: DoesNotContain | None = Field(
        default=None, description="Text that it does not contain."
    )
    string: Text | None = Field(
        default=None, description="The whole output, without blanks around it: `== active`."
    )
    number: Number | None = Field(
        default=None, description="The whole output as a number, compared: `>= 4`."
    )
    version: AnyVersion | None = Field(
        default=None, description="The first version in the output, compared: `>= 1.7.0`."
    )
    exit_status: Status = Field(default=0, description="The command's exit status.")


class RuleEntry(Section):
    """One entry of `checks`."""

    id: RuleName = Field(description="Reports and options call it `user/ID`.")
    command: Command = Field(
        description="Run on each host by `sh -c`; its stdout is judged, stderr is not looked at."
    )
    title: f.Line | None = Field(
        default=None, description="A noun phrase for the matrix; default: the id."
    )
    expect: Expect = Field(default_factory=Expect, description="What makes it pass, see below.")
    severity: Worst = Field(
        default=Severity.ERROR, description="error makes a host not ready; warning does not."
    )
    roles: Annotated[tuple[Place, ...], f.NotEmpty, Field(json_schema_extra={"minItems": 1})] = (
        Field(
            default=tuple(Where),
            description="On which hosts; one with both roles is a control plane.",
        )
    )
    since: f.KubernetesVersion | None = Field(
        default=None, description="The first version of kubeadm that it is asked for."
    )
    until: f.KubernetesVersion | None = Field(
        default=None, description="The first version that it is not asked for any more."
    )
    timeout: Seconds = Field(
        default=SECONDS, description=f"Seconds for the command, at most {MOST_SECONDS}."
    )
    message: f.Line = Field(
        default="", description="What to say of a host that fails; default: made of the answer."
    )
    fix: f.Line = Field(default="", description="What to do about it.")


class RuleFile(Section):
    """The file."""

    checks: Annotated[tuple[RuleEntry, ...], f.NotEmpty] = Field(
        json_schema_extra={"minItems": 1}, description="The rules."
    )
