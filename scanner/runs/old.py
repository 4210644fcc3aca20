"""Taking old run directories away: only what kscan has surely made, and nothing besides."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from scanner.render.base import Format
from scanner.report import SCHEMA
from scanner.runs.directory import FIX, FORMATS
from scanner.runs.run_id import RUN_ID

_FILES = frozenset(format_.file_name for format_ in FORMATS)
_HEAD = 4096
"""Bytes of report.json in which its schema and its run's id stand, as kscan writes it."""


def remove_old_runs(reports: Path, keep: int, current: str) -> tuple[str, ...]:
    """Take away all runs but the newest ones.

    A run is a directory of kscan's if it is called as kscan calls its runs, belongs to this user,
    holds report.json and perhaps report.html as plain files and nothing else, and the report.json
    is of the run of that name. One of `kscan fix` holds the directory `fix` and nothing else, with
    scripts of the run of that name, their logs and nothing else. Everything else is neither counted
    nor touched, nor is any link followed.

    Args:
        reports: where they are.
        keep: how many stay, 1 or more; `current` is one of them, however late the clock is.
        current: the id of the run that was written just now.

    Returns:
        What could not be taken away, a line each.
    """
    try:
        newest_first = sorted((name for name in _runs(reports) if name != current), reverse=True)
    except OSError as error:
        return (f"{reports}: cannot be looked through: {error.strerror}",)
    problems = []
    for name in reversed(newest_first[keep - 1 :]):
        try:
            _remove(reports / name)
        except OSError as error:
            problems.append(f"{reports / name}: cannot be removed: {error.strerror}")
    return tuple(problems)


def _runs(reports: Path) -> Iterator[str]:
    with os.scandir(reports) as entries:
        for entry in entries:
            if RUN_ID.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                try:
                    if _is_ours(Path(entry.path)):
                        yield entry.name
                except OSError:
                    continue  # what cannot be read cannot be known to be kscan's


def _is_ours(directory: Path) -> bool:
    if directory.stat().st_uid != os.geteuid():
        return False
    with os.scandir(directory) as entries:
        files = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    if files.keys() == {FIX}:
        return _are_scripts(directory / FIX, directory.name)
    report = Format.JSON.file_name
    if not files.keys() <= _FILES or not all(files.values()) or report not in files:
        return False
    with (directory / report).open("rb") as file:
        head = file.read(_HEAD)
    begin = f'{{"schema":"{SCHEMA}",\n'.encode()
    return head.startswith(begin) and f'"run":{{"id":"{directory.name}",'.encode() in head


def _are_scripts(directory: Path, run: str) -> bool:
    if directory.is_symlink() or not directory.is_dir():
        return False
    with os.scandir(directory) as entries:
        files = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    scripts = {name for name in files if name.endswith(".sh")}
    logs = {f"{name.removesuffix('.sh')}.log" for name in scripts}
    if not scripts or not files.keys() <= scripts | logs or not all(files.values()):
        return False
    return all(_is_script(directory / name, run) for name in scripts)


def _is_script(path: Path, run: str) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return head.startswith(b"#!/bin/sh\n") and f"\n# by the run {run}. ".encode() in head


def _remove(directory: Path) -> None:
    """Take the known files out, then the directory if nothing else has come into it."""
    if (directory / FIX).is_dir():
        _remove_files(directory / FIX, {path.name for path in (directory / FIX).iterdir()})
        (directory / FIX).rmdir()
    else:
        _remove_files(directory, _FILES)
    directory.rmdir()


def _remove_files(directory: Path, names: AbstractSet[str]) -> None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    descriptor = os.open(directory, flags)
    try:
        for name in sorted(names):
            try:
                mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
            except FileNotFoundError:
                continue
            if stat.S_ISREG(mode):
                os.unlink(name, dir_fd=descriptor)
    finally:
        os.close(descriptor)
