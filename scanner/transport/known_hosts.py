"""known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): what they say about one host key.

Plain names are found in an index. A hashed entry can only be compared by an HMAC over its own salt,
and a pattern by matching it: of those only the ones with the key that the host presents are
compared with its name, and all of them only when none fits. A hash that was recognised once is a
plain name from then on, as it stands for one name only: a thousand clones with one host key would
else cost a million HMACs.
"""

from __future__ import annotations

import base64
import binascii
import enum
import functools
import hashlib
import hmac
import os
import re
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.errors import HostUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_FIELDS = 3  # names, key type, key
_SALT_BYTES = 20  # the length of the hash, as ssh-keygen -H does


class Marker(enum.Enum):
    """What an entry is for."""

    HOST = ""
    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One line."""

    names: str
    marker: Marker
    key: bytes
    """The public key as it goes over the wire (RFC 4253, 6.6)."""
    where: str
    """`file:line`."""

    @property
    def is_hashed(self) -> bool:
        """True for `|1|salt|HMAC` (HashKnownHosts)."""
        return self.names.startswith("|1|")

    def names_host(self, name: str) -> bool:
        """True if this entry is about a host of this name, in lower case."""
        if self.is_hashed:
            return _is_hash_of(self.names, name)
        return _matches_list(self.names.lower(), name)


class Standing(enum.Enum):
    """What the files say about a key that a host presents."""

    KNOWN = enum.auto()
    UNKNOWN = enum.auto()
    """Nothing is known about this host."""
    OTHER_TYPE = enum.auto()
    """The host is known, by keys of other types only."""
    CHANGED = enum.auto()
    """The host is known by another key of this type."""
    REVOKED = enum.auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A standing, with the entries that it rests on."""

    standing: Standing
    entries: tuple[Entry, ...] = ()


class KnownHostsFile:
    """One file in memory; a line that cannot be read is skipped, as ssh does."""

    def __init__(self, path: Path):
        self.path = path
        self._named: defaultdict[str, list[Entry]] = defaultdict(list)
        """Host name -> the entries that name it and are no patterns."""
        self._others: dict[Entry, None] = {}
        """Hashes and patterns, in the file's order."""
        self._others_by_key: defaultdict[bytes, dict[Entry, None]] = defaultdict(dict)
        self.marked: list[Entry] = []
        """Authorities and revoked keys: few, and compared for each host."""
        for number, line in enumerate(_lines(path), 1):
            self._add(line, f"{path}:{number}")

    def with_key(self, names: Sequence[str], key: bytes) -> Entry | None:
        """The entry by which one of these names has this key."""
        for name in names:
            for entry in self._named.get(name, ()):
                if entry.key == key:
                    return entry
        for entry in self._others_by_key.get(key, ()):
            for name in names:
                if entry.names_host(name):
                    self._recognise(entry, name)
                    return entry
        return None

    def about(self, name: str) -> list[Entry]:
        """All entries of a host, whatever their keys."""
        others = (entry for entry in self._others if entry.names_host(name))
        return [*self._named.get(name, ()), *others]

    def append(self, name: str, key: bytes, *, hashed: bool) -> None:
        """Write a new entry with one write to the end of the file, and know it from now on.

        Raises:
            OSError: the file cannot be written; the key is known for this run all the same.
        """
        names = _hash(name) if hashed else name
        line = f"{names} {key_type(key)} {base64.b64encode(key).decode()}"
        self._add(line, f"{self.path}:new")
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(file).st_size
            unfinished = size > 0 and os.pread(file, 1, size - 1) != b"\n"
            start = "\n" if unfinished else ""
            os.write(file, f"{start}{line}\n".encode())
        finally:
            os.close(file)

    def _add(self, line: str, where: str) -> None:
        words = line.split()
        marker = Marker.HOST
        if words and words[0].startswith("@"):
            try:
                marker = Marker(words.pop(0))
            except ValueError:
                return
        if len(words) < _FIELDS or words[0].startswith("#"):
            return
        try:
            key = base64.b64decode(words[2], validate=True)
        except binascii.Error:
            return
        entry = Entry(words[0], marker, key, where)
        if marker is not Marker.HOST:
            self.marked.append(entry)
        elif entry.is_hashed or any(sign in entry.names for sign in "*?!"):
            self._others[entry] = None
            self._others_by_key[key][entry] = None
        else:
            for name in entry.names.lower().split(","):
                self._named[name].append(entry)

    def _recognise(self, entry: Entry, name: str) -> None:
        if entry.is_hashed:
            del self._others[entry], self._others_by_key[entry.key][entry]
            self._named[name].append(entry)


class KnownHosts:
    """All known_hosts files of a run, each read once."""

    def __init__(self) -> None:
        self._files: dict[Path, KnownHostsFile] = {}

    def file(self, path: Path) -> KnownHostsFile:
        """One file, read when it is first asked for."""
        if path not in self._files:
            self._files[path] = KnownHostsFile(path)
        return self._files[path]

    def judge(self, paths: Sequence[Path], names: Sequence[str], key: bytes) -> Judgement:
        """What the files say about a key.

        Args:
            paths: the files that count for this host.
            names: the host's name in known_hosts, then others under which only a match counts
                (ssh accepts `[host]:2222` by an entry for `host`, but never calls it changed).
            key: the presented key.
        """
        files = [self.file(path) for path in paths]
        for entry in self.marked(paths, names, Marker.REVOKED):
            if entry.key == key:
                return Judgement(Standing.REVOKED, (entry,))
        for file in files:
            if (found := file.with_key(names, key)) is not None:
                return Judgement(Standing.KNOWN, (found,))
        known = tuple(entry for file in files for entry in file.about(names[0]))
        if not known:
            return Judgement(Standing.UNKNOWN)
        kind = key_type(key)
        same_type = tuple(entry for entry in known if key_type(entry.key) == kind)
        if same_type:
            return Judgement(Standing.CHANGED, same_type)
        return Judgement(Standing.OTHER_TYPE, known)

    def marked(self, paths: Iterable[Path], names: Sequence[str], marker: Marker) -> list[Entry]:
        """The authorities or revoked keys that hold for a host."""
        return [
            entry
            for path in paths
            for entry in self.file(path).marked
            if entry.marker is marker and any(entry.names_host(name) for name in names)
        ]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode(errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        # ssh would go on without the file, and then call every host unknown
        raise HostUnreachable(f"{path} cannot be read: {error.strerror}") from None


def key_type(key: bytes) -> str:
    """The type at the beginning of a public key, such as `ssh-ed25519` (RFC 4253, 6.6)."""
    length = int.from_bytes(key[:4], "big")
    return key[4 : 4 + length].decode("ascii", "replace")


def fingerprint(key: bytes) -> str:
    """`SHA256:...`, as ssh-keygen -l prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _hash(name: str) -> str:
    """A name as HashKnownHosts writes it: `|1|salt|HMAC-SHA1`."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _hmac(salt, name)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _hmac(salt: bytes, name: str) -> bytes:
    return hmac.digest(salt, name.encode(), "sha1")


def _is_hash_of(hashed: str, name: str) -> bool:
    try:
        _, _, salt, digest = hashed.split("|")
        return _hmac(base64.b64decode(salt), name) == base64.b64decode(digest)
    except (ValueError, binascii.Error):
        return False


def _matches_list(patterns: str, name: str) -> bool:
    """A comma-separated list: one pattern fits, and none with `!` does."""
    if patterns == name:
        return True
    fits = False
    for pattern in patterns.split(","):
        negated = pattern.startswith("!")
        if _pattern(pattern.removeprefix("!")).fullmatch(name):
            if negated:
                return False
            fits = True
    return fits


@functools.lru_cache(maxsize=16384)
def _pattern(pattern: str) -> re.Pattern[str]:
    """`*` and `?` are wildcards, everything else stands for itself, brackets too."""
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(char) or re.escape(char) for char in pattern), re.DOTALL)
