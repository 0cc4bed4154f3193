# shellcheck shell=sh
# Sourced: the network that flood.c wants, with this namespace for a router.

flood_network() {
	[ -x "$B/flood" ] || { echo "no $B/flood"; exit 77; }
	for _end in client server; do
		_prefix=fd00:1
		[ $_end = client ] || _prefix=fd00:2
		ip netns add $_end
		ip netns exec $_end sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
		ip link add $_end address 02:00:00:00:00:01 type veth \
			peer name eth0 address 02:00:00:00:00:02 netns $_end
		ip address add $_prefix::1/64 dev $_end nodad
		ip link set $_end up
		ip -n $_end address add $_prefix::2/64 dev eth0 nodad
		ip -n $_end link set eth0 up
		ip -n $_end route add default via $_prefix::1
		# The addresses of packets: nobody has them, so nobody answers.
		[ $_end = client ] && _nobody=fd00:c::/32 || _nobody=fd00:d::/32
		ip route add $_nobody via $_prefix::2
		ip neigh replace $_prefix::2 lladdr 02:00:00:00:00:02 dev $_end nud permanent
		ip -n $_end neigh replace $_prefix::1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
	done
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	ip link set lo up
}
