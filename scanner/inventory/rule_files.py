"""The files of the inventory's key `checks`: their rules, or every error in them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from scanner.inventory import complaints, keyfile, nodes
from scanner.inventory.document import Document
from scanner.inventory.layout import entries, map_at, text_at
from scanner.inventory.problems import Failure, Problem, quoted
from scanner.inventory.read import read_text
from scanner.inventory.rule_model import RuleEntry, RuleFile
from scanner.rules.rule import Expectation, UserRule, Way

_MOST = 100
"""With 4 KiB each their answers fit into what is kept of a host's."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the files gave."""

    rules: tuple[UserRule, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(inventory: Document, *, named: bool, folder: Path) -> Read:
    """Read all files that an inventory names.

    Args:
        inventory: not validated yet.
        named: whether the user named it; the commands of a file that merely lay in the working
            directory may be anybody's, and are not run.
        folder: where relative paths start.
    """
    paths = inventory.data.get("checks")
    if not isinstance(paths, list) or not paths:
        return Read()
    if not named:
        message = (
            "your own rules are refused in an inventory that was only found;"
            f" name it: -i {inventory.source}"
        )
        return Read(problems=(inventory.problem(("checks",), message),))
    rules: list[UserRule] = []
    problems: list[Problem] = []
    first: dict[str, str] = {}
    seen: set[str] = set()
    for index, text in enumerate(paths):
        if not isinstance(text, str) or not text.strip():
            continue  # the model refuses it
        if text in seen:
            problems.append(inventory.problem(("checks", index), f"{quoted(text)} is there twice"))
            continue
        seen.add(text)
        try:
            path = keyfile.locate(text, folder)
            if _is_no_file(path):
                problems.append(inventory.problem(("checks", index), f"not a file: {quoted(text)}"))
                continue
            document = nodes.compose(read_text(path, str(path)), str(path), nodes.RULES)
        except ValueError as error:
            problems.append(inventory.problem(("checks", index), str(error)))
            continue
        except Failure as error:
            problems += error.problems
            continue
        found = _file(document, first)
        rules += found.rules
        problems += found.problems
    if len(rules) > _MOST:
        message = f"{len(rules)} rules together, more than {_MOST}"
        problems.append(inventory.problem(("checks",), message))
    return Read(tuple(rules), tuple(problems))


def _is_no_file(path: Path) -> bool:
    """True of a FIFO, which would keep `open` waiting; what cannot be seen, `open` names."""
    try:
        return path.exists() and not path.is_file()
    except OSError:
        return False


def _file(document: Document, first: dict[str, str]) -> Read:
    problems = [*document.problems, *_contradictions(document, first)]
    try:
        model = RuleFile.model_validate(document.data)
    except ValidationError as error:
        problems += complaints.problems(error, document, RuleFile)
        return Read(problems=tuple(problems))
    for index, entry in enumerate(model.checks):
        if entry.since is not None and entry.until is not None and entry.until <= entry.since:
            message = f"no version is from v{entry.since} and before v{entry.until}"
            problems.append(document.problem(("checks", index, "until"), message))
    return Read(tuple(_rule(entry, document.source) for entry in model.checks), tuple(problems))


def _contradictions(document: Document, first: dict[str, str]) -> Iterator[Problem]:
    """What only shows between entries; `first` remembers where each id stands, of all files."""
    for loc, entry in entries(document.data, "checks"):
        name = text_at(entry, "id")
        here = f"{document.source}:{document.line((*loc, 'id'))}"
        if name and first.setdefault(name, here) != here:
            message = f"duplicate id {quoted(name)}, first in {first[name]}"
            yield document.problem((*loc, "id"), message)
        expect = map_at(entry, "expect")
        if isinstance(entry.get("expect"), dict) and not any(
            v is not None for v in expect.values()
        ):
            message = "the map is empty; without it the exit status decides"
            yield document.problem((*loc, "expect"), message)
        for one, other in ((Way.MATCHES, Way.DOES_NOT_MATCH), (Way.CONTAINS, Way.DOES_NOT_CONTAIN)):
            text = text_at(expect, one)
            if text and text == text_at(expect, other):
                yield document.problem((*loc, "expect", other), f"contradicts {one}")


def _rule(entry: RuleEntry, source: str) -> UserRule:
    expect = entry.expect
    given: tuple[Expectation | None, ...] = (
        *(expect.matches, expect.does_not_match, expect.contains, expect.does_not_contain),
        *(expect.string, expect.number, expect.version),
    )
    return UserRule(
        name=entry.id,
        command=entry.command.strip("\n"),
        title=entry.title or entry.id,
        expect=tuple(one for one in given if one is not None),
        exit_status=expect.exit_status,
        severity=entry.severity,
        roles=frozenset(entry.roles),
        since=entry.since,
        until=entry.until,
        seconds=entry.timeout,
        message=entry.message,
        fix=entry.fix,
        source=source,
    )
