"""The health of a stacked etcd: asked before a member is added, and of the member after it."""

from __future__ import annotations

from scanner.cluster.action import Command

_PKI = "/etc/kubernetes/pki/etcd"
_SECONDS = 120

# `health` is true if there is a leader and a write goes through (etcd 3.4, server/etcdmain). A
# member that was added and has never started would make the next one cost the quorum: it has no
# name, and a learner no vote.
_ASK = f"""\
command -v curl >/dev/null || {{
	echo 'without curl etcd cannot be asked for its health: install curl'
	exit 1
}}
ask() {{
	curl -sS --max-time 5 --cacert {_PKI}/ca.crt --cert {_PKI}/healthcheck-client.crt \\
		--key {_PKI}/healthcheck-client.key "$@" 2>&1
}}
tries=0
while :; do
	said=$(ask https://127.0.0.1:2379/health)
	case $said in
	*'"health":"true"'*)
		said=$(ask -X POST -d '{{}}' https://127.0.0.1:2379/v3/cluster/member/list)
		case $said in
		*'"isLearner":true'*) said="there is a learner: $said" ;;
		*'"peerURLs"'*)
			members=$(printf '%s' "$said" | grep -o '"peerURLs"' | wc -l)
			names=$(printf '%s' "$said" | grep -o '"name"' | wc -l)
			[ "$members" -ne "$names" ] || exit 0
			said="a member was added and never started: $said"
			;;
		*'Not Found'*) exit 0 ;; # older than 3.4
		esac
		;;
	esac
	tries=$((tries + 1))
	[ "$tries" -lt {_SECONDS // 2} ] || break
	sleep 2
done
printf 'etcd is not healthy: %.400s\\n' "$said"
exit 1
"""


def etcd_is_healthy(host: str) -> Command:
    """Waits until etcd on this control plane has a leader, takes writes, and has its members."""
    return Command(host, _ASK, seconds=_SECONDS + 60.0)
