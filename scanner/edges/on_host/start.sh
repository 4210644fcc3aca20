# Starts what this host has to dial with. kscan puts the variables KSCAN_ROLE, KSCAN_BOUNDARY,
# KSCAN_SECONDS, KSCAN_PYTHON and KSCAN_PERL before this text; the programs read on from stdin once
# they have said that they are there. POSIX sh.
# The body is a function, so that an upload that was cut runs nothing.
main() {
	PATH=${PATH-}:/usr/local/bin:/usr/bin:/bin
	for python in python3 /usr/libexec/platform-python; do
		if command -v "$python" >/dev/null 2>&1; then
			exec "$python" -I -S -B -c "$KSCAN_PYTHON" "$KSCAN_ROLE" "$KSCAN_BOUNDARY" "$KSCAN_SECONDS"
		fi
	done
	if command -v perl >/dev/null 2>&1; then
		exec perl -e "$KSCAN_PERL" "$KSCAN_ROLE" "$KSCAN_BOUNDARY" "$KSCAN_SECONDS"
	fi
	printf '%s up none\n' "$KSCAN_BOUNDARY" >&2
}

main
