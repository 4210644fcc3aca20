"""Programs that are missing, cannot be executed, or are not on the search path.

`mount` is left alone: the host itself needs it.
"""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, FOUND_NOT_ASKED, NOT_ASKED, Case, Phase, row
from tests.e2e.parity.versions import TOO_OLD
from tests.lab.fault_makers import environment, not_executable, shim
from tests.lab.faults import CONNTRACK_MISSING, CRICTL_MISSING, SOCAT_MISSING, program_missing

PATHS = {
    "ip": "/usr/bin/ip",
    "iptables": "/usr/sbin/iptables",
    "nsenter": "/usr/bin/nsenter",
    "ebtables": "/usr/sbin/ebtables",
    "ethtool": "/usr/sbin/ethtool",
    "tc": "/usr/sbin/tc",
    "touch": "/usr/bin/touch",
}

WITHOUT_SBIN = environment("PATH without sbin", "PATH=/usr/local/bin:/usr/bin:/bin")
WITH_A_BLANK = environment("PATH with an empty entry", "PATH=:/usr/bin:/usr/sbin")
OWN_FIRST = environment("PATH with /opt/kube first", "PATH=/opt/kube:/usr/sbin:/usr/bin:/sbin:/bin")
SAYING = f"echo Kubernetes {TOO_OLD}"
OWN_KUBELET = shim("kubelet", f"{TOO_OLD} in /opt/kube", SAYING, "/opt/kube")
HIDDEN_SHIM = shim("kubelet", f"{TOO_OLD} off the PATH", SAYING)


CASES = (
    row(CONNTRACK_MISSING),
    row(SOCAT_MISSING),
    *(row(program_missing(path)) for path in PATHS.values()),
    row(not_executable("/usr/sbin/conntrack")),
    row(not_executable("/usr/sbin/tc")),
    row(CRICTL_MISSING, unknown=FOUND_NOT_ASKED),
    row(CRICTL_MISSING, cluster=CONTAINERD, unknown=NOT_ASKED),
    row(CRICTL_MISSING, phase=Phase.WORKER, cluster=CONTAINERD, unknown=NOT_ASKED),
    row(CONNTRACK_MISSING, phase=Phase.WORKER),
    row(program_missing(PATHS["ethtool"]), phase=Phase.WORKER),
    row(WITHOUT_SBIN),
    row(WITHOUT_SBIN, phase=Phase.WORKER),
    row(WITH_A_BLANK),
    Case(
        "an older kubelet first on the PATH",
        (OWN_FIRST, OWN_KUBELET),
    ),
    Case(
        "an older kubelet off the PATH",
        (OWN_FIRST, HIDDEN_SHIM),
    ),
)
