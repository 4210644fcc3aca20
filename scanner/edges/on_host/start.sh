# Starts what this host has to dial with. kscan puts the variables KSCAN_ROLE, KSCAN_BOUNDARY,
# KSCAN_SECONDS, KSCAN_PYTHON and KSCAN_PERL before this text; the programs read on from stdin once
# they have said that they are there. POSIX sh.

# guarded COMMAND...: run it with this shell's stdin, and end it when its time is over: a program that
# hangs before its own timer is set would outlive everything.
guarded() {
	{ $guard "$@" <&3 3<&- & } 3<&0
	program=$!
	trap 'kill "$program" 2>/dev/null; exit 143' TERM
	[ -n "$guard" ] || watched "$program" </dev/null >/dev/null 2>&1 3<&- &
	wait "$program"
}

# watched PID: what `timeout` does, where there is none.
watched() {
	left=$((KSCAN_SECONDS + 2))
	while kill -0 "$1"; do
		[ "$left" -gt 0 ] || kill -KILL "$1"
		left=$((left - 1))
		sleep 1
	done
}

# tried COMMAND...: leave with its end, unless it did not run at all: a program of ours ends with 0, with
# 3, or by a signal. A shim of a version manager, or a Python without its library, is no program.
tried() {
	command -v "$1" >/dev/null 2>&1 || return 0
	guarded "$@" "$KSCAN_ROLE" "$KSCAN_BOUNDARY" "$KSCAN_SECONDS"
	status=$?
	if [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || [ "$status" -gt 127 ]; then exit "$status"; fi
}

# The body is a function, so that an upload that was cut runs nothing.
main() {
	PATH=${PATH-}:/usr/local/bin:/usr/bin:/bin
	guard=
	# Where it is a file, or none, what is thrown away would be written to the host's disk.
	if [ ! -c /dev/null ]; then
		printf '%s up none\n' "$KSCAN_BOUNDARY" >&2
		exit 0
	fi
	# an old busybox has one that takes other options
	if timeout -s KILL 5 true >/dev/null 2>&1; then guard="timeout -s KILL $((KSCAN_SECONDS + 2))"; fi
	for python in python3 /usr/bin/python3 /usr/libexec/platform-python; do
		tried "$python" -I -S -B -c "$KSCAN_PYTHON"
	done
	tried perl -e "$KSCAN_PERL"
	printf '%s up none\n' "$KSCAN_BOUNDARY" >&2
	exit 0
}

main
