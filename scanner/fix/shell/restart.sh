# restart NAME: the container runtime's service, unless that would end containers
restart() {
	if has docker && [ -n "$(docker ps -q 2>/dev/null)" ]; then
		problem "docker runs containers: restart $1 when they may stop"
	fi
	if [ -d /run/systemd/system ]; then
		systemctl restart "$1.service"
	else
		rc-service "$1" restart
	fi
	changed "$1 was restarted"
}
