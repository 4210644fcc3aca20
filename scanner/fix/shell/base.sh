# What every part below uses.

# has PROGRAM
has() { command -v "$1" >/dev/null 2>&1; }

# changed WHAT: say it, and remember that something was changed
changed() {
	printf 'changed: %s\n' "$1"
	changes=yes
}

# problem WHY: give up this part; the others go on
problem() {
	printf 'not mended: %s\n' "$1" >&2
	exit 1
}

# backup FILE: keep it as it was before the first change of this run
backup() {
	[ -e "$1" ] || return 0
	[ ! -e "$BACKUPS$1" ] || return 0
	(umask 077 && mkdir -p "$BACKUPS${1%/*}")
	cp -p "$1" "$BACKUPS$1"
	printf 'backup: %s\n' "$BACKUPS$1"
}

# put FILE TEXT: make TEXT what the file holds, unless it is that already
put() {
	if [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; then
		return 0
	fi
	backup "$1"
	if [ ! -e "$1" ]; then
		mkdir -p "${1%/*}"
		printf '%s\n' "$2" >"$1"
		changed "$1 is new"
		return 0
	fi
	# The whole file or nothing of it; a link stays one.
	real=$(readlink -f "$1")
	cp -p "$real" "$real.kscan-new"
	printf '%s\n' "$2" >"$real.kscan-new"
	# A file that is mounted by itself cannot be replaced.
	if ! mv -f "$real.kscan-new" "$real" 2>/dev/null; then
		cat "$real.kscan-new" >"$real"
		rm -f "$real.kscan-new"
	fi
	! has restorecon || restorecon "$real"
	changed "$1"
}

# part WHAT FUNCTION: run one part in a shell of its own, so that a failure costs that part only
part() {
	printf '== %s\n' "$1"
	set +e
	(
		set -e
		changes=
		trap '[ $? -eq 0 ] || exit 1' EXIT
		"$2"
		trap - EXIT
		[ -z "$changes" ] || exit 100
	)
	status=$?
	set -e
	case $status in
	0) echo 'nothing to do' ;;
	100) mended=$((mended + 1)) ;;
	*)
		failed=$((failed + 1))
		echo 'this part is not mended'
		;;
	esac
}
