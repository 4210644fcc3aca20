"""`kscan demo`: check an embedded fleet over real SSH."""

from __future__ import annotations

from pathlib import Path

import typer

import scanner.demo
from scanner.cli import options as opt


def demo(
    format_: opt.FormatOption = None,
    output: opt.Output = None,
    show_all: opt.All = None,
    wide: opt.Wide = None,
    keep: opt.Keep = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
) -> None:
    """Check SSH servers on loopback that answer as real hosts did, with good and faulty ones.

    Exit status: 0 when every host was judged as expected, 1 when not.
    """
    from scanner.cli.document import Output
    from scanner.cli.ssh_import import loading_ssh

    with loading_ssh():
        from scanner.cli.embedded import embedded, judged_as_expected
    from scanner.cli.log import logs
    from scanner.cli.run import run_scan
    from scanner.inventory.load import load
    from scanner.scan_options import ScanOptions

    folder = Path(scanner.demo.__file__).parent
    with logs(verbose, log_file):
        status = run_scan(
            load(folder / "inventory.yaml", named=True),
            embedded(folder / "captures"),
            ScanOptions(),
            Output(format_, output, show_all, quiet=quiet, bar=not verbose, wide=wide, keep=keep),
            judged_as_expected(folder / "expected.yaml"),
        )
    raise typer.Exit(status)
