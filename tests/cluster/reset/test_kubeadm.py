"""How `kubeadm reset` is run on a control plane, and what it leaves to kscan."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.cluster.result import Outcome
from tests.cluster.machine import Machine
from tests.cluster.reset.hosts import (
    NAMES,
    RESET_WORDS,
    changed,
    etcd,
    four,
    outcomes,
    reset,
    write,
)


async def test_kubeadm_neither_looks_for_the_member_nor_asks_the_api_server_that_has_lost_it(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    first, third = machines["node1"], machines["node3"]
    write(first, "etcd.after", etcd("node1", "node2"))
    write(third, "reset.help", "      --skip-phases strings   List of phases\n")
    write(third, "etc/admin.conf", "clusters:\n- cluster:\n    server: https://192.0.2.3:6443\n")
    kubeadm = third.folder / "bin" / "kubeadm"
    seen = third.folder / "seen"
    text = kubeadm.read_text(encoding="utf-8")
    copying = f"cat admin.conf >{seen}; echo $NO_PROXY >>{seen}\n"
    kubeadm.write_text(text.replace('echo "$@"', f'{copying}echo "$@"', 1), encoding="utf-8")
    third.env["NO_PROXY"] = "10.0.0.0/8"
    runner = await reset(machines, four("node3"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    options = "--skip-phases=remove-etcd-member --kubeconfig admin.conf"
    assert third.calls("kubeadm") == [f"{RESET_WORDS} {options}"]
    assert seen.read_text(encoding="utf-8").splitlines()[2:] == [
        "    server: https://192.0.2.1:6443",
        "10.0.0.0/8,192.0.2.1",
    ]
    assert third.left == []


async def test_the_data_that_kubeadm_leaves_without_that_phase_is_removed(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    third = machines["node3"]
    write(machines["node1"], "etcd", etcd("node1", "node2"))
    usual, own = third.folder / "none" / "var/lib/etcd", third.folder / "data of etcd"
    for path in (usual, own):
        (path / "member" / "wal").mkdir(parents=True)
    await reset(machines, four("node3"), tmp_path)
    assert not [*usual.iterdir()], "where the inventory has it, if the manifest is gone"
    assert [*own.iterdir()]
    (usual / "member").mkdir()
    (third.folder / "etc" / "manifests").mkdir()
    write(third, "etc/manifests/etcd.yaml", f"    - etcd\n    - --data-dir={own}\n")
    await reset(machines, four("node3"), tmp_path)
    assert not [*own.iterdir()]
    assert [*usual.iterdir()]


async def test_where_no_control_plane_stays_kubeadm_does_it_all(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node3"], "reset.help", "--skip-phases\n")
    data = machines["node3"].folder / "none" / "var/lib/etcd/member"
    data.mkdir(parents=True)
    await reset(machines, four("node1", "node2", "node3"), tmp_path)
    assert machines["node3"].calls("kubeadm") == [RESET_WORDS]
    assert data.exists()


async def test_all_control_planes_may_go(machines: dict[str, Machine], tmp_path: Path) -> None:
    runner = await reset(machines, four(*NAMES), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    for name in NAMES:
        assert machines[name].calls("kubeadm") == [RESET_WORDS]


@pytest.mark.parametrize("left", ["mount", "file"])
async def test_what_kubeadm_could_not_unmount_or_remove_is_said(
    machines: dict[str, Machine], tmp_path: Path, left: str
) -> None:
    """It ends well all the same; the Node stays until the host is what it was before."""
    none = machines["node4"].folder / "none"
    volume = none / "var/lib/kubelet/pods/1/volumes/a\\040b"
    pki = none / "var/lib/kubelet/pki"
    if left == "mount":
        (none / "proc/mounts").write_text(
            f"proc /proc proc rw 0 0\n192.0.2.9:/a {volume} nfs4 rw 0 0\n", encoding="utf-8"
        )
    else:
        pki.mkdir(parents=True)
    runner = await reset(machines, four("node4"), tmp_path)
    assert runner.failure is not None
    assert (runner.failure.phase, runner.failure.host) == ("reset", "node4")
    what = volume if left == "mount" else pki
    assert runner.failure.said[-1].startswith(f"error: kubeadm reset has left {what}"[:200])
    assert not [call for call in changed(machines) if "delete node" in call]


async def test_rules_that_could_not_be_removed_are_said(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    restore = machines["node4"].folder / "bin" / "ip6tables-restore"
    restore.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    said: list[str] = []
    runner = await reset(machines, four("node4"), tmp_path, said.append)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    line = "the cluster's rules of ip6tables are left, as ip6tables-restore has failed"
    assert [told for told in said if "rules" in told] == [f"node4: {line}"]
