"""What one host told us, parsed once to frozen values with units."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scanner.facts import (
    certificates,
    clock,
    cri,
    environment,
    firewall,
    fsync,
    hardware,
    identity,
    kernel,
    leftovers,
    network,
    node,
    paths,
    programs,
    registry,
    resolver,
    routes,
    runtime_config,
    security,
    services,
    storage,
)
from scanner.facts.base import Facts, ParseError
from scanner.facts.failure import failure
from scanner.measure import Measure
from scanner.probe.frames import Section

PARSERS: tuple[tuple[str, type[object], Callable[[str], object]], ...] = (
    ("addresses", identity.Addresses, identity.parse_addresses),
    ("binaries", environment.Binaries, environment.parse_binaries),
    ("certificates", certificates.Certificates, certificates.parse_certificates),
    ("cgroups", kernel.Cgroups, kernel.parse_cgroups),
    ("clock", clock.Clock, clock.parse_clock),
    ("containerd", runtime_config.ContainerdConfig, runtime_config.parse_containerd),
    ("cpu", hardware.Cpu, hardware.parse_cpu),
    ("cri", cri.Cri, cri.parse_cri),
    ("docker", programs.Docker, programs.parse_docker),
    ("environment", environment.Environment, environment.parse_environment),
    ("etcd", network.ExternalEtcdVersions, network.parse_etcd),
    ("files", paths.Paths, paths.parse_paths),
    ("firewall", firewall.Firewall, firewall.parse_firewall),
    ("fsync", fsync.Fsync, fsync.parse_fsync),
    ("identity", identity.Identity, identity.parse_identity),
    ("kernel", kernel.Kernel, kernel.parse_kernel),
    ("kernelconfig", kernel.KernelConfig, kernel.parse_kernel_config),
    ("kubeadm", programs.Kubeadm, programs.parse_kubeadm),
    ("kubelet", programs.Kubelet, programs.parse_kubelet),
    ("kubeletconfig", runtime_config.KubeletConfig, runtime_config.parse_kubelet_config),
    ("leftovers", leftovers.Leftovers, leftovers.parse_leftovers),
    ("listeners", paths.Listeners, paths.parse_listeners),
    ("lookup", network.NameLookup, network.parse_lookup),
    ("memory", hardware.Memory, hardware.parse_memory),
    ("modules", kernel.Modules, kernel.parse_modules),
    ("node", node.Node, node.parse_node),
    ("os", identity.OsRelease, identity.parse_os_release),
    ("registry", registry.Registry, registry.parse_registry),
    ("resolver", resolver.Resolver, resolver.parse_resolver),
    ("routes", routes.Routes, routes.parse_routes),
    ("security", security.Security, security.parse_security),
    ("services", services.Services, services.parse_services),
    ("sockets", programs.Sockets, programs.parse_sockets),
    ("storage", storage.Storage, storage.parse_storage),
    ("swap", hardware.Swap, hardware.parse_swap),
    ("sysctls", kernel.Sysctls, kernel.parse_sysctls),
)
"""(section of sections.sh, the fact it becomes, its parser)."""


MEASURED: tuple[tuple[Measure, type[object]], ...] = (
    (Measure.FSYNC, fsync.Fsync),
    (Measure.REGISTRY, registry.Registry),
)
"""Facts that only those hosts can give that were asked for them."""


def measured(facts: Facts) -> frozenset[Measure]:
    """What a host was asked to measure."""
    return frozenset(
        measure for measure, kind in MEASURED if kind in facts.groups or kind in facts.missing
    )


def parse_facts(sections: Mapping[str, Section]) -> Facts:
    """Parse every section; one that cannot be parsed costs its own fact, with the reason."""
    groups: dict[type[object], object] = {}
    missing: dict[type[object], str] = {}
    for name, kind, parse in PARSERS:
        section = sections.get(name)
        if section is None and name in set(Measure):
            continue
        if section is None:
            missing[kind] = f"the probe has no section {name}"
        elif section.exit_status != 0:
            missing[kind] = failure(name, section)
        else:
            try:
                groups[kind] = parse(section.text)
            except ParseError as error:
                missing[kind] = f"section {name}: {error}"
    return Facts(groups, missing)
