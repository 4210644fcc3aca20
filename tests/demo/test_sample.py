"""`reports/sample/`: a report in every format, as this kscan writes it."""

from __future__ import annotations

from scanner.render.base import Format
from tests.demo.sample import FOLDER, documents


def test_the_sample_is_in_sync() -> None:
    for name, text in documents():
        assert (FOLDER / name).read_bytes().decode() == text, f"{name}: run `make sample`"


def test_every_format_has_its_sample_and_nothing_else_is_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {form.file_name for form in Format}
