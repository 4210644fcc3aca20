# Runs each section of $SECTIONS in a shell of its own under its own deadline, and frames what it
# prints. kscan puts the variables B, NAMES, SECTIONS and KSCAN_* before this text.
# The body is a function, so that an upload that was cut runs nothing.

main() {
	umask 077
	# What kubeadm would inherit is recorded first; the tools below get a PATH of their own.
	KSCAN_PATH=${PATH-}
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${KSCAN_PATH:+:$KSCAN_PATH}
	LC_ALL=C
	export PATH LC_ALL KSCAN_PATH
	unset LANGUAGE ENV BASH_ENV CDPATH OMP_NUM_THREADS OMP_THREAD_LIMIT

	deadline=
	# shellcheck disable=SC2086 # KSCAN_SH may be two words, `busybox sh`
	if timeout -s KILL 5 $KSCAN_SH -c : </dev/null >/dev/null 2>&1; then
		deadline='timeout -s KILL'
	fi

	count=0
	printf '%s probe 1\n' "$B"
	# shellcheck disable=SC2153 # NAMES is put before this text
	for name in $NAMES; do
		seconds=${name#*:}
		name=${name%%:*}
		printf '%s begin %s\n' "$B" "$name"
		# shellcheck disable=SC2086 # words on purpose
		${deadline:+$deadline $seconds} $KSCAN_SH -c "$SECTIONS" kscan "$name" </dev/null 2>&1
		printf '\n%s rc %s\n' "$B" "$?"
		count=$((count + 1))
	done
	printf '%s end %s\n' "$B" "$count"
}

main
