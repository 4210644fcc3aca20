# service_at_boot NAME
service_at_boot() {
	if [ -d /run/systemd/system ]; then
		# Its exit status is not 0 for a unit that is disabled.
		state=$(systemctl is-enabled "$1.service" 2>/dev/null) || :
		case $state in
		enabled | static | indirect | alias) ;;
		masked*) problem "$1 is masked; if it shall run: systemctl unmask $1" ;;
		*)
			systemctl enable -q "$1.service" || problem "$1 cannot be enabled"
			changed "$1 starts at boot"
			;;
		esac
		return 0
	fi
	default=$(rc-update show default) || problem 'rc-update does not tell what runs by default'
	case " $default" in
	*[[:space:]]"$1 "*) ;;
	*)
		rc-update add "$1" default || problem "$1 cannot be added to default"
		changed "$1 starts at boot"
		;;
	esac
}

# runs NAME
runs() {
	if [ -d /run/systemd/system ]; then
		systemctl is-active -q "$1.service"
	else
		rc-service "$1" status >/dev/null 2>&1
	fi
}

# service_now NAME: start it, unless it runs
service_now() {
	! runs "$1" || return 0
	if [ -d /run/systemd/system ]; then
		systemctl start "$1.service" || problem "$1 does not start; see its log"
	else
		rc-service "$1" start || problem "$1 does not start; see its log"
	fi
	runs "$1" || problem "$1 was started and does not run; see its log"
	changed "$1 runs"
}
