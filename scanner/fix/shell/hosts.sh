# host_entry ADDRESS NAME: a line of /etc/hosts, unless it has the name already
host_entry() {
	text=$(held /etc/hosts) || problem '/etc/hosts cannot be read'
	there=$(printf '%s\n' "$text" | awk -v name="$2" '
		{ sub(/#.*/, ""); for (i = 2; i <= NF; i++) if (tolower($i) == name) found = 1 }
		END { print found ? "yes" : "no" }') || problem '/etc/hosts cannot be looked through'
	[ "$there" = no ] || return 0
	put /etc/hosts "$text${text:+
}$1 $2"
}
