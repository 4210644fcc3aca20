"""Thresholds that are the same in every release that has the check."""

from __future__ import annotations

CONTROL_PLANE_CPUS = 2
"""NumCPU: constants.ControlPlaneNumCPU, v1.13 to v1.34."""

CONTROL_PLANE_MEMORY_MIB = 1700
"""Mem, in MiB: constants.ControlPlaneMem, v1.20 to v1.32."""

CERTIFICATE_DAYS = 30
"""KS316 warns of fewer, in days: our own; kubeadm renews a year's certificates on any upgrade."""
