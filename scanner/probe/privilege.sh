# Becomes root with sudo's password and runs the script that comes after it on stdin; without
# privilege, if sudo refuses. kscan puts the variable MARK before this text, and answers what is
# said here: see privilege.py. POSIX sh.

# Run by its path, printf would show the password to everybody who lists processes (mksh).
safe() {
	case $(type printf 2>&1) in
	*builtin*) return 0 ;;
	esac
	printf '\n%s unsafe\n' "$MARK" >&2
	return 1
}

# What kscan sends is passed on to sudo one line at a time, so that stdin outlives sudo: its rest
# is the script, whoever runs it in the end.
feed() {
	unset line # it might be exported
	while IFS= read -r line; do
		case $line in
		password*) printf '%s\n' "${line#password}" ;;
		script)
			cat
			return
			;;
		kill*)
			# sudo asks once more. At the end of its input it would count that as a second failure
			# (pam_faillock), and SIGTERM it takes for that end.
			kill -KILL "${line#kill}"
			return
			;;
		*) return ;;
		esac
	done
}

# No /dev/null here: it may be a file, see driver.sh.
# The body is a function, so that the shell has read all of it before stdin goes to others.
main() {
	LC_ALL=C
	export LC_ALL
	if [ "$(id -u)" = 0 ]; then
		printf '\n%s root\n' "$MARK" >&2
		exec sh -s
	fi
	# `true` at the end, because a status other than 0 shall mean that it was not run.
	# shellcheck disable=SC2016 # for the shell that it is given to
	run='printf "\n%s %s\n" "$1" "$2" >&2; sh -s; true'
	if [ -n "$(command -v sudo)" ]; then
		sudo -n sh -c "$run" kscan "$MARK" root && exit
		safe && feed | {
			# exec keeps the process number that is told
			# shellcheck disable=SC2016 # as above
			sh -c 'printf "\n%s pid %s\n" "$1" "$$" >&2
				exec sudo -S -p "$1 password" sh -c "$2" kscan "$1" fed' kscan "$MARK" "$run" || {
				printf '\n%s refused\n' "$MARK" >&2
				false
			}
		} && exit
	elif [ -z "$(command -v doas)" ]; then
		printf '\n%s absent\n' "$MARK" >&2
	fi
	if [ -n "$(command -v doas)" ]; then
		doas -n sh -c "$run" kscan "$MARK" root && exit
	fi
	printf '\n%s plain\n' "$MARK" >&2
	exec sh -s
}

main
