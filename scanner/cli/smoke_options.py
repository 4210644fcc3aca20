"""Options of the workload that `verify`, `init` and `join` try, each said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.request import Request
    from scanner.verify.smoke.attempt import SmokeOptions

IMAGE = "docker.io/library/busybox:1.36"
SECONDS = 120.0

Smoke: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--smoke",
        help="Then run a workload: make, scale, update, roll back, delete, in a namespace of "
        "its own that is always removed.",
    ),
]
SmokeImage: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="IMAGE",
        help=f"For --smoke: an image with sh, and busybox' httpd and hostname.  [default: {IMAGE}]",
    ),
]
SmokeTimeout: TypeAlias = Annotated[
    float | None,
    typer.Option(
        min=10, help=f"For --smoke: seconds for each of its steps.  [default: {SECONDS:g}]"
    ),
]


def smoke_options(
    request: Request, image: str | None, seconds: float | None, *, smoke: bool
) -> SmokeOptions | None:
    """What is to be tried; None if nothing is.

    Raises:
        UsageError: the image is none, or it is not asked for.
    """
    # Imported when it really runs, so that --help stays quick.
    from scanner.verify.smoke.attempt import SmokeOptions
    from scanner.verify.smoke.workload import checked_image

    if not smoke:
        for name, value in (("image", image), ("timeout", seconds)):
            if value is not None:
                raise UsageError(f"--smoke-{name} is for --smoke, which is not given")
        return None
    return SmokeOptions(
        checked_image(IMAGE if image is None else image),
        SECONDS if seconds is None else seconds,
        request.cluster.dns_domain,
    )
