"""Services: the kubelet's, docker's and firewalld's units in every state that they can have."""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, Case, Phase, row
from tests.lab.fault_makers import masked, unit_file_missing
from tests.lab.faults import (
    DOCKER_DISABLED,
    DOCKER_STOPPED,
    FIREWALLD_ACTIVE,
    KUBELET_DISABLED,
    Fault,
)

KUBELET_WITHOUT_A_TRACE = Fault(
    "kubelet.service and its drop-in are gone",
    "mv /etc/systemd/system/kubelet.service.d /root/kubelet.service.d\n"
    "mv /usr/lib/systemd/system/kubelet.service /root/\nsystemctl daemon-reload",
    "if [ -e /root/kubelet.service ]; then\n"
    "mv /root/kubelet.service.d /etc/systemd/system/\n"
    "mv /root/kubelet.service /usr/lib/systemd/system/\nsystemctl daemon-reload\nfi",
    "test -e /root/kubelet.service",
)
DOCKER_WITHOUT_A_TRACE = Fault(
    "docker.service and its init script are gone",
    "mv /etc/init.d/docker /root/docker.init\n"
    "mv /usr/lib/systemd/system/docker.service /root/\nsystemctl daemon-reload",
    "if [ -e /root/docker.service ]; then\n"
    "mv /root/docker.init /etc/init.d/docker\n"
    "mv /root/docker.service /usr/lib/systemd/system/\nsystemctl daemon-reload\nfi",
    "test -e /root/docker.service",
)
DOCKER_FILE_MISSING = unit_file_missing("docker.service")
DOCKER_MASKED = masked("docker.service")
FIREWALLD_FAILED = Fault(
    "firewalld failed",
    "mkdir -p /run/systemd/system/firewalld.service.d\n"
    "printf '[Service]\\nType=simple\\nBusName=\\nExecStart=\\nExecStart=/bin/false\\n'"
    " >/run/systemd/system/firewalld.service.d/lab.conf\n"
    "systemctl daemon-reload\nsystemctl start firewalld.service || :\nsleep 0.3",
    "rm -rf /run/systemd/system/firewalld.service.d\nsystemctl daemon-reload\n"
    "systemctl reset-failed firewalld.service 2>/dev/null || :",
    "systemctl is-failed firewalld.service",
)
KUBELET_RUNTIME_ENABLED = Fault(
    "kubelet enabled until the next boot only",
    "systemctl -q disable kubelet.service\nsystemctl -q enable --runtime kubelet.service",
    "systemctl -q disable --runtime kubelet.service\nsystemctl -q enable kubelet.service",
    "systemctl is-enabled kubelet.service | grep -qx enabled-runtime",
)
KUBELET_STATIC = Fault(
    "kubelet without [Install]",
    "mkdir -p /etc/systemd/system\nsystemctl -q disable kubelet.service\n"
    "sed '/^.Install/,$d' /usr/lib/systemd/system/kubelet.service"
    " >/etc/systemd/system/kubelet.service\nsystemctl daemon-reload",
    "rm -f /etc/systemd/system/kubelet.service\nsystemctl daemon-reload\n"
    "systemctl -q enable kubelet.service",
    "systemctl is-enabled kubelet.service | grep -qx static",
)

CASES = (
    row(KUBELET_DISABLED),
    row(masked("kubelet.service")),
    row(unit_file_missing("kubelet.service")),
    row(KUBELET_WITHOUT_A_TRACE),
    row(KUBELET_RUNTIME_ENABLED),
    row(KUBELET_STATIC),
    row(KUBELET_DISABLED, phase=Phase.WORKER),
    row(KUBELET_WITHOUT_A_TRACE, phase=Phase.WORKER),
    row(DOCKER_DISABLED),
    row(DOCKER_STOPPED),
    row(DOCKER_MASKED),
    row(DOCKER_STOPPED, DOCKER_MASKED),
    row(DOCKER_FILE_MISSING),
    row(DOCKER_STOPPED, DOCKER_FILE_MISSING),
    row(DOCKER_WITHOUT_A_TRACE),
    row(DOCKER_STOPPED, DOCKER_WITHOUT_A_TRACE),
    row(DOCKER_DISABLED, phase=Phase.WORKER),
    row(DOCKER_STOPPED, phase=Phase.WORKER),
    Case("docker disabled, containerd's socket configured", (DOCKER_DISABLED,), cluster=CONTAINERD),
    row(FIREWALLD_ACTIVE),
    row(FIREWALLD_FAILED),
    row(FIREWALLD_ACTIVE, phase=Phase.WORKER),
)
