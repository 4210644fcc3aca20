"""The inventory's keys: types, defaults and meanings. The schema and docs are made of this file.

The defaults of the cluster are `scanner.request.Cluster`'s, which are kubeadm's. A setting of a
host is None where it is not given, and then its group and the defaults are asked (build.py).
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from scanner.inventory import fields as f
from scanner.request import Cluster, CniProfile, ContainerRuntime, LocalEtcd, ProxyMode

_CLUSTER = Cluster()
_ETCD = LocalEtcd()


class Section(BaseModel):
    """A map of the file: frozen, camelCase keys, unknown keys refused, null is not given."""

    # built once, with the whole inventory around it, and not for each class by itself
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if isinstance(value, dict):
            return {key: item for key, item in value.items() if item is not None}
        return value


class Networking(Section):
    """`cluster.networking`."""

    pod_subnet: f.Networks = Field(
        default=(), description="Network of the pods; empty where the CNI needs none."
    )
    service_subnet: f.Networks = Field(
        default=_CLUSTER.service_subnets, description="Network of the services' virtual addresses."
    )
    dns_domain: f.Name = Field(
        default=_CLUSTER.dns_domain, description="DNS domain of the services."
    )


class LocalEtcdSection(Section):
    """`cluster.etcd.local`."""

    data_dir: f.EtcdDirectory = Field(
        default=_ETCD.data_dir, description="Directory of etcd's data on the control planes."
    )


class ExternalEtcdSection(Section):
    """`cluster.etcd.external`."""

    endpoints: Annotated[tuple[f.EtcdEndpoint, ...], f.NotEmpty] = Field(
        json_schema_extra={"minItems": 1},
        description="URLs of the members, https unless no certificate is set.",
    )
    ca_file: f.HostPath = Field(
        default="", description="etcd's CA certificate, on every control plane."
    )
    cert_file: f.HostPath = Field(
        default="", description="Client certificate, on every control plane."
    )
    key_file: f.HostPath = Field(default="", description="The client certificate's key.")
    http_endpoints: tuple[f.EtcdEndpoint, ...] = Field(
        default=(),
        description="URLs that kubeadm 1.35 and later asks for the version, where it is not served "
        "at endpoints.",
    )


class Etcd(Section):
    """`cluster.etcd`."""

    local: LocalEtcdSection | None = Field(
        default=None, description="etcd in static pods on the control planes; the default."
    )
    external: ExternalEtcdSection | None = Field(
        default=None, description="etcd that is there already; not together with local."
    )


class Cni(Section):
    """`cluster.cni`."""

    manifest: f.Source = Field(
        default="", description="The network add-on's manifest, applied after init and waited for."
    )
    profile: f.Profile = Field(
        default=CniProfile.NONE, description="Whose ports the hosts must reach each other on."
    )


class Addon(Section):
    """One entry of `cluster.addons`."""

    name: f.Name = Field(description="What to call it in messages.")
    manifest: f.Source = Field(description="Its manifest, applied when all hosts have joined.")


class Kubeadm(Section):
    """`cluster.kubeadm`."""

    extra_documents: tuple[f.FilePath, ...] = Field(
        default=(),
        description="YAML files added to kubeadm's configuration, such as KubeletConfiguration.",
    )
    patches: f.FilePath = Field(
        default="", description="Directory of patches for kubeadm's --patches."
    )


class ClusterSection(Section):
    """`cluster`."""

    name: f.Name | None = Field(
        default=None,
        description="Names the journal's folder; default: the file's name without its ending.",
    )
    kubernetes_version: f.KubernetesVersion | None = Field(
        default=None,
        description="Version to install, such as v1.30.0; default: the first control plane's"
        " kubeadm, else the commonest kubeadm.",
    )
    control_plane_endpoint: f.Endpoint = Field(
        default=_CLUSTER.control_plane_endpoint,
        description="Name or address of the load balancer before the API servers; needed for more"
        " than one control plane.",
    )
    bind_port: f.Port = Field(default=_CLUSTER.bind_port, description="Port of the API server.")
    networking: Networking = Field(default_factory=Networking, description="Networks and DNS.")
    container_runtime: f.Runtime = Field(
        default=ContainerRuntime.AUTO,
        description="Container runtime; auto finds it as kubeadm does.",
    )
    image_repository: f.Repository = Field(
        default="",
        description="Registry of Kubernetes' images; default: kubeadm's for the version.",
    )
    image_pull_policy: f.Pull = Field(
        default=f.PullPolicy.IF_NOT_PRESENT,
        description="With Never an image that is missing is a FAIL.",
    )
    proxy_mode: f.Proxy = Field(default=ProxyMode.IPTABLES, description="kube-proxy's mode.")
    feature_gates: dict[f.Gate, f.Boolean] = Field(
        default_factory=dict, description="kubeadm's feature gates."
    )
    etcd: Etcd = Field(default_factory=Etcd, description="Either local or external.")
    cni: Cni | None = Field(default=None, description="The pods' network.")
    addons: tuple[Addon, ...] = Field(default=(), description="Manifests to apply at the end.")
    kubeadm: Kubeadm = Field(default_factory=Kubeadm, description="What else kubeadm is given.")


class Login(Section):
    """What hosts, groups, defaults and jump hosts share."""

    user: f.User | None = Field(
        default=None, description="Login name; default: ~/.ssh/config, else your own."
    )
    port: f.Port | None = Field(
        default=None, description="SSH port; default: ~/.ssh/config, else 22."
    )
    identity_file: f.FilePath | None = Field(
        default=None,
        description="Private key; relative to the inventory. Default: ~/.ssh/config, agent.",
    )
    host_keys: f.HostKeyCheck | None = Field(
        default=None,
        description="What an unknown host key means; a list pins keys. Default: strict, only what"
        " known_hosts has.",
    )
    password: f.Secret | None = Field(
        default=None,
        description="Login password, tried once after the keys; prompt asks once for all hosts.",
    )
    passphrase: f.Secret | None = Field(
        default=None, description="Passphrase of identityFile, else of the keys in ~/.ssh."
    )


class Settings(Login):
    """`defaults`, each of `groups`, and each host."""

    jump: f.Jump | None = Field(
        default=None,
        description="Jump hosts in the order in which they are passed: names in jumpHosts, else "
        "Hosts of ~/.ssh/config; [] for none.",
    )
    sudo: f.SudoMode | None = Field(
        default=None,
        description="auto: sudo or doas unless the login is root; off: never. Default: auto.",
    )
    sudo_password: f.Secret | None = Field(
        default=None,
        description="sudo's password, sent once and only if sudo asks. Default: sudo must not ask.",
    )
    roles: f.Roles | None = Field(
        default=None, description="What the host becomes, both are allowed. Default: worker."
    )
    cri_socket: f.Socket | None = Field(
        default=None, description="Socket of the container runtime; default: found as kubeadm does."
    )
    labels: dict[f.LabelKey, f.LabelValue] | None = Field(
        default=None, description="Node labels; those of defaults, group and host are merged."
    )
    taints: tuple[f.Taint, ...] | None = Field(
        default=None,
        description="Node taints; the nearest list counts. kubeadm's own taint of a control plane "
        "stays beside them; `[]` means no taint at all, also on a control plane.",
    )


class HostEntry(Settings):
    """One entry of `hosts`; with ranges, many hosts."""

    name: f.Names = Field(description="kscan's label for the host, unique, usable as a file name.")
    address: f.Addresses | None = Field(
        default=None,
        description="Where SSH connects: IP, DNS name or alias. Only a local host needs none.",
    )
    internal_address: f.OwnAddresses | None = Field(
        default=None, description="Where the other hosts reach it; default: address."
    )
    advertise_address: f.IPs | None = Field(
        default=None,
        description="The API server's address; default: internalAddress, then address.",
    )
    node_name: f.Names | None = Field(
        default=None, description="The node's name; default: the host's own name in lower case."
    )
    group: f.Name | None = Field(default=None, description="One of groups.")
    local: f.Boolean = Field(default=False, description="This machine itself, without SSH.")


class JumpHost(Login):
    """One entry of `jumpHosts`; identityFile, passphrase, hostKeys come from defaults too."""

    name: f.Name = Field(description="What jump refers to.")
    address: f.Address = Field(description="IP, DNS name or alias.")


class IgnoreEntry(Section):
    """One entry of `ignore`."""

    check: f.Line = Field(description="kubeadm's name or ours, in any case; all for every check.")
    hosts: f.Pattern | None = Field(
        default=None,
        description="Names, globs, ranges, groups or roles with commas; default: all hosts.",
    )
    reason: f.Line = Field(default="", description="Shown beside the result.")
    until: f.Day | None = Field(
        default=None, description="The last day it counts, such as 2027-01-31."
    )


Group: TypeAlias = Annotated[
    Settings, BeforeValidator(lambda value: {} if value is None else value)
]


class Inventory(Section):
    """The file."""

    cluster: ClusterSection = Field(
        default_factory=ClusterSection, description="The cluster to be made."
    )
    defaults: Settings = Field(
        default_factory=Settings, description="Settings of every host, see below."
    )
    jump_hosts: tuple[JumpHost, ...] = Field(default=(), description="Hosts to connect through.")
    groups: dict[f.Name, Group] = Field(
        default_factory=dict, description="Settings for the hosts of a group, see below."
    )
    hosts: Annotated[tuple[HostEntry, ...], f.NotEmpty] = Field(
        json_schema_extra={"minItems": 1}, description="The machines."
    )
    ignore: tuple[IgnoreEntry, ...] = Field(default=(), description="Results that are accepted.")
    checks: tuple[f.FilePath, ...] = Field(
        default=(),
        description="Files with your own rules, see docs/rules.md; only where the inventory was "
        "named.",
    )
