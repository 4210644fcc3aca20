# host_entry ADDRESS NAME: a line of /etc/hosts, unless it has the name already
host_entry() {
	text=
	if [ -f /etc/hosts ]; then
		text=$(cat /etc/hosts)
	fi
	if printf '%s\n' "$text" | awk -v name="$2" '
		{ sub(/#.*/, ""); for (i = 2; i <= NF; i++) if (tolower($i) == name) found = 1 }
		END { exit !found }'; then
		return 0
	fi
	put /etc/hosts "$text${text:+
}$1 $2"
}
