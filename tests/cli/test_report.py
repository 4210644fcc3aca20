"""`kscan report`, and every command's `--format`."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from scanner.cli import sources
from scanner.demo import CAPTURES
from scanner.render.base import Format
from scanner.render.json import write
from scanner.render.saved import read
from scanner.report import Report
from tests.command import Kscan
from tests.render.fleet import between_hosts, report_of, small_fleet

STARTS = {
    Format.TERMINAL: " ",
    Format.JSON: '{"schema":"kscan.report/v1"',
    Format.HTML: "<!DOCTYPE html>",
    Format.JUNIT: "<?xml",
    Format.MARKDOWN: "# NOT READY: 4 of 8 hosts ready",
    Format.CSV: "host,address,",
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    run.mkdir()
    path = run / "report.json"
    with path.open("w", encoding="utf-8") as out:
        write(report_of(small_fleet(), fleet=between_hosts()), out)
    return path


@pytest.mark.parametrize("form", Format)
def test_every_format(kscan: Kscan, saved: Path, form: Format) -> None:
    ended = kscan("report", saved, "--format", form)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith(STARTS[form])


def test_json_again_is_the_same_document(kscan: Kscan, saved: Path) -> None:
    assert kscan("report", saved, "--format", "json").out == saved.read_text(encoding="utf-8")


def test_a_directory_and_the_newest_run(kscan: Kscan, saved: Path, tmp_path: Path) -> None:
    wanted = kscan("report", saved).out
    assert kscan("report", saved.parent).out == wanted
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "latest").symlink_to(saved.parent)
    assert kscan("report").out == wanted
    assert kscan("report", "reports/latest").out == wanted


def test_stdin(kscan: Kscan, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with saved.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        ended = kscan("report", "-", "--format", "csv")
    assert ended.status == 0
    assert ended.out == kscan("report", saved, "--format", "csv").out


def test_a_pipe_is_read_once(kscan: Kscan, saved: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=lambda: pipe.write_bytes(saved.read_bytes()))
    feeder.start()
    ended = kscan("report", pipe, "--format", "markdown")
    feeder.join()
    assert ended.status == 0
    assert ended.out.startswith(STARTS[Format.MARKDOWN])


def test_no_copy_of_a_pipe_has_a_name(
    kscan: Kscan, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    seen: list[list[str]] = []

    def spy(path: Path, shown: str | None = None) -> Report:
        seen.append([child.name for child in temporary.iterdir()])
        return read(path, shown)

    monkeypatch.setattr(sources, "read", spy)
    with saved.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert kscan("report", "-").status == 0
    assert seen == [[]]


def test_the_output_is_not_what_is_read(kscan: Kscan, saved: Path, tmp_path: Path) -> None:
    before = saved.read_text()
    (tmp_path / "link.json").symlink_to(saved)
    for source, output in ((saved, saved), (saved.parent, saved), (saved, "link.json")):
        for words in (("report", source, "--format", "html"), ("diff", "/dev/null", source)):
            ended = kscan(*words, "-o", output)
            assert (ended.status, ended.out) == (2, "")
            assert ended.err == f"kscan: --output {output}: is the report that is read\n"
    assert saved.read_text() == before


def test_output_is_private(kscan: Kscan, saved: Path, tmp_path: Path) -> None:
    ended = kscan("report", saved, "--format", "junit", "--output", "junit.xml")
    assert (ended.status, ended.out) == (0, "")
    assert (tmp_path / "junit.xml").read_text().startswith("<?xml")
    assert (tmp_path / "junit.xml").stat().st_mode & 0o777 == 0o600


def test_wide_and_compact(kscan: Kscan, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    wide = kscan("report", saved, "--wide").out
    compact = kscan("report", saved, "--compact").out
    fitting = kscan("report", saved).out
    assert "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml  " in wide
    assert "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml  " not in fitting
    assert len(compact.splitlines()) < len(fitting.splitlines()) / 2
    assert max(map(len, compact.splitlines())) <= 60


def empty(path: Path) -> None:
    path.write_text("")


def cut(path: Path) -> None:
    path.write_text(path.read_text()[:900])


def other(path: Path) -> None:
    path.write_text('{"schema":"kscan.report/v9"}')


def surrogate(path: Path) -> None:
    path.write_text(path.read_text().replace('"name":"prod"', '"name":"\\ud800"'))


def crooked_edges(path: Path) -> None:
    document = json.loads(path.read_text())
    document["edges"] = {
        "mode": "full",
        "ports": [],
        "possible": 1,
        "counts": {},
        "sampled": False,
        "rows": [],
        "leftOut": 0,
        "hosts": ["cp1"],
        "matrix": ["--"],
    }
    path.write_text(json.dumps(document))


def crooked_paths(path: Path) -> None:
    crooked_edges(path)
    document = json.loads(path.read_text())
    rows = [{"to": [1], "ms": [0.4], "mtu": [1500], "arrived": []}]
    document["edges"] |= {"hosts": [], "matrix": [], "paths": {"hosts": ["cp1"], "from": rows}}
    path.write_text(json.dumps(document))


def paths_of_nobody(path: Path) -> None:
    crooked_paths(path)
    document = json.loads(path.read_text())
    rows = [{"to": [1], "ms": [0.4], "mtu": [1500], "arrived": []}] * 2
    rows[1] = {**rows[1], "to": [0]}
    document["edges"]["paths"] = {"hosts": ["cp1", "nobody"], "from": rows}
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "damage", [empty, cut, other, surrogate, crooked_edges, crooked_paths, paths_of_nobody]
)
def test_a_wrong_file_is_one_line(kscan: Kscan, saved: Path, damage: object) -> None:
    assert callable(damage)
    damage(saved)
    for words in (["report", saved], ["diff", saved, saved]):
        ended = kscan(*words)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.count("\n") == 1
        assert ended.err.startswith(f"kscan: {saved}: ")


WRONG = {
    ("report", "none.json"): "none.json: No such file",
    ("report",): "reports/latest: No such file",
    ("report", "."): "there is no report.json in this directory",
    ("report", "/dev/null"): "/dev/null: not a report of kscan",
    ("report", "none.json", "--format", "pdf"): "pdf",
    ("report", "none.json", "--output", "no/such/x"): "no/such/x",
    ("report", "none.json", "--output", "."): "is a directory",
    ("diff",): "OLD",
    ("diff", "none.json", "other.json"): "none.json: No such file",
    ("diff", "-", "-"): "not both",
    ("diff", "none.json", "--format", "html"): "html",
    ("check", "--host", "a", "--keep", "0"): "--keep",
    ("check", "--host", "a", "--keep", "2", "--format", "json"): "--keep is about report dir",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words(kscan: Kscan, words: tuple[str, ...]) -> None:
    ended = kscan(*words)
    assert (ended.status, ended.out) == (2, "")
    assert WRONG[words] in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("command", ["check", "evaluate", "demo", "report"])
def test_every_command_has_every_format(kscan: Kscan, command: str) -> None:
    text = "".join(kscan(command, "--help").out.split())
    assert f"<{'|'.join(Format)}>" in text


@pytest.mark.parametrize("form", Format)
def test_captures_are_judged_in_every_format(kscan: Kscan, form: Format) -> None:
    ended = kscan("evaluate", CAPTURES, "--format", form)
    assert (ended.status, ended.err) == (3, "")
    assert ended.out.startswith(STARTS[form].partition(": 4")[0])


@pytest.mark.parametrize("version", ["v1.13.0", "v1.20.2", "v1.31.0", "v1.37.0"])
def test_captures_are_judged_for_any_version(kscan: Kscan, version: str) -> None:
    ended = kscan("evaluate", CAPTURES, "--kubernetes-version", version, "--format", "json")
    assert ended.status == 3
    document = json.loads(ended.out)
    assert document["cluster"]["kubernetesVersion"] == version
    assert document["summary"]["hosts"]["total"] == 10
