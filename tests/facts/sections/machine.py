"""The machine, its time and its disks."""

from __future__ import annotations

from scanner.facts.clock import Clock, parse_clock
from scanner.facts.hardware import Cpu, Memory, Swap, parse_cpu, parse_memory, parse_swap
from scanner.facts.identity import Identity, OsRelease, parse_identity, parse_os_release
from scanner.facts.security import Security, Selinux, parse_security
from scanner.facts.storage import Mount, Storage, Volume, parse_storage
from tests.facts.sections.row import Accepted, Refused

ACCEPTED: Accepted = (
    (parse_cpu, "nproc=2\nonline=0-7\nallowed=0-1", Cpu(2)),
    (parse_cpu, "nproc=\nonline=0-3\nallowed=0-127", Cpu(4)),
    (parse_cpu, "nproc=\nonline=0,2-3\nallowed=2", Cpu(1)),
    (parse_cpu, "nproc=2\nonline=0-7\nallowed=", Cpu(2)),
    (parse_cpu, "nproc=1\nonline=0-7\nallowed=0-7", Cpu(8)),  # a quota, which nproc 9.8 obeys
    (parse_cpu, "nproc=2\nonline=0-1\nallowed=3,7", Cpu(2)),  # lxcfs numbers them anew
    (parse_memory, "total_kib=1740800", Memory(1740800)),
    (parse_memory, "total_kib=524288\nnodes_kib=16000001", Memory(16000001)),
    (parse_swap, "device=Filename Type Size", Swap(())),
    (parse_swap, "device=Filename Type Size\ndevice=/dev/sda2 partition 8", Swap(("/dev/sda2",))),
    (parse_swap, "swaps=read", Swap(())),  # kubeadm passes an empty file
    (
        parse_swap,
        "device=Filename Type Size\ndevice=/dev/zram0 partition 8\nswaps=read",
        Swap(("/dev/zram0",)),
    ),
    (parse_swap, "swaps=unreadable", Swap((), readable=False)),
    (
        parse_identity,
        "uid=1000\nuser=ops\nhostname=Node1\nmachine_id=a\nboot_id=b",
        Identity(1000, "ops", "Node1", "a", "b"),
    ),
    (parse_identity, "uid=0\nhostname=n", Identity(0, "", "n", "", "")),
    (parse_identity, "uid=0\nhostname=n\nproduct_uuid=", Identity(0, "", "n", "", "", "")),
    (
        parse_identity,
        "uid=0\nhostname=n\nproduct_uuid=4C4C4544-0042",
        Identity(0, "", "n", "", "", "4c4c4544-0042"),
    ),
    (parse_clock, "now=1700000000.250000000", Clock(1700000000.25, 1e-9)),
    (parse_clock, "now=1700000000.%N", Clock(1700000000.0, 1.0)),
    (
        parse_clock,
        "timesyncd=synchronised\nchronyd=Not synchronised\nnow=1700000000",
        Clock(1700000000.0, 1.0, ("systemd-timesyncd",), "Not synchronised"),
    ),
    (
        parse_clock,
        "chronyd=Normal\nnow=1700000000",
        Clock(1700000000.0, 1.0, ("chronyd",), "Normal"),
    ),
    (parse_clock, "ntpd=none\nnow=17", Clock(17.0, 1.0, is_ntpd_known=True)),
    (
        parse_clock,
        "ntpd=none\nntpd=follows\nnow=17",
        Clock(17.0, 1.0, ("ntpd",), is_ntpd_known=True),
    ),
    (
        parse_storage,
        (
            "path=/var/lib/etcd\nplace=/data/a b\npath=/x\nplace=/gone\n"
            "mount=ext4 ro noexec /\nmount=tmpfs rw exec /data/a\\040b\nmounts=read\n"
            "space=4096 10 5 7 6 /data/a b"
        ),
        Storage(
            {
                "/var/lib/etcd": Volume(
                    "/data/a b", 40960, 20480, 7, 6, Mount("/data/a\\040b", "tmpfs", False, False)
                )
            },
            frozenset({"/x"}),
        ),
    ),
    (
        parse_storage,
        "path=/a\nplace=/b/c\nmount=ext4 ro noexec /\nmounts=read\nspace=1 2 1 0 0 /b/c",
        Storage({"/a": Volume("/b/c", 2, 1, 0, 0, Mount("/", "ext4", True, True))}),
    ),
    (
        parse_os_release,
        'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"',
        OsRelease("debian", "12", "Debian GNU/Linux 12"),
    ),
    (parse_os_release, "ID=arch", OsRelease("arch", "", "")),
    (parse_security, "selinux=none\napparmor=Y", Security(Selinux.DISABLED, apparmor=True)),
    (parse_security, "selinux=0\napparmor=N", Security(Selinux.PERMISSIVE, apparmor=False)),
    (parse_security, "selinux=1\napparmor=none", Security(Selinux.ENFORCING, apparmor=False)),
)

REFUSED: Refused = (
    (parse_cpu, ""),
    (parse_cpu, "nproc=two"),
    (parse_cpu, "nproc=\nonline=0-x\nallowed=0"),
    (parse_cpu, "nproc=\nonline=0\nallowed=1"),
    (parse_cpu, "nproc=\nonline=0-3,0-3\nallowed=0"),  # thousands of 0-99999 would take minutes,
    (parse_cpu, "nproc=\nonline=7-0,1-8\nallowed=0"),
    (parse_memory, "total_kib=-1"),
    (parse_memory, "total_kib=1740800\nnodes_kib=junk"),
    (parse_memory, "total_kib=²"),
    (parse_swap, ""),
    (parse_identity, "uid=root\nhostname=a"),
    (parse_clock, ""),
    (parse_clock, "now="),
    (parse_clock, "now=.5"),
    (parse_storage, ""),
    (parse_storage, "path=/a\nmounts=read"),
    (parse_storage, "path=/a\nplace=/a\nmounts=read\nspace=1 2 x 4 5 /a"),
    (parse_storage, f"path=/a\nplace=/a\nmounts=read\nspace={'9' * 5000} 2 1 4 5 /a"),
    (parse_storage, "path=/a\nplace=/a\nmounts=read\nmount=ext4 /"),
    (parse_security, "selinux=\napparmor=Y"),
    (parse_security, "selinux=1"),
)
