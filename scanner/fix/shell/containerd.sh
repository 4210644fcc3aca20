# cri_plugin_on: take containerd's CRI plugin out of disabled_plugins
cri_plugin_on() {
	config=/etc/containerd/config.toml
	[ -f "$config" ] || return 0
	# The list stands before the first table, and may go over several lines.
	text=$(awk '
	# code TEXT: without its comment; a # in a string begins none
	function code(text, i, c, quote) {
		quote = ""
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			if (quote != "") { if (c == quote) quote = "" }
			else if (c == "\"" || c == "\047") quote = c
			else if (c == "#") return substr(text, 1, i - 1)
		}
		return text
	}
	function closed(text) {
		gsub(/"[^"]*"|\047[^\047]*\047/, "", text)
		return text ~ /\]/
	}
	open || (!table && /^[ \t]*["\047]?disabled_plugins["\047]?[ \t]*=/) {
		list = code($0)
		note = substr($0, length(list) + 1)
		gsub(/["\047](cri|io\.containerd\.grpc\.v1\.cri|io\.containerd\.cri\.v1\.(runtime|images))["\047][ \t]*,?[ \t]*/, "", list)
		open = !closed(list)
		print list note
		next
	}
	/^[ \t]*\[/ { table = 1 }
	{ print }
	END { exit open }' "$config") || problem "disabled_plugins in $config is not understood here"
	old=$(held "$config") || problem "$config cannot be read"
	[ "$text" != "$old" ] || return 0
	may_restart containerd
	put "$config" "$text"
	restart containerd
}

# containerd_systemd: the cgroup driver systemd for containerd's runtime
containerd_systemd() {
	config=/etc/containerd/config.toml
	if [ -s "$config" ]; then
		old=$(cat "$config") || problem "$config cannot be read"
	else
		old=$(containerd config default) || problem "containerd does not tell its configuration"
	fi
	count=$(printf '%s\n' "$old" | awk '/^[ \t]*SystemdCgroup[ \t]*=/ { n++ } END { print n + 0 }') ||
		problem "$config cannot be looked through"
	if [ "$count" != 1 ]; then
		problem "SystemdCgroup stands in $config $count times: set it to true by hand"
	fi
	text=$(printf '%s\n' "$old" |
		sed 's/^\([[:space:]]*SystemdCgroup[[:space:]]*=[[:space:]]*\)false/\1true/') ||
		problem "$config cannot be edited"
	printf '%s\n' "$text" | awk '/^[ \t]*SystemdCgroup[ \t]*=[ \t]*true/ { ok = 1 } END { exit !ok }' ||
		problem "SystemdCgroup in $config is neither true nor false: set it to true by hand"
	if [ -s "$config" ] && [ "$text" = "$old" ]; then
		return 0
	fi
	may_restart containerd
	put "$config" "$text"
	restart containerd
}
