# modules_at_boot NAME MODULE...: let them be loaded at each boot
modules_at_boot() {
	list=/etc/modules-load.d/$1.conf
	shift
	if [ ! -d /run/systemd/system ] && has rc-update; then
		list=/etc/modules
		if ! rc-update show boot | grep -q '^ *modules '; then
			rc-update add modules boot
			changed 'the service modules runs at boot'
		fi
	fi
	text=
	if [ -f "$list" ]; then
		text=$(cat "$list")
	fi
	for module; do
		if ! printf '%s\n' "$text" | grep -qx "$module"; then
			text="$text${text:+
}$module"
		fi
	done
	put "$list" "$text"
}

# load MODULE: now, unless it is there
load() {
	[ ! -d "/sys/module/$1" ] || return 0
	! grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null || return 0
	modprobe "$1"
	changed "the module $1 is loaded"
}
