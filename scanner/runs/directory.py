"""`reports/<run>/`, where a check leaves its reports, and the link `latest` to the newest."""

from __future__ import annotations

import os
from pathlib import Path

from scanner.errors import UsageError
from scanner.render.base import Format, writer
from scanner.report import Report
from scanner.runs.private_file import whole_private
from scanner.runs.run_id import RUN_ID

LATEST = "latest"
FORMATS = (Format.JSON, Format.HTML)
FIX = "fix"
"""The directory of a run's scripts, and of what they said."""


def write_run(report: Report, reports: Path) -> tuple[Path, ...]:
    """Write report.json and report.html into a new directory named by the run.

    The directory is 0700 and its files are 0600: they tell where a fleet is weak.

    Raises:
        UsageError: the directory cannot be made or written.
    """
    directory = reports / report.header.run.id
    written = []
    try:
        reports.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700)
        for format_ in FORMATS:
            path = directory / format_.file_name
            with whole_private(path) as file:
                writer(format_)(report, file)
            written.append(path)
    except OSError as error:
        raise UsageError(f"{directory}: cannot write the report: {error.strerror}") from error
    return tuple(written)


def point_latest(reports: Path, run_id: str) -> str:
    """Let `reports/latest` be a link to a run; what is there and no link of kscan's stays.

    Returns:
        Why it does not point there, in one line; empty if it does.
    """
    link = reports / LATEST
    try:
        if os.path.lexists(link) and not _is_ours(link):
            return f"{link} is not a link to one of kscan's runs: left as it is"
        part = reports / f".{LATEST}.{os.getpid()}"
        part.unlink(missing_ok=True)
        part.symlink_to(run_id)
        try:
            part.replace(link)
        except OSError:
            part.unlink()
            raise
    except OSError as error:
        return f"{link}: no link to {run_id} could be made: {error.strerror}"
    return ""


def _is_ours(link: Path) -> bool:
    return link.is_symlink() and RUN_ID.fullmatch(str(link.readlink())) is not None
