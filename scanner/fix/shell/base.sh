# What every part below uses. A text that a program makes is taken in an assignment of its own, and
# the program's end is looked at: `set -e` does not see one that fails within an argument.

# has PROGRAM
has() { command -v "$1" >/dev/null 2>&1; }

# changed WHAT: say it, and remember that something was changed
changed() {
	changes=yes
	printf 'changed: %s\n' "$1"
}

# problem WHY: give up this part; the others go on
problem() {
	printf 'not mended: %s\n' "$1" >&2
	exit 1
}

# tools: nothing is begun without the programs that a part may need in its middle
tools() {
	for tool in awk cat cp mkdir mv readlink rm sed; do
		has "$tool" || problem "there is no $tool here, which this script needs"
	done
}

# writable FILE: it can be kept and written; what leads to /dev/null was masked by somebody
writable() {
	if [ -e "$1" ] || [ -L "$1" ]; then
		[ -f "$1" ] || problem "$1 is masked, or no plain file: it leads to $(readlink -f "$1")"
	fi
}

# held FILE: print what it holds, nothing if there is none
held() {
	[ ! -f "$1" ] || cat "$1"
}

# lines TEXT: print how many it has
lines() {
	printf '%s\n' "$1" | (
		count=0
		while read -r _; do
			count=$((count + 1))
		done
		echo "$count"
	)
}

# backup FILE: keep it as it was before the first change of this run
backup() {
	[ -e "$1" ] || return 0
	[ ! -e "$BACKUPS$1" ] || return 0
	(umask 077 && mkdir -p "$BACKUPS${1%/*}") || problem "$BACKUPS cannot be made"
	cp -p "$1" "$BACKUPS$1" || problem "$1 cannot be kept as $BACKUPS$1, so it stays as it is"
	printf 'backup: %s\n' "$BACKUPS$1"
}

# put FILE TEXT: make TEXT what the file holds, unless it is that already
put() {
	writable "$1"
	old=$(held "$1") || problem "$1 cannot be read"
	if [ -f "$1" ] && [ "$old" = "$2" ]; then
		return 0
	fi
	# No text here is shorter than what it takes the place of, unless its maker has died.
	if [ "${#2}" -lt "${#old}" ]; then
		had=$(lines "$old")
		has_now=$(lines "$2")
		[ "$has_now" -ge "$had" ] || problem "$1 has $had lines, the new text $has_now: left as it is"
	fi
	backup "$1"
	real=$1
	said="$1 is new"
	# The whole file or nothing of it; a link stays one, and owner and mode stay.
	if [ -f "$1" ]; then
		said=$1
		real=$(readlink -f "$1") || problem "$1: it cannot be told where it leads to"
		cp -p "$real" "$real.kscan-new" || problem "$real.kscan-new cannot be written"
	else
		mkdir -p "${1%/*}" || problem "${1%/*} cannot be made"
	fi
	if ! printf '%s\n' "$2" >"$real.kscan-new"; then
		rm -f "$real.kscan-new"
		problem "$real.kscan-new cannot be written"
	fi
	# A file that is mounted by itself cannot be replaced.
	if ! mv -f "$real.kscan-new" "$real" 2>/dev/null; then
		changes=yes
		cat "$real.kscan-new" >"$real" || problem "$real cannot be written; it was $BACKUPS$1"
		rm -f "$real.kscan-new"
	fi
	changed "$said"
	! has restorecon || restorecon "$real"
}

# part WHAT FUNCTION: run one part in a shell of its own, so that a failure costs that part only
part() {
	printf '== %s\n' "$1"
	set +e
	(
		set -e
		changes=
		# 0 nothing to do, 100 changed, 101 changed and then failed, 1 failed
		trap '[ $? -eq 0 ] || exit "${changes:+10}1"' EXIT
		tools
		"$2"
		trap - EXIT
		[ -z "$changes" ] || exit 100
	)
	status=$?
	set -e
	case $status in
	100 | 101) mended=$((mended + 1)) ;;
	esac
	case $status in
	0) echo 'nothing to do' ;;
	100) ;;
	101)
		failed=$((failed + 1))
		echo 'this part is not mended, though some of it was changed'
		;;
	*)
		failed=$((failed + 1))
		echo 'this part is not mended'
		;;
	esac
}
