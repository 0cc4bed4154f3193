# shellcheck shell=sh
# Sourced by the test of the rpm, after lib.sh and packages.sh.

# alternatives ACTION...: there, by hand.
alternatives() {
	in_root alternatives "$@" >/dev/null 2>&1 || fail "alternatives $*"
}

# Debian's two groups go away, and the files of the others are where Fedora has them.
with_fedora() {
	_dpkg=/usr/libexec/dpkg-alternatives
	in_root update-alternatives --remove-all ip6tables
	in_root update-alternatives --remove-all iptables
	mv "$ROOT/usr/bin/update-alternatives" "$ROOT$_dpkg"
	mv "$ROOT/var/lib/dpkg/alternatives" "$ROOT/var/lib/alternatives"
	cat >"$ROOT/usr/sbin/alternatives" <<-END
		#!/bin/sh
		case \$1 in
		--query) echo "\$1: Fedora's has none of it" >&2; exit 2 ;;
		esac
		exec $_dpkg --admindir /var/lib/alternatives --altdir /etc/alternatives "\$@"
	END
	chmod 755 "$ROOT/usr/sbin/alternatives"
	ln -s alternatives "$ROOT/usr/sbin/update-alternatives"
	install -m 644 "$ROOTS_DIR/$SUITE-out/loss.so" "$ROOT/usr/lib"
}

# as_release NAME RELEASE [EDIT]: NAME.rpm, from the same objects, with EDIT done to its spec.
as_release() {
	sed -i "s/^Release: .*/Release: $2/; ${3-}" "$T/source/packaging/rpm/markshim.spec"
	make -s -C ../.. B="$T" -o "$T/source" rpm >"$T/make" 2>&1 || { cat "$T/make"; fail "release $2"; }
	mv "$T"/markshim-*-"$2".*.rpm "$T/$1.rpm"
}

# The rpm as built, its next release, and one whose upgrade fails; what Fedora's iptables has.
with_rpms() {
	need rpm rpmbuild
	cp "$B"/markshim-*-1.*.rpm "$T/markshim.rpm" || fail 'no rpm: make rpm'
	cp -a "$B/rpm/source" "$T/source"
	as_release markshim-next 2
	as_release markshim-fails 3 's/^%post$/%pre\nexit 1\n\n&/'
	rpmbuild -bb --quiet --define "_topdir $T/rpm" --define "_rpmdir $T" \
		--define '_rpmfilename %%{name}.rpm' iptables.spec
}

# there ACTION...: rpm on the root, which Debian's would rather leave to dpkg.  It knows none of
# Debian's packages, hence --nodeps where it asks for them.
there() {
	rpm --root "$ROOT" --dbpath /var/lib/rpm --force-debian "$@" >"$T/said" 2>&1
}

# must ACTION...: so do the scriptlets.
must() {
	if ! there "$@" || grep -q 'scriptlet failed' "$T/said"; then
		cat "$T/said"
		fail "rpm $*"
	fi
}

# install_it NAME: it is new there, or what is there gets it as its next or its last release.
install_it() {
	must -U --nodeps --oldpackage --replacepkgs "$T/$1.rpm"
}

erase() {
	must -e --nodeps "$1"
}

said() {
	grep -q -- "$1" "$T/said" || { cat "$T/said"; fail "$2"; }
}

# selected MODE TABLES6 TABLES4 LEADER: what the group says, and where all of its links lead.
selected() {
	_mode=$(head -n 1 "$ROOT/var/lib/alternatives/iptables")
	[ "$_mode" = "$1" ] || fail "the group is $_mode, not $1"
	for _name in ip6tables ip6tables-restore ip6tables-save iptables iptables-restore iptables-save; do
		case $_name in
		iptables) _to=${4:-/usr/sbin/$3} ;;
		ip6*) _to=/usr/sbin/$2${_name#ip6tables} ;;
		*) _to=/usr/sbin/$3${_name#iptables} ;;
		esac
		_link=$(readlink "$ROOT/etc/alternatives/$_name")
		[ "$_link" = "$_to" ] || fail "$_name leads to $_link, not $_to"
		[ "$(readlink "$ROOT/usr/sbin/$_name")" = "/etc/alternatives/$_name" ] ||
			fail "/usr/sbin/$_name is not the group's"
	done
	dangling
}

# in_front MODE BACKEND: markshim is, once, of IPv6's alone.
in_front() {
	[ "$(grep -c /markshim/front/ "$ROOT/var/lib/alternatives/iptables")" = 1 ] ||
		fail "the group has it not once: $(cat "$ROOT/var/lib/alternatives/iptables")"
	selected "$1" ip6tables-markshim "iptables-$2" "/usr/libexec/markshim/front/iptables-$2"
}

# runs BACKEND: both families' plain names end at its program, and a MARK rule loads.
runs() {
	for _name in ip6tables iptables; do
		in_root "$_name" --version | grep -q "($1)" ||
			fail "not $1: $(in_root "$_name" --version)"
	done
	loads
}

# as_before NAME WHAT: nothing is left, and the group is what it was.
as_before() {
	unchanged "$1" "$2" 2>"$T/err"
	cmp "$T/$1.group" "$ROOT/var/lib/alternatives/iptables" || fail "$2: the group has changed"
	_left=$(find "$ROOT" "$ROOT/run" -xdev -name '*markshim*' ! -name '*.rpmsave')
	[ -z "$_left" ] || fail "$2: $_left"
}

before() {
	snapshot "$1" 2>"$T/err"	# of folders that only Debian has
	cp "$ROOT/var/lib/alternatives/iptables" "$T/$1.group"
}
