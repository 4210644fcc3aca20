"""What is told beside the document, on stderr."""

from __future__ import annotations

import typer

from scanner.render.harmless import harmless


def tell(line: str) -> None:
    """Say one line."""
    typer.echo(f"kscan: {harmless(line)}", err=True)
