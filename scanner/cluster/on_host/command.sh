# Runs one command in a directory of its own, which is removed with everything in it. POSIX sh.

main() {
	say begin
	if is_root && D=$(mktemp -d "$RUN"/kscan.XXXXXXXX) && cd "$D"; then
		trap 'rm -rf "$D"' EXIT
		trap 'exit 129' HUP INT TERM PIPE
		if files; then
			(umask "$mask" && exec sh ./command) </dev/null 2>&1
			say status "$?"
		else
			say unwritten
		fi
	fi
	say end
}

main
