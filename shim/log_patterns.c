#include "log_patterns.h"

/* Quotes are left out everywhere, since many logs have them escaped. */

static const char *const mark_options[] = {
	"--set-xmark", "--set-mark", "--or-mark", "--and-mark", "--xor-mark", NULL
};
static const char *const other_options[] = {
	"--restore-mark", "--save-mark", "--tproxy-mark", "--on-port", "--notrack", "--zone",
	"--set-class", "--hmark-", NULL
};
static const char *const other_targets[] = {
	"Extension CONNMARK ", "Extension CT ", "Extension TPROXY ", "Extension CLASSIFY ",
	"Extension HMARK ", "Extension CHECKSUM ", "Extension TRACE ", "Extension NOTRACK ", NULL
};
static const char *const jumps[] = { "-j MARK", "--jump MARK", "-j\", \"MARK", NULL };

#define NO_MARK "the kernel has no MARK for IPv6: what markshim is for"
#define NO_MODULE "MARK is missing for IPv4 as well: the module xt_mark is not there; install the " \
	"package that has it"
#define NO_XTABLES "more than MARK is missing: the kernel is built without CONFIG_IP6_NF_IPTABLES " \
	"(class nft-only), or lacks modules; markshim helps with MARK alone"
#define NO_NFLOG "the kernel has no NFLOG for IPv6: the same fault as with MARK; markshim can leave " \
	"such rules out (unsupported = drop-rule)"
#define NO_LEGACY "the kernel has no legacy tables (CONFIG_NETFILTER_XTABLES_LEGACY): use the nft " \
	"backend; nothing to do with MARK"
#define NO_RIGHTS "iptables was run without root's rights (CAP_NET_ADMIN)"
#define NO_LIBRARY "iptables lacks a library of its own (libxt_*.so), not the kernel a module: look " \
	"at the image or package"
#define MAYBE_MARK "the kernel refused a rule, which it does with a MARK rule that was not recognised " \
	"before; a line number is that of COMMIT"
#define NO_CONNTRACK "the program conntrack is not there: old connections are not cut, and the log " \
	"fills; rules load without it"
#define NO_IPSET "ipset or IPVS is not there, so kube-proxy falls back to iptables; then its first " \
	"sync meets the real error, further down"
#define NO_SYSCTL "a setting that this kernel or container does not offer; rules load without it"

const struct log_pattern log_patterns[] = {
	{ LOG_OTHER, { "Table does not exist" }, NULL, NO_LEGACY },
	{ LOG_OTHER, { "tables-restore", "unable to initialize table" }, NULL, NO_LEGACY },
	{ LOG_OTHER, { "do you need to insmod?" }, NULL, NO_LEGACY },
	{ LOG_OTHER, { "Permission denied (you must be root)" }, NULL, NO_RIGHTS },
	{ LOG_OTHER, { "can't open lock file", "xtables.lock", "Permission denied" }, NULL, NO_RIGHTS },
	{ LOG_OTHER, { "Couldn't load target", "No such file or directory" }, NULL, NO_LIBRARY },
	{ LOG_OTHER, { "Couldn't load match", "No such file or directory" }, NULL, NO_LIBRARY },
	{ LOG_OTHER, { "Could not fetch rule set generation id" }, NULL,
	  "the kernel has no nf_tables, which iptables-nft needs" },
	{ LOG_OTHER, { "Extension ", "not supported, missing kernel module" }, other_targets,
	  NO_XTABLES },
	{ LOG_OTHER, { "unknown option" }, other_options, NO_XTABLES },
	{ LOG_CAUSE, { "ip6tables", "unknown option" }, mark_options, NO_MARK },
	{ LOG_OTHER, { "iptables", "unknown option" }, mark_options, NO_MODULE },
	{ LOG_OTHER, { "iptables", " v1.", "MARK target: kernel too old for --" }, NULL, NO_MODULE },
	{ LOG_CAUSE, { "MARK target: kernel too old for --" }, NULL, NO_MARK },
	{ LOG_OTHER, { "iptables", " v1.", "MARK: bad value for option" }, NULL, NO_MODULE },
	{ LOG_CAUSE, { "MARK: bad value for option", "--set-mark" }, NULL, NO_MARK },
	{ LOG_CAUSE, { "MARK target: Parameter --set/and/or-mark is required" }, NULL, NO_MARK },
	{ LOG_CAUSE, { "Extension MARK revision 0 not supported, missing kernel module" }, NULL,
	  NO_MARK },
	{ LOG_CAUSE, { "ip6tables", "unknown option", "--nflog-" }, NULL, NO_NFLOG },
	{ LOG_CAUSE, { "Extension NFLOG revision 0 not supported" }, NULL, NO_NFLOG },
	{ LOG_CAUSE, { "Couldn't find target", "NFLOG" }, NULL, NO_NFLOG },
	{ LOG_CAUSE, { "Chain 'NFLOG' does not exist" }, NULL, NO_NFLOG },
	{ LOG_CAUSE, { "ip6tables", "No chain/target/match by that name" }, jumps, NO_MARK },
	{ LOG_CAUSE, { "ip6tables", "RULE_APPEND failed (No such file or directory)" }, jumps,
	  NO_MARK },
	{ LOG_MAYBE, { "RULE_APPEND failed (No such file or directory): rule in chain" }, NULL,
	  MAYBE_MARK },
	{ LOG_MAYBE, { "ip6tables", "No chain/target/match by that name" }, NULL, MAYBE_MARK },
	{ LOG_MAYBE, { "ip6tables", "-restore: line ", " failed" }, NULL, MAYBE_MARK },
	{ LOG_SMOKE, { "Ignoring deprecated --wait-interval option" }, NULL,
	  "iptables says so of an option that kube-proxy gives always" },
	{ LOG_SMOKE, { "Can't use the IPVS proxier" }, NULL, NO_IPSET },
	{ LOG_SMOKE, { "ipset", "executable file not found" }, NULL, NO_IPSET },
	{ LOG_SMOKE, { "ipset: not found" }, NULL, NO_IPSET },
	{ LOG_SMOKE, { "conntrack", "executable file not found" }, NULL, NO_CONNTRACK },
	{ LOG_SMOKE, { "conntrack: not found" }, NULL, NO_CONNTRACK },
	{ LOG_SMOKE, { "/proc/sys/net/netfilter/" }, NULL, NO_SYSCTL },
	{ LOG_SMOKE, { "Missing br-netfilter module or unset sysctl br-nf-call-iptables" }, NULL,
	  NO_SYSCTL },
	{ LOG_SMOKE, { "holding the xtables lock" }, NULL,
	  "another program was at work on the rules; a retry follows" },
	{ LOG_SMOKE, { "tables present, use ", "-save to see them" }, NULL,
	  "both backends have tables; see the check `tables'" },
	{ .means = NULL },
};

_Static_assert(sizeof(log_patterns) / sizeof(log_patterns[0]) <= LOG_PATTERNS_MAX,
	       "all of them are counted");

const char *log_verdict_name(enum log_verdict v)
{
	static const char *const names[LOG_VERDICTS] = {
		[LOG_CAUSE] = "cause", [LOG_MAYBE] = "maybe", [LOG_OTHER] = "other cause",
		[LOG_SMOKE] = "smoke",
	};

	return names[v];
}

static bool has_all(const char *const has[static 3], struct span line, size_t *at)
{
	struct span rest = line;

	for (size_t i = 0; i < 3 && has[i]; i++) {
		const char *word = memmem(rest.at, rest.len, has[i], strlen(has[i]));

		if (!word)
			return false;
		if (i == 0)
			*at = (size_t)(word - line.at);
		rest = span_from(rest, (size_t)(word - rest.at) + strlen(has[i]));
	}
	return true;
}

static bool has_any(const char *const *any, struct span line)
{
	for (; *any; any++)
		if (memmem(line.at, line.len, *any, strlen(*any)))
			return true;
	return false;
}

int log_patterns_find(struct span line, size_t *at)
{
	for (size_t i = 0; log_patterns[i].means; i++)
		if (has_all(log_patterns[i].has, line, at) &&
		    (!log_patterns[i].any || has_any(log_patterns[i].any, line)))
			return (int)i;
	return -1;
}
