from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import InventoryError
from scanner.inventory.load import load
from scanner.inventory.overrides import Loaded, Overrides


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test stands in a folder of its own, so that files have the names users give."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def loaded() -> Callable[..., Loaded]:
    def run(text: str | bytes, overrides: Overrides | None = None, *, named: bool = True) -> Loaded:
        path = Path("inventory.yaml")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        environ = {"SET": "x", "EMPTY": "", "LATIN1": "hun\udcffter2", "LINES": "one\ntwo"}
        return load(path, named=named, overrides=overrides, environ=environ)

    return run


@pytest.fixture
def lines(loaded: Callable[..., Loaded]) -> Callable[..., list[str]]:
    def run(text: str | bytes, *args: object, **options: object) -> list[str]:
        with pytest.raises(InventoryError) as caught:
            loaded(text, *args, **options)
        return str(caught.value).splitlines()

    return run
