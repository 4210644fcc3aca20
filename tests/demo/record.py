"""Record the captures of `kscan demo` on lab hosts: `python -m tests.demo.record` as root.

The hosts are real (see tests/lab), the faults are put in for real but for `swap shown`, which
bind-mounts a file over one host's /proc/swaps, because real swap would show on all of them.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from scanner.demo import CAPTURES
from scanner.probe.capture import SUFFIX, Capture, load, save
from tests.lab import faults
from tests.lab.hosts import Lab

FAULTS: dict[str, tuple[faults.Fault, ...]] = {
    "node2": (faults.PORT_6443_HELD, faults.MANIFEST_LEFT, faults.ETCD_DATA_LEFT),
    "node3": (faults.DOCKER_STOPPED, faults.DOCKER_DISABLED),
    "node4": (faults.IP_FORWARD_OFF, faults.BRIDGE_NF_OFF),
    "node5": (faults.SWAP_SHOWN, faults.SOCAT_MISSING),
    "node6": (faults.HOSTNAME_UNRESOLVABLE, faults.KUBELET_DISABLED),
    "node8": (faults.PROXY_SET, faults.PORT_10250_HELD),
}
USERS = {"node7": "plain"}
UNREACHABLE = "node10"


def inventory(lab: Lab) -> str:
    """The demo's hosts at their addresses in the lab; the last one at a port that refuses."""
    lines = [
        "cluster: {controlPlaneEndpoint: 10.77.0.11:6443, networking: {podSubnet: 10.244.0.0/16}}",
        "hosts:",
    ]
    for host in lab.hosts:
        roles = "control-plane" if host.name in {"node1", "node2"} else "worker"
        lines.append(
            f"  - {{name: {host.name}, address: {host.address}, roles: [{roles}], "
            f"user: {USERS.get(host.name, 'root')}, identityFile: {lab.key}, hostKeys: accept-new"
            + (", port: 1}" if host.name == UNREACHABLE else "}")
        )
    return "\n".join(lines)


def scrub(capture: Capture) -> Capture:
    """Documentation addresses for the lab's, and ids that are no machine's."""
    number = int(re.sub(r"\D", "", capture.host))

    def clean(text: bytes) -> bytes:
        text = re.sub(rb"\b10\.77\.0\.", b"192.0.2.", text)
        text = re.sub(rb"\bfd77:[0-9a-f:]*::", b"2001:db8::", text)
        # the same in the kernel's digits: IPv4 from its end, IPv6 from its beginning
        text = re.sub(rb"\b([0-9A-F]{2})004D0A\b", rb"\g<1>0200C0", text)
        text = re.sub(rb"\bfd776c610062(?=[0-9a-f]{20}\b)", b"20010db80000", text)
        text = re.sub(rb"\b(etc|resolved)_(search|domain)=.*", rb"\g<1>_\g<2>=example", text)
        text = re.sub(rb"\b(etc|resolved)_nameserver=.*", rb"\g<1>_nameserver=192.0.2.1", text)
        text = re.sub(rb"(mac=\S+ ).*", rb"\g<1>02:00:00:00:00:%02x" % number, text)
        uuid = b"%08x-1111-4111-8111-111111111111" % number
        text = re.sub(rb"(product_uuid=).+", rb"\g<1>" + uuid, text)
        text = re.sub(rb"(machine_id=)[0-9a-f]+", rb"\g<1>%032x" % number, text)
        fake = b"00000000-0000-4000-8000-%012x" % number
        return re.sub(rb"(boot_id=)[0-9a-f-]+", rb"\g<1>" + fake, text)

    return replace(
        capture,
        address=clean(capture.address.encode()).decode(),
        stdout=counted(clean(capture.stdout), capture.boundary.encode()),
        stderr=clean(capture.stderr.encode()).decode(),
        unreachable=clean(capture.unreachable.encode()).decode(),
    )


def counted(stdout: bytes, boundary: bytes) -> bytes:
    """The answer with the length of each section as it is now."""
    frame = re.compile(
        rb"(%s begin \S+\n)(.*?)(\n%s rc \d+) \d+\n" % (boundary, boundary), re.DOTALL
    )
    return frame.sub(lambda m: b"%s%s%s %d\n" % (m[1], m[2], m[3], len(m[2])), stdout)


def main() -> None:
    """Start the lab, put the faults in, capture, scrub."""
    with (
        Lab.start(10) as lab,
        contextlib.ExitStack() as stack,
        tempfile.TemporaryDirectory() as tmp,
    ):
        for host in lab.hosts:
            for fault in FAULTS.get(host.name, ()):
                stack.enter_context(fault.on(host))
        path = Path(tmp) / "inventory.yaml"
        path.write_text(inventory(lab), encoding="utf-8")
        kscan = [sys.executable, "-m", "scanner", "check", str(path), "--format", "terminal"]
        done = subprocess.run(
            ["env", f"HOME={tmp}", *lab.command([*kscan, "--save-captures", f"{tmp}/captures"])],
            check=False,
        )
        print("kscan check ended with", done.returncode)  # noqa: T201 - a script that a person runs
        for saved in sorted(Path(tmp, "captures").glob(f"*{SUFFIX}")):
            save(CAPTURES, scrub(load(saved.read_bytes())))


if __name__ == "__main__":
    main()
