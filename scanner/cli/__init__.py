"""The command line: parse, run, show, exit status; no rule and no format lives here."""

from __future__ import annotations


def main() -> None:
    """Run `kscan`; the entry point of the installed command."""
    from scanner.cli.interrupt import ended_by_signals

    with ended_by_signals():
        from scanner.cli.app import run

        run()
