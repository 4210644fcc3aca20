"""A stacked etcd, asked on a control plane: before a member comes, and around one that goes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from scanner.cluster.action import Command, Decision, Question
from scanner.cluster.quorum import EtcdMember, Leaving, read_members, refused, strangers
from scanner.cluster.steps.manifest_flag import FLAG

_PKI = "/etc/kubernetes/pki/etcd"
_SECONDS = 120
_BEFORE_SECONDS = 8
"""A member that misses one question is asked again."""
_AFTER_SECONDS = 60
"""The leader may have gone, and the others choose one."""

_HAS_CURL = """\
command -v curl >/dev/null || {
	echo 'without curl etcd cannot be asked for its health: install curl'
	exit $unknown
}
"""
# The operator's proxy is not for the hosts' own addresses. etcd listens on the loopback address of
# its advertise address' family (kubeadm's phases/etcd/local.go, getEtcdCommand, v1.20.2).
_CURL = f"""\
{FLAG}\
own=127.0.0.1
case $(flag etcd listen-client-urls) in 'https://[::1]'*) own='[::1]' ;; esac
{_HAS_CURL}\
ask() {{
	curl -g -sS --noproxy '*' --max-time 5 --cacert {_PKI}/ca.crt \\
		--cert {_PKI}/healthcheck-client.crt --key {_PKI}/healthcheck-client.key "$@" 2>&1
}}
"""
# `health` is true if there is a leader and a write goes through (etcd 3.4, server/etcdmain). A
# member that was added and has never started would make the next one cost the quorum: it has no
# name, and a learner no vote.
_ASK = f"""\
unknown=1
{_CURL}\
tries=0
while :; do
	said=$(ask "https://$own:2379/health")
	case $said in
	*'"health":"true"'*)
		said=$(ask -X POST -d '{{}}' "https://$own:2379/v3/cluster/member/list")
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
# The gateway's path by etcd's version: 3.4 and later, 3.3, before that. It answers in JSON alone.
_CALL = """\
call() {
	for version in v3 v3beta v3alpha; do
		said=$(ask -X POST -d "$2" "https://$own:2379/$version/cluster/member/$1" |
			tr -d '\\n')
		case $said in '{'*) return ;; esac
	done
	false
}
"""
# kubeadm gives each member one client URL. Until all are healthy, or the time is over.
_LIST = r"""
set -f
end=$(($(date +%s) + patience))
while :; do
	list=
	health=
	sick=yes
	if call list '{}'; then
		list=$said
		# an error of etcd's is JSON too
		case $list in *'"members"'*) sick= ;; esac
		for url in $(printf '%s' "$list" | grep -o '"clientURLs": *\[ *"[^"]*' |
			grep -o 'https\{0,1\}://.*' | head -n 16); do
			answer=$(ask "$url/health" | tr -d '\n')
			case $answer in *'"health":"true"'*) ;; *) sick=yes ;; esac
			health="$health
health $url $(printf '%.300s' "$answer")"
		done
	fi
	if [ -z "$sick" ] || [ "$(date +%s)" -ge "$end" ]; then break; fi
	sleep 2
done
if [ -z "$list" ]; then
	printf 'the members of etcd could not be listed: %.300s\n' "$said"
	exit "$unknown"
fi
printf 'members %s%s\n' "$list" "$health"
"""
# After a member was lost, etcd takes no change of its members for some seconds (etcd 3.4:
# `unhealthy cluster`, --strict-reconfig-check).
_REMOVE = """\
tries=0
while call remove '{{"ID": "{id}"}}'; do
	tries=$((tries + 1))
	case $said in *'unhealthy cluster'*) [ "$tries" -lt 8 ] || break ;; *) break ;; esac
	sleep 2
done
printf '%.300s\\n' "$said"
"""


def etcd_can_be_asked(host: str) -> Command:
    """Ends well where `etcd_is_healthy` has what it needs, whether or not there is an etcd yet."""
    return Command(host, f"unknown=1\n{_HAS_CURL}")


def etcd_is_healthy(host: str) -> Command:
    """Waits until etcd on this control plane has a leader, takes writes, and has its members."""
    return Command(host, _ASK, seconds=_SECONDS + 60.0)


def may_leave(at: str, going: tuple[Leaving, ...], later: tuple[Leaving, ...] = ()) -> Question:
    """Asks, before control planes are reset, whether etcd can do without them.

    Args:
        at: a control plane that stays.
        going: those that go, together.
        later: those that go after them.
    """
    names = ", ".join(host.host for host in going)
    return Question(
        _list(at, _BEFORE_SECONDS),
        f"etcd keeps its quorum without {names}, and the members that remain are healthy",
        partial(_may_leave, at, going, later),
    )


def leaves(at: str, leaving: Leaving, later: tuple[Leaving, ...] = ()) -> Question:
    """Asks as `may_leave` does, and takes the member out before `kubeadm reset` stops it."""
    return Question(
        _list(at, _BEFORE_SECONDS),
        f"etcd keeps its quorum without {leaving.host}, and the members that remain are healthy; "
        "its member is removed then by POST of its ID to /v3/cluster/member/remove, and the list "
        "asked for again",
        partial(_has_left, at, leaving, later),
    )


def has_left(at: str, leaving: Leaving, later: tuple[Leaving, ...] = ()) -> Question:
    """Asks again after `kubeadm reset`, and where that was run by somebody else.

    A member of it that is still there, a learner too, is removed; the list proves it.
    """
    return Question(
        _list(at, _AFTER_SECONDS),
        f"etcd has no member of {leaving.host} any more; one that is there is removed by POST of "
        "its ID to /v3/cluster/member/remove, and the list asked for again",
        partial(_has_left, at, leaving, later),
    )


def nobody_else(at: str, leaving: tuple[Leaving, ...]) -> Question:
    """Asks one of those that go whether etcd has others; no answer is no objection.

    Where no control plane stays there is nobody else to ask, and no quorum to lose.
    """
    return Question(
        _list(at, 0, unknown=0),
        "etcd, where it answers, has no members on other hosts",
        partial(_nobody_else, leaving),
    )


def _list(at: str, patience: int, *, unknown: int = 1) -> Command:
    text = f"unknown={unknown}\npatience={patience}\n{_CURL}{_CALL}{_LIST.lstrip()}"
    return Command(at, text, seconds=patience + 120.0)


def _remove(at: str, member: EtcdMember) -> Command:
    """What is answered counts for nothing: the list says what became of it."""
    text = f"unknown=1\n{_CURL}{_CALL}{_REMOVE.format(id=int(member.id))}"
    return Command(at, text, seconds=120.0)


_UNREAD = "etcd's list of its members cannot be read: see the log of {}, and `etcdctl member list`"


def _may_leave(
    at: str, going: tuple[Leaving, ...], later: tuple[Leaving, ...], said: str
) -> Decision:
    members = read_members(said)
    return Decision(_UNREAD.format(at) if members is None else refused(members, going, later))


def _has_left(
    at: str, leaving: Leaving, later: tuple[Leaving, ...], said: str, *, removed: bool = False
) -> Decision:
    members = read_members(said)
    if members is None:
        return Decision(_UNREAD.format(at))
    why = refused(members, (leaving,), later)
    mine = tuple(member for member in members if leaving.has(member))
    if why or not mine:
        return Decision(why)
    if removed:
        ids = ", ".join(member.hex for member in mine)
        return Decision(
            f"etcd still has the member of {leaving.host}: `etcdctl member remove {ids}` on {at}, "
            "then again"
        )
    question = has_left(at, leaving, later)
    again = replace(question, decide=partial(_has_left, at, leaving, later, removed=True))
    return Decision(then=(*(_remove(at, member) for member in mine), again))


def _nobody_else(leaving: tuple[Leaving, ...], said: str) -> Decision:
    members = read_members(said)
    return Decision("" if members is None else strangers(members, leaving))
