"""What a component of the control plane is told by its manifest, read on its own host."""

from __future__ import annotations

FLAG = r"""
flag() {
	sed -n "s/^ *- [\"']\{0,1\}--$2=\([^\"']*\).*/\1/p" "/etc/kubernetes/manifests/$1.yaml" \
		2>/dev/null | tail -n 1
}
""".lstrip()
"""`flag COMPONENT NAME` prints the value, the last one as the component takes it; else nothing."""
