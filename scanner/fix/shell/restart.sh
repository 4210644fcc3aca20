# may_restart NAME: give up before anything is changed if that would end containers
may_restart() {
	if has docker && [ -n "$(docker ps -q 2>/dev/null)" ]; then
		problem "docker runs containers: restart $1 when they may stop"
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
