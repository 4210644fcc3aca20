"""Parsers on what sections print, one row a case; nothing but ParseError may come out of one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.facts import PARSERS, parse_facts
from scanner.facts.base import FactMissing, ParseError
from scanner.facts.certificates import Certificates, parse_certificates
from scanner.facts.clock import Clock, parse_clock
from scanner.facts.cri import Cri, CriInfo, parse_cri
from scanner.facts.environment import Binaries, Environment, parse_binaries, parse_environment
from scanner.facts.firewall import Firewall, parse_firewall
from scanner.facts.hardware import Cpu, Memory, Swap, parse_cpu, parse_memory, parse_swap
from scanner.facts.identity import (
    Addresses,
    Identity,
    OsRelease,
    parse_addresses,
    parse_identity,
    parse_os_release,
)
from scanner.facts.kernel import (
    Cgroups,
    Kernel,
    KernelConfig,
    Modules,
    Sysctls,
    parse_cgroups,
    parse_kernel,
    parse_kernel_config,
    parse_modules,
    parse_sysctls,
)
from scanner.facts.leftovers import Leftovers, parse_leftovers
from scanner.facts.network import (
    EndpointLookup,
    EtcdEndpoint,
    ExternalEtcdVersions,
    NameLookup,
    parse_etcd,
    parse_lookup,
)
from scanner.facts.paths import (
    Listeners,
    Paths,
    PathState,
    parse_listeners,
    parse_paths,
)
from scanner.facts.programs import (
    Docker,
    Kubeadm,
    Kubelet,
    Run,
    Sockets,
    parse_docker,
    parse_kubeadm,
    parse_kubelet,
    parse_sockets,
)
from scanner.facts.resolver import ResolvConf, Resolver, parse_resolver
from scanner.facts.routes import Route, Routes, parse_routes
from scanner.facts.runtime_config import (
    ContainerdConfig,
    KubeletConfig,
    parse_containerd,
    parse_kubelet_config,
)
from scanner.facts.security import Security, Selinux, parse_security
from scanner.facts.services import InitSystem, Services, Unit, parse_services
from scanner.facts.storage import Mount, Storage, Volume, parse_storage
from scanner.probe.frames import Section
from scanner.versions import parse_version

IP_FORWARD = "/proc/sys/net/ipv4/ip_forward"
BRIDGE = "/proc/sys/net/bridge/bridge-nf-call-iptables"
READY = """rc=0
out=  "status": {
out=    "conditions": [
out=      {
out=        "message": "",
out=        "reason": "",
out=        "status": true,
out=        "type": "RuntimeReady"
out=      },
out=      {
out=        "message": "cni plugin not initialized",
out=        "reason": "NetworkPluginNotReady",
out=        "status": false,
out=        "type": "NetworkReady"
out=      }
out=    ]"""

CASES: list[tuple[Callable[[str], object], str, object]] = [
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
    (parse_resolver, "etc=absent\nresolved=absent", Resolver(None, None)),
    (
        parse_resolver,
        (
            "etc_nameserver=127.0.0.53 # stub\netc_domain=a\netc_search=b c\netc=read\n"
            "resolved_nameserver=192.0.2.53\nresolved_nameserver=\nresolved=read"
        ),
        Resolver(ResolvConf(("127.0.0.53",), ("b", "c")), ResolvConf(("192.0.2.53",))),
    ),
    (
        parse_routes,
        (
            "ipv4=read\nipv4_route=docker0 000011AC 0000FFFF 00000000\n"
            "ipv4_route=eth0 0000F40A 0000FFFF 010200C0\nread=yes"
        ),
        Routes(
            (
                Route(ip_network("172.17.0.0/16"), "docker0", ""),
                Route(ip_network("10.244.0.0/16"), "eth0", "192.0.2.1"),
            )
        ),
    ),
    (
        parse_routes,
        f"ipv6_route=eth0 fd00{'0' * 28} 40 {'0' * 32}\ntruncated=yes\nread=yes",
        Routes((Route(ip_network("fd00::/64"), "eth0", ""),), complete=False),
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
    (
        parse_addresses,
        "device=eth0\ninet=192.0.2.1/24\ninet6=2001:db8::1/64",
        Addresses("eth0", ("192.0.2.1",), ("2001:db8::1",)),
    ),
    (parse_addresses, "device=", Addresses("", (), ())),
    (
        parse_addresses,
        (
            "device=eth0\nmac=eth0 02:FC:00:00:00:01\nmac=eth0 02:fc:00:00:00:01\nmacs=read\n"
            "other=eth1 198.51.100.1/24"
        ),
        Addresses("eth0", (), (), (("eth1", "198.51.100.1"),), (("eth0", "02:fc:00:00:00:01"),)),
    ),
    (
        parse_environment,
        "path=/usr/bin:/bin\nHTTPS_PROXY=http://p:3128\nno_proxy=a=b",
        Environment("/usr/bin:/bin", {"HTTPS_PROXY": "http://p:3128", "no_proxy": "a=b"}),
    ),
    (
        parse_binaries,
        "found=ip /usr/sbin/ip\nelsewhere=tc /a b/tc\nabsent=socat",
        Binaries({"ip": "/usr/sbin/ip"}, {"tc": "/a b/tc"}, frozenset({"ip", "tc", "socat"})),
    ),
    (
        parse_kernel,
        "sysname=Linux\nrelease=6.1.0-13-amd64\nmachine=x86_64",
        Kernel("Linux", "6.1.0-13-amd64", "x86_64"),
    ),
    (
        parse_kernel_config,
        "path=/proc/config.gz\nsearched=yes\nCONFIG_CGROUPS=y\nCONFIG_IP_VS=m\nCONFIG_HZ=250",
        KernelConfig("/proc/config.gz", {"CGROUPS": "y", "IP_VS": "m"}),
    ),
    (parse_kernel_config, "absent=yes", KernelConfig("", {})),
    (
        parse_lookup,
        (
            "name=a\nasked=yes\nendpoint=api.example\nendpoint_hosts=192.0.2.9 API.example. # lb\n"
            "endpoint_dns=192.0.2.8\nendpoint_getent=absent"
        ),
        NameLookup("a", (), (), True, endpoint=EndpointLookup("api.example", ("192.0.2.9",), True)),
    ),
    (
        parse_lookup,
        (
            "name=a\nasked=yes\nendpoint=b\nendpoint_asked=yes\nendpoint_dns=192.0.2.8\n"
            "endpoint_dns=192.0.2.7\nendpoint_dns=192.0.2.8\nendpoint_dns=x"
        ),
        NameLookup("a", (), (), True, endpoint=EndpointLookup("b", ("192.0.2.7", "192.0.2.8"))),
    ),
    (
        parse_lookup,
        "name=a\nasked=yes\nendpoint=b\nendpoint_getent=absent",
        NameLookup("a", (), (), True, endpoint=EndpointLookup("b", (), complete=False)),
    ),
    (
        parse_lookup,
        "name=n1\ntruncated=yes\ntruncated=yes\nasked=yes",
        NameLookup("n1", (), (), asked_dns=True, hosts_complete=False),
    ),
    (parse_kernel_config, "absent=loadable", KernelConfig("", {}, loadable=True)),
    (
        parse_kernel_config,
        "path=/proc/config.gz\nsearched=yes\nstate=unreadable",
        KernelConfig("/proc/config.gz", {}, readable=False),
    ),
    (
        parse_modules,
        "loaded=ip_vs\nbuiltin=overlay\npresent=ip_vs\npresent=nf_conntrack",
        Modules(frozenset({"ip_vs"}), frozenset({"overlay", "nf_conntrack"})),
    ),
    (
        parse_sysctls,
        f"absent={BRIDGE}\n{IP_FORWARD}:1",
        Sysctls({IP_FORWARD: "1"}, frozenset({BRIDGE})),
    ),
    (
        parse_cgroups,
        (
            "statfs=63677270\nmounts=read\nmount=cgroup2 /sys/fs/cgroup\n"
            "subsystem=cpu 1\nsubsystem=rdma 0\n"
            "controllers=cpu memory\nfreeze=yes"
        ),
        Cgroups(
            "63677270",
            (("cgroup2", "/sys/fs/cgroup"),),
            frozenset({"cpu"}),
            frozenset({"cpu", "memory"}),
            memory_directory=False,
            freeze=True,
        ),
    ),
    (
        parse_paths,
        "absent=/a\nfile=/b c\ndir-empty=/d\ndir-not-empty=/e\nmanifest=x.yaml",
        Paths(
            {
                "/a": PathState.ABSENT,
                "/b c": PathState.FILE,
                "/d": PathState.DIR_EMPTY,
                "/e": PathState.DIR_NOT_EMPTY,
            },
            ("x.yaml",),
        ),
    ),
    (
        parse_listeners,
        (
            "asked=0100007F:192B\nlisten=00000000000000000000000001000000:0016\n"
            "listen=00000000:0016\nused=0100007F:280A\ntables=2\nread=2\nports=192B|280A"
        ),
        Listeners(
            {6443: ("127.0.0.1",), 22: ("0.0.0.0", "::1")},
            frozenset({6443, 10250}),
            complete=True,
            used=frozenset({10250}),
        ),
    ),
    (
        parse_services,
        (
            "init=systemd\nNames=kubelet.service\nLoadState=loaded\nActiveState=activating\n"
            "UnitFileState=enabled\n\nNames=docker.service\nLoadState=not-found\nActiveState=inactive\n"
            "UnitFileState=\n\nunsaid=docker\n"
        ),
        Services(
            InitSystem.SYSTEMD,
            {
                "kubelet": Unit(exists=True, enabled=True, active=True),
                "docker": Unit(exists=False, enabled=False, active=False),
            },
            frozenset({"docker"}),
        ),
    ),
    (
        parse_services,
        "init=openrc\nNames=kubelet.service\nstatus= * status: stopped\n\ndefault=kubelet-wait",
        Services(InitSystem.OPENRC, {"kubelet": Unit(exists=True, enabled=True, active=False)}),
    ),
    (
        parse_services,
        "init=systemd\nbooted=no\nNames=kubelet.service\nUnitFileState=masked\n",
        Services(InitSystem.SYSTEMD, {"kubelet": Unit(exists=True, enabled=False, active=False)}),
    ),
    (
        parse_services,
        (
            "init=openrc\nNames=kubelet.service\nstatus= * status: started\n\n"
            "Names=docker.service\nstatus= * rc-service: service `docker' does not exist\n\n"
            "default=kubelet"
        ),
        Services(
            InitSystem.OPENRC,
            {
                "kubelet": Unit(exists=True, enabled=True, active=True),
                "docker": Unit(exists=False, enabled=False, active=False),
            },
        ),
    ),
    (
        parse_services,
        (
            "init=systemd\nNames=kubelet.service snap.kubelet.service\nLoadState=loaded\n"
            "ActiveState=active\nUnitFileState=generated\n\nenabled=kubelet\n"
        ),
        Services(
            InitSystem.SYSTEMD,
            {
                "kubelet": Unit(exists=True, enabled=True, active=True),
                "snap.kubelet": Unit(exists=True, enabled=False, active=True),
            },
        ),
    ),
    (parse_services, "init=none", Services(InitSystem.NONE, {})),
    (parse_kubeadm, "kubeadm=absent", Kubeadm(None, None)),
    (
        parse_kubeadm,
        "out=v1.20.2\nrc=0",
        Kubeadm(parse_version("v1.20.2"), Run(0, "v1.20.2", "")),
    ),
    (parse_kubeadm, "out=junk\nrc=0", Kubeadm(None, Run(0, "junk", ""))),
    (
        parse_kubeadm,
        "out=clientVersion:\nout=  gitVersion: v1.34.1\nout=  goVersion: go1.25.3 X:none\nrc=0",
        Kubeadm(
            parse_version("v1.34.1"),
            Run(0, "clientVersion:\n  gitVersion: v1.34.1\n  goVersion: go1.25.3 X:none", ""),
            (1, 25, 3),
        ),
    ),
    (
        parse_kubeadm,
        'out=  gitVersion: "v1.21.0"\nout=  goVersion: devel\nrc=0',
        Kubeadm(
            parse_version("v1.21.0"),
            Run(0, '  gitVersion: "v1.21.0"\n  goVersion: devel', ""),
        ),
    ),
    (
        parse_kubelet,
        "out=Kubernetes v1.31.0-rc.1\nrc=0\nerr=a warning",
        Kubelet(parse_version("1.31.0-rc.1"), Run(0, "Kubernetes v1.31.0-rc.1", "a warning")),
    ),
    (parse_kubelet, "out=Kubernetes one\nrc=0", Kubelet(None, Run(0, "Kubernetes one", ""))),
    (
        parse_docker,
        "out=20.10.24|overlay2|systemd\nrc=0",
        Docker("20.10.24", "overlay2", "systemd", Run(0, "20.10.24|overlay2|systemd", "")),
    ),
    (
        parse_docker,
        "rc=1\nerr=Cannot connect",
        Docker("", "", "", Run(1, "", "Cannot connect")),
    ),
    (parse_docker, "docker=absent", Docker("", "", "", None)),
    (parse_cri, "crictl=absent", Cri(crictl=False, sockets={})),
    (parse_cri, "", Cri(crictl=True, sockets={})),
    (
        parse_sockets,
        "socket=/run/a\nabsent=/run/b\nhidden=/run/c\nasked=yes",
        Sockets(frozenset({"/run/a"}), {"/run/b": PathState.ABSENT, "/run/c": PathState.HIDDEN}),
    ),
    (
        parse_lookup,
        (
            "name=node1\nhosts=192.0.2.1 other Node1 # node9\nhosts=192.0.2.2 node1x\n"
            "hosts=192.0.2.3 x # node1\nhosts=999.1.1.1 node1\nhosts=192.0.2.4 node1.\n"
            "dns=192.0.2.9\nasked=yes"
        ),
        NameLookup("node1", ("192.0.2.1", "192.0.2.4"), ("192.0.2.9",), asked_dns=True),
    ),
    (
        parse_lookup,
        "name=n\ngetent=absent",
        NameLookup("n", (), (), asked_dns=False),
    ),
    (
        parse_etcd,
        (
            'endpoint=https://e:2379\nout={"etcdserver":"3.5.9","etcdcluster":"3.5.0"}\n'
            "out=status=200\nrc=0\n"
            "endpoint=https://f:2379\nrc=7\nerr=curl: (7) Failed to connect"
        ),
        ExternalEtcdVersions(
            (
                EtcdEndpoint("https://e:2379", "3.5.9", ""),
                EtcdEndpoint("https://f:2379", "", "curl: (7) Failed to connect"),
            )
        ),
    ),
    (
        parse_etcd,
        "endpoint=u\nout=busy\nout=status=503\nrc=0",
        ExternalEtcdVersions((EtcdEndpoint("u", "", "HTTP 503"),)),
    ),
    (parse_etcd, "", ExternalEtcdVersions(())),
    (
        parse_certificates,
        (
            "dir-not-empty=/pki\nhidden=/pki/etcd\nabsent=/c.pem\nexpires=270303082327 /pki/a.crt\n"
            "expires=500101000000 /pki/b.crt\nexpires=21261030082327 /pki/c d.crt\n"
            "unread=/pki/x.crt\ntruncated=yes"
        ),
        Certificates(
            {
                "/pki/a.crt": datetime.datetime(2027, 3, 3, 8, 23, 27, tzinfo=datetime.UTC),
                "/pki/b.crt": datetime.datetime(1950, 1, 1, tzinfo=datetime.UTC),
                "/pki/c d.crt": datetime.datetime(2126, 10, 30, 8, 23, 27, tzinfo=datetime.UTC),
            },
            ("/pki/etcd", "/pki/x.crt"),
            complete=False,
        ),
    ),
    (parse_certificates, "absent=/pki", Certificates({}, (), complete=True)),
    (parse_containerd, "absent=/etc/containerd/config.toml", ContainerdConfig()),
    (
        parse_containerd,
        (
            "file=/etc/containerd/config.toml\nread=yes\ndisabled_plugins=[cri,x]\nimports=yes\n"
            "default_runtime=nvidia\nruntime=runc true\nruntime=nvidia false"
        ),
        ContainerdConfig(("cri", "x"), "nvidia", {"runc": True, "nvidia": False}, imports=True),
    ),
    (
        parse_containerd,
        "read=yes\ndisabled_plugins=[]\nsystemd_cgroup=true",
        ContainerdConfig((), "runc", {"runc": True}),
    ),
    (
        parse_kubelet_config,
        'file=/var/lib/kubelet/config.yaml\nread=yes\ncgroup_driver= "systemd" # ours',
        KubeletConfig(present=True, cgroup_driver="systemd"),
    ),
    (
        parse_kubelet_config,
        "absent=/var/lib/kubelet/config.yaml",
        KubeletConfig(present=False, cgroup_driver=""),
    ),
    (
        parse_leftovers,
        "dir-not-empty=/etc/cni/net.d\ncni_config=a.conf\ninterface=cni0\ninterfaces=read",
        Leftovers({"/etc/cni/net.d": PathState.DIR_NOT_EMPTY}, ("a.conf",), ("cni0",)),
    ),
    (parse_security, "selinux=none\napparmor=Y", Security(Selinux.DISABLED, apparmor=True)),
    (parse_security, "selinux=0\napparmor=N", Security(Selinux.PERMISSIVE, apparmor=False)),
    (parse_security, "selinux=1\napparmor=none", Security(Selinux.ENFORCING, apparmor=False)),
    (
        parse_firewall,
        "ufw=yes\nlegacy=filter\ninput=drop ip filter INPUT\ninput=accept inet a in\nnft=0",
        Firewall(ufw=True, dropping=("ip filter INPUT",), nft=True, legacy=True),
    ),
    (
        parse_firewall,
        "ufw=unreadable\nnft=1",
        Firewall(ufw=None, dropping=None, nft=True, legacy=False),
    ),
    (
        parse_firewall,
        "ufw=no\nlegacy=unreadable\nnft=unused",
        Firewall(ufw=False, dropping=(), nft=True, legacy=True),
    ),
    (
        parse_firewall,
        "ufw=absent\nnft=absent",
        Firewall(ufw=False, dropping=None, nft=False, legacy=False),
    ),
]

REFUSED: list[tuple[Callable[[str], object], str]] = [
    (parse_cpu, ""),
    (parse_cpu, "nproc=two"),
    (parse_cpu, "nproc=\nonline=0-x\nallowed=0"),
    (parse_cpu, "nproc=\nonline=0\nallowed=1"),
    (parse_cpu, "nproc=\nonline=0-3,0-3\nallowed=0"),  # thousands of 0-99999 would take minutes
    (parse_cpu, "nproc=\nonline=7-0,1-8\nallowed=0"),
    (parse_memory, "total_kib=-1"),
    (parse_memory, "total_kib=1740800\nnodes_kib=junk"),
    (parse_memory, "total_kib=²"),
    (parse_swap, ""),
    (parse_identity, "uid=root\nhostname=a"),
    (parse_binaries, ""),
    (parse_kernel_config, ""),
    (parse_kernel_config, "path=/proc/config.gz\nCONFIG_CGROUPS=y"),
    (parse_cgroups, "statfs=63677270"),
    (parse_cgroups, "mounts=read"),
    (parse_paths, ""),
    (parse_listeners, "listen=00000000:0016"),
    (parse_listeners, "tables=2\nread=1\nports=192B"),
    (parse_listeners, "tables=0\nread=0\nports=192B"),
    (parse_listeners, "tables=1\nread=1\nlisten=0000:16\nports=192B"),
    (parse_listeners, "tables=1\nread=1\nports="),
    (parse_services, "init=upstart"),
    (parse_services, "init=systemd"),
    (parse_kubelet, ""),
    (parse_sockets, ""),
    (parse_lookup, "name=a"),
    (parse_etcd, "endpoint=u"),
    (parse_clock, ""),
    (parse_clock, "now="),
    (parse_clock, "now=.5"),
    (parse_resolver, "etc=read"),
    (parse_resolver, "etc=unreadable\nresolved=absent"),
    (parse_routes, "ipv4=read"),
    (parse_routes, "ipv4_route=eth0 00 00 00\nread=yes"),
    (parse_routes, "ipv4_route=eth0\nread=yes"),
    (parse_routes, "ipv4_route=eth0 0000F40A 00FF00FF 00000000\nread=yes"),
    (parse_routes, f"ipv6_route=eth0 {'0' * 32} ff {'0' * 32}\nread=yes"),
    (parse_storage, ""),
    (parse_storage, "path=/a\nmounts=read"),
    (parse_storage, "path=/a\nplace=/a\nmounts=read\nspace=1 2 x 4 5 /a"),
    (parse_storage, f"path=/a\nplace=/a\nmounts=read\nspace={'9' * 5000} 2 1 4 5 /a"),
    (parse_storage, "path=/a\nplace=/a\nmounts=read\nmount=ext4 /"),
    (parse_certificates, ""),
    (parse_certificates, "absent=/pki\nexpires=2703030823 /pki/a.crt"),
    (parse_certificates, "absent=/pki\nexpires=271303082327 /pki/a.crt"),
    (parse_containerd, ""),
    (parse_containerd, "hidden=/etc/containerd/config.toml"),
    (parse_containerd, "file=/etc/containerd/config.toml"),
    (parse_kubelet_config, "hidden=/var/lib/kubelet/config.yaml"),
    (parse_leftovers, "interfaces=read"),
    (parse_leftovers, "absent=/etc/cni/net.d"),
    (parse_security, "selinux=\napparmor=Y"),
    (parse_security, "selinux=1"),
    (parse_firewall, "nft=0"),
    (parse_firewall, "ufw=absent"),
    (parse_firewall, "ufw=perhaps\nnft=0"),
]


@pytest.mark.parametrize(("parse", "text", "fact"), CASES)
def test_a_section_becomes_a_fact(parse: Callable[[str], object], text: str, fact: object) -> None:
    assert parse(text) == fact


@pytest.mark.parametrize(("parse", "text"), REFUSED)
def test_what_a_section_never_prints_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_the_conditions_of_crictl() -> None:
    cri = parse_cri(f"socket=/run/a.sock\n{READY}\nsocket=/run/b.sock\nrc=1\nerr=refused")
    ready, refused = cri.sockets["/run/a.sock"], cri.sockets["/run/b.sock"]
    assert ready.info is not None
    assert (ready.info.runtime_ready, ready.info.reason) == (True, "")
    assert refused.info == CriInfo(Run(1, "", "refused"), None, "")


def test_a_runtime_that_is_not_ready_says_why() -> None:
    text = READY.replace('"status": true', '"status": false').replace(
        '"reason": "",\nout=        "status": false',
        '"reason": "Down",\nout=        "status": false',
    )
    found = parse_cri(f"socket=/s\n{text}").sockets["/s"].info
    assert found is not None
    assert (found.runtime_ready, found.reason) == (False, "Down")


@pytest.mark.parametrize(
    "name", [name for name, _, _ in PARSERS], ids=[name for name, _, _ in PARSERS]
)
@given(st.one_of(st.text(max_size=80), st.from_regex(r"([a-z_]{1,9}=[^\n]{0,9}\n){0,5}")))
def test_no_parser_raises_anything_but_its_own_error(name: str, text: str) -> None:
    parse = {section: parser for section, _, parser in PARSERS}[name]
    fields = [case[1].split("=")[0] for case in CASES if case[0] is parse]
    for prefix in ("", *(f"{field}=" for field in fields)):
        try:
            parse(prefix + text)
        except ParseError:
            continue


def test_a_missing_fact_says_why() -> None:
    facts = parse_facts({"cpu": Section(0, "nproc=x"), "swap": Section(137, "device=Filename")})
    with pytest.raises(FactMissing, match="nproc is 'x'"):
        facts[Cpu]
    with pytest.raises(FactMissing, match="deadline"):
        facts[Swap]
    died = parse_facts({"swap": Section(2, "device=Filename Type Size\nsh: read error")})
    with pytest.raises(FactMissing, match="section swap ended with status 2"):
        died[Swap]
    lacking = parse_facts({"kernelconfig": Section(97, "missing=grep\n")})
    with pytest.raises(FactMissing, match="has no grep, which section kernelconfig needs"):
        lacking[KernelConfig]
    with pytest.raises(FactMissing, match="no section memory"):
        facts[Memory]


def test_a_port_that_was_not_asked_for_in_a_truncated_list_is_not_known() -> None:
    listeners = parse_listeners(
        "listen=00000000:0016\nused=0100007F:192C\ntruncated=yes\ntables=1\nread=1\nports=192B|192C"
    )
    assert listeners.on(6443) == ()
    assert listeners.on(22) == ("0.0.0.0",)
    with pytest.raises(FactMissing, match="too many"):
        listeners.on(2379)
    with pytest.raises(FactMissing, match="a connection uses"):
        listeners.on(6444)


def test_a_path_that_the_login_cannot_see_is_not_absent() -> None:
    paths = parse_paths("hidden=/etc/kubernetes/pki/ca.crt")
    with pytest.raises(FactMissing, match="without root"):
        paths.state("/etc/kubernetes/pki/ca.crt")
    with pytest.raises(FactMissing, match="not asked"):
        paths.state("/other")


@pytest.mark.parametrize(
    ("parse", "text", "says"),
    [
        (
            parse_containerd,
            "file=/etc/containerd/config.toml\nread=yes\nlarge=/etc/containerd/config.toml",
            "too large",
        ),
        (
            parse_kubelet_config,
            "file=/var/lib/kubelet/config.yaml\nlarge=/var/lib/kubelet/config.yaml",
            "too large",
        ),
        (parse_environment, "path=/bin\ntoo_long=no_proxy", "NO_PROXY is too long"),
    ],
)
def test_a_part_of_something_large_is_not_taken_for_all_of_it(
    parse: Callable[[str], object], text: str, says: str
) -> None:
    with pytest.raises(ParseError, match=says):
        parse(text)
