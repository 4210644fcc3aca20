# Holds the lock of the master as long as somebody listens; kscan puts HOLDER, TURN, which is new
# each time, and TRIES before this text. The kernel frees it at the latest a second after the
# connection is gone. POSIX sh.

LOCK=$RUN/kscan.lock

# One that has just ended, by SIGKILL or before its next step, lets go within a second.
take() {
	until flock -n 9; do
		[ "$TRIES" -gt 0 ] || return
		TRIES=$((TRIES - 1))
		sleep 0.2 2>/dev/null 9>&- || sleep 1 9>&-
	done
}

main() {
	say begin
	if ! is_root; then
		:
	elif [ -z "$(command -v flock)" ]; then
		say without
	elif ! exec 9>>"$LOCK" || ! take; then
		say held "$(head -n 1 "$LOCK" | head -c 300 | tr -d '\n')"
	else
		printf '%s\n%s\n' "$HOLDER" "$TURN" >"$LOCK"
		while sleep 1 9>&-; do
			still_heard
		done
	fi
	say end
}

main
