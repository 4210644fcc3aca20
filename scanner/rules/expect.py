"""Does a command's output hold to what a rule expects? Numbers, versions, text and patterns.

Patterns are RE2's (docs/decisions/0011-user-rules.md): whatever a host prints, matching takes time
linear in it.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

from scanner.facts.base import FactMissing
from scanner.rules.rule import Expectation, Operator, Way

_OPERATORS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}
_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>) *(.+)")
_NUMBER = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_VERSION = re.compile(r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9}){1,7}(?![0-9])")
_PRE_RELEASE = re.compile(r"[-~.]?(?:alpha|beta|pre|rc)")
_ABSENCES = frozenset({Way.DOES_NOT_MATCH, Way.DOES_NOT_CONTAIN})
_TEXT_ONLY = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
_BYTES = 1 << 20
"""Memory of a compiled pattern and of its automata: RE2 gives up rather than take more."""


def read(way: Way, text: str) -> Expectation:
    """Read the value of one key of `expect`.

    Args:
        way: the key.
        text: a pattern, a text, or `OPERATOR VALUE`.

    Raises:
        ValueError: it is none; the message is for the user.
    """
    if way in {Way.MATCHES, Way.DOES_NOT_MATCH}:
        compiled(text)
        return Expectation(way, text)
    if way in {Way.CONTAINS, Way.DOES_NOT_CONTAIN}:
        if not text:
            raise ValueError("every output contains the empty text")
        return Expectation(way, text)
    match = _COMPARISON.fullmatch(text.strip())
    if match is None:
        example = {Way.NUMBER: ">= 4", Way.VERSION: ">= 1.7.0", Way.STRING: "== active"}[way]
        raise ValueError(f"expected a comparison such as '{example}'")
    sign, value = Operator(match[1]), match[2].strip()
    if way is Way.STRING and sign not in _TEXT_ONLY:
        raise ValueError("text is compared with == or != only; number and version have an order")
    if way is Way.NUMBER and not _NUMBER.fullmatch(value):
        raise ValueError("expected a number after the comparison, such as '>= 4'")
    if way is Way.VERSION and not re.fullmatch(r"v?[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}", value):
        raise ValueError("expected a version of digits and dots, such as '>= 1.7.0'")
    return Expectation(way, value, sign)


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """A pattern ready for use; `^` and `$` are the ends of each line.

    Raises:
        ValueError: RE2 does not take it; the message is for the user.
    """
    import re2  # noqa: PLC0415 - most runs have no pattern

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _BYTES
    try:
        return re2.compile(f"(?m:{pattern})", options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(
            f"not a pattern of RE2 (no look-around, no back-references): {words}"
        ) from None


def holds(expected: Expectation, output: str) -> bool:
    """True if the output is as expected; blanks at its end do not count.

    Args:
        expected: what `read` gave.
        output: at most OUTPUT_LIMIT bytes, decoded.

    Raises:
        FactMissing: it holds no number or version to compare, or nothing at all where
            something is not to be in it.
    """
    text = output.rstrip()
    way, value = expected.way, expected.value
    if not text and (way in _ABSENCES or _is_unequal_text(expected)):
        # `nosuch | cat` ends with 0 and prints nothing
        raise FactMissing("it printed nothing, so nothing shows that it has looked")
    compare = _OPERATORS[expected.operator]
    if way in {Way.MATCHES, Way.DOES_NOT_MATCH}:
        return (compiled(value).search(text) is not None) is (way is Way.MATCHES)
    if way in {Way.CONTAINS, Way.DOES_NOT_CONTAIN}:
        return (value in text) is (way is Way.CONTAINS)
    if way is Way.NUMBER:
        return compare(_number(text), Decimal(value))
    if way is Way.VERSION:
        return compare(_against(text, value), 0)
    return compare(text.strip(), value)


def _is_unequal_text(expected: Expectation) -> bool:
    return expected.way is Way.STRING and expected.operator is Operator.NOT_EQUAL


def _number(text: str) -> Decimal:
    word = text.strip()
    if not _NUMBER.fullmatch(word):
        raise FactMissing("its output is no number")
    try:
        return Decimal(word)
    except InvalidOperation:  # pragma: no cover - the pattern lets none through
        raise FactMissing("its output is no number") from None


def _against(text: str, value: str) -> int:
    """How the first version in the text stands to another one, as of `_order`."""
    found = _VERSION.search(text)
    if found is None:
        raise FactMissing("its output holds no version")
    wanted = tuple(map(int, value.removeprefix("v").split(".")))
    early = _PRE_RELEASE.match(text[found.end() : found.end() + 8]) is not None
    return _order(tuple(map(int, found[0].split("."))), wanted, early=early)


def _order(have: tuple[int, ...], wanted: tuple[int, ...], *, early: bool) -> int:
    """-1, 0 or 1 as the version found is older, the same or newer; 1.7 and 1.7.0 are the same."""
    for mine, other in zip_longest(have, wanted, fillvalue=0):
        if mine != other:
            return 1 if mine > other else -1
    return -1 if early else 0
