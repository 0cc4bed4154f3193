# shellcheck shell=sh
# Sourced by the tests of packages, after lib.sh.

# repack FROM TO COMMAND: the deb with COMMAND run on its files.
repack() {
	rm -rf "$T/deb"
	dpkg-deb -R "$1" "$T/deb"
	(cd "$T/deb" && eval "$3")
	dpkg-deb --root-owner-group -b "$T/deb" "$2" >/dev/null
}

# The release's own iptables and the deb that was built there, each also as a next version.
with_debs() {
	need dpkg-deb
	mkdir "$ROOT/debs"
	next="sed -i 's/^Version: .*/&+next/' DEBIAN/control"
	for _package in markshim iptables; do
		_deb=$(find "$ROOTS_DIR/$SUITE-out" -name "${_package}_*.deb")
		[ -n "$_deb" ] || fail "no deb of $_package for $SUITE"
		cp "$_deb" "$ROOT/debs/$_package.deb"
		ln -s "$_package.deb" "$ROOT/debs/$_package.deb.downgrade"
		repack "$_deb" "$ROOT/debs/$_package-next.deb" "$next"
	done
	repack "$ROOT/debs/markshim-next.deb" "$ROOT/debs/markshim-fails.deb" \
		"printf '#!/bin/sh\nexit 1\n' >DEBIAN/preinst; chmod 755 DEBIAN/preinst"
	install -m 644 "$ROOTS_DIR/$SUITE-out/loss.so" "$ROOT/usr/lib"
}

# A MARK rule loads by the plain name on a kernel that has lost MARK.
loads() {
	printf '*nat\n:TEST - [0:0]\n-A TEST -j MARK --or-mark 0x4000\nCOMMIT\n' |
		in_root env LD_PRELOAD=/usr/lib/loss.so MARKSHIM_TEST_LOSS=typo \
			ip6tables-restore >"$T/out" 2>&1 || fail "a MARK rule does not load: $(cat "$T/out")"
}

# snapshot NAME: all that a package may leave behind.  dpkg's own notes of what it did are left out.
snapshot() {
	(cd "$ROOT" && find etc usr/sbin usr/bin usr/libexec usr/local usr/share/man usr/share/doc \
		var/lib/alternatives var/lib/dpkg/alternatives var/lib/dpkg/info var/lib/markshim run opt \
		-printf '%p %l %M %u %g\n' 2>/dev/null | grep -v '^run/xtables.lock ' | sort
	find "$ROOT/etc" "$ROOT/var/lib/dpkg/alternatives" -type f -exec sha256sum {} + 2>/dev/null | sort) >"$T/$1"
}

# unchanged NAME WHAT
unchanged() {
	snapshot now
	diff "$T/$1" "$T/now" >"$T/diff" || { cat "$T/diff"; fail "$2: it has left something behind"; }
}

# No link to nothing among the programs.
dangling() {
	_dangling=$(cd "$ROOT" && for _link in etc/alternatives/ip* usr/sbin/ip* usr/local/sbin/ip*; do
		[ ! -L "$_link" ] || chroot "$ROOT" test -e "/$_link" || echo "$_link"
	done)
	[ -z "$_dangling" ] || fail "dangling: $_dangling"
}
