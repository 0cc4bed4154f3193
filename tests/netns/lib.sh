# shellcheck shell=sh
# Sourced by the tests of this folder, which tests/netns/run starts: $B holds markshim and loss.so,
# and /run is ours alone.
set -eu

T=$(mktemp -d /run/test.XXXXXX)		# goes with its mount namespace
LOG=$T/log				# of markshim, JSON lines

fail() {
	echo "failed: $*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

need() {
	for _program; do
		command -v "$_program" >/dev/null || skip "needs $_program"
	done
}

# per_backend "$@": runs the test once with each backend, in network namespaces of their own;
# the test proper goes on after it with $b set.
per_backend() {
	if [ $# -eq 0 ]; then
		for b in legacy nft; do
			unshare -n "$0" $b || { s=$?; echo "with backend $b"; exit $s; }
		done
		exit 0
	fi
	b=$1
	need "/usr/sbin/ip6tables-$b-restore" "/usr/sbin/iptables-$b-restore"
	ip link set lo up
}

# The real programs, by family (4 or 6) and backend: real 6 nft [-restore|-save]
real() {
	case $1 in
	4) echo "/usr/sbin/iptables-$2${3-}" ;;
	6) echo "/usr/sbin/ip6tables-$2${3-}" ;;
	esac
}

# The name that callers use, by family.
applet() {
	case $1 in
	4) echo iptables-restore ;;
	6) echo ip6tables-restore ;;
	esac
}

# lossy CLASS COMMAND...: COMMAND sees a kernel of that class.  The address sanitizer, where the
# build has it, wants to be loaded first and can do without.
lossy() {
	_class=$1
	shift
	env LD_PRELOAD="$B/loss.so" MARKSHIM_TEST_LOSS="$_class" \
		ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$@"
}

# Sees a kernel of class $LOSS, if that is set.
maybe_lossy() {
	if [ -n "${LOSS-}" ]; then lossy "$LOSS" "$@"; else "$@"; fi
}

# conf BACKEND: the real programs are that one's.
conf() {
	cat >"$T/conf" <<-END
		[real]
		ip6tables = $(real 6 "$1")
		ip6tables-restore = $(real 6 "$1" -restore)
		ip6tables-save = $(real 6 "$1" -save)
		iptables = $(real 4 "$1")
		iptables-restore = $(real 4 "$1" -restore)
		iptables-save = $(real 4 "$1" -save)
		[log]
		syslog = no
		file = $LOG
	END
	chmod 644 "$T/conf"
}

# stand_in BACKEND WHAT: from now on the plain names of all six programs, by PATH, are markshim's or
# (WHAT is real) the real programs'; LOSS=class stand_in ... on such a kernel, for whatever is run.
stand_in() {
	conf "$1"
	rm -rf "$T/bin"
	mkdir "$T/bin"
	for _name in ip6tables ip6tables-restore ip6tables-save \
			iptables iptables-restore iptables-save; do
		_real=/usr/sbin/$(echo $_name | sed "s/tables/tables-$1/")
		if [ "$2" = markshim ]; then _real=$B/markshim; fi
		ln -s "$_real" "$T/bin/$_name"
	done
	export PATH="$T/bin:$PATH" MARKSHIM_CONF="$T/conf"
	if [ -n "${LOSS-}" ]; then
		export LD_PRELOAD="$B/loss.so" MARKSHIM_TEST_LOSS="$LOSS" \
			ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
	fi
}

# dropin FAMILY BACKEND ARGS...: what a caller of ip(6)tables-restore gets with markshim there;
# LOSS=class dropin ... on such a kernel.
dropin() {
	_applet=$(applet "$1")
	conf "$2"
	shift 2
	MARKSHIM_CONF=$T/conf maybe_lossy "$B/markshim" "$_applet" "$@"
}

# events EVENT: how many records of that kind the log holds.
events() {
	if [ -e "$LOG" ]; then grep -c "\"event\": *\"$1\"" "$LOG" || :; else echo 0; fi
}
