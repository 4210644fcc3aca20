"""The journal and admin.conf of a cluster that is no more make place for those of the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.errors import ClusterError


def is_of_earlier(place: Place, plan: Plan, found: str) -> bool:
    """True if what the folder holds is of a cluster that is gone.

    Args:
        place: of the run.
        plan: whose master may be a member already.
        found: the CA that is on the master, as `Node.ca`; empty if there is none.

    Raises:
        ClusterError: it is of another cluster than the one that is there.
    """
    known = place.journal.ca
    if plan.member(plan.master).joined:
        if known and found and known != found:
            raise ClusterError(
                f"{place.folder.path}: is of another cluster than the one of {plan.master}: "
                "move it away"
            )
        return False
    return bool(known) or _is_there(place.folder.kubeconfig)


def set_aside(place: Place) -> None:
    """Rename them; they stay beside the new ones.

    Raises:
        ClusterError: one of them cannot be renamed.
    """
    place.journal.set_aside(place.run)
    kubeconfig = place.folder.kubeconfig
    try:
        if _is_there(kubeconfig):
            kubeconfig.rename(f"{kubeconfig}.{place.run}")
    except OSError as error:
        raise ClusterError(f"{kubeconfig}: cannot be renamed: {error.strerror}") from error


def set_aside_lines(place: Place) -> Iterator[str]:
    """The same for `--plan`."""
    yield "first, on this machine: of an earlier cluster, and set aside"
    for path in (Path(place.folder.path / "journal.jsonl"), place.folder.kubeconfig):
        if _is_there(path):
            yield f"   {path} renamed to {path.name}.<name of the run>"


def _is_there(path: Path) -> bool:
    """Also a link that leads nowhere."""
    return path.exists() or path.is_symlink()
