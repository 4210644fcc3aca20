"""The workload that `verify`, `init` and `join` try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.request import Request
    from scanner.verify.smoke.attempt import SmokeOptions

IMAGE = "docker.io/library/busybox:1.36"
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Smoke:
    """Whether, and with what (see `spread`)."""

    smoke: Annotated[
        bool,
        typer.Option(
            "--smoke",
            help="Then run a workload: make, scale, update, roll back, delete, in a namespace of "
            "its own that is always removed.",
        ),
    ] = False
    smoke_image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="For --smoke: an image with sh, and busybox' httpd and hostname."
            f"  [default: {IMAGE}]",
        ),
    ] = None
    smoke_timeout: Annotated[
        float | None,
        typer.Option(
            min=10, help=f"For --smoke: seconds for each of its steps.  [default: {SECONDS:g}]"
        ),
    ] = None

    def options(self, request: Request) -> SmokeOptions | None:
        """What is to be tried; None if nothing is.

        Raises:
            UsageError: the image is none, or it is not asked for.
        """
        # Imported when it really runs, so that --help stays quick.
        from scanner.verify.smoke.attempt import SmokeOptions
        from scanner.verify.smoke.workload import checked_image

        if not self.smoke:
            for name, value in (("image", self.smoke_image), ("timeout", self.smoke_timeout)):
                if value is not None:
                    raise UsageError(f"--smoke-{name} is for --smoke, which is not given")
            return None
        return SmokeOptions(
            checked_image(IMAGE if self.smoke_image is None else self.smoke_image),
            SECONDS if self.smoke_timeout is None else self.smoke_timeout,
            request.cluster.dns_domain,
        )
