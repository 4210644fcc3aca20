"""Edges in files that a person reads when they change."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

from scanner.render import json as json_format
from scanner.render import schema
from tests.edges.fleet import plan
from tests.edges.reports import DROPPED, PATHS, report, shown
from tests.edges.tallies import tally


def test_golden(golden: Callable[[str, str], None]) -> None:
    found = tally(plan(), DROPPED, paths=PATHS)
    out = io.StringIO()
    json_format.write(report(found), out)
    golden("edges.json", json.dumps(json.loads(out.getvalue())["edges"], indent=1) + "\n")
    golden("edges.txt", shown(found))


def test_the_schema_has_the_lists_of_a_host() -> None:
    kinds = schema.schema()["$defs"]
    assert set(kinds["EdgePaths"]["required"]) == {"hosts", "from"}
    assert set(kinds["PathsFrom"]["required"]) == {"to", "ms", "mtu"}
