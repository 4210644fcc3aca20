"""Markdown as CommonMark with tables reads it; anything that kscan never writes is an error."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

BLOCKS = {"heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody"}
BLOCKS |= {"tr", "th", "td"}
INLINE = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}


def tokens(document: str) -> Iterator[Token]:
    """Inline tokens, in order; text that is no longer plain is refused."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for token in reader.parse(document):
        kind = token.type.removesuffix("_open").removesuffix("_close")
        assert kind in BLOCKS or kind == "inline", token
        for child in token.children or ():
            assert child.type in INLINE, child
            yield child
        if token.type == "inline":
            yield Token("text", "", 0, content="\n")


def text_of(document: str) -> str:
    """The text that is shown."""
    return "".join(token.content or " " * (token.type == "softbreak") for token in tokens(document))


def acting(document: str) -> Iterator[str]:
    """Text outside code, of which platforms make links and mentions."""
    yield from (token.content for token in tokens(document) if token.type == "text")
