"""`kscan demo`: check an embedded fleet over real SSH."""

from __future__ import annotations

import typer

from scanner.cli.groups import Shown, Told
from scanner.demo import CAPTURES, FOLDER, INVENTORY


def demo(*, shown: Shown, told: Told) -> None:
    """Check SSH servers on loopback that answer as real hosts did, with good and faulty ones.

    Exit status: 0 when every host was judged as expected, 1 when not.
    """
    from scanner.cli.document import output_of
    from scanner.cli.ssh_import import loading_ssh

    with loading_ssh():
        from scanner.cli.embedded import embedded, judged_as_expected
    from scanner.cli.log import logs
    from scanner.cli.run import run_scan
    from scanner.inventory.load import load
    from scanner.scan_options import ScanOptions

    with logs(told.verbose, told.log_file):
        status = run_scan(
            load(INVENTORY, named=True),
            embedded(CAPTURES),
            ScanOptions(),
            output_of(shown, told),
            judged_as_expected(FOLDER / "expected.yaml"),
        )
    raise typer.Exit(status)
