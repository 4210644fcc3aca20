"""Which images a host has, of those that kubeadm may want."""

from __future__ import annotations

from scanner.facts.fields import Fields


def parse_images(fields: Fields, *, complete: bool) -> frozenset[str] | None:
    """Read `image=NAME:TAG` and `sized=`; None if not all of them are known.

    What `sized=` holds was cut out of a protobuf message at the first character that cannot be
    printed, so that a string's length of 33 to 126 bytes stands before it as a character. No name
    begins with a character that its own length would give: such a string would have its length
    before it too.
    """
    if not complete or fields.get("images") == "truncated":
        return None
    return frozenset({*fields.all("image"), *map(_cut, fields.all("sized"))})


def _cut(text: str) -> str:
    return text[1:] if text and ord(text[0]) == len(text) - 1 else text
