"""The command line: parse, run, show, exit status; no rule and no format lives here."""

from __future__ import annotations

import os


def main() -> None:
    """Run `kscan`; the entry point of the installed command."""
    # pydantic would look through every installed package for plug-ins of its own
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    from scanner.cli.interrupt import ended_by_signals

    with ended_by_signals():
        from scanner.cli.app import run

        run()
