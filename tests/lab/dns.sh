#!/bin/sh
# Makes the lab's stand-in for CoreDNS from dns/main.go, with the vendored libraries of the source
# tree that kubernetes.sh has left in the cache, and prints its folder.
set -eu

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/debian.sh
. "$here/debian.sh"

go=/usr/lib/go-1.19
# Whatever Kubernetes the hosts have: only the libraries are taken from there.
tree=$(dirname "$(KSCAN_LAB_KUBERNETES='' sh "$here/kubernetes.sh" kubectl)")/tree
key=$(recipe_key "$here/dns.sh" "$here/dns/main.go" </dev/null)
home=$cache/dns-$key
lock dns
if [ ! -x "$home/coredns" ]; then
    say "compiling a DNS server; a minute, once"
    stage=$tree/cmd/lab-dns
    mkdir -p "$stage" "$home"
    cp "$here/dns/main.go" "$stage/"
    # make has left its own GOPATH, with a link to the tree
    (
        cd "$tree/_output/local/go/src/k8s.io/kubernetes"
        GO111MODULE=off GOPATH=$tree/_output/local/go CGO_ENABLED=0 GOFLAGS='' \
            nice -n 15 "$go/bin/go" build -ldflags '-s -w' -o "$home/coredns.new" ./cmd/lab-dns >&2
    )
    mv "$home/coredns.new" "$home/coredns"
fi
printf '%s\n' "$home"
