# sysctl_lines KEY FILE...: the lines of the files that set KEY, as FILE:VALUE
sysctl_lines() {
	key=$1
	shift
	awk -v key="$key" '
	{
		name = $0
		if (!sub(/=.*/, "", name)) next
		gsub(/[ \t]/, "", name)
		sub(/^-/, "", name)
		gsub(/\//, ".", name)
		if (name != key) next
		value = $0
		sub(/[^=]*=[ \t]*/, "", value)
		sub(/[ \t]*$/, "", value)
		print FILENAME ":" value
	}' "$@"
}

# sysctl_on KEY: 1 now and after the next boot; KEY has dots
sysctl_on() {
	own=/etc/sysctl.d/99-kubernetes.conf
	persistent=
	for file in /etc/sysctl.conf /etc/sysctl.d/*.conf; do
		[ -f "$file" ] || continue
		if sysctl_lines "$1" "$file" | grep -qv ':1$'; then
			put "$file" "$(awk -v key="$1" '
			{
				name = $0
				sub(/=.*/, "", name)
				gsub(/[ \t]/, "", name)
				sub(/^-/, "", name)
				gsub(/\//, ".", name)
				if (name == key && $0 !~ /=[ \t]*1[ \t]*$/) printf "# kscan fix: "
				print
			}' "$file")"
		fi
		if sysctl_lines "$1" "$file" | grep -q ':1$'; then
			persistent=yes
		fi
	done
	if [ -z "$persistent" ]; then
		text=
		if [ -f "$own" ]; then
			text=$(cat "$own")
		fi
		put "$own" "$text${text:+
}$1 = 1"
	fi
	path=/proc/sys/$(printf %s "$1" | tr . /)
	[ -e "$path" ] || problem "there is no $path"
	if [ "$(cat "$path")" != 1 ]; then
		echo 1 >"$path"
		changed "$1 is 1"
	fi
}

# bridge_sysctl_on KEY: the same for one that comes with the module br_netfilter
bridge_sysctl_on() {
	modules_at_boot kubernetes br_netfilter
	[ -e /proc/sys/net/bridge ] || load br_netfilter
	sysctl_on "$1"
}
