# programs MANAGER PROGRAM:PACKAGE...: install the packages of those that are missing
programs() {
	manager=$1
	shift
	wanted=
	for pair; do
		if ! has "${pair%%:*}"; then
			wanted="$wanted ${pair#*:}"
		fi
	done
	[ -n "$wanted" ] || return 0
	# shellcheck disable=SC2086 # one package a word
	case $manager in
	apt)
		export DEBIAN_FRONTEND=noninteractive
		install='apt-get install -y --no-remove --no-install-recommends'
		$install $wanted || {
			apt-get update
			$install $wanted
		}
		;;
	dnf)
		if has dnf; then
			dnf -y install $wanted
		else
			yum -y install $wanted
		fi
		;;
	zypper) zypper --non-interactive install --no-recommends $wanted ;;
	pacman) pacman -S --needed --noconfirm $wanted ;;
	apk) apk add $wanted ;;
	esac
	for pair; do
		has "${pair%%:*}" || problem "${pair#*:} is installed, and there is still no ${pair%%:*}"
	done
	changed "installed:$wanted"
}
