"""What is known of releases of container runtimes."""

from __future__ import annotations

RUNTIME_CONFIG = {"containerd": (2, 0), "cri-o": (1, 28)}
"""Name of the runtime -> first (major, minor) that implements the CRI's RuntimeConfig.

containerd: its release notes of 2.0; the back-port to 1.7 was closed unmerged. CRI-O: PR#7079.
"""
