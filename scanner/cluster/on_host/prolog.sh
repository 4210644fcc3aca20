# Comes before each script of this folder; kscan puts the variable BOUNDARY before this text, and
# after it the function `files`, which writes the command and its files. POSIX sh.

RUN=/run # a file system in memory, which is empty after the next boot
login=${PATH-}
mask=$(umask)
umask 077
# kubeadm's checks read the PATH: the login's counts, and what is missing there is added.
PATH=${login:+$login:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
HOME=${HOME:-/root}
export PATH LC_ALL HOME
unset ENV BASH_ENV CDPATH

say() { printf '\n%s %s\n' "$BOUNDARY" "$*"; }

is_root() {
	[ "$(id -u)" = 0 ] && return
	say plain
	false
}

# $1 is the directory of a detached command; its number may belong to another process by now.
alive() {
	pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] &&
		tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q -e "${1##*/}"
}

# The one in D is there; its start may have been asked for by a connection that was lost a moment ago.
begun() {
	tries=0
	until [ -e "$D/pid" ] || [ "$tries" -ge 50 ]; do
		tries=$((tries + 1))
		sleep 0.2 2>/dev/null || sleep 1
	done
	[ -e "$D/pid" ]
}

# A command without a terminal hears of the end of its connection only by writing.
still_heard() { printf '\n' >&2 || exit; }
