#!/bin/sh
# Makes real Kubernetes v1.20.2 binaries in the lab's cache, from Debian's source package, and
# prints the folder that holds them. Arguments: which binaries (default kubeadm kubelet kubectl).
# With $KSCAN_LAB_KUBERNETES naming a folder, takes the binaries from there and builds nothing.
set -eu

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/debian.sh
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
# Asked before the lock too: what is there can be taken while more is being built.
for turn in at-once locked; do
    [ "$turn" = at-once ] || lock kubernetes
    lacking=$(absent "$bin" "$@")
    if [ -z "$lacking" ]; then
        printf '%s\n' "$bin"
        exit 0
    fi
done

say "building $lacking$version; some minutes of processor time, once"
install_missing golang-1.19-go rsync jq make gcc libc6-dev dpkg-dev debian-archive-keyring \
    golang-github-modern-go-reflect2-dev
mkdir -p "$bin"

tree=$home/tree
if [ ! -d "$tree" ]; then
    stage=$home/stage.$$
    trap 'rm -rf "$stage"' EXIT
    mkdir -p "$stage/lists/partial"
    debian_sources deb-src >"$stage/sources.list"
    # An apt of its own, so that this machine's sources stay as they are.
    source_apt() {
        for setting in $(apt_settings); do
            set -- "$@" -o "$setting"
        done
        apt-get -q -o Dir::Etc::sourcelist="$stage/sources.list" -o Dir::Etc::sourceparts=- \
            -o Dir::State::lists="$stage/lists" -o APT::Sandbox::User=root "$@"
    }
    say "fetching the source package"
    source_apt update >&2
    (cd "$stage" && source_apt source --download-only kubernetes >&2)
    (cd "$stage" && dpkg-source --no-check -x kubernetes_*.dsc tree >&2)
    # The vendored copy panics when built with Go 1.18 or newer.
    vendored=$stage/tree/vendor/github.com/modern-go/reflect2
    rm "$vendored"/*.go "$vendored"/*.s
    cp "$reflect2"/*.go "$reflect2"/*.s "$vendored/"
    mv "$stage/tree" "$tree"
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
    PATH=$go/bin:$PATH CGO_ENABLED=0 GOFLAGS='' \
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
