"""What kubeadm has said, for the tests of those who read it."""

from __future__ import annotations

WARNED = "\t[WARNING Swap]: running with swap on is not supported. Please disable swap\n"
START = "[preflight] Running pre-flight checks\n"
ERRORS = (
    "\t[ERROR Port-6443]: Port 6443 is in use\n"
    "\t[ERROR CRI]: container runtime is not running: output: time=1\n"
    "second line\n"
    ", error: exit status 1\n"
)
ADVICE = (
    "[preflight] If you know what you are doing, you can make a check non-fatal with "
    "`--ignore-preflight-errors=...`\n"
)
STACK = "To see the stack trace of this error execute with --v=5 or higher\n"
OLD = (
    f"{START}{WARNED}error execution phase preflight: [preflight] Some fatal errors occurred:\n"
    f"{ERRORS}{ADVICE}{STACK}"
)
JOIN = (
    f"{START}{WARNED}error execution phase preflight: couldn't validate the identity of the API "
    f"Server: dial tcp 192.0.2.1:6443: connect: connection refused\n{STACK}"
)
ROOT = (
    "W1124 00:24:39.166646    1052 kubelet.go:200] cannot automatically set CgroupDriver\n"
    f"{START}error execution phase preflight: [preflight] Some fatal errors occurred:\n"
    f"\t[ERROR IsPrivilegedUser]: user is not running as root\n{ADVICE}{STACK}"
)
REFUSED = (
    "Found multiple CRI sockets, please use --cri-socket to select one: /a.sock, /b.sock\n" + STACK
)
