"""The catalogue: one file for each subject, one function for each check."""

from __future__ import annotations

from scanner.checks import (
    binaries,
    certificates,
    cgroup_drivers,
    configuration,
    container_runtime,
    containerd_config,
    etcd,
    files,
    firewall,
    hardware,
    hostname,
    images,
    ipvs,
    kubernetes_versions,
    leftovers,
    membership,
    ports,
    proxies,
    runtime_version,
    security,
    services,
    sysctls,
    system_verification,
)
from scanner.checks.rule import Check, collect

CATALOGUE: tuple[Check, ...] = collect(
    hardware,
    hostname,
    kubernetes_versions,
    configuration,
    services,
    container_runtime,
    cgroup_drivers,
    containerd_config,
    runtime_version,
    images,
    ports,
    files,
    leftovers,
    membership,
    certificates,
    binaries,
    sysctls,
    system_verification,
    ipvs,
    security,
    proxies,
    firewall,
    etcd,
)
"""Every check, ordered by id."""
