"""What differs between the versions of kubeadm.k8s.io, said once for the generator.

Sources: the pages of the API reference for v1beta1, v1beta3 and v1beta4; apis/kubeadm/v1beta2 and
v1beta1 of v1.20.2; release notes of 1.14 (certificates for other control planes), 1.19 (patches,
PR#92017) and 1.22 (v1beta3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.kubeadm import releases
from scanner.versions import Version, minor_floor

_SOCKETS_ARE_URLS = minor_floor("1.24")
_PATCHES = minor_floor("1.19")
_UPLOADS_CERTS = minor_floor("1.14")
_SKIPS_KEY_PRINT = minor_floor("1.14")
_WITHOUT_MASTER_TAINT = minor_floor("1.25")
_WITH_CONTROL_PLANE_TAINT = minor_floor("1.24")


@dataclass(frozen=True, slots=True)
class ConfigApi:
    """The shape of the documents for one kubeadm."""

    version: str
    """`v1beta1` to `v1beta4`."""
    kubeadm: Version

    @classmethod
    def of(cls, kubeadm: Version) -> ConfigApi:
        """The version that this kubeadm writes itself."""
        return cls(releases.find(kubeadm).config_api, kubeadm)

    def kind(self, kind: str) -> dict[str, Any]:
        """The two fields that every document begins with."""
        return {"apiVersion": f"kubeadm.k8s.io/{self.version}", "kind": kind}

    def arguments(self, arguments: Mapping[str, str]) -> Any:
        """`extraArgs` and `kubeletExtraArgs`: a map, from v1beta4 on a list."""
        if self.version != "v1beta4":
            return dict(arguments)
        return [{"name": name, "value": value} for name, value in arguments.items()]

    def socket(self, path: str) -> str:
        """`criSocket`: a path, from 1.24 on a URL."""
        return f"unix://{path}" if self.kubeadm >= _SOCKETS_ARE_URLS else path

    @property
    def timeouts(self) -> bool:
        """There is one object for all timeouts; before, two stand where they are used."""
        return self.version == "v1beta4"

    @property
    def pull_policy(self) -> bool:
        """nodeRegistration.imagePullPolicy exists."""
        return self.version not in {"v1beta1", "v1beta2"}

    @property
    def certificate_key(self) -> bool:
        """The key for the control plane's certificates is a field; before, only an option."""
        return self.version != "v1beta1"

    @property
    def uploads_certificates(self) -> bool:
        """kubeadm hands the certificates to other control planes itself."""
        return self.kubeadm >= _UPLOADS_CERTS

    @property
    def upload_option(self) -> str:
        """What makes `init phase upload-certs` do it (renamed in 1.15, PR#78452)."""
        return "--upload-certs" if self.certificate_key else "--experimental-upload-certs"

    @property
    def skips_key_print(self) -> bool:
        """`--skip-certificate-key-print` exists."""
        return self.kubeadm >= _SKIPS_KEY_PRINT

    @property
    def patches(self) -> bool:
        """Patches of the static pods are read from a directory."""
        return self.kubeadm >= _PATCHES

    @property
    def patches_field(self) -> bool:
        """`patches.directory` exists; before, only an option."""
        return self.version not in {"v1beta1", "v1beta2"}

    @property
    def control_plane_taints(self) -> tuple[dict[str, str], ...]:
        """What kubeadm taints a control plane with where the configuration says nothing."""
        keys = []
        if self.kubeadm < _WITHOUT_MASTER_TAINT:
            keys.append("node-role.kubernetes.io/master")
        if self.kubeadm >= _WITH_CONTROL_PLANE_TAINT:
            keys.append("node-role.kubernetes.io/control-plane")
        return tuple({"key": key, "effect": "NoSchedule"} for key in keys)
