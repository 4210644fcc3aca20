"""Secrets are named in an inventory, never written into it: `env:NAME`, `file:PATH`, `prompt`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from scanner.inventory.document import Document
from scanner.inventory.keyfile import locate
from scanner.inventory.layout import sections, text_at
from scanner.inventory.problems import Problem, quoted
from scanner.secrets.secret import Kind, Secret
from scanner.secrets.value import of_file, of_text

SECRETS = ("password", "passphrase", "sudoPassword")
"""Keys whose values are references."""

PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|prompt)$"


def reference(text: str) -> str:
    """A reference to a secret; what it is instead is never repeated, because it may be one.

    Raises:
        ValueError: it is something else.
    """
    if not re.fullmatch(PATTERN, text) or not text.isprintable():
        raise ValueError(
            "expected env:NAME, file:PATH or prompt; the secret itself never stands in an inventory"
        )
    return text


def secret(text: str | None, folder: Path, asked: str) -> Secret | None:
    """The secret that a checked reference means, not read yet.

    Args:
        text: the reference; None if there is none.
        folder: where relative paths start.
        asked: what the user is asked for; equal words are asked for once.

    Raises:
        ValueError: it starts at the home directory of a user that does not exist.
    """
    if text is None:
        return None
    kind, _, rest = text.partition(":")
    if kind == Kind.FILE:
        return Secret.at(Kind.FILE, str(locate(rest, folder)))
    return Secret.at(Kind(kind), rest or asked)


def unusable(
    document: Document, *, named: bool, folder: Path, environ: Mapping[str, str]
) -> Iterator[Problem]:
    """Report references to what is no secret, or that a file nobody named may not follow.

    The values are looked at and not kept; the ones that a run needs are read once more for it.

    Args:
        document: the inventory.
        named: whether the user named the file; a file that merely lay in the working directory
            may come from anybody and could send this user's secrets to its own hosts.
        folder: where relative paths start.
        environ: the environment.
    """
    for loc, section in sections(document.data):
        for key in SECRETS:
            text = text_at(section, key)
            kind, colon, rest = text.partition(":")
            if not colon or not re.fullmatch(PATTERN, text):
                continue  # the model refuses it, and it may be the secret itself
            if not named:
                message = (
                    f"{kind}: is refused in an inventory that was only found;"
                    f" name it: -i {document.source}"
                )
            elif kind == "env":
                message = _wrong_variable(environ, rest)
            else:
                message = _unreadable(folder, rest)
            if message:
                yield document.problem((*loc, key), message)


def _wrong_variable(environ: Mapping[str, str], name: str) -> str:
    if name not in environ:
        return f"the variable {quoted(name)} is not set"
    try:
        of_text(environ[name])
    except ValueError as error:
        return f"the variable {quoted(name)} {error}"
    return ""


def _unreadable(folder: Path, text: str) -> str:
    try:
        path = folder / Path(text).expanduser()
        if not path.is_file():
            return f"no such file: {quoted(text)}"
        if not os.access(path, os.R_OK):
            return f"cannot be read: {quoted(text)}"
    except (OSError, RuntimeError, ValueError):
        return f"cannot be read: {quoted(text)}"
    try:
        of_file(path)
    except ValueError as error:
        return f"the file {quoted(text)} {error}"
    return ""
