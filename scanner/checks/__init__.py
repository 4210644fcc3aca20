"""The catalogue: one file for each subject, one function for each check."""

from __future__ import annotations

from scanner.checks import (
    binaries,
    container_runtime,
    etcd,
    files,
    hardware,
    hostname,
    ipvs,
    kubernetes_versions,
    ports,
    proxies,
    services,
    sysctls,
    system_verification,
)
from scanner.checks.rule import Check, collect

CATALOGUE: tuple[Check, ...] = collect(
    hardware,
    hostname,
    kubernetes_versions,
    services,
    container_runtime,
    ports,
    files,
    binaries,
    sysctls,
    system_verification,
    ipvs,
    proxies,
    etcd,
)
"""Every check, ordered by id."""
