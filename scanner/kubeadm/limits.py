"""Thresholds that are the same in every release that has the check."""

from __future__ import annotations

CONTROL_PLANE_CPUS = 2
"""NumCPU: constants.ControlPlaneNumCPU, v1.13 to v1.34."""

CONTROL_PLANE_MEMORY_MIB = 1700
"""Mem, in MiB: constants.ControlPlaneMem, v1.20 to v1.32."""

CERTIFICATE_DAYS = 30
"""KS316 warns of fewer, in days: our own; kubeadm renews a year's certificates on any upgrade."""

SERVICE_ADDRESSES = 10
"""networking.serviceSubnet holds at least so many: DNS gets the tenth. constants.go
MinimumAddressesInServiceSubnet, v1.14.10, v1.20.2, v1.28.7 and a tree of 1.37; in 1.14 podSubnet,
too."""

SERVICE_BITS = 20
"""networking.serviceSubnet leaves at most so many bits to its addresses: /12 for IPv4, /108 for
IPv6. constants.go MaximumBitsForServiceSubnet, v1.20.2 and a tree of 1.37; kube-apiserver's own
limit in every version."""

NODE_MASKS = {4: 24, 6: 64}
"""IP version -> the mask of one node's part of networking.podSubnet where nobody sets another:
validation.go getClusterNodeMask, v1.20.2 and a tree of 1.37."""

NODE_MASK_BITS = 16
"""The node's mask is at most so many bits longer than podSubnet's: constants.go
PodSubnetNodeMaskMaxDiff, v1.20.2 and a tree of 1.37."""

DATA_FREE_GIB_FAIL = 2
"""KS318 fails below so many GiB that are free: our own."""

DATA_FREE_GIB_WARN = 10
"""KS318 warns below so many GiB that are free: our own."""

DATA_USED_PERCENT = 80
"""KS318 warns above it: our own. The kubelet removes images from 85 % on
(imageGCHighThresholdPercent)."""

DATA_FREE_INODES_PERCENT = 5
"""KS318 warns of fewer: the kubelet evicts pods then (evictionHard nodefs.inodesFree)."""

FSYNC_P99_US = 10_000
"""KS604 warns from it on, microseconds: etcd.io/docs, FAQ, on wal_fsync_duration_seconds."""
