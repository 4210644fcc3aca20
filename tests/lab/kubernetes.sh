#!/bin/sh
# Makes real Kubernetes v1.20.2 binaries in the lab's cache, from Debian's source package, and
# prints the folder that holds them. Arguments: which binaries (default kubeadm kubelet kubectl).
# With $KSCAN_LAB_KUBERNETES naming a folder, takes the binaries from there and builds nothing.
set -eu

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/debian.sh
. "$here/debian.sh"

version=v1.20.2
go=/usr/lib/go-1.19
reflect2=/usr/share/gocode/src/github.com/modern-go/reflect2
[ $# -gt 0 ] || set -- kubeadm kubelet kubectl

# Prints those of the named binaries that folder $1 lacks.
absent() {
    folder=$1
    shift
    for binary in "$@"; do
        [ -x "$folder/$binary" ] || printf '%s ' "$binary"
    done
}

if [ -n "${KSCAN_LAB_KUBERNETES:-}" ]; then
    lacking=$(absent "$KSCAN_LAB_KUBERNETES" "$@")
    [ -z "$lacking" ] || die "no $lacking in the folder that KSCAN_LAB_KUBERNETES names"
    printf '%s\n' "$KSCAN_LAB_KUBERNETES"
    exit 0
fi

key=$(recipe_key "$here/kubernetes.sh" </dev/null)
home=$cache/kubernetes-$version-$key
bin=$home/bin
lock kubernetes
lacking=$(absent "$bin" "$@")
if [ -z "$lacking" ]; then
    printf '%s\n' "$bin"
    exit 0
fi

say "building $lacking$version; some minutes of processor time, once"
install_missing golang-1.19-go rsync jq make gcc libc6-dev dpkg-dev debian-archive-keyring \
    golang-github-modern-go-reflect2-dev
mkdir -p "$bin"

tree=$home/tree
if [ ! -d "$tree" ]; then
    work=$home/work.$$
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial"
    debian_sources deb-src >"$work/sources.list"
    # An apt of its own, so that this machine's sources stay as they are.
    set_apt() {
        for setting in $(apt_settings); do
            set -- "$@" -o "$setting"
        done
        apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
            -o Dir::State::lists="$work/lists" -o APT::Sandbox::User=root "$@"
    }
    say "fetching the source package"
    set_apt update >&2
    (cd "$work" && set_apt source --download-only kubernetes >&2)
    (cd "$work" && dpkg-source --no-check -x kubernetes_*.dsc tree >&2)
    # The vendored copy panics when built with Go 1.18 or newer.
    cp "$reflect2"/*.go "$reflect2"/*.s "$work/tree/vendor/github.com/modern-go/reflect2/"
    mv "$work/tree" "$tree"
fi

cat >"$home/version" <<VERSION
KUBE_GIT_COMMIT='faecb196815e248d3ecfb03c680a4507229c2a56'
KUBE_GIT_TREE_STATE='clean'
KUBE_GIT_VERSION='$version'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
VERSION

what=
for binary in $lacking; do
    what="$what cmd/$binary"
done
say "compiling$what"
(
    cd "$tree"
    PATH=$go/bin:$PATH GOCACHE=$cache/go-build CGO_ENABLED=0 GOFLAGS='' \
        KUBE_GIT_VERSION_FILE=$home/version \
        nice -n 15 make WHAT="$what" GOLDFLAGS='-s -w' >&2
)
for binary in $lacking; do
    built=$tree/_output/local/go/bin/$binary
    [ -x "$built" ] || die "make left no $binary"
    cp "$built" "$bin/$binary.new"
    mv "$bin/$binary.new" "$bin/$binary"
done
say "$version: $(absent "$bin" "$@")built into the cache"
printf '%s\n' "$bin"
