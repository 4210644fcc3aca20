"""`reports/<run>/`: where a check leaves its reports."""

from __future__ import annotations

from pathlib import Path

from scanner.errors import UsageError
from scanner.private_file import whole_private
from scanner.render.base import Format, writer
from scanner.report import Report


def write_run(report: Report, reports: Path) -> tuple[Path, ...]:
    """Write report.json and report.html into a new directory named by the run.

    The directory is 0700 and its files are 0600: they tell where a fleet is weak.

    Raises:
        UsageError: the directory cannot be made or written.
    """
    directory = reports / report.header.run.id
    written = []
    try:
        directory.mkdir(mode=0o700, parents=True)
        for format_ in (Format.JSON, Format.HTML):
            path = directory / f"report.{format_}"
            with whole_private(path) as file:
                writer(format_)(report, file)
            written.append(path)
    except OSError as error:
        raise UsageError(f"{directory}: cannot write the report: {error.strerror}") from error
    return tuple(written)
