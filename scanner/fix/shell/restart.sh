# may_restart NAME: give up before anything is changed if that would end containers
may_restart() {
	has docker || return 0
	if ! ids=$(docker ps -q 2>/dev/null); then
		! docker_runs || problem "docker does not tell whether it runs containers: restart $1 by hand"
	elif [ -n "$ids" ]; then
		problem "docker runs containers: restart $1 when they may stop"
	fi
}

# docker_runs: true if docker's service does
docker_runs() {
	if [ -d /run/systemd/system ]; then
		systemctl is-active -q docker.service
	else
		rc-service docker status >/dev/null 2>&1
	fi
}

# restart NAME: the container runtime's service
restart() {
	if [ -d /run/systemd/system ]; then
		systemctl restart "$1.service" || problem "$1 does not start again; see its log"
	else
		rc-service "$1" restart || problem "$1 does not start again; see its log"
	fi
	changed "$1 was restarted"
}
