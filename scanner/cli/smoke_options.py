"""Options of the workload that `verify`, `init` and `join` try, each said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from scanner.request import Request
    from scanner.verify.smoke.attempt import SmokeOptions

Smoke: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--smoke",
        help="Then run a workload: make, scale, update, roll back, delete, in a namespace of "
        "its own that is always removed.",
    ),
]
SmokeImage: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="IMAGE", help="For --smoke: an image with sh, and busybox' httpd and hostname."
    ),
]
SmokeTimeout: TypeAlias = Annotated[
    float, typer.Option(min=10, help="For --smoke: seconds for each of its steps.")
]
IMAGE = "docker.io/library/busybox:1.36"
SECONDS = 120.0


def smoke_options(
    request: Request, image: str, seconds: float, *, smoke: bool
) -> SmokeOptions | None:
    """What is to be tried; None if nothing is.

    Raises:
        UsageError: the image is none.
    """
    # Imported when it really runs, so that --help stays quick.
    from scanner.verify.smoke.attempt import SmokeOptions
    from scanner.verify.smoke.workload import checked_image

    if not smoke:
        return None
    return SmokeOptions(checked_image(image), seconds, request.cluster.dns_domain)
