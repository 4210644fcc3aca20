"""~/.ssh/config: read once for each run, applied to each host by asyncssh's own rules.

asyncssh reads the file again for each connection. Here it is cut into blocks once, and for a host
only those blocks are evaluated that can concern it, so that 5,000 `Host` blocks for 5,000 hosts
cost 5,000 steps and not 25 million.
"""

from __future__ import annotations

import getpass
import shlex
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from asyncssh.config import ConfigParseError, SSHClientConfig, SSHConfig

from scanner.errors import HostUnreachable

if TYPE_CHECKING:
    from scanner.request import Login


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    keyword: str
    arguments: tuple[str, ...]


@dataclass(slots=True)
class _File:
    """One file's blocks; each begins with its Host or Match line, but for the first."""

    blocks: list[list[_Line]] = field(default_factory=lambda: [[]])
    literal: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Host name -> blocks that name it and nothing but plain names."""
    general: list[int] = field(default_factory=lambda: [0])
    """Blocks that have to be evaluated for every host."""

    def for_host(self, host: str) -> list[list[_Line]]:
        """The blocks that can concern a host, in the file's order."""
        return [self.blocks[index] for index in sorted(self.general + self.literal.get(host, []))]


class ConfigFiles:
    """The user's configuration with everything it includes, each file read once."""

    def __init__(self, path: Path | None):
        self._path = path
        self._files: dict[Path, _File] = {}
        self._globs: dict[str, tuple[Path, ...]] = {}
        self._local_user: str | None = None

    def options(self, login: Login) -> SSHClientConfig:
        """The options that hold for a login; its own user and port come first.

        Raises:
            HostUnreachable: the configuration has an error; the message has file and line.
        """
        try:
            config = self._evaluate(login, final=False)
            if config.has_match_final():
                config = self._evaluate(login, final=True)
        except (ConfigParseError, OSError, UnicodeDecodeError) as error:
            raise HostUnreachable(f"the SSH configuration cannot be used: {error}") from None
        return config

    @property
    def local_user(self) -> str:
        """The user who runs kscan; ssh's default for `User`."""
        if self._local_user is None:
            self._local_user = getpass.getuser()
        return self._local_user

    def _evaluate(self, login: Login, *, final: bool) -> _HostConfig:
        config = _HostConfig(self, login, final=final)
        if self._path is not None and (self._path in self._files or self._path.is_file()):
            config.parse(self._path)
        config.expand()
        return config

    def file(self, path: Path) -> _File:
        """The blocks of a file."""
        if path not in self._files:
            self._files[path] = _cut(path)
        return self._files[path]

    def included(self, pattern: str, folder: Path) -> tuple[Path, ...]:
        """The files of an Include, relative ones below ~/.ssh (ssh_config(5))."""
        if pattern not in self._globs:
            path = Path(pattern).expanduser()
            root = Path(path.anchor) if path.anchor else folder
            relative = str(path.relative_to(root)) if path.anchor else pattern
            self._globs[pattern] = tuple(sorted(p for p in root.glob(relative) if p.is_file()))
        return self._globs[pattern]


class _HostConfig(SSHClientConfig):
    """asyncssh's evaluation over the blocks that were read before."""

    _percent_expand = SSHClientConfig._percent_expand | {  # noqa: SLF001 # the class's own table, extended
        "UserKnownHostsFile",
        "GlobalKnownHostsFile",
    }

    def __init__(self, files: ConfigFiles, login: Login, *, final: bool):
        user = login.user if login.user is not None else ()
        port = login.port if login.port is not None else ()
        super().__init__(None, False, False, final, files.local_user, user, login.address, port)  # type: ignore[arg-type] # asyncssh's own "not given"
        self._files = files
        self._tokens = {"%": "%"}

    def parse(self, path: Path) -> None:
        """Evaluate a file; the same as the base class but for reading it."""
        self._path = path
        self._matching = True
        for block in self._files.file(path).for_host(self._orig_host):
            for line in block:
                self._line_no = line.number
                known = self._handlers.get(line.keyword)
                if known is None:
                    continue
                option, handler = known
                arguments = list(line.arguments)
                if not arguments:
                    self._error(f"Missing {option} value")
                handler(self, option, arguments)
                if arguments:
                    self._error(f"Extra data at end: {' '.join(arguments)}")
                if not self._matching:
                    break

    def expand(self) -> None:
        """Expand tokens and variables, once after all files."""
        self._set_tokens()
        for option in self._percent_expand & self._options.keys():
            value = self._options[option]
            if isinstance(value, list):
                self._options[option] = [self._expand_val(item) for item in value]
            elif isinstance(value, str):
                self._options[option] = self._expand_val(value)

    def _include(self, option: str, args: list[str]) -> None:  # noqa: ARG002 # the handlers' signature
        path, line = self._path, self._line_no
        for pattern in args:
            for included in self._files.included(pattern, self._default_path):
                self.parse(included)
        self._path, self._line_no, self._matching = path, line, True
        args.clear()

    _handlers = SSHClientConfig._handlers | {  # noqa: SLF001 # the class's own table, extended
        "include": ("Include", _include),
        "stricthostkeychecking": ("StrictHostKeyChecking", SSHConfig._set_string),  # noqa: SLF001 # the same
        "hashknownhosts": ("HashKnownHosts", SSHConfig._set_bool),  # noqa: SLF001 # the same
    }


def _cut(path: Path) -> _File:
    """Read a file and cut it into blocks."""
    file = _File()
    for number, text in enumerate(path.read_text().splitlines(), 1):
        try:
            line = _tokens(number, text.strip())
        except ValueError as error:
            raise ConfigParseError(f"{path} line {number}: {error}") from None
        if line is None:
            continue
        if line.keyword in ("host", "match"):
            index = len(file.blocks)
            file.blocks.append([line])
            names = line.arguments
            if line.keyword == "match" or any(set("*?!,") & set(name) for name in names):
                file.general.append(index)
            else:
                for name in dict.fromkeys(names):
                    file.literal[name].append(index)
        else:
            file.blocks[-1].append(line)
    return file


def _tokens(number: int, text: str) -> _Line | None:
    """`Keyword argument ...`, `Keyword=argument` and `Keyword = argument` (ssh_config(5))."""
    if not text or text.startswith("#"):
        return None
    words = shlex.split(text)
    keyword, equals, value = words[0].partition("=")
    arguments = words[1:]
    if equals:
        arguments = [value, *arguments] if value else arguments
    elif arguments and arguments[0].startswith("="):
        value = arguments.pop(0)[1:]
        arguments = [value, *arguments] if value else arguments
    keyword = keyword.lower()
    if keyword == "match":
        arguments = [part for word in arguments for part in word.split("=", 1) if part]
    if keyword in ("proxycommand", "remotecommand"):
        return _Line(number, keyword, (text[len(keyword) :].strip(" \t="),))
    for index, word in enumerate(arguments):
        if word.startswith("#"):
            del arguments[index:]
            break
    return _Line(number, keyword, tuple(arguments))
