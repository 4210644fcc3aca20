# modules_at_boot NAME MODULE...: let them be loaded at each boot
modules_at_boot() {
	list=/etc/modules-load.d/$1.conf
	if [ ! -e "$list" ] && [ -e "/usr/lib/modules-load.d/$1.conf" ]; then
		list=/etc/modules-load.d/$1-kscan.conf # one of the same name would take its place
	fi
	shift
	if [ ! -d /run/systemd/system ] && has rc-update; then
		list=/etc/modules
		at_boot=$(rc-update show boot) || problem 'rc-update does not tell what runs at boot'
		case " $at_boot" in
		*[[:space:]]'modules '*) ;;
		*)
			rc-update add modules boot || problem 'the service modules cannot be added to boot'
			changed 'the service modules runs at boot'
			;;
		esac
	fi
	writable "$list"
	text=$(held "$list") || problem "$list cannot be read"
	for module; do
		case "
$text
" in
		*"
$module
"*) ;;
		*)
			text="$text${text:+
}$module"
			;;
		esac
	done
	put "$list" "$text"
}

# is_builtin MODULE: it is part of the kernel
is_builtin() {
	names=$(held "/lib/modules/$(uname -r)/modules.builtin") || return 1
	case $names in
	*"/$1.ko"*) ;;
	*) return 1 ;;
	esac
}

# load MODULE: now, unless it is there
load() {
	[ ! -d "/sys/module/$1" ] || return 0
	! is_builtin "$1" || return 0
	modprobe "$1" || problem "the module $1 cannot be loaded"
	# A line `install` in /etc/modprobe.d makes modprobe do something else, and say that all is well.
	[ -d "/sys/module/$1" ] || problem "modprobe $1 has ended well, and the module is not loaded"
	changed "the module $1 is loaded"
}
