# Runs the user's own rules, after the probe's last line: nothing that they do costs an answer before
# it. kscan puts the variables RULES (NAME:DIGEST:SECONDS, with blanks between) and RULE_1, RULE_2...
# (their commands) before this text; driver.sh calls `rules`. POSIX sh.

# One rule, in a shell of its own under a deadline. Of what the command prints, 4 KiB and a byte are
# kept and the rest is read, so that its exit status is its own. A shell would drop NUL from what it
# keeps, so it becomes a byte that no UTF-8 has. The boundary comes on stdin: neither an argument nor a
# variable shows it to the command.
RULE='
read -r boundary
said=$(
	{
		status=$(
			{
				{
					$KSCAN_SH -c "$3" </dev/null 3>&- 4>&-
					printf %s "$?" >&3
				} | {
					head -c 4097 | tr "\000" "\377"
					cat >/dev/null
				} >&4
			} 3>&1
		)
	} 4>&1
	printf "\n%s" "$status"
) 2>/dev/null
code=0
case $said in
*"$boundary"*) said="" code=98 ;;
esac
printf "\n%s rule %s %s %s %s\n%s\n%s told %s\n" \
	"$boundary" "$1" "$2" "$code" "${#said}" "$said" "$boundary" "$1"
'

# silent NAME DIGEST STATUS: the frame of a rule that has told nothing
silent() {
	printf '\n%s rule %s %s %s 0\n\n%s told %s\n' "$boundary" "$1" "$2" "$3" "$boundary" "$1"
}

# rule NAME DIGEST SECONDS COMMAND
rule() {
	if [ -z "$deadline" ]; then
		silent "$1" "$2" 97
		return
	fi
	# A session of its own: what it sends to its process group must not reach the driver.
	# shellcheck disable=SC2086 # words
	printf '%s\n' "$boundary" |
		$alone $deadline "$3" $KSCAN_SH -c "$RULE" kscan "$1" "$2" "$4" 2>/dev/null &
	section=$!
	wait "$section" && return
	status=$?
	swept
	silent "$1" "$2" "$status"
}

rules() {
	boundary=$KSCAN_BOUNDARY
	unset KSCAN_BOUNDARY
	alone=
	if command -v setsid >/dev/null 2>&1; then
		alone=setsid
	fi
	number=0
	printf '\n%s rules begin\n' "$boundary"
	for one in $RULES; do
		number=$((number + 1))
		name=${one%%:*}
		rest=${one#*:}
		eval "command=\$RULE_$number"
		# shellcheck disable=SC2154 # eval has set it
		rule "$name" "${rest%%:*}" "${rest#*:}" "$command"
	done
	printf '\n%s rules end\n' "$boundary"
}
