"""The architecture, kept by reading the imports: a pure middle, I/O at the edges."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "scanner"
PURE = (
    "facts",
    "checks",
    "diff",
    "kubeadm",
    "fleet",
    "fix",
    "rules",
    "catalogue.py",
    "disagreements.py",
    "evaluate.py",
    "explained.py",
    "explanations.py",
    "ignore.py",
    "matrix.py",
    "resolve.py",
    "selection.py",
    "target.py",
    "versions.py",
)
EDGES_THAT_TALK = {
    "crew.py",
    "forwarded.py",
    "gather.py",
    "patience.py",
    "scan.py",
    "questions.py",
    "talk.py",
}
"""Of scanner/edges; its other files are pure, and on_host/ is sent and never imported."""
VERIFY_THAT_TALKS = {
    "answered.py",
    "api.py",
    "credentials.py",
    "daemon.py",
    "discovery.py",
    "etcd_members.py",
    "gather.py",
    "manifests.py",
    "memory_file.py",
    "pod_command.py",
    "reach.py",
    "run.py",
    "trial.py",
    "tunnel.py",
}
"""Of scanner/verify, beside smoke/; its other files are pure."""
SMOKE_THAT_IS_PURE = {"dns_query.py", "steps.py", "workload.py"}
KUBERNETES = {"answered.py", "api.py", "pod_command.py"}
"""The only files that import the library."""
CLUSTER_THAT_ACTS = {
    *(
        "connections.py",
        "execute.py",
        "folder.py",
        "journal.py",
        "lock.py",
        "own_file.py",
        "prove.py",
        "recover.py",
    ),
    *("run.py", "script.py", "sources.py", "work.py"),
}
"""Of scanner/cluster; its other files only say what is done."""
IMPURE = {
    "asyncio",
    "asyncssh",
    "kubernetes",
    "typer",
    "rich",
    "subprocess",
    "socket",
    "os",
    "time",
    "random",
    "pydantic",
}
ASYNCSSH = ("transport", "demo")
LINES = 300


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def is_pure_edge(path: Path) -> bool:
    return path.parent.name == "edges" == place(path) and path.name not in EDGES_THAT_TALK


def is_pure_verify(path: Path) -> bool:
    if place(path) != "verify":
        return False
    if path.parent.name == "smoke":
        return path.name in SMOKE_THAT_IS_PURE
    return path.name not in VERIFY_THAT_TALKS


def says_what_is_done(path: Path) -> bool:
    return place(path) == "cluster" and path.name not in CLUSTER_THAT_ACTS


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_file_keeps_to_its_layer(path: Path) -> None:
    names = set(imports(path))
    roots = {name.split(".")[0] for name in names}
    pure = (is_pure_edge(path), is_pure_verify(path), says_what_is_done(path))
    if place(path) in PURE or any(pure):
        assert not roots & IMPURE
        assert not {name for name in names if name.startswith("scanner.transport")}
    if place(path) not in ASYNCSSH:
        assert "asyncssh" not in roots
    if place(path) != "verify" or path.name not in KUBERNETES:
        assert "kubernetes" not in roots
    if place(path) == "render":
        assert not {name for name in names if name.startswith(("scanner.transport", "asyncio"))}
    if place(path) not in {"cli", "__main__.py"}:
        assert not {name for name in names if name.startswith("scanner.cli")}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    assert path.name == "__main__.py" or ast.get_docstring(ast.parse(text))
    assert path.stem not in {"utils", "helpers", "common", "core"}


def test_the_layer_test_sees_imports() -> None:
    """A layer test that finds no import at all would pass whatever the code does."""
    assert "pydantic" in set(imports(PACKAGE / "runs" / "spool.py"))
    assert "asyncssh" in {name for path in sources() for name in imports(path)}


def test_no_test_is_taken_from_another_test() -> None:
    """What several tests need has a file of its own, which says what it is."""
    tests = Path(__file__).parent
    taken = [
        f"{path.relative_to(tests)}: {name}"
        for path in tests.rglob("*.py")
        for name in imports(path)
        if name.startswith("tests.") and name.rpartition(".")[2].startswith("test_")
    ]
    assert taken == []
