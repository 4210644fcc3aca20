from __future__ import annotations

import pytest

from scanner.kubeadm import feature_gates
from scanner.versions import parse_version


@pytest.mark.parametrize(
    ("name", "first", "first_without"),
    [
        ("IPv6DualStack", "v1.16.0", "v1.24.0"),
        ("UnversionedKubeletConfigMap", "v1.23.0", "v1.26.0"),
        ("EtcdLearnerMode", "v1.27.0", "v1.33.0"),
        ("UpgradeAddonsBeforeControlPlane", "v1.28.0", "v1.31.0"),
        ("WaitForAllControlPlaneComponents", "v1.30.0", "v1.35.0"),
        ("ControlPlaneKubeletLocalMode", "v1.31.0", "v1.36.0"),
        ("NodeLocalCRISocket", "v1.32.0", "v1.37.0"),
        ("PublicKeysECDSA", "v1.19.0", "v1.37.0"),
    ],
)
def test_when_a_gate_came_and_went(name: str, first: str, first_without: str) -> None:
    came, went = parse_version(first), parse_version(first_without)
    assert feature_gates.known(name, came) is True
    assert feature_gates.known(name, came.replace(minor=came.minor - 1)) is False
    assert feature_gates.known(name, went.replace(minor=went.minor - 1)) is True
    assert feature_gates.known(name, went) is False


def test_v1_20_2_has_exactly_the_two_of_its_source() -> None:
    version = parse_version("v1.20.2")
    known = {name for name in feature_gates.GATES if feature_gates.known(name, version)}
    assert known == {"IPv6DualStack", "PublicKeysECDSA"}


@pytest.mark.parametrize(
    ("version", "given", "on"),
    [
        ("v1.15.0", {"IPv6DualStack": True}, False),
        ("v1.20.2", {}, False),
        ("v1.20.2", {"IPv6DualStack": True}, True),
        ("v1.21.0", {}, True),
        ("v1.21.0", {"IPv6DualStack": False}, False),
    ],
)
def test_whether_a_gate_is_on(version: str, given: dict[str, bool], *, on: bool) -> None:
    assert feature_gates.enabled("IPv6DualStack", parse_version(version), given) is on


@pytest.mark.parametrize(("version", "on"), [("v1.23.17", False), ("v1.24.0", True)])
def test_the_name_of_the_kubelets_configuration(version: str, *, on: bool) -> None:
    """A 1.23 writes kubelet-config-1.23, as it prints itself."""
    gate = "UnversionedKubeletConfigMap"
    assert feature_gates.enabled(gate, parse_version(version), {}) is on
