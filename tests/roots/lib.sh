# shellcheck shell=sh
# Sourced by the tests of this folder, which tests/roots/run starts: beside what tests/netns/lib.sh
# has, the roots of releases of Debian.
. ../netns/lib.sh

# per_root "$@": runs the test for all of $RELEASES at once, each in network and mount namespaces of
# its own; the test proper goes on after it with $SUITE set, and a fresh copy of that root in $ROOT.
per_root() {
	if [ $# -eq 0 ]; then
		all_roots
	fi
	SUITE=$1 ROOT=$T/root
	[ -d "$ROOTS_DIR/$SUITE" ] || skip "no root of $SUITE: run tests/roots/make $SUITE"
	fresh_root
	export SUITE ROOT
	ip link set lo up
}

# Ends as the test does; one release that failed is not made up for by one that can't run.
all_roots() {
	running='' s=0
	for SUITE in $RELEASES; do
		unshare -n -m "$0" "$SUITE" >"$T/$SUITE" 2>&1 &
		running="$running $SUITE:$!"
	done
	for SUITE in $running; do
		one=0
		wait "${SUITE#*:}" || one=$?
		SUITE=${SUITE%:*}
		sed "s/^/$SUITE: /" "$T/$SUITE"
		case $one/$s in
		0/*) ;;
		*/0 | */77) s=$one ;;
		esac
	done
	exit $s
}

# Mounted over the root, memory keeps what changes there; where the kernel or the file system can't,
# all of the root is copied.
fresh_root() {
	mkdir "$T/layers" "$ROOT"
	mount -t tmpfs -o mode=755 tmpfs "$T/layers"
	mkdir "$T/layers/upper" "$T/layers/work"
	mount -t overlay -o "lowerdir=$ROOTS_DIR/$SUITE,upperdir=$T/layers/upper,workdir=$T/layers/work" \
		overlay "$ROOT" 2>/dev/null || {
		cp -a "$ROOTS_DIR/$SUITE/." "$T/layers/upper"
		mount --bind "$T/layers/upper" "$ROOT"
	}
	mount -t proc proc "$ROOT/proc"
	mount -t sysfs -o ro sysfs "$ROOT/sys"
	mount --rbind /dev "$ROOT/dev"
	mount -t tmpfs -o mode=755 tmpfs "$ROOT/run"
}

# in_root COMMAND...: runs it there.
in_root() {
	chroot "$ROOT" "$@"
}

# with_programs: puts markshim and markshim-kernel there, as built in that release, and loss.so.
with_programs() {
	install -d "$ROOT/usr/libexec/markshim"
	install "$ROOTS_DIR/$SUITE-out/markshim" "$ROOT/usr/sbin"
	install "$ROOTS_DIR/$SUITE-out/markshim-kernel" "$ROOT/usr/libexec/markshim"
	install -m 644 "$ROOTS_DIR/$SUITE-out/loss.so" "$ROOT/usr/lib"
}
