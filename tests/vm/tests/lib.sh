# shellcheck shell=sh
# Sourced by the tests of this folder, which tests/vm/guest starts with the backend as argument:
# $CLASS is the class of the kernel, $b the backend, and /run is the test's alone.
cd "$(dirname "$0")/../../netns" || exit
B=/usr/local/libexec/markshim
# shellcheck source=tests/netns/lib.sh
. ./lib.sh
b=$1
data=$(realpath ../data)
ip link set lo up

# loses FAMILY: whether this kernel refuses kube-proxy's MARK rules there.
loses() {
	case $CLASS/$1 in
	stock/*)		false ;;
	maskreject/* | no-module/* | */6) true ;;
	*)			false ;;
	esac
}

# same WHAT EXPECTED GOT: two files.
same() {
	diff -u "$2" "$3" >"$T/diff" || fail "$b: $1
$(cat "$T/diff")"
}

# Links to the real programs, by the names that callers use: messages have them.  And links to
# markshim, which stands in front of them then.
mkdir "$T/real" "$T/front"
for family in 4 6; do
	ln -s "$B/markshim" "$T/front/$(applet $family)"
	ln -s "$(real $family "$b" -restore)" "$T/real/$(applet $family)"
done

# real_restore FAMILY ARGUMENTS...: the real program alone.
real_restore() {
	_real=$T/real/$(applet "$1")
	shift
	"$_real" "$@"
}

# until SECONDS COMMAND...: waits for it to succeed.
until_true() {
	_tries=$(($1 * 5))
	shift
	while ! "$@"; do
		_tries=$((_tries - 1))
		[ $_tries -gt 0 ] || return 1
		sleep 0.2
	done
}

# record KEY: what the log's records of that event say, one a line.
records() {
	if [ -e "$LOG" ]; then grep "\"event\": *\"$1\"" "$LOG" || :; fi
}

# markshim's commands, for this backend and with our log.
markshim() {
	conf "$b"
	PATH="$T/front:$PATH" MARKSHIM_CONF=$T/conf "$B/markshim" "$@"
}

# network: a client and a server, each in a namespace of its own, and the test's own is the node
# between them.  The server has no route to the client, so an answer comes only if the node
# masquerades.
#
#	client fd00:1::2 -- fd00:1::1 node fd00:2::1 -- fd00:2::2 server
network() {
	for n in client server; do
		ip netns add $n
		ip netns exec $n sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
		ip -n $n link set lo up
	done
	echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
	ip link add client type veth peer name eth0 netns client
	ip link add server type veth peer name eth0 netns server
	ip address add fd00:1::1/64 dev client
	ip address add fd00:2::1/64 dev server
	ip -n client address add fd00:1::2/64 dev eth0
	ip -n server address add fd00:2::2/64 dev eth0
	for n in client server; do
		ip link set $n up
		ip -n $n link set eth0 up
	done
	ip -n client route add default via fd00:1::1
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	# What kube-proxy does once, by single commands.
	real_restore 6 -w --noflush <<-'END'
		*nat
		:KUBE-SERVICES - [0:0]
		:KUBE-POSTROUTING - [0:0]
		-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
		-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
		COMMIT
	END
}

# service PORT PORT MARK: kube-proxy's sync for the service [fd00:96::1]:PORT, which is served at
# [fd00:2::2]:PORT.  The rules called SEEN are ours: they count packets that have got the mark, and
# that have lost it again, and whose connection mark is what it was before.
service() {
	cat <<-END
		*filter
		:KUBE-FORWARD - [0:0]
		-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
		-A KUBE-FORWARD -m mark --mark 0x00004000/0x00004000 -j ACCEPT
		COMMIT
		*nat
		:KUBE-SERVICES - [0:0]
		:KUBE-POSTROUTING - [0:0]
		:KUBE-MARK-MASQ - [0:0]
		:KUBE-SVC-CDGGSHYLG3RE2FKL - [0:0]
		:KUBE-SEP-J6NKVZJKIMY6ZSF5 - [0:0]
		-A KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN
		-A KUBE-POSTROUTING -j MARK --xor-mark 0x00004000
		-A KUBE-POSTROUTING -m comment --comment SEEN -m mark --mark 0/0x4000 -m connmark --mark $3
		-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
		-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000
		-A KUBE-SERVICES -m tcp -p tcp -d fd00:96::1 --dport $1 -j KUBE-SVC-CDGGSHYLG3RE2FKL
		-A KUBE-SVC-CDGGSHYLG3RE2FKL ! -s fd00:10:244::/48 -j KUBE-MARK-MASQ
		-A KUBE-SVC-CDGGSHYLG3RE2FKL -j KUBE-SEP-J6NKVZJKIMY6ZSF5
		-A KUBE-SEP-J6NKVZJKIMY6ZSF5 -m comment --comment SEEN -m mark --mark 0x4000 -m connmark --mark $3
		-A KUBE-SEP-J6NKVZJKIMY6ZSF5 -s fd00:2::2 -j KUBE-MARK-MASQ
		-A KUBE-SEP-J6NKVZJKIMY6ZSF5 -m tcp -p tcp -j DNAT --to-destination [fd00:2::2]:$2
		COMMIT
	END
}

# sync FILE: a sync through the drop-in, with the log's word for its two changes.
sync_service() {
	before=$(events change)
	dropin 6 "$b" -w 5 --noflush --counters <"$1" >"$T/said" 2>&1 ||
		fail "$b: the sync ended with $?: $(cat "$T/said")"
	[ ! -s "$T/said" ] || fail "$b: the sync said $(cat "$T/said")"
	if loses 6; then want=2; else want=0; fi
	[ $(($(events change) - before)) = $want ] ||
		fail "$b: $want changes wanted, the log: $(cat "$LOG")"
}

# On a kernel that refuses MARK the service is not there without markshim.
assert_refused() {
	if loses 6 && real_restore 6 -w --noflush --counters <"$1" >"$T/said" 2>&1; then
		fail "$b: the real program takes the rules alone"
	fi
}
