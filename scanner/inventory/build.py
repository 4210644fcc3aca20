"""A validated inventory and the command line's overrides to a Request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from scanner import request as r
from scanner.inventory import addresses, jump, keyfile, names, selection
from scanner.inventory.model import (
    ClusterSection,
    Cni,
    Etcd,
    HostEntry,
    Inventory,
    JumpHost,
    Settings,
)
from scanner.inventory.overrides import SSH_PASSWORD, SUDO_PASSWORD, Loaded, Overrides
from scanner.inventory.problems import printable, quoted
from scanner.inventory.references import secret
from scanner.secrets.secret import Secret

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an inventory came from."""

    source: str
    """As the user named it."""
    folder: Path
    """Where relative paths start."""
    stem: str
    """The file's name without its ending: the default name of the cluster."""


def build(inventory: Inventory, origin: Origin, overrides: Overrides) -> Loaded:
    """Apply command line > host > group > defaults, and expand ranges.

    Args:
        inventory: the model; `consistency` gave no problems.
        origin: where it came from.
        overrides: the options; they gave no problems.

    Raises:
        ValueError: a path starts at the home directory of a user that does not exist.
    """
    jumps = {
        entry.name: _jump_login(entry, inventory.defaults, origin, overrides)
        for entry in inventory.jump_hosts
    }
    hosts = tuple(
        host
        for entry in inventory.hosts
        for host in _hosts(entry, inventory, jumps, origin, overrides)
    )
    ignore, notes = _ignore(inventory, hosts, origin)
    made = r.Request(
        hosts=hosts,
        cluster=_cluster(inventory.cluster, origin, overrides),
        ignore=ignore,
        source=origin.source,
    )
    return Loaded(made, tuple(printable(note) for note in notes))


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _hosts(
    entry: HostEntry,
    inventory: Inventory,
    jumps: Mapping[str, r.Login],
    origin: Origin,
    overrides: Overrides,
) -> Iterator[r.Host]:
    group = inventory.groups[entry.group] if entry.group else Settings()
    layers = (entry, group, inventory.defaults)
    labels: dict[str, str] = {}
    for layer in reversed(layers):
        labels |= layer.labels or {}
    login = _login(layers, jumps, origin, overrides)
    if entry.local:
        login = r.Login(address="", sudo=login.sudo, local=True, sudo_password=login.sudo_password)
    nothing = (None,) * len(entry.name)
    together = zip(
        entry.name,
        entry.address or ("localhost",) * len(entry.name),
        entry.internal_address or nothing,
        entry.advertise_address or nothing,
        entry.node_name or nothing,
        strict=True,
    )
    for name, address, internal, advertise, node_name in together:
        yield r.Host(
            name=name,
            login=replace(login, address=address),
            roles=frozenset(_first(layer.roles for layer in layers) or (r.NodeRole.WORKER,)),
            node_name=node_name,
            internal_address=internal,
            advertise_address=advertise or addresses.advertisable(internal or address),
            cri_socket=_first(layer.cri_socket for layer in layers),
            labels=tuple(labels.items()),
            taints=_taints(layers),
            group=entry.group,
        )


def _taints(layers: tuple[Settings, Settings, Settings]) -> tuple[str, ...] | None:
    """Each once; an empty list is kept, as it takes a control plane's default taint away."""
    taints = _first(layer.taints for layer in layers)
    return None if taints is None else tuple(dict.fromkeys(taints))


def _login(
    layers: tuple[Settings, Settings, Settings],
    jumps: Mapping[str, r.Login],
    origin: Origin,
    overrides: Overrides,
) -> r.Login:
    """The login of an entry, whose address is still missing."""
    defaults = layers[-1]
    # spelled out: of a policy and of pins a type checker would only keep that both are sequences
    host_keys: r.HostKeys | None = overrides.host_keys
    for layer in layers:
        host_keys = layer.host_keys if host_keys is None else host_keys
    named = None if overrides.jump is None else jump.split(overrides.jump)
    jump_names = _first((named, *(layer.jump for layer in layers)))
    jump_keys = overrides.host_keys or defaults.host_keys
    key = _first(layer.identity_file for layer in layers)
    password = _first(layer.password for layer in layers)
    sudo_password = _first(layer.sudo_password for layer in layers)
    return r.Login(
        address="",
        port=_first((overrides.port, *(layer.port for layer in layers))),
        user=_first((overrides.user, *(layer.user for layer in layers))),
        identity_file=overrides.key or _path(key, origin),
        sudo=_first((overrides.sudo, *(layer.sudo for layer in layers))) or r.Sudo.AUTO,
        host_keys=host_keys,
        jump=jump.chain(jump_names or (), jumps, jump_keys, overrides.key),
        direct=jump_names == (),
        password=overrides.password or secret(password, origin.folder, SSH_PASSWORD),
        passphrase=_passphrase(
            _first(layer.passphrase for layer in layers), overrides.key or key, origin
        ),
        sudo_password=overrides.sudo_password
        or secret(sudo_password, origin.folder, SUDO_PASSWORD),
    )


def _passphrase(text: str | None, key: str | Path | None, origin: Origin) -> Secret | None:
    """One question for each key; for the keys in ~/.ssh, one for all."""
    return secret(text, origin.folder, f"passphrase of {key or 'the SSH key'}")


def _jump_login(
    entry: JumpHost, defaults: Settings, origin: Origin, overrides: Overrides
) -> r.Login:
    host_keys = overrides.host_keys or entry.host_keys or defaults.host_keys
    key = _path(entry.identity_file, origin) or overrides.key
    return r.Login(
        address=entry.address,
        port=entry.port,
        user=entry.user,
        identity_file=key or _path(defaults.identity_file, origin),
        host_keys=host_keys,
        password=secret(entry.password, origin.folder, f"{SSH_PASSWORD} of {entry.name}"),
        passphrase=_passphrase(
            entry.passphrase or defaults.passphrase,
            entry.identity_file or overrides.key or defaults.identity_file,
            origin,
        ),
    )


def _cluster(cluster: ClusterSection, origin: Origin, overrides: Overrides) -> r.Cluster:
    return r.Cluster(
        name=cluster.name or names.default_name(origin.stem),
        kubernetes_version=overrides.version or cluster.kubernetes_version,
        control_plane_endpoint=cluster.control_plane_endpoint,
        bind_port=cluster.bind_port,
        pod_subnets=cluster.networking.pod_subnet,
        service_subnets=cluster.networking.service_subnet,
        dns_domain=cluster.networking.dns_domain,
        container_runtime=cluster.container_runtime,
        image_repository=cluster.image_repository,
        image_pull_policy=cluster.image_pull_policy.value,
        proxy_mode=cluster.proxy_mode,
        feature_gates=tuple(cluster.feature_gates.items()),
        etcd=_etcd(cluster.etcd),
        cni_manifest=_file(cluster.cni.manifest if cluster.cni else "", origin),
        cni_profile=overrides.cni_profile or (cluster.cni or Cni()).profile,
        addons=tuple(
            r.Manifest(addon.name, _file(addon.manifest, origin)) for addon in cluster.addons
        ),
        extra_documents=tuple(_file(path, origin) for path in cluster.kubeadm.extra_documents),
        patches=_file(cluster.kubeadm.patches, origin),
    )


def _etcd(etcd: Etcd) -> r.LocalEtcd | r.ExternalEtcd:
    if (external := etcd.external) is None:
        return r.LocalEtcd(etcd.local.data_dir) if etcd.local else r.LocalEtcd()
    return r.ExternalEtcd(
        external.endpoints,
        external.ca_file,
        external.cert_file,
        external.key_file,
        external.http_endpoints,
    )


def _ignore(
    inventory: Inventory, hosts: tuple[r.Host, ...], origin: Origin
) -> tuple[tuple[r.Ignore, ...], tuple[str, ...]]:
    ignore: list[r.Ignore] = []
    notes: list[str] = []
    for index, entry in enumerate(inventory.ignore):
        found: frozenset[str] | None = None
        if entry.hosts:
            found, nowhere = selection.matching(hosts, entry.hosts)
            place = f"{origin.source}: ignore[{index}].hosts"
            notes += [f"{place}: {quoted(word)} matches no host" for word in nowhere]
        ignore.append(r.Ignore(entry.check, found, entry.reason, entry.until))
    return tuple(ignore), tuple(notes)


def _path(text: str | None, origin: Origin) -> Path | None:
    return keyfile.locate(text, origin.folder) if text else None


def _file(text: str, origin: Origin) -> str:
    """A path on this machine as seen from the working directory; a URL as it stands."""
    if not text or r.is_url(text):
        return text
    return str(keyfile.locate(text, origin.folder))
