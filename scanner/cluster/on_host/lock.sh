# Holds the lock of the master as long as somebody listens; kscan puts HOLDER before this text. The
# kernel frees it at the latest a second after the connection is gone. POSIX sh.

LOCK=$RUN/kscan.lock

main() {
	say begin
	if ! is_root; then
		:
	elif [ -z "$(command -v flock)" ]; then
		say without
	elif ! exec 9>>"$LOCK" || ! flock -n 9; then
		say held "$(head -c 300 "$LOCK" | tr -d '\n')"
	else
		printf '%s\n' "$HOLDER" >"$LOCK"
		while sleep 1 9>&-; do
			still_heard
		done
	fi
	say end
}

main
