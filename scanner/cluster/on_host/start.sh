# Starts one command that outlives the connection; kscan puts ID before this text. A directory of
# that name says that it was started before: it is started once, however often this is run.
# POSIX sh.

PROXIES='HTTPS_PROXY https_proxy HTTP_PROXY http_proxy NO_PROXY no_proxy'

quoted() { printf "%s='%s'\n" "$1" "$(printf '%s' "$2" | sed "s/'/'\\\\''/g")"; }

# systemd starts it without the login's environment.
environment() {
	quoted PATH "$PATH"
	quoted HOME "$HOME"
	for name in $PROXIES; do
		eval "value=\${$name-}"
		[ -z "$value" ] || quoted "$name" "$value"
	done
	echo "export PATH HOME LC_ALL=C $PROXIES"
	echo "mask=$mask"
}

# The files go first and in any case: secrets are in them. Where all of it is told to end (a shutdown,
# systemd after one process was killed for want of memory), the command ends, and this notes how.
JOB='cd "${0%/*}" || exit
umask 077
trap "rm -rf files env" EXIT
trap : TERM HUP INT
: >log && echo $$ >pid.new && mv pid.new pid || exit
. ./env
(umask "$mask" && cd files && exec sh ./command) </dev/null >>log 2>&1
status=$?
rm -rf files env
echo "$status" >status.new && mv status.new status'

start() {
	if [ -d "$RUN/systemd/system" ] && [ -n "$(command -v systemd-run)" ]; then
		systemd-run --quiet --unit="kscan-$ID" /bin/sh "$D/job" "kscan-$ID" </dev/null 2>&1
	else
		setsid sh "$D/job" "kscan-$ID" </dev/null >/dev/null 2>&1 &
	fi
}

main() {
	say begin
	D=$RUN/kscan-$ID
	if ! is_root; then
		:
	elif ! mkdir "$D" 2>/dev/null; then
		if [ -d "$D" ]; then say started; else say nowhere; fi
	elif other=$(running); then
		rm -rf "$D"
		say busy "$other"
	elif ! written; then
		rm -rf "$D"
		say unwritten
	else
		start
		if begun; then say started; else rm -rf "$D" && say failed; fi
	fi
	say end
}

written() {
	mkdir "$D/files" && cd "$D/files" && files && cd "$D" &&
		environment >env && printf '%s\n' "$JOB" >job
}

# Prints the name of another one that still runs. What the others have left proves what they did,
# and is removed by those who have begun them.
running() {
	for other in "$RUN"/kscan-*; do
		[ "$other" != "$D" ] || continue
		if [ ! -e "$other/status" ] && [ ! -e "$other/ended" ] && alive "$other"; then
			printf '%s\n' "${other#"$RUN"/kscan-}"
			return
		fi
	done
	false
}

main
