"""Options and fixtures of the whole test run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

from scanner.cli import main
from tests.command import Ended, Kscan

# A time limit for one example would be a timed test, and machines are shared.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden/ anew")


@pytest.fixture
def kscan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Kscan:
    """Call `kscan` in an empty directory and HOME."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KSCAN_INVENTORY", raising=False)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    def call(*words: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["kscan", *map(str, words)])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        captured = capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    return call
