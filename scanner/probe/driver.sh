# Runs the sections of $SECTIONS in shells of their own under deadlines; a section frames what it
# says, and where it was killed the frame is made here. kscan puts the variables QUICK, OTHERS,
# COUNT, SECTIONS and KSCAN_* before this text, and rules.sh
# where the user has rules.
# The body is a function, so that an upload that was cut runs nothing.

# swept: end what a killed section has left behind, as busybox's timeout ends one process only, and a
# daemon has a group of its own. It is known by a variable that only this run has.
swept() {
	# shellcheck disable=SC2013 # no path there has blanks
	for process in $(grep -ls "KSCAN_RUN=$KSCAN_RUN" /proc/[0-9]*/environ 2>/dev/null); do
		process=${process#/proc/}
		kill -s KILL "${process%/environ}" 2>/dev/null
	done
}

# ask SECONDS NAME...: run these sections in one shell. If it does not end, one of them hangs:
# then each is run again by itself, so that the one that hangs costs only itself.
ask() {
	seconds=$1
	shift
	# shellcheck disable=SC2086 # words on purpose: KSCAN_SH may be `busybox sh`
	${deadline:+$deadline $seconds} $KSCAN_SH -c "$SECTIONS" kscan "$@" </dev/null 2>&1 &
	# in the background, because a shell obeys no signal while it waits for one in the foreground
	section=$!
	wait "$section" && return
	status=$?
	swept
	if [ $# -eq 1 ]; then
		printf '\n%s begin %s\n\n%s rc %s\n' "$KSCAN_BOUNDARY" "$1" "$KSCAN_BOUNDARY" "$status"
		return
	fi
	# What they have printed so far is printed anew.
	printf '\n%s again %s\n' "$KSCAN_BOUNDARY" "$#"
	for name; do
		ask "$seconds" "$name"
	done
}

# unasked STATUS: say so of every section
unasked() {
	printf '\n%s probe 2\n' "$KSCAN_BOUNDARY"
	for name in ${QUICK#* } $OTHERS; do
		name=${name%%:*}
		printf '%s begin %s\n\n%s rc %s\n' "$KSCAN_BOUNDARY" "$name" "$KSCAN_BOUNDARY" "$1"
	done
	printf '%s end %s\n' "$KSCAN_BOUNDARY" "$COUNT"
}

# watch: end the probe once nobody reads it any more. sshd sends no signal to root's commands when
# a connection ends, and a section that hangs does not notice either; an empty line on stderr does.
watch() {
	{ : >&2; } 2>/dev/null || return # it is closed from the start
	trap '' PIPE
	trap 'kill "$nap" 2>/dev/null; exit 0' TERM
	# Where a probe takes long the host is busy, and a process each second is a load of its own.
	pause=0
	# The probe itself may have died: nobody may wait for an end that does not come.
	while kill -0 "$$" 2>/dev/null; do
		[ "$pause" -ge 5 ] || pause=$((pause + 1))
		sleep "$pause" >/dev/null 2>&1 &
		nap=$!
		wait "$nap"
		[ $? -ne 127 ] || return # there is no sleep
		echo >&2 || {
			kill "$$"
			break
		}
	done
}

# leave: end the section that runs, with whatever it has started
leave() {
	trap '' TERM HUP
	[ -z "$watcher" ] || kill "$watcher"
	if [ -n "$section" ]; then
		kill -TERM "-$section" "$section"
		sleep 1
		kill -KILL "-$section" "$section"
		swept
	fi
	exit 1
} >/dev/null 2>&1

main() {
	umask 077
	section=
	watcher=
	trap leave TERM HUP
	# A bash that is called sh takes options and functions out of the environment.
	set +efvx
	unset -f awk cat cd command curl getent grep gzip head id ip kill ls modprobe nft nproc od openrc \
		printf read sed sha256sum stat systemctl tail test timeout tr uname wait wget [ || :
	# What kubeadm would inherit is recorded first; the tools below get a PATH of their own.
	KSCAN_PATH=${PATH-}
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${KSCAN_PATH:+:$KSCAN_PATH}
	LC_ALL=C
	export PATH LC_ALL KSCAN_PATH
	unset LANGUAGE ENV BASH_ENV CDPATH GREP_OPTIONS OMP_NUM_THREADS OMP_THREAD_LIMIT
	unset IFS GLOBIGNORE POSIXLY_CORRECT TMOUT
	# Where it is a file, or none, what is thrown away would be written to the host's disk.
	if [ ! -c /dev/null ]; then
		unasked 96
		return
	fi
	watch </dev/null >/dev/null &
	watcher=$!

	deadline=
	# In a substitution, as dash says that it cannot fork to where the command's own stderr goes.
	# shellcheck disable=SC2034,SC2086 # what it says is of no use; words
	if said=$(timeout -s KILL 5 $KSCAN_SH -c : </dev/null 2>&1); then
		deadline='timeout -s KILL'
	fi

	# The newline first, because a login shell's start-up files may have printed half a line.
	printf '\n%s probe 2\n' "$KSCAN_BOUNDARY"
	# shellcheck disable=SC2086,SC2153 # words; the variables are put before this text
	ask $QUICK
	for other in $OTHERS; do
		ask "${other#*:}" "${other%%:*}"
	done
	# How many sections there must be: an answer that has lost one is not believed.
	printf '%s end %s\n' "$KSCAN_BOUNDARY" "$COUNT"
	[ -z "${RULES-}" ] || rules
	kill "$watcher" 2>/dev/null
}

main
