"""Programs, services and runtimes."""

from __future__ import annotations

from scanner.facts.cri import Cri, parse_cri
from scanner.facts.environment import Binaries, Environment, parse_binaries, parse_environment
from scanner.facts.paths import PathState
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
from scanner.facts.runtime_config import (
    ContainerdConfig,
    KubeletConfig,
    parse_containerd,
    parse_kubelet_config,
)
from scanner.facts.services import InitSystem, Services, Unit, parse_services
from scanner.versions import parse_version
from tests.facts.sections.row import Accepted, Refused

ACCEPTED: Accepted = (
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
)

REFUSED: Refused = (
    (parse_binaries, ""),
    (parse_services, "init=upstart"),
    (parse_services, "init=systemd"),
    (parse_kubelet, ""),
    (parse_sockets, ""),
    (parse_containerd, ""),
    (parse_containerd, "hidden=/etc/containerd/config.toml"),
    (parse_containerd, "file=/etc/containerd/config.toml"),
    (parse_kubelet_config, "hidden=/var/lib/kubelet/config.yaml"),
)
