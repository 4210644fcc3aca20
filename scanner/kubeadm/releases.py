"""One row for each minor release of kubeadm: what differs between them and is no list of checks.

Each row says what changed since the one above it. Which checks a release has stands in their own
`applies`; what its SystemVerification asks for stands in system_validators.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanner.kubeadm.evidence import Evidence
from scanner.versions import Version, VersionRange, parse_version


@dataclass(frozen=True, slots=True)
class Release:
    """A minor release, 1.`minor`."""

    minor: int
    evidence: Evidence
    """The weakest ground on which this row as a whole stands."""
    questions: tuple[str, ...]
    """What could not be settled about its preflight."""
    config_api: str
    """The version of kubeadm.k8s.io that it writes by default."""
    preflight_phase: bool
    """`init phase preflight` and `join phase preflight` exist; where they do not, the same words
    would begin a real init or join (RN 1.14 for join; init's may be a release older)."""
    dockershim: bool
    """kubeadm talks to docker itself where the CRI socket is dockershim's."""
    kubelet_stderr_breaks: bool
    """Anything on kubelet's stderr spoils the version that kubeadm reads (RN 1.17, PR#85351)."""
    kubelet_skew: int
    """How many minors the kubelet may be older than kubeadm."""
    node_name_format: bool
    """Hostname also warns of a malformed node name (RN 1.21, PR#99194)."""
    dual_stack_services: bool
    """With the gate IPv6DualStack not only the pods may have two networks (RN 1.17, PR#82473)."""
    node_in_pod_subnet: bool
    """podSubnet must hold one node's part; before, at least as many addresses as serviceSubnet
    (validation.go of v1.14.10 and v1.20.2, which were asked)."""
    ipv4_always: bool
    """IPv4's switches are asked for whatever the cluster's addresses are (RN 1.27, PR#115420)."""
    runtime_ready: bool
    """CRI asks the runtime itself and wants RuntimeReady, not only an answer (RN 1.31,
    PR#124685)."""
    systemd_driver_init: bool
    """init writes cgroupDriver systemd where nobody has set it (RN 1.21, PR#99471)."""
    systemd_driver_join: bool
    """A join does so too (RN 1.22, PR#102133)."""
    etcd: Version
    """External etcd must not be older."""
    pull_policy: bool = False
    """nodeRegistration.imagePullPolicy is obeyed (v1beta3)."""
    etcd_http_endpoints: bool = False
    """etcd.external.httpEndpoints are asked for the version, where set (RN 1.35, PR#134890)."""
    etcd_in_patches: Version | None = None
    """The same for late patch releases, whose numbers are not known."""
    conntrack_below: Version | None = None
    """conntrack is asked for only where an older Kubernetes is to be installed; None = always."""
    ports_by_address: bool = False
    """Ports are tried on the configured address, not on all of them (RN 1.37, PR#138250)."""

    @property
    def open_questions(self) -> bool:
        """True if something about its preflight could not be settled."""
        return bool(self.questions)


_ETCD = "the oldest external etcd is inferred"
_IN_TREE = "the kernel patterns of SystemVerification are not known word for word"
_PATCHES = "which patch release brought a newer system-validators is inferred"
_LOSETUP = "the severity of FileExisting-losetup is inferred"
_RUNTIME_VERSION = "roles and wording of ContainerRuntimeVersion are not known"
_VALIDATORS = "the vendored system-validators is inferred"

_V1_13 = Release(
    minor=13,
    evidence=Evidence.INFERRED,
    # cmd/join.go of that time ignores what RunInitMasterChecks returns; 1.14 obeys it.
    questions=("a control plane's join drops the errors of init's list, which count here",),
    config_api="v1beta1",
    preflight_phase=False,
    dockershim=True,
    kubelet_stderr_breaks=True,
    kubelet_skew=1,
    node_name_format=False,
    dual_stack_services=False,
    node_in_pod_subnet=False,
    ipv4_always=True,
    runtime_ready=False,
    systemd_driver_init=False,
    systemd_driver_join=False,
    etcd=parse_version("3.2.18"),
)
_V1_14 = replace(_V1_13, minor=14, evidence=Evidence.SOURCE, questions=(), preflight_phase=True)
_V1_15 = replace(_V1_14, minor=15, evidence=Evidence.INFERRED, config_api="v1beta2")
_V1_16 = replace(_V1_15, minor=16, questions=(_IN_TREE,))
_V1_17 = replace(
    _V1_16,
    minor=17,
    evidence=Evidence.NOTES,
    questions=(),
    kubelet_stderr_breaks=False,
    dual_stack_services=True,
)
_V1_18 = replace(_V1_17, minor=18)
_V1_19 = replace(_V1_18, minor=19)
_V1_20 = replace(_V1_19, minor=20, evidence=Evidence.REAL, node_in_pod_subnet=True)
_V1_21 = replace(
    _V1_20,
    minor=21,
    evidence=Evidence.NOTES,
    node_name_format=True,
    systemd_driver_init=True,
)
_V1_22 = replace(
    _V1_21,
    minor=22,
    evidence=Evidence.SOURCE,
    config_api="v1beta3",
    systemd_driver_join=True,
    pull_policy=True,
)
_V1_23 = replace(_V1_22, minor=23, evidence=Evidence.NOTES, questions=(_ETCD,))
_V1_24 = replace(_V1_23, minor=24, questions=(_ETCD, _PATCHES), dockershim=False)
_V1_25 = replace(_V1_24, minor=25)
_V1_26 = replace(_V1_25, minor=26, questions=(_ETCD,))
_V1_27 = replace(_V1_26, minor=27, ipv4_always=False)
_V1_28 = replace(
    _V1_27,
    minor=28,
    evidence=Evidence.SOURCE,
    questions=(),
    etcd=parse_version("3.4.13-4"),
)
_V1_29 = replace(_V1_28, minor=29, evidence=Evidence.NOTES, questions=(_ETCD,), kubelet_skew=3)
_V1_30 = replace(_V1_29, minor=30)
_V1_31 = replace(
    _V1_30,
    minor=31,
    questions=(),
    config_api="v1beta4",
    runtime_ready=True,
    etcd=parse_version("3.5.11-0"),
)
_V1_32 = replace(
    _V1_31,
    minor=32,
    questions=(_PATCHES,),
    conntrack_below=parse_version("1.32.0"),
    etcd_in_patches=parse_version("3.5.24-0"),
)
_V1_33 = replace(
    _V1_32,
    minor=33,
    questions=(_ETCD, _LOSETUP),
    conntrack_below=None,  # no longer asked for at all
)
_V1_34 = replace(_V1_33, minor=34, questions=(_ETCD, _LOSETUP, _PATCHES))
_V1_35 = replace(
    _V1_34,
    minor=35,
    questions=(_ETCD, _LOSETUP, _RUNTIME_VERSION),
    etcd_http_endpoints=True,
)
_V1_36 = replace(
    _V1_35,
    minor=36,
    questions=(_LOSETUP, _RUNTIME_VERSION, _VALIDATORS),
    etcd=parse_version("3.5.24-0"),
    etcd_in_patches=None,
)
_V1_37 = replace(
    _V1_36,
    minor=37,
    questions=(
        *(_ETCD, _LOSETUP, _RUNTIME_VERSION, _VALIDATORS),
        # Their names are as before: v1.37.0 said `[ERROR Port-2379]` (usernetes pull 400).
        "the addresses that the port checks use where none is configured",
    ),
    ports_by_address=True,
)

RELEASES = (
    *(_V1_13, _V1_14, _V1_15, _V1_16, _V1_17, _V1_18, _V1_19, _V1_20, _V1_21, _V1_22, _V1_23),
    *(_V1_24, _V1_25, _V1_26, _V1_27, _V1_28, _V1_29, _V1_30, _V1_31, _V1_32, _V1_33, _V1_34),
    *(_V1_35, _V1_36, _V1_37),
)

_BY_MINOR = {release.minor: release for release in RELEASES}

SUPPORTED = VersionRange.parse(f"1.{RELEASES[0].minor}", f"1.{RELEASES[-1].minor + 1}")
"""The versions that have a row."""

NEWEST_SETTLED = max(
    (release for release in RELEASES if not release.open_questions), key=lambda row: row.minor
)
NEWEST_SETTLED_VERSION = Version(1, NEWEST_SETTLED.minor, 0)
"""What is installed where nobody names a version and no host has a kubeadm."""


def find(version: Version) -> Release:
    """The row of a version; one that is not SUPPORTED is taken for its nearest neighbour."""
    if version.major == 1 and version.minor in _BY_MINOR:
        return _BY_MINOR[version.minor]
    nearest = RELEASES[0] if (version.major, version.minor) < (1, 13) else RELEASES[-1]
    return replace(
        nearest, evidence=Evidence.INFERRED, questions=(f"v{version} is not a known release",)
    )
