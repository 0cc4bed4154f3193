# shellcheck shell=sh
# Sourced by the tests of this folder, which tests/container/run starts: $B/container holds the roots
# that tests/container/roots makes and, in node, what `make install` puts on a node.
# shellcheck source=../netns/lib.sh
. ../netns/lib.sh

packaging=$(realpath ../../packaging/container)
C=$T/c					# the container's root
NODE=$B/container/node/usr/libexec/markshim

# What the patch of the DaemonSet says.
at=$(sed -n 's/^ *mountPath: \(.*markshim\)$/\1/p' "$packaging/kube-proxy-patch.yaml")
path=$(sed -n '/name: PATH/{n; s/^ *value: //p}' "$packaging/kube-proxy-patch.yaml")
{ [ -n "$at" ] && [ -n "$path" ]; } || fail "no mount or no PATH in $packaging/kube-proxy-patch.yaml"

# container ROOT: starts from that one, with what a runtime mounts and the node's directory.
container() {
	umount -R "$C" 2>/dev/null || :
	rm -rf "$C"
	[ -d "$B/container/$1" ] || skip "no root $1: make check-container makes them"
	mkdir "$C"
	mount -t tmpfs -o mode=755 tmpfs "$C"
	cp -a "$B/container/$1/." "$C"
	mount -t proc proc "$C/proc"
	for _device in null zero urandom; do
		: >"$C/dev/$_device"
		mount --bind /dev/$_device "$C/dev/$_device"
	done
	mkdir -p "$C$at"
	mount --bind "$NODE" "$C$at"
	mount -o remount,bind,ro "$C$at"
}

# configure LINE...: the container's configuration, with the log in its /run/log.
configure() {
	printf '%s\n' '[log]' 'syslog = no' 'file = /run/log' "$@" >"$C/etc/markshim.conf"
	LOG=$C/run/log
	rm -f "$LOG"
}

# inside COMMAND...: as the container's program runs it, found by its PATH.
inside() {
	env -i PATH="$path" chroot "$C" "$@"
}

# choose BACKEND: which one the plain names in the container are.
choose() {
	for _name in iptables ip6tables; do
		for _kind in '' -restore -save; do
			ln -sfn "xtables-$1-multi" "$C/usr/sbin/$_name$_kind"
		done
	done
}

# holds TEXT WHAT: the last thing said in $T/said has it.
holds() {
	grep -qF -e "$1" "$T/said" || fail "$2: no \`$1' in: $(cat "$T/said")"
}

# exercise WHAT BACKEND: kube-proxy's rules and single commands by what is in front, on a kernel that
# is healthy and on one that is taken for one of class typo; the real programs are those of BACKEND.
exercise() {
	_sync=../data/kube-proxy-iptables/1.28-v6/00100.ip6tables-restore
	configure
	passes "$1: restore" inside ip6tables-restore -w 5 --counters <$_sync
	real_rules "$1"
	holds '-A KUBE-MARK-MASQ -j MARK' "$1: the healthy kernel"
	[ "$(events change)" = 0 ] || fail "$1: rewritten on a healthy kernel: $(cat "$LOG")"
	configure '[shim]' 'assume = typo'
	passes "$1: restore, typo" inside ip6tables-restore -w 5 --counters <$_sync
	[ "$(events change)" = "$(grep -c -e '-j MARK' $_sync)" ] || fail "$1: log: $(cat "$LOG")"
	grep -q "\"backend\":\"$2\"" "$LOG" || fail "$1: another backend in the log: $(cat "$LOG")"
	passes "$1: -A" inside ip6tables -w 5 -t mangle -A OUTPUT -j MARK --set-mark 7
	# that of 1.8.7 prints the rule
	inside ip6tables -w 5 -t mangle -C OUTPUT -j MARK --set-mark 7 >"$T/said" 2>&1 ||
		fail "$1: -C: $(cat "$T/said")"
	real_rules "$1"
	! grep -e '-j MARK' "$T/said" || fail "$1: MARK is there"
	holds '-A KUBE-MARK-MASQ -j zz-mark-4000-4000' "$1"
	inside ip6tables-save >"$T/said" || fail "$1: save: $?"
	! grep zz-mark "$T/said" || fail "$1: saved helper chains"
	holds '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000' "$1: what save says"
	passes "$1: -D" inside ip6tables -w 5 -t mangle -D OUTPUT -j MARK --set-mark 7
	passes "$1: clean" inside ip6tables-restore </dev/null
}

# passes WHAT COMMAND...: it succeeds and says nothing.
passes() {
	_what=$1
	shift
	"$@" >"$T/said" 2>&1 || fail "$_what: status $?: $(cat "$T/said")"
	[ ! -s "$T/said" ] || fail "$_what: said $(cat "$T/said")"
}

# real_rules WHAT: what the image's own program saves, in $T/said.
real_rules() {
	inside /usr/sbin/ip6tables-save >"$T/said" 2>&1 || fail "$1: real save: $(cat "$T/said")"
}
