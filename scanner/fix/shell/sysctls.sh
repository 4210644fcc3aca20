# sysctl_winner KEY FILE...: print the value that KEY has after a boot, then in a line of its own the
# file in which to set it, if it shall be another. Of files of one name the first is read (man
# sysctl.d), also where it is given as masked:FILE; then the last by name wins, and after all of them
# /etc/sysctl.conf if it is given.
sysctl_winner() {
	key=$1
	shift
	awk -v key="$key" -v last=/etc/sysctl.conf -v etc=/etc/sysctl.d/ '
	function base(path) { sub(/.*\//, "", path); return path }
	function after(name) { sub(/\.conf$/, "", name); return name ".kubernetes.conf" }
	BEGIN {
		for (i = 1; i < ARGC; i++) {
			if (ARGV[i] == last) continue
			path = ARGV[i]
			unread = sub(/^masked:/, "", path)
			name = base(path)
			if (unread || name in owner) ARGV[i] = ""
			if (!(name in owner)) owner[name] = path
		}
	}
	{
		name = $0
		if (name ~ /^[ \t]*[#;]/ || !sub(/=.*/, "", name)) next
		gsub(/[ \t]/, "", name)
		sub(/^-/, "", name)
		gsub(/\//, ".", name)
		if (name != key) next
		name = base(FILENAME)
		if (FILENAME != last && (name "") < (best "")) next
		best = name
		value = $0
		sub(/[^=]*=[ \t]*/, "", value)
		sub(/[ \t\r]*$/, "", value)
	}
	END {
		print value
		own = "99-kubernetes.conf"
		if ((best "") > own && best != "sysctl.conf") own = after(best)
		while (own in owner && index(owner[own], etc) != 1) own = after(own)
		print etc own
	}' "$@" </dev/null
}

# sysctl_at_boot KEY: set winner and own from the files that are read at a boot
sysctl_at_boot() {
	sysctl_key=$1
	set -- /dev/null
	for file in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \
		/usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
		if [ -f "$file" ]; then
			set -- "$@" "$file"
		elif [ -e "$file" ]; then
			set -- "$@" "masked:$file" # it hides those of its name, and has nothing to read
		fi
	done
	# systemd reads it only where a link in /etc/sysctl.d leads there.
	if [ ! -d /run/systemd/system ] && [ -f /etc/sysctl.conf ]; then
		set -- "$@" /etc/sysctl.conf
	fi
	winner=$(sysctl_winner "$sysctl_key" "$@") || problem 'the files of sysctl.d cannot be read'
	own=${winner#*
}
	winner=${winner%%
*}
}

# sysctl_on KEY: 1 now and after the next boot; KEY has dots
sysctl_on() {
	path=$(printf %s "$1" | sed 's,\.,/,g') || problem "$1 cannot be read"
	path=/proc/sys/$path
	[ -f "$path" ] || problem "there is no $path"
	for file in /etc/sysctl.conf /etc/sysctl.d/*.conf; do
		[ -f "$file" ] || continue
		text=$(awk -v key="$1" '
			{
				name = $0
				sub(/=.*/, "", name)
				gsub(/[ \t]/, "", name)
				sub(/^-/, "", name)
				gsub(/\//, ".", name)
				if (name == key && $0 !~ /=[ \t]*1[ \t]*$/) printf "# kscan fix: "
				print
			}' "$file") || problem "$file cannot be read"
		put "$file" "$text"
	done
	sysctl_at_boot "$1"
	if [ "$winner" != 1 ]; then
		writable "$own"
		text=$(held "$own") || problem "$own cannot be read"
		put "$own" "$text${text:+
}$1 = 1"
		sysctl_at_boot "$1"
		[ "$winner" = 1 ] || problem "after a boot $1 would be $winner: see man sysctl.d"
	fi
	value=$(cat "$path") || problem "$path cannot be read"
	if [ "$value" != 1 ]; then
		echo 1 >"$path" || problem "$path cannot be written"
		value=$(cat "$path") || problem "$path cannot be read"
		[ "$value" = 1 ] || problem "$path was written, and is still $value"
		changed "$1 is 1"
	fi
}

# bridge_sysctl_on KEY: the same for one that comes with the module br_netfilter
bridge_sysctl_on() {
	modules_at_boot kubernetes br_netfilter
	[ -e /proc/sys/net/bridge ] || load br_netfilter
	sysctl_on "$1"
}
