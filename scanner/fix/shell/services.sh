# service_at_boot NAME
service_at_boot() {
	if [ -d /run/systemd/system ]; then
		state=$(systemctl is-enabled "$1.service" 2>/dev/null | head -n 1)
		case $state in
		enabled | static | indirect | alias) ;;
		masked*) problem "$1 is masked; if it shall run: systemctl unmask $1" ;;
		*)
			systemctl enable -q "$1.service"
			changed "$1 starts at boot"
			;;
		esac
	elif ! rc-update show default | grep -q "^ *$1 "; then
		rc-update add "$1" default
		changed "$1 starts at boot"
	fi
}

# service_now NAME: start it, unless it runs
service_now() {
	if [ -d /run/systemd/system ]; then
		! systemctl is-active -q "$1.service" || return 0
		systemctl start "$1.service"
	else
		! rc-service "$1" status >/dev/null 2>&1 || return 0
		rc-service "$1" start
	fi
	changed "$1 runs"
}
