# Runs the host's own kubeadm up to the end of its preflight, and leaves nothing of it behind.
# kscan puts the variables BOUNDARY, KUBEADM, VERB, LIMIT and CONFIG before this text. POSIX sh.

# Runs in a session of its own, whose processes it ends together: kubeadm's `docker pull` would
# outlive kubeadm. Each second it writes a newline to stderr: once nobody reads there any more, kscan
# or the connection is gone, of which a command without a terminal hears nothing else.
# The arguments: seconds, boundary, the login's PATH, kubeadm, init or join; stdin: its configuration.
GUARD='
exec 3<&0 </dev/null
PATH=$3 "$4" "$5" phase preflight --config /dev/stdin <&3 2>&1 &
kubeadm=$!
exec 3<&-
(
	trap "kill -KILL 0" PIPE
	seconds=0
	while [ "$seconds" -lt "$1" ]; do
		sleep 1
		printf "\n" >&2 || kill -KILL 0
		seconds=$((seconds + 1))
	done
	printf "\n%s late\n" "$2"
	kill -KILL 0
) &
wait "$kubeadm"
printf "\n%s status %s\n" "$2" "$?"
kill -KILL 0
'

# The body is a function, so that an upload that was cut runs nothing.
main() {
	umask 077
	# The tools below get a PATH of their own; kubeadm gets the login's, because its checks read it.
	login=${PATH-}
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${login:+:$login}
	LC_ALL=C
	export PATH LC_ALL
	unset ENV BASH_ENV CDPATH

	printf '\n%s preflight 1\n' "$BOUNDARY"
	if command -v setsid >/dev/null && command -v sleep >/dev/null; then
		# A pipe, because sshd's stdin may be a socket, which cannot be opened as /dev/stdin.
		printf '%s' "$CONFIG" |
			setsid sh -c "$GUARD" kscan "$LIMIT" "$BOUNDARY" "$login" "$KUBEADM" "$VERB" \
				2>&2
	else
		printf '%s without setsid\n' "$BOUNDARY"
	fi
	printf '%s end\n' "$BOUNDARY"
}

main
