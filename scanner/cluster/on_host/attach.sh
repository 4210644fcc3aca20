# Waits for the end of a command that was started before, and prints what it printed; kscan puts ID
# before this text. POSIX sh.

LIMIT=262144 # bytes

log() {
	say log
	tail -c "$LIMIT" "$D/log" 2>/dev/null
}

main() {
	say begin
	D=$RUN/kscan-$ID
	if ! is_root; then
		:
	elif [ ! -d "$D" ]; then
		say absent
	else
		turn=0
		begun
		until [ -e "$D/status" ]; do
			sleep 0.2 2>/dev/null || sleep 1
			turn=$(((turn + 1) % 5))
			[ "$turn" = 0 ] || continue
			still_heard
			# twice, because it may have ended just now
			alive "$D" || [ -e "$D/status" ] || alive "$D" || [ -e "$D/status" ] || break
		done
		log
		if [ -e "$D/status" ]; then
			say status "$(cat "$D/status")"
		else
			rm -rf "$D/files" "$D/env" # secrets are in them, and nobody was left to remove them
			say lost
		fi
	fi
	say end
}

main
