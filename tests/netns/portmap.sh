# shellcheck shell=sh
# Sourced by the tests of CNI's portmap, here and in tests/vm, after lib.sh and stand_in.
#
#	client fd00:1::2 -- fd00:1::1 node (ours) fd00:2::1 -- fd00:2::2 server
#
# The server is the container; port 8080 of the node is mapped to its port 80.  When the server
# itself calls that port, an answer comes only if the node masquerades, and it masquerades what the
# chain CNI-HOSTPORT-SETMARK has marked.

portmap_network() {
	echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
	for n in client server; do
		ip netns add $n
		ip netns exec $n sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
		ip link add $n type veth peer name eth0 netns $n
		ip link set $n up
		ip -n $n link set lo up
		ip -n $n link set eth0 up
	done
	ip address add fd00:1::1/64 dev client
	ip address add fd00:2::1/64 dev server
	ip -n client address add fd00:1::2/64 dev eth0
	ip -n server address add fd00:2::2/64 dev eth0
	ip -n client route add default via fd00:1::1
	ip -n server route add default via fd00:2::1
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	ip netns exec server echo-peer 80 >"$T/server" &
	# calls that reach nobody, and make the neighbours known
	for _try in 1 2 3 4 5 6 7 8 9 10; do
		if echo-peer fd00:2::2 80 1 </dev/null >"$T/said" &&
			ip netns exec client echo-peer fd00:1::1 1 1 </dev/null | grep -q refused
		then
			return
		fi
		sleep 0.2
	done
	fail "no network: $(cat "$T/said")"
}

# portmap COMMAND: as the container runtime calls the plugin.  Where there is an iptables, CHECK of
# 1.1.1 looks there for the rules of IPv6, so this is a node without.
portmap() {
	rm -f "$T"/bin/iptables*
	PATH=$T/bin CNI_COMMAND=$1 CNI_CONTAINERID=ctr1 CNI_NETNS=/run/netns/server CNI_IFNAME=eth0 \
		CNI_PATH=/usr/lib/cni /usr/lib/cni/portmap >"$T/said" 2>&1 <<-'END'
		{ "cniVersion": "0.4.0", "name": "net1", "type": "portmap", "snat": true,
		  "capabilities": { "portMappings": true },
		  "runtimeConfig": { "portMappings": [
			{ "hostPort": 8080, "containerPort": 80, "protocol": "tcp" } ] },
		  "prevResult": { "cniVersion": "0.4.0",
			"interfaces": [ { "name": "eth0", "sandbox": "/run/netns/server" } ],
			"ips": [ { "version": "6", "address": "fd00:2::2/64", "interface": 0 } ] } }
	END
}

# seen FROM: the address by which the server sees a caller of the mapped port, or why it does not.
seen() {
	ip netns exec "$1" echo-peer fd00:1::1 8080 1 </dev/null || :
}

# sees WHEN CLIENT'S SERVER'S: what both get by now.
sees() {
	_got="$(seen client), $(seen server)"
	[ "$_got" = "$2, $3" ] || fail "$b, $1: the server sees $_got"
}

# The whole life of a mapping.
portmap_life() {
	refused='connect: Connection refused'
	sees 'without a mapping' "$refused" "$refused"
	for command in ADD CHECK ADD CHECK; do
		portmap $command || fail "$b: $command: $(cat "$T/said")"
		sees "after $command" fd00:1::2 fd00:2::1
	done
	ip6tables-save -t nat >"$T/saved"
	grep -q -e '-A CNI-HOSTPORT-SETMARK .*-j MARK --set-xmark 0x2000/0x2000' "$T/saved" ||
		fail "$b: no MARK rule in what is saved: $(cat "$T/saved")"
	if grep -q zz-mark- "$T/saved"; then fail "$b: a helper chain is saved"; fi
	portmap DEL || fail "$b: DEL: $(cat "$T/said")"
	sees 'after DEL' "$refused" "$refused"
	if portmap CHECK; then fail "$b: CHECK finds what is deleted"; fi
	portmap DEL || fail "$b: a second DEL: $(cat "$T/said")"
}
