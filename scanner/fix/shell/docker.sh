# docker_systemd: docker's cgroup driver systemd, where its configuration says nothing yet
docker_systemd() {
	config=/etc/docker/daemon.json
	option='"exec-opts": ["native.cgroupdriver=systemd"]'
	if grep -qs 'native.cgroupdriver=systemd' "$config"; then
		return 0
	fi
	if [ -s "$config" ] && [ "$(tr -d '[:space:]' <"$config")" != '{}' ]; then
		problem "$config has settings: add $option there and restart docker"
	fi
	# dockerd does not start with an option that is given twice.
	if [ -d /run/systemd/system ] && systemctl cat docker.service | grep -q -e --exec-opt; then
		problem "docker's unit has --exec-opt: set native.cgroupdriver=systemd there"
	fi
	put "$config" "{$option}"
	restart docker
}
