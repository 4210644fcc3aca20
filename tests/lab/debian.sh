# shellcheck shell=sh
# What rootfs.sh and kubernetes.sh both take from this machine: its Debian mirrors, its missing
# packages, and the lab's cache. Sourced, never run.

cache=${KSCAN_LAB_CACHE:-/var/cache/kscan-lab}
suite=bookworm

say() {
    printf 'lab: %s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

# Installs those of the named packages that this machine does not have.
install_missing() {
    missing=
    for package in "$@"; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
        [ "$status" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    [ "$(id -u)" -eq 0 ] || die "needs root to install:$missing"
    say "installing:$missing"
    # shellcheck disable=SC2086 # a list of package names
    apt_install $missing && return 0
    apt-get -q -o DPkg::Lock::Timeout=300 update >&2
    # shellcheck disable=SC2086
    apt_install $missing
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@" >&2
}

# Prints source lines of type $1 (deb or deb-src) for $suite, from the mirrors this machine uses.
debian_sources() {
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e "$keyring" ] || die "needs the package debian-archive-keyring"
    lines=$(mirror_lines "$1" "$keyring")
    if [ -z "$lines" ]; then
        # Images of Debian come without the lists that name the mirrors' suites.
        apt-get -q -o DPkg::Lock::Timeout=300 update >&2
        lines=$(mirror_lines "$1" "$keyring")
    fi
    [ -n "$lines" ] || die "apt here knows no Debian mirror; configure one"
    printf '%s\n' "$lines"
}

mirror_lines() {
    # shellcheck disable=SC2016 # apt's own placeholders
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' \
        'Created-By: Packages' 2>/dev/null | awk -v type="$1" -v suite="$suite" -v key="$2" '
            $4 == "Debian" && $3 == "main" {
                sub(/^[a-z]+/, suite, $2)
                print type " [signed-by=" key "] " $1 " " $2 " main"
            }' | sort -u
}

# Prints this machine's download settings of apt (proxies, validity checks) as apt options.
apt_settings() {
    apt-config dump | sed -n -E \
        's/^(Acquire::(Check-[A-Za-z-]+|https?::[A-Za-z:-]+)) "(.*)";$/\1=\3/p'
}

# Prints a short key that changes with the content of the named files and the words on stdin.
recipe_key() {
    { cat "$@" -; } | sha256sum | cut -c1-12
}

# Runs the rest of the script alone: file descriptor 9 holds the lock named $1.
lock() {
    mkdir -p "$cache"
    exec 9>"$cache/$1.lock"
    flock 9
}
