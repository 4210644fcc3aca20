from __future__ import annotations

import pytest

from scanner.kubeadm import releases
from scanner.kubeadm.evidence import Evidence
from scanner.versions import parse_version


def find(version: str) -> releases.Release:
    return releases.find(parse_version(version))


def test_there_is_one_row_for_each_minor_in_order() -> None:
    assert [release.minor for release in releases.RELEASES] == list(range(13, 38))


def test_the_newest_release_without_open_questions() -> None:
    assert releases.NEWEST_SETTLED.minor == 31
    assert str(releases.NEWEST_SETTLED_VERSION) == "1.31.0"
    settled = [release.minor for release in releases.RELEASES if not release.open_questions]
    assert settled == [14, 15, 17, 18, 19, 20, 21, 22, 28, 31]


@pytest.mark.parametrize(
    ("version", "supported"),
    [
        ("v1.12.9", False),
        ("v1.13.0-rc.1", True),
        ("v1.13.0", True),
        ("v1.37.5", True),
        ("v1.38.0-alpha.1", False),
    ],
)
def test_what_is_supported(version: str, *, supported: bool) -> None:
    assert (parse_version(version) in releases.SUPPORTED) is supported


@pytest.mark.parametrize(("version", "minor"), [("v1.12.0", 13), ("v1.38.0", 37), ("v2.0.0", 37)])
def test_an_unknown_version_is_taken_for_its_neighbour(version: str, minor: int) -> None:
    release = find(version)
    assert release.minor == minor
    assert release.open_questions
    assert release.evidence is Evidence.INFERRED


@pytest.mark.parametrize(
    ("field", "first", "last_before"),
    [
        ("kubelet_stderr_breaks", "v1.17.0", "v1.16.15"),
        ("dual_stack_services", "v1.17.0", "v1.16.15"),
        ("node_name_format", "v1.21.0", "v1.20.15"),
        ("dockershim", "v1.24.0", "v1.23.17"),
        ("ipv4_always", "v1.27.0", "v1.26.15"),
        ("kubelet_skew", "v1.29.0", "v1.28.15"),
        ("runtime_ready", "v1.31.0", "v1.30.14"),
        ("conntrack_below", "v1.32.0", "v1.31.9"),
        ("conntrack_below", "v1.33.0", "v1.32.9"),
        ("ports_by_address", "v1.37.0", "v1.36.9"),
    ],
)
def test_when_each_thing_changed(field: str, first: str, last_before: str) -> None:
    assert getattr(find(first), field) != getattr(find(last_before), field)


@pytest.mark.parametrize(
    ("version", "config_api"),
    [
        ("v1.13.0", "v1beta1"),
        ("v1.14.10", "v1beta1"),
        ("v1.15.0", "v1beta2"),
        ("v1.21.14", "v1beta2"),
        ("v1.22.0", "v1beta3"),
        ("v1.30.14", "v1beta3"),
        ("v1.31.0", "v1beta4"),
        ("v1.37.0", "v1beta4"),
    ],
)
def test_the_configuration_that_it_writes(version: str, config_api: str) -> None:
    assert find(version).config_api == config_api


@pytest.mark.parametrize(
    ("version", "etcd"),
    [
        ("v1.13.0", "3.2.18"),
        ("v1.27.0", "3.2.18"),
        ("v1.28.0", "3.4.13-4"),
        ("v1.30.0", "3.4.13-4"),
        ("v1.31.0", "3.5.11-0"),
        ("v1.35.0", "3.5.11-0"),
        ("v1.36.0", "3.5.24-0"),
    ],
)
def test_the_oldest_external_etcd(version: str, etcd: str) -> None:
    assert str(find(version).etcd) == etcd
