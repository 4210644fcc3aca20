# What a host is asked, one function a section, in alphabetical order. Every section only reads,
# prints named fields (`name=value`), and is bounded in output whatever the host holds.
# No environment, kubeconfig, key, unit environment or process argument is ever printed.
# POSIX sh: dash, bash, busybox ash. The arguments are the sections to run.

set -u +efvx

# bounded BYTES: what comes in, cut at BYTES; the rest is read, so that the writer does not die.
bounded() {
	head -c "$1"
	cat >/dev/null
}

# tagged COMMAND...: its stdout as out= lines, its stderr as err= lines, its status as rc=.
tagged() {
	{
		{
			{
				"$@"
				printf '\nrc=%s\n' "$?"
			} 2>&3 | bounded 131072 | sed -e '/^rc=/!s/^/out=/' -e '/^out=$/d'
		} 3>&1 >&4 | bounded 4096 | sed -e 's/^/err=/'
	} 4>&1
}

# contents FILE BYTES: set text to what the file holds; false where that is more, because of a part of
# it nothing can be said, and where it cannot be read.
contents() {
	text=$(head -c "$(($2 + 1))" "$1" 2>/dev/null) && [ "${#text}" -le "$2" ]
}

# in_path NAME DIRECTORIES: set found to the first executable file of that name. A variable and
# not output, because a subshell for each name would cost more than all the rest.
in_path() {
	wanted=$1
	old_ifs=$IFS
	IFS=:
	# shellcheck disable=SC2086 # split at the colons
	set -f -- $2
	IFS=$old_ifs
	set +f
	for directory; do
		if [ -n "$directory" ] && [ -f "$directory/$wanted" ] && [ -x "$directory/$wanted" ]; then
			found=$directory/$wanted
			return 0
		fi
	done
	return 1
}

# program NAME: set found to the one that kubeadm would run, by the login's own PATH; where that has
# none, to the one that root may have.
program() { in_path "$1" "$KSCAN_PATH" || in_path "$1" "$PATH"; }

have() { command -v "$1" >/dev/null 2>&1; }

# need TOOL...: end the section where one is missing; an empty answer would look like a fact.
need() {
	for tool; do
		have "$tool" && continue
		printf 'missing=%s\n' "$tool"
		exit 97
	done
}

# mounted DIRECTORY: end the section where the kernel's own files are not there; that none of them is
# found would look like a fact.
mounted() {
	case $1 in
	/proc) [ -e /proc/self/status ] && return ;;
	*) [ -d /sys/kernel ] && return ;;
	esac
	printf 'unmounted=%s\n' "$1"
	exit 95
}

# path_state PATH: what stat(2), which follows links, would say.
path_state() {
	if [ -d "$1" ]; then
		if [ ! -r "$1" ] || [ ! -x "$1" ]; then
			state=dir-unreadable
		else
			state=dir-empty
			# One pattern after the other: each reads the whole directory.
			for pattern in '*' '.[!.]*' '..?*'; do
				for entry in "$1"/$pattern; do
					if [ -e "$entry" ] || [ -L "$entry" ]; then
						state=dir-not-empty
						break 2
					fi
				done
			done
		fi
	elif [ -e "$1" ]; then
		state='file'
	else
		state=absent
		parent=$1
		while parent=${parent%/*} && [ -n "$parent" ]; do
			if [ -d "$parent" ]; then
				[ -x "$parent" ] || state=hidden
				break
			elif [ -e "$parent" ]; then
				state=blocked
				break
			fi
		done
		# A link that leads nowhere is absent; one that leads to itself is not.
		if [ -L "$1" ]; then
			case $(cat -- "$1" 2>&1) in
			*'oo many'*) state=blocked ;;
			esac
		fi
	fi
	printf '%s=%s\n' "$state" "$1"
}

section_addresses() {
	mounted /proc
	need grep
	# grep and not the shell: it takes 1.5 s for 20,000 routes.
	route=$(grep -m 1 '^[^	]*	00000000	' /proc/net/route)
	[ "$?" -le 1 ] || return 1
	device=${route%%	*}
	if [ -z "$device" ] && [ -e /proc/net/ipv6_route ]; then
		# kubeadm takes IPv4 where there is both; lo has a default route of its own, which refuses.
		route=$(grep '^0\{32\} 00 ' /proc/net/ipv6_route | grep -m 1 -v ' lo$')
		[ "$?" -le 1 ] || return 1
		device=${route##* }
	fi
	printf 'device=%s\n' "$device"
	# What the machine has of its own has a device behind it; a bridge, a tunnel, a veth has none.
	count=0
	for path in /sys/class/net/*/device "/sys/class/net/$device/address"; do
		path=${path%/*}
		if [ -z "${path##*/net/}" ] || [ ! -e "$path/address" ]; then
			continue
		fi
		count=$((count + 1))
		[ "$count" -le 32 ] || break
		read -r line <"$path/address" && printf 'mac=%s %s\n' "${path##*/}" "$line"
	done
	[ -r /sys/class/net ] && printf 'macs=read\n'
	[ -n "$device" ] || return 0
	need ip head
	# All that are up, unless listing the interfaces alone takes long.
	set -- /sys/class/net/*
	if [ $# -le 200 ]; then
		set -- up
	else
		set -- dev "$device"
	fi
	ip -o addr show "$@" scope global | head -n 100 | while read -r _ name family address _; do
		if [ "$name" = "$device" ]; then
			printf '%s=%s\n' "$family" "$address"
		else
			printf 'other=%s %s\n' "$name" "$address"
		fi
	done
}

section_binaries() {
	for name in conntrack containerd cp crictl crio docker ebtables ethtool ip ipset iptables \
		kubeadm kubectl kubelet losetup mount nsenter openrc socat systemctl tc touch; do
		if in_path "$name" "$KSCAN_PATH"; then
			printf 'found=%s %s\n' "$name" "$found"
		elif in_path "$name" "$PATH"; then
			printf 'elsewhere=%s %s\n' "$name" "$found"
		else
			printf 'absent=%s\n' "$name"
		fi
	done
}

section_certificates() {
	need awk
	client=/var/lib/kubelet/pki/kubelet-client-current.pem
	for path in /etc/kubernetes/pki /etc/kubernetes/pki/etcd "$client"; do
		path_state "$path"
	done
	set --
	files=0
	for path in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt "$client"; do
		[ -f "$path" ] || continue
		files=$((files + 1))
		if [ "$files" -gt 20 ]; then
			printf 'truncated=yes\n'
			break
		elif [ -r "$path" ]; then
			set -- "$@" "$path"
		else
			printf 'unread=%.300s\n' "$path"
		fi
	done
	[ $# -gt 0 ] || return 0
	# One awk for all of them, because openssl costs tens of milliseconds for each. Of a file's
	# first certificate only its validity is looked for: two ASN.1 times beside each other, each
	# a tag (17 or 18), a length, digits and a Z. notAfter, the second one, is printed.
	awk '
	BEGIN {
		letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		for (i = 1; i <= 64; i++) value[substr(letters, i, 1)] = i - 1
		for (i = 0; i < 12; i++) digits = digits "3[0-9]"
		date = "(170d" digits "|180f3[0-9]3[0-9]" digits ")5a"
	}
	function sextet(at) { return value[substr(body, at, 1)] }
	function expiry() {
		hex = time = ""
		for (i = 1; i + 3 <= length(body) && i < 2048; i += 4)
			hex = hex sprintf("%06x", ((sextet(i) * 64 + sextet(i + 1)) * 64 + sextet(i + 2)) * 64 \
				+ sextet(i + 3))
		if (!match(hex, date date)) return ""
		hex = substr(hex, RSTART, RLENGTH)
		match(hex, date "$")
		for (i = RSTART + 5; i < RSTART + RLENGTH - 2; i += 2) time = time substr(hex, i, 1)
		return time
	}
	FNR == 1 { if (file != "" && !done) print "unread=" file
		file = substr(FILENAME, 1, 300); inside = done = 0; body = "" }
	done { next }
	/^-----END CERTIFICATE-----/ && inside {
		found = expiry()
		if (found != "") { print "expires=" found " " file; done = 1 }
		inside = 0
	}
	inside && length(body) < 4096 { body = body $1 }
	/^-----BEGIN CERTIFICATE-----/ { inside = 1 }
	END { if (file != "" && !done) print "unread=" file }' "$@"
}

section_cgroups() {
	mounted /proc
	mounted /sys
	need grep
	printf 'statfs=%s\n' "$(stat -f -c %t /sys/fs/cgroup 2>/dev/null)"
	mounts=$(grep -m 65 cgroup /proc/mounts)
	[ "$?" -le 1 ] && printf 'mounts=read\n'
	count=0
	[ -z "$mounts" ] || printf '%s\n' "$mounts" | while read -r _ mount_point type _; do
		count=$((count + 1))
		if [ "$count" -gt 64 ]; then
			printf 'truncated=yes\n'
		else
			printf 'mount=%s %s\n' "$type" "$mount_point"
		fi
	done
	if [ -r /proc/cgroups ]; then
		while read -r name _ _ enabled _; do
			case $name in
			'#'*) ;;
			*) printf 'subsystem=%s %s\n' "$name" "$enabled" ;;
			esac
		done </proc/cgroups
	fi
	if [ -r /sys/fs/cgroup/cgroup.controllers ]; then
		read -r line </sys/fs/cgroup/cgroup.controllers
		printf 'controllers=%s\n' "$line"
	fi
	[ -d /sys/fs/cgroup/memory ] && printf 'memory_directory=yes\n'
	for file in /sys/fs/cgroup/*/cgroup.freeze; do
		[ -e "$file" ] && printf 'freeze=yes\n'
		break
	done
	return 0
}

section_clock() {
	need date
	[ ! -e /run/systemd/timesync/synchronized ] || printf 'timesyncd=synchronised\n'
	# It asks the daemon that runs, and starts none.
	if [ -d /run/chrony ] && have chronyc; then
		printf 'timeout 300\nretries 0\ntracking\n' | chronyc -n 2>/dev/null |
			while read -r first second _ rest; do
				[ "$first $second" = 'Leap status' ] && printf 'chronyd=%.40s\n' "$rest"
			done
	fi
	# ntpd's peers: the one that it follows begins with * or o. Its own clock is no source.
	if have ntpq; then
		printf 'timeout 300\npeers\n' | ntpq -n 2>/dev/null | head -n 64 |
			while IFS= read -r line; do
				case $line in
				*remote*refid*) printf 'ntpd=none\n' ;;
				[*o]*.LOCL.*) ;;
				[*o]*) printf 'ntpd=follows\n' ;;
				esac
			done
	elif have ntpctl; then
		case $(ntpctl -s status 2>/dev/null | head -c 400) in
		*'clock synced'*) printf 'ntpd=follows\n' ;;
		*'clock unsynced'*) printf 'ntpd=none\n' ;;
		esac
	fi
	# The last thing, so that little time lies between reading the clock and saying so.
	printf 'now=%s\n' "$(date +%s.%N)"
}

section_containerd() {
	config=/etc/containerd/config.toml
	path_state "$config"
	[ -f "$config" ] && [ -r "$config" ] || return 0
	need awk grep head sed tr
	contents "$config" 131072 || {
		printf 'large=%s\n' "$config"
		return 0
	}
	# Of the top level disabled_plugins and imports, which may go over several lines; of each
	# runtime's options SystemdCgroup. What stands in a form that is not read here is unclear, and
	# not absent.
	fields=$(awk '
	# without TEXT: without its comment; a # in a string begins none.
	function without(text, i, c, quote) {
		if (text !~ /#/) return text
		quote = ""
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			if (quote != "") { if (c == quote) quote = "" }
			else if (c == "\"" || c == "\047") quote = c
			else if (c == "#") return substr(text, 1, i - 1)
		}
		return text
	}
	function bare(text) {
		sub(/^[^=]*=[ \t]*/, "", text)
		gsub(/["\047 \t\r]/, "", text)
		return text
	}
	function complete(text) {
		gsub(/"[^"]*"|\047[^\047]*\047/, "", text)
		return text ~ /\]/
	}
	function ended() {
		if (!complete(list) && length(list) < 4000) return
		if (length(list) < 4000) print key "=" bare(list)
		else print "unclear=" key
		list = ""
	}
	function option(runtime, text) {
		if (text !~ /SystemdCgroup["\047 \t]*=[ \t]*(true|false)/) print "unclear=SystemdCgroup"
		else if (lines++ < 20)
			print "runtime=" substr(runtime, 1, 100) " " \
				(text ~ /SystemdCgroup["\047 \t]*=[ \t]*true/ ? "true" : "false")
	}
	/^[ \t\r]*(#|$)/ { next }
	2000 < length($0) {
		if ($0 ~ /disabled_plugins|imports|SystemdCgroup|systemd_cgroup/) print "unclear=line"
		next
	}
	list != "" { list = list without($0); ended(); next }
	/^[ \t]*\[/ {
		table = without($0)
		gsub(/["\047 \t\r\[\]]/, "", table)
		next
	}
	table == "" && /^[ \t]*["\047]?(disabled_plugins|imports)["\047]?[ \t]*=/ {
		key = /imports/ ? "imports" : "disabled_plugins"
		list = without($0)
		ended()
		next
	}
	/^[ \t]*["\047]?default_runtime_name["\047]?[ \t]*=/ {
		print "default_runtime=" substr(bare(without($0)), 1, 200)
	}
	/^[ \t]*["\047]?systemd_cgroup["\047]?[ \t]*=[ \t]*true/ { print "systemd_cgroup=true" }
	/SystemdCgroup/ {
		text = without($0)
		if (text !~ /SystemdCgroup/) next
		runtime = table
		if (text ~ /^[ \t]*["\047]?SystemdCgroup["\047]?[ \t]*=/) {
			if (runtime !~ /\.options$/) next
			sub(/\.options$/, "", runtime)
			if (runtime !~ /(^|\.)runtimes\.[^.]+$/) next
		} else if (text !~ /^[ \t]*["\047]?options["\047]?[ \t]*[.=]/ || \
			runtime !~ /(^|\.)runtimes\.[^.]+$/) {
			print "unclear=SystemdCgroup"
			next
		}
		sub(/^.*runtimes\./, "", runtime)
		option(runtime, text)
	}
	END { if (list != "") print "unclear=" key; print "read=yes" }' "$config") || return
	printf '%s\n' "$fields" | grep -v '^imports='
	# containerd 2 ships an imports of a folder that is mostly empty: only a file there can say more.
	printf '%s\n' "$fields" | sed -n 's/^imports=//p' | tr '[],' '   ' | (
		set -f
		while read -r line; do
			for pattern in $line; do
				case $pattern in /*) ;; *) pattern=/etc/containerd/$pattern ;; esac
				folder=${pattern%/*}
				[ -d "$folder" ] && [ ! -r "$folder" ] && printf 'imports=yes\n'
				set +f
				for file in $pattern; do
					[ -e "$file" ] && printf 'imports=yes\n' && break
				done
				set -f
			done
		done | head -n 1
	)
}

section_cpu() {
	mounted /proc
	printf 'nproc=%s\n' "$(nproc 2>/dev/null)"
	read -r line </sys/devices/system/cpu/online && printf 'online=%s\n' "$line"
	while read -r key value; do
		[ "$key" = Cpus_allowed_list: ] && printf 'allowed=%s\n' "$value"
	done </proc/self/status
	return 0
}

section_cri() {
	program crictl || {
		found=
		printf 'crictl=absent\n'
	}
	for socket in $KSCAN_CRI_SOCKETS; do
		[ -S "$socket" ] || continue
		need awk cat head od sed tail tr
		printf 'socket=%s\n' "$socket"
		if [ ! -w "$socket" ]; then
			grpc=grpc=denied
		elif have curl; then
			grpc=$(ask_cri "$socket")
			# curl=92: the runtime had refused before curl had sent all, and its words may be lost.
			case ${grpc%%?sized=*} in
			*6375726c3d3932) grpc=$(ask_cri "$socket") ;;
			esac
			# Without a grpc-status too: a request without a body is sent in one piece.
			case ${grpc%%?sized=*} in
			*677270632d737461747573*) ;;
			*6375726c3d3932)
				printf 'bodiless=%s\n' "$(
					{
						grpc_curl "$socket" -X POST -D - \
							http://version/runtime.v1.RuntimeService/Version
						printf 'curl=%s' "$?"
					} | in_hex
				)"
				;;
			esac
		else
			grpc=grpc=absent
		fi
		printf '%s\n' "$grpc"
		[ -n "$found" ] || continue
		case ${grpc%%?sized=*} in
		# curl=1, 2 and 4: it knows no HTTP/2. "unknown service": a runtime before runtime.v1.
		*=absent | *6375726c3d3[124] | *756e6b6e6f776e2073657276696365*) ask_crictl ;;
		esac
		# Of `info` only the conditions: the rest holds the runtime's configuration.
		tagged "$found" -r "unix://$socket" info |
			sed -n -e '/^err=/p' -e '/^rc=/p' -e '/"conditions"/,/^out= *\]/p' | bounded 8192
	done
}

# ask_cri SOCKET: the runtime's answers to empty gRPC requests with their headers and trailers, and
# curl's exit status, all in hexadecimal digits; of the list of images only names. One curl, and
# another host for each request, because curl 7.88 breaks a connection without TLS that it uses
# again.
ask_cri() {
	{
		{
			digits=$({
				# shellcheck disable=SC2086 # words
				printf '\0\0\0\0\0' | grpc_curl "$1" --data-binary @- -D - \
					-o - http://version/runtime.v1.RuntimeService/Version \
					-o - http://status/runtime.v1.RuntimeService/Status \
					-o - http://config/runtime.v1.RuntimeService/RuntimeConfig \
					${KSCAN_IMAGES:+-o /dev/fd/3 http://images/runtime.v1.ImageService/ListImages}
				printf 'curl=%s' "$?"
			} | in_hex)
			printf 'grpc=%s\n' "$digits" >&4
		} 3>&1 | if [ -n "$KSCAN_IMAGES" ]; then
			# A string's length, where that is a character, stays before it: cut by the reader.
			tr -c '[:graph:]' '\n' | image_names sized
		fi
	} 4>&1
}

grpc_curl() {
	unix_socket=$1
	shift
	curl -q -sS --noproxy '*' --fail-early --max-time 3 --http2-prior-knowledge \
		--unix-socket "$unix_socket" -H 'te: trailers' -H 'content-type: application/grpc' "$@" \
		2>/dev/null
}

in_hex() { tail -c 8192 | od -An -v -tx1 | tr -d ' \n'; }

# ask_crictl: what only it can be told where curl cannot ask.
ask_crictl() {
	tagged "$found" -r "unix://$socket" version |
		sed -n 's/^out=\(Runtime[NV][a-z]*\): */\1=/p' | bounded 512
	[ -n "$KSCAN_IMAGES" ] || return 0
	images "$found" -r "unix://$socket" images || return 0
	printf '%s\n' "$names" | sed 's/^\([^ ]*\)  *\([^ ]*\) .*/\1:\2/' | image_names image
}

# images COMMAND...: set names to all that it lists, within bounds; false where it fails.
images() {
	names=$({
		"$@" 2>/dev/null
		printf 'rc=%s\n' "$?"
	} | bounded 524288)
	case $names in
	*rc=0) printf 'images=read\n' ;;
	*) return 1 ;;
	esac
}

# image_names FIELD: of the names that come in, those of the images that kubeadm may want.
image_names() {
	awk -v field="$1" '
	/(^|\/)(kube-(apiserver|controller-manager|scheduler|proxy)|pause|etcd|coredns):[A-Za-z0-9_.-]+$/ {
		if (seen[$0]++ || 300 < length($0)) next
		if (100 < ++lines) { print "images=truncated"; exit }
		print field "=" $0
	}'
}

section_docker() {
	program docker || {
		printf 'docker=absent\n'
		return 0
	}
	need cat head sed
	# One question where the daemon answers; where it does not, docker's own words about it.
	answer=$(tagged "$found" info -f '{{.ServerVersion}}|{{.Driver}}|{{.CgroupDriver}}' | bounded 8192)
	case $answer in
	*'rc=0'*)
		printf '%s\n' "$answer"
		[ -n "$KSCAN_IMAGES" ] && have awk || return 0
		images "$found" images --format '{{.Repository}}:{{.Tag}}' || return 0
		printf '%s\n' "$names" | image_names image
		;;
	*)
		tagged "$found" info | sed -n -e '/^err=errors pretty printing info$/d' \
			-e 's/^out=ERROR: /err=/p' -e '/^err=/p' -e '/^rc=/p' | bounded 8192
		;;
	esac
}

section_environment() {
	environment_field path "$KSCAN_PATH" 8192
	for name in HTTPS_PROXY https_proxy HTTP_PROXY http_proxy; do
		eval "value=\${$name-}"
		[ -n "$value" ] || continue
		# User and password never leave the host.
		case $value in
		*://*@*) value=${value%%://*}://${value##*@} ;;
		*@*) value=${value##*@} ;;
		esac
		environment_field "$name" "$value" 2048
	done
	for name in NO_PROXY no_proxy; do
		eval "value=\${$name-}"
		[ -z "$value" ] || environment_field "$name" "$value" 16384
	done
}

# environment_field NAME VALUE MOST: one that is longer is not cut, which would change its meaning.
environment_field() {
	if [ "${#2}" -gt "$3" ]; then
		printf 'too_long=%s\n' "$1"
	else
		printf '%s=%s\n' "$1" "$2"
	fi
}

section_etcd() {
	[ -n "$KSCAN_ETCD_ENDPOINTS" ] || return 0
	need cat curl head sed
	# kubeadm's client goes through a proxy; curl would not take this one from capitals.
	[ -z "${http_proxy-}${HTTP_PROXY-}" ] || export http_proxy="${http_proxy:-$HTTP_PROXY}"
	for endpoint in $KSCAN_ETCD_ENDPOINTS; do
		# All at once, each in one write: a member that is silent must not cost the others.
		{
			answer=$(ask_etcd "$endpoint" | bounded 3000)
			printf 'endpoint=%s\n%s\n' "$endpoint" "$answer"
		} &
	done
	wait
}

ask_etcd() {
	set -- "$1" curl -sSL --connect-timeout 5 --max-time 10 -w '\nstatus=%{http_code}\n'
	[ -z "$KSCAN_ETCD_CA" ] || set -- "$@" --cacert "$KSCAN_ETCD_CA"
	[ -z "$KSCAN_ETCD_CERT" ] || set -- "$@" --cert "$KSCAN_ETCD_CERT"
	[ -z "$KSCAN_ETCD_KEY" ] || set -- "$@" --key "$KSCAN_ETCD_KEY"
	url=$1/version
	shift
	tagged "$@" "$url"
}

section_files() {
	# One path a line in the variable, so that a path may hold blanks.
	printf '%s\n' "$KSCAN_FILES" | while IFS= read -r path; do
		[ -z "$path" ] || path_state "$path"
	done
	count=0
	for path in /etc/kubernetes/manifests/*; do
		[ -e "$path" ] || continue
		[ "$count" -lt 50 ] || break
		count=$((count + 1))
		printf 'manifest=%.256s\n' "${path##*/}"
	done
}

section_firewall() {
	mounted /proc
	mounted /sys
	if [ ! -e /etc/ufw/ufw.conf ]; then
		printf 'ufw=absent\n'
	elif [ -r /etc/ufw/ufw.conf ]; then
		need grep
		enabled=no
		grep -q '^[ 	]*ENABLED=[Yy][Ee][Ss]' /etc/ufw/ufw.conf && enabled=yes
		printf 'ufw=%s\n' "$enabled"
	else
		printf 'ufw=unreadable\n'
	fi
	if [ -r /proc/net/ip_tables_names ]; then
		while read -r name; do
			[ "$name" = filter ] && printf 'legacy=filter\n'
		done </proc/net/ip_tables_names
	elif [ -e /proc/net/ip_tables_names ]; then
		printf 'legacy=unreadable\n'
	fi
	# nft would load its module; where that is neither loaded nor built in there are no chains.
	if [ -r /proc/modules ] && [ ! -d /sys/module/nf_tables ]; then
		read -r release </proc/sys/kernel/osrelease
		grep -q '/nf_tables\.ko' "/lib/modules/$release/modules.builtin" 2>/dev/null
		case $? in
		0) ;;
		1)
			printf 'nft=unused\n'
			return 0
			;;
		*)
			printf 'nft=unasked\n'
			return 0
			;;
		esac
	fi
	have nft || {
		printf 'nft=absent\n'
		return 0
	}
	need awk
	# Of all chains only those that see packets for this host and drop them: table and name.
	{
		nft list chains 2>/dev/null
		printf 'status %s\n' "$?"
	} | awk '
	$1 == "table" { table = $2 " " $3 }
	$1 == "chain" { chain = $2 }
	/type filter hook input .*policy drop/ && lines++ < 50 {
		print "input=drop " substr(table " " chain, 1, 200)
	}
	$1 == "status" && NF == 2 { print "nft=" $2 }'
}

section_identity() {
	mounted /proc
	while read -r key value _; do
		[ "$key" = Uid: ] && printf 'uid=%s\n' "$value"
	done </proc/self/status
	printf 'user=%s\n' "$(id -un 2>/dev/null)"
	read -r line </proc/sys/kernel/hostname && printf 'hostname=%s\n' "$line"
	# 32 digits and a newline (machine-id(5)).
	contents /etc/machine-id 64 && printf 'machine_id=%s\n' "${text%%[!0-9a-f]*}"
	read -r line </proc/sys/kernel/random/boot_id && printf 'boot_id=%s\n' "$line"
	# Without /sys nothing is known; with it, most boards and containers that have no DMI have none.
	if [ ! -e /sys/class/dmi/id/product_uuid ]; then
		[ ! -e /sys/class/net ] || printf 'product_uuid=\n'
	elif [ -r /sys/class/dmi/id/product_uuid ]; then
		read -r line </sys/class/dmi/id/product_uuid && printf 'product_uuid=%.64s\n' "$line"
	fi
}

section_kernel() {
	mounted /proc
	read -r line </proc/sys/kernel/ostype && printf 'sysname=%s\n' "$line"
	read -r line </proc/sys/kernel/osrelease && printf 'release=%s\n' "$line"
	printf 'machine=%s\n' "$(uname -m)"
}

section_kernelconfig() {
	mounted /proc
	need grep head
	read -r release </proc/sys/kernel/osrelease
	config=
	for path in /proc/config.gz "/boot/config-$release" "/usr/src/linux-$release/.config" \
		/usr/src/linux/.config "/usr/lib/modules/$release/config" \
		"/usr/lib/ostree-boot/config-$release" "/usr/lib/kernel/config-$release" \
		"/usr/src/linux-headers-$release/.config" "/lib/modules/$release/build/.config"; do
		if [ -e "$path" ]; then
			config=$path
			break
		fi
	done
	if [ -z "$config" ]; then
		# kubeadm would run `modprobe configs`; -n, which busybox has not, only asks whether that
		# could work.
		set -- "/lib/modules/$release"/kernel/kernel/configs.ko*
		if have modprobe && { [ -e "$1" ] || modprobe -n -q configs 2>/dev/null; }; then
			printf 'absent=loadable\n'
		else
			printf 'absent=yes\n'
		fi
		return 0
	fi
	printf 'path=%s\n' "$config"
	case $config in
	*.gz) need gzip ;;
	esac
	options=$(
		{
			case $config in
			*.gz) gzip -dc "$config" || printf '\nstate=unreadable\n' ;;
			*) cat "$config" || printf '\nstate=unreadable\n' ;;
			esac
		} 2>/dev/null | {
			# Four times what a distribution's own has.
			head -c 1048576
			[ -z "$(head -c 1)" ] || printf '\nstate=unreadable\n'
		} | grep -E "^(state=|CONFIG_($KSCAN_KERNEL_OPTIONS)=[ymn])"
	)
	# 1 is grep's word for none of them.
	[ "$?" -le 1 ] && printf 'searched=yes\n'
	printf '%.8192s\n' "$options"
}

section_kubeadm() {
	need cat head sed
	if program kubeadm; then
		tagged "$found" version -o yaml | bounded 4096
	else
		printf 'kubeadm=absent\n'
	fi
}

section_kubelet() {
	need cat head sed
	if program kubelet; then
		tagged "$found" --version | bounded 4096
	else
		printf 'kubelet=absent\n'
	fi
}

section_kubeletconfig() {
	config=/var/lib/kubelet/config.yaml
	path_state "$config"
	[ -f "$config" ] && [ -r "$config" ] || return 0
	need grep head
	contents "$config" 131072 || {
		printf 'large=%s\n' "$config"
		return 0
	}
	value=$(printf '%s\n' "$text" | grep '^cgroupDriver:')
	[ "$?" -le 1 ] && printf 'read=yes\n'
	printf 'cgroup_driver=%.64s\n' "${value#cgroupDriver:}"
}

section_leftovers() {
	mounted /sys
	for path in /etc/cni/net.d /var/lib/cni /var/lib/kubelet/config.yaml /var/lib/kubelet/pki; do
		path_state "$path"
	done
	set -- /etc/cni/net.d/*
	[ -e "$1" ] || set --
	count=0
	for path; do
		count=$((count + 1))
		[ "$count" -le 20 ] || break
		printf 'cni_config=%.128s\n' "${path##*/}"
	done
	count=0
	for path in /sys/class/net/cni0 /sys/class/net/flannel.1 /sys/class/net/kube-ipvs0 \
		/sys/class/net/cali* /sys/class/net/cilium*; do
		[ -e "$path" ] || continue
		count=$((count + 1))
		[ "$count" -le 20 ] || break
		printf 'interface=%s\n' "${path##*/}"
	done
	[ -r /sys/class/net ] && printf 'interfaces=read\n'
	return 0
}

section_listeners() {
	mounted /proc
	need awk
	tables=
	for table in /proc/net/tcp /proc/net/tcp6; do
		[ ! -e "$table" ] || tables="$tables $table"
	done
	# shellcheck disable=SC2086 # words
	set -- $tables
	printf 'tables=%s\nports=%s\n' "$#" "$KSCAN_PORTS_HEX"
	wanted=$(listening "$@") || return
	case $wanted in
	*asked=*) kscans_own "$@" ;;
	esac
	printf '%s\n' "$wanted"
}

# kscans_own TABLE...: the sockets of a kscan that lets hosts dial each other meanwhile, which is over
# within a minute, and what is still there of what was asked for: such a kscan may end between the
# first look at the tables and the look for it. Only where a port that is asked for is held.
kscans_own() {
	# not the word itself, which would find this shell
	marked=$(grep -ls '[k]scan-listen' /proc/[0-9]*/cmdline 2>/dev/null)
	count=0
	for file in $marked; do
		count=$((count + 1))
		[ "$count" -le 20 ] || break
		printf 'process\n'
		ls -l "${file%cmdline}fd"
	done 2>/dev/null | awk -v asked="^ *[0-9]+: [0-9A-F]+:($KSCAN_PORTS_HEX) " '
	function ended() { if (open && !files) print "kscan=unread"; open = 1; files = 0 }
	$1 == "process" { ended(); next }
	/ -> / { files++ }
	match($0, /socket:\[[0-9]+\]/) { owned[substr($0, RSTART + 8, RLENGTH - 9)]; next }
	/local_address/ { ended(); open = 0; headers++; next }
	$4 == "0A" && $10 in owned && lines++ < 100 { print "kscan=" $2 }
	$0 ~ asked {
		if ($4 == "0A") { if (hits++ < 500) print "still=" $2 }
		else if ($4 != "06" && users++ < 50) print "still=" $2
	}
	END { print "again=" headers }' - "$@"
}

# listening TABLE...: what is held, and how many tables were read.
listening() {
	# The ports that are asked for come through whatever else is open. 0A is LISTEN, 06 TIME_WAIT.
	# Each table counts by its header, so that one that could not be read is not an empty one.
	# One pattern decides about most lines, because a host may have tens of thousands of them.
	awk -v asked="^ *[0-9]+: [0-9A-F]+:($KSCAN_PORTS_HEX) " '
	/local_address/ { headers++; next }
	$0 ~ asked {
		if ($4 == "0A") { if (hits++ < 500) print "asked=" $2 }
		else if ($4 != "06" && users++ < 50) print "used=" $2
		next
	}
	/^ *[0-9]+: [0-9A-F:]+ [0-9A-F:]+ 0A / { if (others++ < 1000) print "listen=" $2 }
	END { if (1000 < others) print "truncated=yes"; print "read=" headers }' "$@"
}

section_lookup() {
	mounted /proc
	need grep head sed tr
	read -r hostname </proc/sys/kernel/hostname
	name=$KSCAN_NODE_NAME
	[ -n "$name" ] || name=$(printf '%s' "$hostname" | tr '[:upper:]' '[:lower:]')
	printf 'name=%s\n' "$name"
	if [ -n "$KSCAN_ENDPOINT" ]; then
		# At the same time: a DNS server that is silent must not cost two deadlines.
		{
			answer=$(looked_up "$KSCAN_ENDPOINT" endpoint_)
			printf 'endpoint=%s\n%s\n' "$KSCAN_ENDPOINT" "$answer"
		} &
	fi
	answer=$(looked_up "$name" '')
	status=$?
	wait
	printf '%s\n' "$answer"
	return "$status"
}

# looked_up NAME PREFIX: its lines of /etc/hosts, and what DNS says, each field with the prefix.
looked_up() {
	# kubeadm is a static Go program: it reads /etc/hosts, then asks DNS, and knows no other
	# source of nsswitch.conf (nss-myhostname would answer for every host's own name).
	if [ -e /etc/hosts ]; then
		# Of more than 1 MiB the first whole lines: a name that stands there is known.
		contents /etc/hosts 1048576 || {
			printf '%struncated=yes\n' "$2"
			text=${text%
*}
		}
		hosts=$(printf '%s\n' "$text" | grep -iF -m 101 -- "$1")
		[ "$?" -le 1 ] || return 1
		[ "${#hosts}" -le 16384 ] || printf '%struncated=yes\n' "$2"
		printf '%.16384s\n' "$hosts" | sed -e "101s/.*/$2truncated=yes/;t" -e "s/^/$2hosts=/"
	fi
	have getent || {
		printf '%sgetent=absent\n' "$2"
		return 0
	}
	answers=$(getent -s dns ahosts "$1" 2>/dev/null)
	# 2 is getent's word for a name that nobody knows.
	case $? in
	0 | 2) printf '%sasked=yes\n' "$2" ;;
	*) printf '%sgetent=absent\n' "$2" ;;
	esac
	printf '%.4096s\n' "$answers" | while read -r address _; do
		[ -z "$address" ] || printf '%sdns=%s\n' "$2" "$address"
	done
}

section_memory() {
	mounted /proc
	total=0
	while read -r key value _; do
		case $key in
		MemTotal:)
			total=$value
			printf 'total_kib=%s\n' "$total"
			;;
		esac
	done </proc/meminfo
	# In a container /proc/meminfo may be lxcfs's; the first lines of these files are the kernel's.
	nodes=0
	count=0
	for node in /sys/devices/system/node/node*/meminfo; do
		count=$((count + 1))
		if [ ! -r "$node" ] || [ "$count" -gt 256 ]; then
			break
		fi
		read -r _ _ key value _ <"$node"
		case $key$value in
		MemTotal:*[!0-9]*) ;;
		MemTotal:?*) nodes=$((nodes + value)) ;;
		esac
	done
	[ "$nodes" -gt "$total" ] && grep -q ' /proc/meminfo ' /proc/self/mountinfo &&
		printf 'nodes_kib=%s\n' "$nodes"
	return 0
}

section_modules() {
	mounted /proc
	need grep
	read -r release </proc/sys/kernel/osrelease
	grep -E '^(br_netfilter|overlay|ip_vs|ip_vs_rr|ip_vs_wrr|ip_vs_sh|nf_conntrack|nf_conntrack_ipv4) ' \
		/proc/modules 2>/dev/null | while read -r name _; do printf 'loaded=%s\n' "$name"; done
	if [ -r "/lib/modules/$release/modules.builtin" ]; then
		grep -E '/(br_netfilter|overlay|ip_vs|ip_vs_rr|ip_vs_wrr|ip_vs_sh|nf_conntrack|nf_conntrack_ipv4)\.ko' \
			"/lib/modules/$release/modules.builtin" | while read -r name; do
			name=${name##*/}
			printf 'builtin=%s\n' "${name%.ko*}"
		done
	fi
	for name in br_netfilter overlay ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack; do
		[ -d "/sys/module/$name" ] && printf 'present=%s\n' "$name"
	done
	[ -r /proc/modules ] || printf 'modules=unreadable\n'
	return 0
}

section_node() {
	mounted /proc
	need awk grep
	ca=/etc/kubernetes/pki/ca.crt
	path_state "$ca"
	if [ -f "$ca" ] && [ -r "$ca" ] && have sha256sum; then
		# Of the certificate and not of the file, which may have text around it.
		awk '/^-----END CERTIFICATE-----/ { exit } inside { printf "%s", $1 }
		/^-----BEGIN CERTIFICATE-----/ { inside = 1 }' "$ca" | sha256sum |
			while read -r digest _; do printf 'ca=%s\n' "$digest"; done
	fi
	kubelet=
	tables=
	for table in /proc/net/tcp /proc/net/tcp6; do
		[ ! -e "$table" ] || tables="$tables $table"
	done
	files=$(grep -lxE 'kubelet|kube-apiserver|kube-controller|kube-scheduler|etcd' \
		/proc/[0-9]*/comm 2>/dev/null)
	# 2: some have ended meanwhile. More: grep was not run, for too many arguments.
	if [ "$?" -le 2 ] && [ -r /proc/self/comm ]; then
		# The first process is there wherever others are seen (proc(5), hidepid).
		if [ -r /proc/1/comm ]; then
			printf 'processes=read\n'
		else
			printf 'processes=hidden\n'
		fi
	fi
	# shellcheck disable=SC2086 # one file a word
	set -- $files
	for file; do
		read -r name <"$file" && [ "$name" = kubelet ] && kubelet=runs
	done 2>/dev/null
	# A busy API server has tens of thousands of connections, each a file. What listens was opened
	# early, and the lowest free number is given (open(2)): the first ones are enough.
	numbers=
	number=0
	[ $# -eq 0 ] || while [ "$number" -lt 512 ]; do
		numbers="$numbers $number"
		number=$((number + 1))
	done
	# Which of them listens where: the sockets among their files, found again in the kernel's
	# tables. A process without any file is one whose files this login may not see.
	# shellcheck disable=SC2086 # words
	[ $# -eq 0 ] || for file; do
		read -r name <"$file" || continue
		printf 'process %s\n' "$name"
		# shellcheck disable=SC2086 # words
		(cd "${file%comm}fd" && ls -l $numbers)
		[ ! -e "${file%comm}fd/512" ] || printf 'more of %s\n' "$name"
	done 2>/dev/null | awk '
	function ended() { if (name != "" && !files) print "unread=" name; name = ""; files = 0 }
	$1 == "process" { ended(); name = $2; next }
	$1 == "more" { print "more=" name; next }
	/ -> / { files++ }
	match($0, /socket:\[[0-9]+\]/) { owner[substr($0, RSTART + 8, RLENGTH - 9)] = name; next }
	$2 == "local_address" { ended() }
	$4 == "0A" && $10 in owner {
		split($2, parts, ":")
		line = "holds=" owner[$10] " " parts[2]
		if (!(line in seen) && lines++ < 100) print line
		seen[line]
	}' - $tables
	[ -n "$kubelet" ] || [ -e /etc/kubernetes/kubelet.conf ] || return 0
	# Without a proxy, which would look for itself.
	if have curl; then
		answer=$(curl -sS --noproxy '*' --max-time 3 http://127.0.0.1:10248/healthz 2>&1 | head -c 200)
	elif have wget; then
		answer=$(http_proxy='' HTTP_PROXY='' wget -q -T 3 -O - http://127.0.0.1:10248/healthz 2>&1 |
			head -c 200)
		[ -n "$answer" ] || answer='no answer'
	else
		answer=unasked
	fi
	printf 'healthz=%s\n' "$(printf '%s' "$answer" | tr '\n' ' ')"
}

section_os() {
	need grep head
	for file in /etc/os-release /usr/lib/os-release; do
		if [ -r "$file" ]; then
			head -c 16384 "$file" | grep -E '^(ID|VERSION_ID|PRETTY_NAME)=' | head -c 1024
			return 0
		fi
	done
}

section_resolver() {
	resolv_conf /etc/resolv.conf etc
	# Where systemd-resolved writes the servers that it asks; kubeadm gives it to the kubelet.
	resolv_conf /run/systemd/resolve/resolv.conf resolved
}

# resolv_conf FILE NAME: the file's state and its fields.
resolv_conf() {
	if [ ! -e "$1" ]; then
		printf '%s=absent\n' "$2"
	elif [ ! -r "$1" ]; then
		printf '%s=unreadable\n' "$2"
	else
		count=0
		while read -r word line || [ -n "$word" ]; do
			count=$((count + 1))
			[ "$count" -le 200 ] || break
			case $word in
			nameserver | search | domain) printf '%s_%s=%.512s\n' "$2" "$word" "$line" ;;
			esac
		done <"$1"
		# A file with more lines is no configuration, and its rest is not known.
		[ "$count" -le 200 ] && printf '%s=read\n' "$2"
	fi
	return 0
}

section_routes() {
	mounted /proc
	need awk
	set --
	for table in /proc/net/route /proc/net/ipv6_route; do
		[ ! -e "$table" ] || set -- "$@" "$table"
	done
	[ $# -gt 0 ] || return 1
	# Networks in the kernel's hexadecimal digits: device, network, mask or length, gateway. Left
	# out are default routes, IPv6 routes of the link and of the host itself, and single addresses
	# on interfaces that only a CNI makes, of which each pod has one.
	awk '
	$1 == "Iface" { print "ipv4=read"; next }
	NF == 11 && ($2 != "00000000" || $8 != "00000000") {
		if ($8 == "FFFFFFFF" && $1 ~ /^(cali|lxc|veth|cilium)/) next
		route("ipv4_route=" $1 " " $2 " " $8 " " $3)
	}
	NF == 10 && $2 != "00" && $2 != "80" && $10 != "lo" && $1 !~ /^f[ef]/ {
		route("ipv6_route=" $10 " " $1 " " $2 " " $5)
	}
	function route(line) {
		if (line in seen) return
		if (lines++ == 400) exit
		seen[line]
		print line
	}
	5000 < FNR { lines = 401; exit }
	END { if (400 < lines) print "truncated=yes"; print "read=yes" }' "$@"
}

section_security() {
	mounted /sys
	selinux=none
	if [ -e /sys/fs/selinux/enforce ]; then
		selinux=
		read -r selinux </sys/fs/selinux/enforce
	fi
	printf 'selinux=%s\n' "$selinux"
	apparmor=none
	if [ -e /sys/module/apparmor/parameters/enabled ]; then
		apparmor=
		read -r apparmor </sys/module/apparmor/parameters/enabled
	fi
	printf 'apparmor=%s\n' "$apparmor"
}

section_services() {
	if have systemctl; then
		printf 'init=systemd\n'
		# Names and not Id: an alias is shown under the name of the unit behind it.
		if units=$(systemctl show -p Names -p LoadState -p ActiveState -p UnitFileState \
			kubelet.service docker.service containerd.service crio.service cri-docker.service \
			firewalld.service chrony.service chronyd.service ntp.service ntpd.service \
			ntpsec.service openntpd.service systemd-timesyncd.service \
			2>/dev/null); then
			printf '%s\n' "$units"
			# In the order of the names; one block a unit. Since systemd 230 `status` tells of a unit
			# that is not there on stderr, where kubeadm does not look.
			block=${units#*

}
			case ${block%%

*} in
			*LoadState=not-found*)
				if have docker; then
					case $(systemctl status -n 0 docker.service 2>/dev/null | head -c 512) in
					*'Loaded: not-found'*) ;;
					*) printf '\nunsaid=docker\n' ;;
					esac
				fi
				;;
			esac
			case $units in
			*UnitFileState=generated*)
				# A SysV script: only is-enabled asks for its links.
				for unit in kubelet docker containerd crio cri-docker firewalld; do
					systemctl is-enabled -q "$unit" 2>/dev/null && printf '\nenabled=%s\n' "$unit"
				done
				;;
			esac
			return 0
		fi
		# systemd does not run here: unit files can still be asked for.
		printf 'booted=no\n'
		for unit in kubelet docker containerd crio cri-docker firewalld; do
			printf 'Names=%s.service\nUnitFileState=%s\n\n' "$unit" \
				"$(systemctl is-enabled "$unit" 2>/dev/null | head -n 1)"
		done
	elif have openrc; then
		printf 'init=openrc\n'
		for unit in kubelet docker containerd crio cri-docker firewalld; do
			printf 'Names=%s.service\nstatus=%s\n\n' "$unit" \
				"$(rc-service "$unit" status 2>&1 | head -c 512 | tr '\n' ' ')"
		done
		rc-update show default 2>/dev/null | head -n 100 | while read -r name _; do
			printf 'default=%s\n' "$name"
		done
	else
		printf 'init=none\n'
	fi
}

section_sockets() {
	for socket in /var/run/docker.sock /var/run/dockershim.sock $KSCAN_CRI_SOCKETS; do
		if [ -S "$socket" ]; then
			printf 'socket=%s\n' "$socket"
		else
			path_state "$socket"
		fi
	done
	printf 'asked=yes\n'
}

section_storage() {
	mounted /proc
	need awk stat
	old_ifs=$IFS
	IFS='
'
	# shellcheck disable=SC2086 # one path a line
	set -f -- $KSCAN_DATA_PATHS
	IFS=$old_ifs
	set +f
	points=/
	for path; do
		shift
		place=$path
		while [ -n "$place" ] && [ ! -d "$place" ]; do place=${place%/*}; done
		# The kernel's table of mounts has paths without links.
		cd -P -- "${place:-/}" 2>/dev/null && place=$PWD
		printf 'path=%s\nplace=%s\n' "$path" "${place:-/}"
		set -- "$@" "${place:-/}"
		while [ -n "$place" ]; do
			points="$points
$place"
			place=${place%/*}
		done
	done
	cd /
	POINTS=$points awk '
	BEGIN {
		count = split(ENVIRON["POINTS"], names, "\n")
		for (i = 1; i <= count; i++) { gsub(/ /, "\\040", names[i]); wanted[names[i]] }
	}
	# What was mounted later on the same place hides the rest. The options of the file system
	# itself may name other places, and of them only ro counts.
	$5 in wanted {
		for (i = 7; i < NF && $i != "-"; i++);
		found[$5] = $(i + 1) " " ($6 "," $(i + 3) ~ /(^|,)ro(,|$)/ ? "ro" : "rw") \
			" " ($6 ~ /(^|,)noexec(,|$)/ ? "noexec" : "exec")
	}
	END { for (point in found) print "mount=" found[point] " " point; print "mounts=read" }
	' /proc/self/mountinfo || return
	# Of each: bytes in a block, blocks, those that are left for all, inodes, those that are left.
	stat -f -c 'space=%S %b %a %c %d %n' -- "$@" 2>/dev/null
	return 0
}

section_swap() {
	mounted /proc
	[ -r /proc/swaps ] || {
		printf 'swaps=unreadable\n'
		return 0
	}
	while read -r device type size _; do
		printf 'device=%s %s %s\n' "$device" "$type" "$size"
	done </proc/swaps
	printf 'swaps=read\n'
}

section_sysctls() {
	mounted /proc
	need grep
	# grep and not the shell's read: a sysctl gives its value to the first read(2) only.
	for path in /proc/sys/net/bridge/bridge-nf-call-iptables \
		/proc/sys/net/bridge/bridge-nf-call-ip6tables \
		/proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/default/forwarding; do
		[ -e "$path" ] || printf 'absent=%s\n' "$path"
	done
	grep -H '' /proc/sys/net/bridge/bridge-nf-call-ip*tables /proc/sys/net/ipv4/ip_forward \
		/proc/sys/net/ipv6/conf/default/forwarding 2>/dev/null
	return 0
}

# A section's whole answer in one write: each write is a packet for both ends of the connection. A
# child that hangs holds this shell's pipe, not the connection's, and dies with it at the deadline.
# No program that is asked here learns what its answer is framed with.
boundary=$KSCAN_BOUNDARY
unset KSCAN_BOUNDARY
for section; do
	out=$("section_$section" 2>&1)
	rc=$?
	if [ "${#out}" -gt 60000 ]; then
		out='' rc=99
	fi
	case $out in
	*"$boundary"*) out='' rc=98 ;;
	esac
	# With its length, so that what another process writes between is seen.
	printf '%s begin %s\n%s\n%s rc %s %s\n' \
		"$boundary" "$section" "$out" "$boundary" "$rc" "${#out}"
done
