"""Addresses, names, routes, ports, firewall."""

from __future__ import annotations

from ipaddress import ip_network

from scanner.facts.firewall import Firewall, parse_firewall
from scanner.facts.identity import Addresses, parse_addresses
from scanner.facts.network import (
    EndpointLookup,
    EtcdEndpoint,
    ExternalEtcdVersions,
    NameLookup,
    parse_etcd,
    parse_lookup,
)
from scanner.facts.paths import Listeners, parse_listeners
from scanner.facts.resolver import ResolvConf, Resolver, parse_resolver
from scanner.facts.routes import Route, Routes, parse_routes
from tests.facts.sections.row import Accepted, Refused

ACCEPTED: Accepted = (
    (parse_resolver, "etc=absent\nresolved=absent", Resolver(None, None)),
    (
        parse_resolver,
        (
            "etc_nameserver=127.0.0.53 # stub\netc_domain=a\netc_search=b c\netc=read\n"
            "resolved_nameserver=192.0.2.53\nresolved_nameserver=\nresolved=read"
        ),
        Resolver(ResolvConf(("127.0.0.53",), ("b", "c")), ResolvConf(("192.0.2.53",))),
    ),
    (
        parse_routes,
        (
            "ipv4=read\nipv4_route=docker0 000011AC 0000FFFF 00000000\n"
            "ipv4_route=eth0 0000F40A 0000FFFF 010200C0\nread=yes"
        ),
        Routes(
            (
                Route(ip_network("172.17.0.0/16"), "docker0", ""),
                Route(ip_network("10.244.0.0/16"), "eth0", "192.0.2.1"),
            )
        ),
    ),
    (
        parse_routes,
        f"ipv6_route=eth0 fd00{'0' * 28} 40 {'0' * 32}\ntruncated=yes\nread=yes",
        Routes((Route(ip_network("fd00::/64"), "eth0", ""),), complete=False),
    ),
    (
        parse_addresses,
        "device=eth0\ninet=192.0.2.1/24\ninet6=2001:db8::1/64",
        Addresses("eth0", ("192.0.2.1",), ("2001:db8::1",)),
    ),
    (parse_addresses, "device=", Addresses("", (), ())),
    (
        parse_addresses,
        (
            "device=eth0\nmac=eth0 02:FC:00:00:00:01\nmac=eth0 02:fc:00:00:00:01\nmacs=read\n"
            "other=eth1 198.51.100.1/24"
        ),
        Addresses("eth0", (), (), (("eth1", "198.51.100.1"),), (("eth0", "02:fc:00:00:00:01"),)),
    ),
    (
        parse_lookup,
        (
            "name=a\nasked=yes\nendpoint=api.example\nendpoint_hosts=192.0.2.9 API.example. # lb\n"
            "endpoint_dns=192.0.2.8\nendpoint_getent=absent"
        ),
        NameLookup("a", (), (), True, endpoint=EndpointLookup("api.example", ("192.0.2.9",), True)),
    ),
    (
        parse_lookup,
        (
            "name=a\nasked=yes\nendpoint=b\nendpoint_asked=yes\nendpoint_dns=192.0.2.8\n"
            "endpoint_dns=192.0.2.7\nendpoint_dns=192.0.2.8\nendpoint_dns=x"
        ),
        NameLookup("a", (), (), True, endpoint=EndpointLookup("b", ("192.0.2.7", "192.0.2.8"))),
    ),
    (
        parse_lookup,
        "name=a\nasked=yes\nendpoint=b\nendpoint_getent=absent",
        NameLookup("a", (), (), True, endpoint=EndpointLookup("b", (), complete=False)),
    ),
    (
        parse_lookup,
        "name=n1\ntruncated=yes\ntruncated=yes\nasked=yes",
        NameLookup("n1", (), (), asked_dns=True, hosts_complete=False),
    ),
    (
        parse_listeners,
        (
            "asked=0100007F:192B\nlisten=00000000000000000000000001000000:0016\n"
            "listen=00000000:0016\nused=0100007F:280A\ntables=2\nread=2\nports=192B|280A"
        ),
        Listeners(
            {6443: ("127.0.0.1",), 22: ("0.0.0.0", "::1")},
            frozenset({6443, 10250}),
            complete=True,
            used=frozenset({10250}),
        ),
    ),
    (
        parse_lookup,
        (
            "name=node1\nhosts=192.0.2.1 other Node1 # node9\nhosts=192.0.2.2 node1x\n"
            "hosts=192.0.2.3 x # node1\nhosts=999.1.1.1 node1\nhosts=192.0.2.4 node1.\n"
            "dns=192.0.2.9\nasked=yes"
        ),
        NameLookup("node1", ("192.0.2.1", "192.0.2.4"), ("192.0.2.9",), asked_dns=True),
    ),
    (
        parse_lookup,
        "name=n\ngetent=absent",
        NameLookup("n", (), (), asked_dns=False),
    ),
    (
        parse_etcd,
        (
            'endpoint=https://e:2379\nout={"etcdserver":"3.5.9","etcdcluster":"3.5.0"}\n'
            "out=status=200\nrc=0\n"
            "endpoint=https://f:2379\nrc=7\nerr=curl: (7) Failed to connect"
        ),
        ExternalEtcdVersions(
            (
                EtcdEndpoint("https://e:2379", "3.5.9", ""),
                EtcdEndpoint("https://f:2379", "", "curl: (7) Failed to connect"),
            )
        ),
    ),
    (
        parse_etcd,
        "endpoint=u\nout=busy\nout=status=503\nrc=0",
        ExternalEtcdVersions((EtcdEndpoint("u", "", "HTTP 503"),)),
    ),
    (parse_etcd, "", ExternalEtcdVersions(())),
    (
        parse_firewall,
        "ufw=yes\nlegacy=filter\ninput=drop ip filter INPUT\ninput=accept inet a in\nnft=0",
        Firewall(ufw=True, dropping=("ip filter INPUT",), nft=True, legacy=True),
    ),
    (
        parse_firewall,
        "ufw=unreadable\nnft=1",
        Firewall(ufw=None, dropping=None, nft=True, legacy=False),
    ),
    (
        parse_firewall,
        "ufw=no\nlegacy=unreadable\nnft=unused",
        Firewall(ufw=False, dropping=(), nft=True, legacy=True),
    ),
    (
        parse_firewall,
        "ufw=absent\nnft=absent",
        Firewall(ufw=False, dropping=None, nft=False, legacy=False),
    ),
)

REFUSED: Refused = (
    (parse_listeners, "listen=00000000:0016"),
    (parse_listeners, "tables=2\nread=1\nports=192B"),
    (parse_listeners, "tables=0\nread=0\nports=192B"),
    (parse_listeners, "tables=1\nread=1\nlisten=0000:16\nports=192B"),
    (parse_listeners, "tables=1\nread=1\nports="),
    (parse_lookup, "name=a"),
    (parse_etcd, "endpoint=u"),
    (parse_resolver, "etc=read"),
    (parse_resolver, "etc=unreadable\nresolved=absent"),
    (parse_routes, "ipv4=read"),
    (parse_routes, "ipv4_route=eth0 00 00 00\nread=yes"),
    (parse_routes, "ipv4_route=eth0\nread=yes"),
    (parse_routes, "ipv4_route=eth0 0000F40A 00FF00FF 00000000\nread=yes"),
    (parse_routes, f"ipv6_route=eth0 {'0' * 32} ff {'0' * 32}\nread=yes"),
    (parse_firewall, "nft=0"),
    (parse_firewall, "ufw=absent"),
    (parse_firewall, "ufw=perhaps\nnft=0"),
)
