# docker_systemd: docker's cgroup driver systemd, where its configuration says nothing yet
docker_systemd() {
	config=/etc/docker/daemon.json
	option='"exec-opts": ["native.cgroupdriver=systemd"]'
	old=$(held "$config") || problem "$config cannot be read"
	case $old in
	*native.cgroupdriver=systemd*)
		# It may stand there since docker was started.
		has docker || return 0
		driver=$(docker info -f '{{.CgroupDriver}}' 2>/dev/null) || driver=
		[ "$driver" = systemd ] || {
			may_restart docker
			restart docker
		}
		return 0
		;;
	esac
	case $old in
	*[![:space:]\{\}]*) problem "$config has settings: add $option there and restart docker" ;;
	esac
	# dockerd does not start with an option that is given twice.
	if [ -d /run/systemd/system ]; then
		unit=$(systemctl cat docker.service) || problem "systemctl does not show docker's unit"
		case $unit in
		*--exec-opt*) problem "docker's unit has --exec-opt: set native.cgroupdriver=systemd there" ;;
		esac
	fi
	may_restart docker
	put "$config" "{$option}"
	restart docker
}
