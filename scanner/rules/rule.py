"""One rule of a `checks:` file as a frozen value, read and valid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from scanner.severity import Severity
from scanner.versions import Version

PREFIX = "user/"
"""What the id of a user's rule begins with in reports and options."""
OUTPUT_LIMIT = 4096
"""Bytes of a command's output that are kept and judged."""
SECONDS = 10
MOST_SECONDS = 60


class Where(StrEnum):
    """On which hosts a rule is asked; a host with both roles is a control plane, as for kubeadm."""

    CONTROL_PLANE = "control-plane"
    WORKER = "worker"


class Way(StrEnum):
    """How output is compared: the keys of `expect`."""

    MATCHES = "matches"
    DOES_NOT_MATCH = "doesNotMatch"
    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "doesNotContain"
    STRING = "string"
    NUMBER = "number"
    VERSION = "version"


class Operator(StrEnum):
    """Comparisons of `string` (the first two), `number` and `version`."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that the output must be."""

    way: Way
    value: str
    """The pattern, the text, the number or the version."""
    operator: Operator = Operator.EQUAL
    """Only of STRING, NUMBER and VERSION."""

    def __str__(self) -> str:
        if self.way in {Way.STRING, Way.NUMBER, Way.VERSION}:
            return f"{self.way} {self.operator} {self.value}"
        return f"{self.way} {self.value}"


@dataclass(frozen=True, slots=True)
class UserRule:
    """A command that is run on hosts, and what it must print."""

    name: str
    """Its id without `user/`: lower-case letters, digits and `-`."""
    command: str
    """For `sh -c`."""
    title: str
    expect: tuple[Expectation, ...] = ()
    """All must hold; none = the exit status alone decides."""
    exit_status: int = 0
    severity: Severity = Severity.ERROR
    roles: frozenset[Where] = frozenset(Where)
    since: Version | None = None
    """The first version of kubeadm that it is asked for; None = all before `until`."""
    until: Version | None = None
    """The first version that it is not asked for any more."""
    seconds: int = SECONDS
    message: str = ""
    """The sentence of a host that fails; empty = made of the answer."""
    fix: str = ""
    source: str = ""
    """The file that it stands in."""

    @property
    def id(self) -> str:
        """As it is called in reports and options."""
        return PREFIX + self.name

    @property
    def digest(self) -> str:
        """Of the command: a saved answer to another command is not judged."""
        return hashlib.sha256(self.command.encode()).hexdigest()[:16]
