# cri_plugin_on: take containerd's CRI plugin out of disabled_plugins
cri_plugin_on() {
	config=/etc/containerd/config.toml
	before=$changes
	put "$config" "$(awk '
	/^[ \t]*disabled_plugins[ \t]*=.*]/ {
		gsub(/["\047](cri|io\.containerd\.grpc\.v1\.cri|io\.containerd\.cri\.v1\.(runtime|images))["\047][ \t]*,?[ \t]*/, "")
	}
	{ print }' "$config")"
	[ "$changes" = "$before" ] || restart containerd
}

# containerd_systemd: the cgroup driver systemd for containerd's runtime
containerd_systemd() {
	config=/etc/containerd/config.toml
	before=$changes
	if [ -s "$config" ]; then
		text=$(cat "$config")
	else
		text=$(containerd config default)
	fi
	count=$(printf '%s\n' "$text" | grep -c '^[[:space:]]*SystemdCgroup[[:space:]]*=' || :)
	if [ "$count" != 1 ]; then
		problem "SystemdCgroup stands in $config $count times: set it to true by hand"
	fi
	put "$config" "$(printf '%s\n' "$text" |
		sed 's/^\([[:space:]]*SystemdCgroup[[:space:]]*=[[:space:]]*\)false/\1true/')"
	[ "$changes" = "$before" ] || restart containerd
}
