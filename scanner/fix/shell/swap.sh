# no_zram: no device of zram-generator at the next boot
no_zram() {
	zram=/etc/systemd/zram-generator.conf
	if [ -f "$zram" ]; then
		text=$(awk '/^[ \t]*[^ \t#]/ { printf "# kscan fix: " } { print }' "$zram") ||
			problem "$zram cannot be edited"
		put "$zram" "$text"
	elif [ ! -e "$zram" ] && [ -s /usr/lib/systemd/zram-generator.conf ]; then
		put "$zram" '# kscan fix: no swap on zram'
	fi
}

# zram_is_swap: give up before anything is changed if zram-generator makes more than swap
zram_is_swap() {
	zram=/etc/systemd/zram-generator.conf
	[ -f "$zram" ] || return 0
	other=$(awk -F= '{ key = $1; value = $2; gsub(/[ \t\r]/, "", key); gsub(/[ \t\r]/, "", value) }
		value != "" && (key == "mount-point" || key == "fs-type" && value != "swap") { print key }' \
		"$zram") || problem "$zram cannot be read"
	[ -z "$other" ] || problem "$zram has file systems beside swap: take its swap out by hand"
}

# no_swap_units: what systemd would turn on at the next boot beside /etc/fstab
no_swap_units() {
	no_zram
	[ -z "$changes" ] || systemctl daemon-reload
	loaded=$(systemctl list-units --all --plain --no-legend --type swap) ||
		problem 'systemctl does not list its units'
	# Its exit status may be 1 where there is none.
	installed=$(systemctl list-unit-files --no-legend --type swap) || :
	units=$(printf '%s\n%s\n' "$loaded" "$installed" | awk 'NF && !seen[$1]++ { print $1 }') ||
		problem 'the units cannot be looked through'
	for unit in $units; do
		path=$(systemctl show --value -p FragmentPath -- "$unit")
		state=$(systemctl show --value -p UnitFileState -- "$unit")
		case $path:$state in
		:* | /dev/null:* | *:masked | /etc/systemd/system/*:disabled) ;;
		/etc/systemd/system/*)
			systemctl disable -q -- "$unit"
			changed "$unit is disabled"
			;;
		*)
			# `systemctl unmask` takes it back.
			systemctl mask -q -- "$unit"
			changed "$unit is masked"
			;;
		esac
	done
}

# swaps: print the devices that are in use, each as a word; the kernel writes a blank as \040
swaps() {
	[ ! -r /proc/swaps ] || awk 'NR > 1 { print $1 }' /proc/swaps
}

# no_swap: none now, and none after the next boot
no_swap() {
	set -f # no name below is a pattern
	devices=$(swaps) || problem '/proc/swaps cannot be read'
	if [ -n "$devices" ]; then
		used=$(awk '/^SwapTotal:/ { total = $2 } /^SwapFree:/ { free = $2 } END { print total - free }' \
			/proc/meminfo) || problem '/proc/meminfo cannot be read'
		room=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo) || problem '/proc/meminfo cannot be read'
		if [ "${used:?}" -gt "${room:-0}" ]; then
			problem "swap holds $used KiB, and memory has ${room:-0} KiB left: make room first"
		fi
	fi
	[ ! -d /run/systemd/system ] || zram_is_swap
	if [ -f /etc/fstab ]; then
		text=$(awk '$1 !~ /^#/ && $3 == "swap" { print "# kscan fix: " $0; next }
			{ print }' /etc/fstab) || problem '/etc/fstab cannot be edited'
		put /etc/fstab "$text"
	fi
	[ ! -d /run/systemd/system ] || no_swap_units
	for device in $devices; do
		device=$(printf %s "$device" | sed 's/\\/\\0/g') || problem 'a name cannot be read'
		device=$(printf %b "$device")
		swapoff "$device" || problem "swap on $device cannot be turned off"
		changed "swap on $device is off"
	done
	devices=$(swaps) || problem '/proc/swaps cannot be read'
	[ -z "$devices" ] || problem 'there is still swap in /proc/swaps'
}
