"""The file systems under a node's data: space, inodes, type and mount options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import FactMissing, ParseError
from scanner.facts.fields import Fields

_NUMBERS = 5
_LONGEST = 19
"""Digits: 2**63 has as many."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of /proc/self/mountinfo (proc(5))."""

    point: str
    kind: str
    """The file system's type, such as ext4 or nfs4."""
    read_only: bool
    noexec: bool


@dataclass(frozen=True, slots=True)
class Volume:
    """What holds a directory's data, or will when it is made."""

    place: str
    """The directory itself, or the nearest one above it that exists; without links if this login
    may enter it."""
    total_bytes: int
    free_bytes: int
    """For everybody: without the blocks that are kept for root (statfs(2), f_bavail)."""
    inodes: int
    """0 where the file system has no fixed number of them."""
    free_inodes: int
    mount: Mount


@dataclass(frozen=True, slots=True)
class Storage:
    """The volumes of the paths that were asked about."""

    volumes: Mapping[str, Volume]
    unknown: frozenset[str] = frozenset()
    """Paths about whose file system nothing could be said."""

    def under(self, path: str) -> Volume:
        """The volume of one path.

        Raises:
            FactMissing: it was not asked about, or could not be told.
        """
        volume = self.volumes.get(path)
        if volume is None:
            why = "could not be asked" if path in self.unknown else "was not asked"
            raise FactMissing(f"the host {why} about the file system of {path}")
        return volume


def parse_storage(text: str) -> Storage:
    """Read `path=` and `place=` in pairs, `space=` of each place, and `mount=` of their mounts."""
    fields = Fields.of(text)
    paths, places = fields.all("path"), fields.all("place")
    if fields.get("mounts") != "read" or len(paths) != len(places):
        raise ParseError("the mounts were not read to their end")
    spaces = dict(map(_space, fields.all("space")))
    mounts = {mount.point: mount for mount in map(_mount, fields.all("mount"))}
    volumes: dict[str, Volume] = {}
    for path, place in zip(paths, places, strict=True):
        mount = _over(place, mounts)
        if place in spaces and mount is not None:
            volumes[path] = Volume(place, *spaces[place], mount)
    return Storage(volumes, frozenset(paths) - frozenset(volumes))


def _space(line: str) -> tuple[str, tuple[int, int, int, int]]:
    """`BLOCK BLOCKS AVAILABLE INODES FREE PLACE` -> the place, bytes and inodes."""
    *numbers, place = line.split(" ", _NUMBERS)
    if len(numbers) != _NUMBERS or not all(
        number.isdecimal() and len(number) <= _LONGEST for number in numbers
    ):
        raise ParseError(f"{line[:80]!r} is not what stat -f says of a file system")
    block, blocks, available, inodes, free = map(int, numbers)
    return place, (block * blocks, block * available, inodes, free)


def _mount(line: str) -> Mount:
    kind, access, execution, point = [*line.split(" ", 3), "", "", ""][:4]
    if access not in {"ro", "rw"} or execution not in {"exec", "noexec"}:
        raise ParseError(f"{line[:80]!r} is no mount")
    return Mount(point, kind, access == "ro", execution == "noexec")


def _over(place: str, mounts: Mapping[str, Mount]) -> Mount | None:
    """The mount with the longest path that the place is in."""
    while True:
        escaped = place.replace(" ", "\\040") or "/"
        if escaped in mounts:
            return mounts[escaped]
        if not place or place == "/":
            return None
        place = place.rpartition("/")[0]
