"""The file systems under a node's data."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip, every_part
from scanner.facts.base import FactMissing, Facts
from scanner.facts.storage import Storage, Volume
from scanner.kubeadm import limits
from scanner.request import ContainerRuntime, LocalEtcd
from scanner.target import Role, Target

KUBELET = "/var/lib/kubelet"
LOGS = "/var/log"
_RUNTIMES = {
    ContainerRuntime.DOCKER: "/var/lib/docker",
    ContainerRuntime.CONTAINERD: "/var/lib/containerd",
    ContainerRuntime.CRIO: "/var/lib/containers",
}
_GIB = 1 << 30
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.glusterfs", "lustre"}
    | {"fuse.sshfs", "afs", "gpfs", "ocfs2", "gfs2", "beegfs", "fuse.ceph"}
)
_MEMORY = frozenset({"tmpfs", "ramfs"})


def _etcd_dir(target: Target) -> str | None:
    etcd = target.cluster.etcd
    if target.role is Role.JOIN_WORKER or not isinstance(etcd, LocalEtcd):
        return None
    return etcd.data_dir


def _paths(target: Target) -> tuple[str, ...]:
    etcd = _etcd_dir(target)
    paths = (KUBELET, _RUNTIMES[target.runtime], LOGS, *((etcd,) if etcd else ()))
    return tuple(dict.fromkeys(paths))


@check(
    "KS318",
    "data path",
    applies(ALL, Severity.ERROR, own=True),
    kubeadm=None,
    remedy="Give {subject} a local file system with at least 10 GiB that are free, which is "
    "mounted rw and exec.",
    subjects=_paths,
)
def storage(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Ask for the file system that a directory is on, or will be on when it is made.

    The directories are /var/lib/kubelet, the runtime's, /var/log, and etcd's dataDir on a control
    plane. Less than 2 GiB that are free fail. Warned of are less than 10 GiB, more than 80 % in
    use, less than 5 % of the inodes, a read-only mount, noexec under the kubelet's and the
    runtime's, and a network file system or one in memory under etcd's. In use is what is not free
    for everybody, as the kubelet counts it. Directories that somebody has configured elsewhere are
    not known. Source: statfs(2), proc(5) mountinfo; kubernetes.io/docs/concepts/
    scheduling-eviction/node-pressure-eviction; etcd.io/docs, "Hardware recommendations".
    """
    volume = facts[Storage].under(path)
    yield from every_part(_space(volume), _inodes(volume), _mount(volume, path, target))


def _space(volume: Volume) -> Iterator[Finding]:
    free, total = volume.free_bytes, volume.total_bytes
    if not total:
        # one in memory, as after a boot over the network, has no size
        raise FactMissing(
            f"the {clip(volume.mount.kind)} on {clip(volume.mount.point)} has no size"
        )
    failed = free < limits.DATA_FREE_GIB_FAIL * _GIB
    if failed or free < limits.DATA_FREE_GIB_WARN * _GIB:
        need = limits.DATA_FREE_GIB_FAIL if failed else limits.DATA_FREE_GIB_WARN
        yield Finding(
            f"{free / _GIB:.1f} GiB are free on {clip(volume.mount.point)}",
            have=f"{free / _GIB:.1f} GiB",
            need=f"at least {need} GiB",
            source="stat -f",
            severity=Severity.ERROR if failed else Severity.WARNING,
        )
    elif (total - free) * 100 > total * limits.DATA_USED_PERCENT:
        used = (total - free) * 100 // total
        yield Finding(
            f"{used} % of {clip(volume.mount.point)} are in use",
            have=f"{used} %",
            need=f"at most {limits.DATA_USED_PERCENT} %",
            source="stat -f",
            severity=Severity.WARNING,
        )


def _inodes(volume: Volume) -> Iterator[Finding]:
    if volume.free_inodes * 100 < volume.inodes * limits.DATA_FREE_INODES_PERCENT:
        yield Finding(
            f"{volume.free_inodes} of {volume.inodes} inodes are free on "
            f"{clip(volume.mount.point)}",
            have=f"{volume.free_inodes}",
            need=f"at least {limits.DATA_FREE_INODES_PERCENT} %",
            source="stat -f",
            severity=Severity.WARNING,
        )


def _mount(volume: Volume, path: str, target: Target) -> Iterator[Finding]:
    mount = volume.mount
    wrong = []
    if mount.read_only:
        wrong.append("mounted read-only")
    if mount.noexec and path in {KUBELET, _RUNTIMES[target.runtime]}:
        wrong.append("mounted noexec")
    if path == _etcd_dir(target) and mount.kind in _NETWORK | _MEMORY:
        where = "in memory" if mount.kind in _MEMORY else "on another machine"
        wrong.append(f"a {clip(mount.kind)}, which is {where}")
    for what in wrong:
        yield Finding(
            f"{clip(mount.point)} is {what}",
            have=what,
            need="a local file system, rw and exec",
            source="/proc/self/mountinfo",
            severity=Severity.WARNING,
        )
