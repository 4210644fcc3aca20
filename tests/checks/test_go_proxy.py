from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.checks.go_proxy import Proxy, proxy_for

PROXY = "http://proxy.example:3128"


def used(host: str, no_proxy: str = "", port: str = "443") -> bool:
    variables = {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}
    return proxy_for(host, port, variables) is not None


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, Proxy(PROXY, "HTTPS_PROXY")),
        ({"https_proxy": PROXY}, Proxy(PROXY, "https_proxy")),
        ({"HTTPS_PROXY": "http://a", "https_proxy": "http://b"}, Proxy("http://a", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "", "https_proxy": "http://b"}, Proxy("http://b", "https_proxy")),
        ({"HTTP_PROXY": PROXY, "http_proxy": PROXY, "ALL_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": "proxy:3128"}, Proxy("http://proxy:3128", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "192.0.2.9:3128"}, Proxy("http://192.0.2.9:3128", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "socks5://p:1080"}, Proxy("socks5://p:1080", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "HTTPS://p"}, Proxy("HTTPS://p", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "ftp://p"}, Proxy("http://ftp://p", "HTTPS_PROXY")),
        # what kubeadm v1.20.2 said on a lab host
        ({"HTTPS_PROXY": "http://pro xy"}, Proxy("http://http://pro xy", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "ftp://prox y:1"}, Proxy("http://ftp://prox y:1", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://pro%zzxy:12"}, None),
        ({"HTTPS_PROXY": "http://p:12x"}, Proxy("http://http://p:12x", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "p:3128/%zz"}, Proxy("p:3128/%zz", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://p<q>"}, Proxy("http://p<q>", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://p|q"}, Proxy("http://http://p|q", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "socks5h://p:1"}, Proxy("http://socks5h://p:1", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "", "no_proxy": "10.0.0.1"}, None),
        (
            {"HTTPS_PROXY": PROXY, "NO_PROXY": "x", "no_proxy": "10.0.0.1"},
            Proxy(PROXY, "HTTPS_PROXY"),
        ),
    ],
)
def test_which_variable_counts(variables: dict[str, str], expected: Proxy | None) -> None:
    assert proxy_for("10.0.0.1", "443", variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HTTP_PROXY": PROXY}, Proxy(PROXY, "HTTP_PROXY")),
        ({"http_proxy": PROXY}, Proxy(PROXY, "http_proxy")),
        ({"HTTP_PROXY": PROXY, "https_proxy": "http://b"}, Proxy("http://b", "https_proxy")),
        # one that cannot be read is as good as not set
        (
            {"HTTP_PROXY": PROXY, "HTTPS_PROXY": "http://pro%zzxy:12"},
            Proxy(PROXY, "HTTP_PROXY"),
        ),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "10.0.0.1"}, None),
        ({"ALL_PROXY": PROXY}, None),
    ],
)
def test_where_http_proxy_counts_too(variables: dict[str, str], expected: Proxy | None) -> None:
    assert proxy_for("10.0.0.1", "443", variables, http_too=True) == expected


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_never_reached_through_a_proxy(host: str) -> None:
    assert not used(host)


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.example", "128.0.0.1", "::2"])
def test_what_only_looks_like_this_machine(host: str) -> None:
    assert used(host)


@pytest.mark.parametrize(
    ("host", "entries"),
    [
        ("10.0.0.1", "*"),
        ("api.example", "a.example,*"),
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", " 192.0.2.1 , 10.0.0.1 "),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("10.0.0.1", "10.0.0.1:443"),
        ("10.0.0.1", "10.0.0.0/8"),
        ("10.0.0.1", "10.0.0.77/24"),
        ("10.0.0.0", "10.0.0.0/32"),
        ("2001:db8::1", "2001:db8::/32"),
        ("2001:db8::1", "2001:DB8:0::1"),
        ("2001:db8::1", "[2001:db8::1]:443"),
        ("api.example", "api.example"),
        ("API.Example", "api.example"),
        ("api.example", "API.EXAMPLE"),
        ("api.example", "example"),
        ("api.example", ".example"),
        ("api.example", "*.example"),
        ("a.b.example", "*.example"),
        ("api.example", "example:443"),
        ("10.0.0.1", ".1"),
        ("10.0.0.1", "0.0.1"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_an_exception_that_matches(host: str, entries: str) -> None:
    assert not used(host, entries)


@pytest.mark.parametrize(
    ("host", "entries"),
    [
        ("10.0.0.1", ""),
        ("10.0.0.1", " , ,"),
        ("10.0.0.1", "10.0.0.1:6443"),
        ("10.0.0.1", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.0/32"),
        ("10.0.0.1", "10.0.0.0/255.0.0.0"),
        ("10.0.0.1", "10.0.0.0/"),
        ("10.0.0.1", "10.0.0.0/33"),
        ("10.0.0.1", "10.*"),
        ("10.0.0.1", "2001:db8::/32"),
        ("2001:db8::1", "10.0.0.0/8"),
        ("2001:db8::1", "[2001:db8::1]"),
        ("2001:db8::1", "[2001:db8::1]:6443"),
        ("example", ".example"),
        ("example", "*.example"),
        ("api.example", "i.example"),
        ("api.example", "api"),
        ("api.example", "example:8443"),
        ("api.example", ":443"),
        ("api.example", "fe80::1%eth0"),
        ("api.example", "10.0.0.0/8"),
        ("ex" + "ü" * 80, "example"),
    ],
)
def test_an_exception_that_does_not_match(host: str, entries: str) -> None:
    assert used(host, entries)


def test_the_port_is_that_of_the_url() -> None:
    assert used("10.96.0.1", "10.96.0.1:443", port="1234")
    assert not used("10.96.0.1", "10.96.0.1:1234", port="1234")


@given(st.text(), st.text(), st.text())
def test_no_text_is_too_strange(host: str, proxy: str, no_proxy: str) -> None:
    proxy_for(host, "443", {"HTTPS_PROXY": proxy, "NO_PROXY": no_proxy})


@given(st.text())
def test_an_asterisk_among_the_entries_ends_all_proxies(others: str) -> None:
    assert not used("10.0.0.1", f"{others},*")
