# Sections that are sent only where they were asked for: they write to the disk, or ask others than
# the host. They stand before the text of sections.sh and use its functions. POSIX sh.

# 11 MiB twice, so 22 at most: etcd's log is preallocated, and so is what is written here. The file
# has no name once it is open, whatever happens then.
fsync_python='
import os, sys, time
size, most, seconds = 2300, 11 << 20, 10
try:
    file = os.open(sys.argv[1], os.O_TMPFILE | os.O_WRONLY, 0o600)
except (AttributeError, OSError):
    name = os.path.join(sys.argv[1], sys.argv[2])
    file = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.unlink(name)
began = time.monotonic()
os.posix_fallocate(file, 0, most)
os.fdatasync(file)
block, took = b"k" * size, []
while (len(took) + 1) * size <= most and time.monotonic() - began < seconds:
    before = time.monotonic()
    os.write(file, block)
    os.fdatasync(file)
    took.append(time.monotonic() - before)
took.sort()
print("writes=%d" % len(took))
print("p50_us=%d" % (took[len(took) // 2] * 1e6))
print("p99_us=%d" % (took[-(len(took) // 100) - 1] * 1e6))
'
# shellcheck disable=SC2016 # the dollars are of Perl
fsync_perl='
use strict; use Fcntl; use IO::Handle; use Time::HiRes qw(time);
my ($size, $most, $seconds, $name) = (2300, 11 << 20, 10, "$ARGV[0]/$ARGV[1]");
sysopen my $file, $name, O_CREAT | O_EXCL | O_WRONLY, 0600 or die "$!\n";
my $opened = sysopen my $synced, $name, O_WRONLY | O_DSYNC;
unlink $name;
$opened or die "$!\n";
my $began = time;
my ($zeros, $block, @took) = ("\0" x (1 << 20), "k" x $size);
for (1 .. $most >> 20) { defined syswrite $file, $zeros or die "$!\n" }
$file->sync or die "$!\n";
syswrite $synced, $block or die "$!\n";
while ((@took + 2) * $size <= $most && time - $began < $seconds) {
    my $before = time;
    syswrite $synced, $block or die "$!\n";
    push @took, time - $before;
}
@took = sort { $a <=> $b } @took;
printf "writes=%d\np50_us=%d\np99_us=%d\n", scalar @took, $took[@took / 2] * 1e6, $took[-int(@took / 100) - 1] * 1e6;
'

section_fsync() {
	if [ -z "$KSCAN_FSYNC_DIR" ]; then
		printf 'asked=no\n'
		return 0
	fi
	need awk df
	place=$KSCAN_FSYNC_DIR
	path_state "$place"
	# shellcheck disable=SC2154 # path_state sets it
	case $state in
	dir-not-empty | dir-unreadable | hidden)
		printf 'state=%s\n' "$state"
		return 0
		;;
	esac
	while [ -n "$place" ] && [ ! -d "$place" ]; do place=${place%/*}; done
	place=${place:-/}
	printf 'place=%s\n' "$place"
	free=$(df -P -k -- "$place" 2>/dev/null | awk 'NR == 2 { print $4 }')
	if [ "${free:-0}" -lt 262144 ]; then
		printf 'free_kib=%s\n' "${free:-0}"
		return 0
	fi
	name=.kscan-fsync-$KSCAN_RUN
	if have python3; then
		printf 'tool=python3\n'
		tagged python3 -I -S -B -c "$fsync_python" "$place" "$name"
	elif have perl; then
		printf 'tool=perl\n'
		tagged perl -e "$fsync_perl" "$place" "$name"
	elif have dd; then
		printf 'tool=dd\n'
		tagged fsync_dd "$place/$name"
	fi
}

# fsync_dd FILE: what dd tells of 200 writes is their mean.
fsync_dd() {
	(
		set -C
		: >"$1"
	) && exec 9<>"$1" && rm -f -- "$1" &&
		timeout -s INT 10 dd if=/dev/zero of=/dev/fd/9 bs=2300 count=200 oflag=dsync conv=notrunc
}

# shellcheck disable=SC2016 # the backquotes are none
registry_python='
import socket, ssl, sys, urllib.error, urllib.request
class Again(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *words):
        made = super().redirect_request(*words)
        made.method = "HEAD"
        return made
asked = urllib.request.Request(sys.argv[1], method="HEAD", headers={"Accept": sys.argv[2]})
try:
    print("code=%d" % urllib.request.build_opener(Again).open(asked, timeout=8).status)
except urllib.error.HTTPError as error:
    print("code=%d" % error.code)
except Exception as error:
    why = getattr(error, "reason", error)
    kinds = ((ssl.SSLError, "tls"), (socket.gaierror, "dns"), (ConnectionRefusedError, "refused"))
    kinds += ((socket.timeout, "dropped"),)
    print("failure=" + next((word for kind, word in kinds if isinstance(why, kind)), "other"))
    sys.stderr.write(str(why))
'
manifests='application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'
manifests="$manifests, application/vnd.docker.distribution.manifest.list.v2+json"
manifests="$manifests, application/vnd.docker.distribution.manifest.v2+json"

section_registry() {
	need sed tr
	runtimes_proxy
	# No file of the login may add a header, a proxy or a password, and none is written.
	HOME=/dev/null
	export HOME
	# curl does not say why it could not connect.
	if have python3; then
		printf 'tool=python3\n'
		tagged python3 -I -S -B -c "$registry_python" "$KSCAN_REGISTRY" "$manifests"
	elif have curl; then
		printf 'tool=curl\n'
		tagged curl -q -g -sS -I -L --max-redirs 5 --proto '=https' --connect-timeout 5 -m 15 \
			-o /dev/null -w 'code=%{http_code}\n' -H "Accept: $manifests" -- "$KSCAN_REGISTRY"
	elif have wget && wget --version 2>/dev/null | head -n 1 | grep -q '^GNU Wget'; then
		printf 'tool=wget\n'
		tagged wget -nv -S --spider -t 1 -T 8 --max-redirect=5 \
			--header="Accept: $manifests" -- "$KSCAN_REGISTRY"
	fi | sed -e 's#//[^/@ ]*@#//#g'
}

# runtimes_proxy: use the proxy that the runtime's process pulls through, and no other. Of its
# variables only the proxy's host is told.
runtimes_proxy() {
	unset http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY
	have systemctl || return 0
	for unit in docker crio containerd; do
		pid=$(systemctl show -p MainPID "$unit.service" 2>/dev/null)
		pid=${pid#MainPID=}
		case $pid in
		'' | 0 | *[!0-9]*) continue ;;
		esac
		[ -r "/proc/$pid/environ" ] || continue
		printf 'runtime=%s\n' "$unit"
		proxy=$(of_process "$pid" HTTPS_PROXY)
		proxy=${proxy:-$(of_process "$pid" https_proxy)}
		[ -n "$proxy" ] || continue
		https_proxy=$proxy
		no_proxy=$(of_process "$pid" NO_PROXY)
		no_proxy=${no_proxy:-$(of_process "$pid" no_proxy)}
		export https_proxy no_proxy
		printf 'proxy=%.200s\n' "${proxy##*@}"
		return 0
	done
}

# of_process PID NAME: one of its variables.
of_process() { tr '\0\n' '\n ' <"/proc/$1/environ" 2>/dev/null | sed -n "s/^$2=//p" | head -n 1; }
