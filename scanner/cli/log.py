"""Python's logging for a run: to stderr and into a file, without secrets and harmless to show."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from scanner.cli.tell import say
from scanner.errors import UsageError
from scanner.render.harmless import harmless
from scanner.runs.private_file import open_private
from scanner.secrets.redact import redactor

_LEVELS = (
    {"scanner": logging.WARNING},
    {"scanner": logging.INFO},
    {"scanner": logging.DEBUG, "asyncssh": logging.INFO},
    # asyncssh's own debug level stays at 1: its third prints packets, and passwords are in them
    {"scanner": logging.DEBUG, "asyncssh": logging.DEBUG},
)
"""For each -v; what is not named is not shown."""
_OF_A_FILE = 2
_NEVER = logging.CRITICAL + 1
_LONGEST = 4000  # characters of a line


@contextmanager
def logs(verbose: int, path: Path | None) -> Iterator[None]:
    """Show and keep what is logged in the block; its redactor is the one of this moment.

    Args:
        verbose: how many -v.
        path: the log file, 0600, which gets at least what -vv shows; None for none.

    Raises:
        UsageError: the file cannot be written.
    """
    with ExitStack() as stack:
        shown = _Quiet(sys.stderr)
        shown.setFormatter(_Formatter("kscan: %(message)s" if verbose == 0 else _FORMAT))
        _install(stack, shown, verbose)
        if path is not None:
            try:
                file = open_private(path)
            except OSError as error:
                raise UsageError(f"--log-file {path}: {error.strerror}") from error
            kept = _Quiet(file)
            kept.setFormatter(_Formatter(_FORMAT))
            stack.callback(_close, file, path)
            _install(stack, kept, max(verbose, _OF_A_FILE))
        yield


_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Quiet(logging.StreamHandler[TextIO]):
    """Writes no more once it cannot: a full disk costs the log, not the run."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        del record
        self.setLevel(_NEVER)


def _close(file: TextIO, path: Path) -> None:
    try:
        file.flush()
    except OSError as error:
        say(f"kscan: --log-file {path}: is not whole: {error.strerror}")
    with contextlib.suppress(OSError):
        file.close()


class _Formatter(logging.Formatter):
    """One line for each event, whatever a host has put into it."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self._redactor = redactor()

    def format(self, record: logging.LogRecord) -> str:
        return harmless(self._redactor.text(super().format(record)), limit=_LONGEST)


def _install(stack: ExitStack, handler: logging.Handler, verbose: int) -> None:
    levels = _LEVELS[min(verbose, len(_LEVELS) - 1)]
    handler.addFilter(lambda record: record.levelno >= levels.get(record.name.split(".")[0], 99))
    for name, level in levels.items():
        logger = logging.getLogger(name)
        before = logger.level
        logger.setLevel(min(level, before or level))
        logger.addHandler(handler)
        stack.callback(logger.removeHandler, handler)
        stack.callback(logger.setLevel, before)
