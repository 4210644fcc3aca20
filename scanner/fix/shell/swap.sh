# no_swap_units: what systemd would turn on at the next boot beside /etc/fstab
no_swap_units() {
	for file in /usr/lib/systemd/zram-generator.conf /etc/systemd/zram-generator.conf; do
		if [ -s "$file" ] && grep -q '^[[:space:]]*\[' "$file"; then
			put /etc/systemd/zram-generator.conf '# kscan fix: no swap on zram'
		fi
	done
	[ -z "$changes" ] || systemctl daemon-reload
	for unit in $({
		systemctl list-units --all --plain --no-legend --type swap
		systemctl list-unit-files --no-legend --type swap
	} | awk '{ print $1 }' | sort -u); do
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

# no_swap: none now, and none after the next boot
no_swap() {
	set -f # no name below is a pattern
	if [ -f /etc/fstab ]; then
		put /etc/fstab "$(awk '$1 !~ /^#/ && $3 == "swap" { print "# kscan fix: " $0; next }
			{ print }' /etc/fstab)"
	fi
	[ ! -d /run/systemd/system ] || no_swap_units
	[ -r /proc/swaps ] || return 0
	held=$(awk '/^SwapTotal:/ { total = $2 } /^SwapFree:/ { free = $2 } END { print total - free }' \
		/proc/meminfo)
	left=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	if [ "$held" -gt "${left:-0}" ]; then
		problem "swap holds $held KiB, and memory has $left KiB left: make room first"
	fi
	for device in $(awk 'NR > 1 { print $1 }' /proc/swaps); do
		# The kernel writes a blank as \040.
		device=$(printf %b "$(printf %s "$device" | sed 's/\\/\\0/g')")
		swapoff "$device"
		changed "swap on $device is off"
	done
}
