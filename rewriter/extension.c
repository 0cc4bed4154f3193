#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "extension.h"
#include "number.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Read from the records that the libraries of 1.8.7, 1.8.9 and 1.8.11 register; no option takes
 * another number of words in one of them than in another.  The second words (==, ~) are in no
 * record: set, SET, sctp, tcp and rateest alone move getopt's optind themselves.  `standard`
 * (ACCEPT, DROP, ...) has no options and is left out.  Sorted as strcmp() does.
 */
const struct extension extensions[] = {
	{ "AUDIT", "type=" },
	{ "CHECKSUM", "checksum-fill" },
	{ "CLASSIFY", "set-class=" },
	{ "CLUSTERIP", "new hashmode= clustermac= total-nodes= local-node= hash-init=" },
	{ "CONNMARK", "set-xmark= set-mark= and-mark= or-mark= xor-mark= save-mark restore-mark "
		"left-shift-mark= right-shift-mark= ctmask= nfmask= mask=" },
	{ "CONNSECMARK", "save restore" },
	{ "CT", "notrack helper= timeout= ctevents= expevents= zone-orig= zone-reply= zone=" },
	{ "DNAT", "to-destination= random persistent" },
	{ "DNPT", "src-pfx= dst-pfx=" },
	{ "DSCP", "set-dscp= set-dscp-class=" },
	{ "ECN", "ecn-tcp-remove ecn-tcp-cwr= ecn-tcp-ece= ecn-ip-ect=" },
	{ "HL", "hl-set= hl-dec= hl-inc=" },
	{ "HMARK", "hmark-tuple= hmark-src-prefix= hmark-dst-prefix= hmark-sport-mask= "
		"hmark-dport-mask= hmark-spi-mask= hmark-sport= hmark-dport= hmark-spi= "
		"hmark-proto-mask= hmark-rnd= hmark-mod= hmark-offset=" },
	{ "IDLETIMER", "timeout= label= alarm" },
	{ "LED", "led-trigger-id= led-delay= led-always-blink" },
	{ "LOG", "log-level= log-prefix= log-tcp-sequence log-tcp-options log-ip-options log-uid "
		"log-macdecode" },
	{ "MARK", "set-xmark= set-mark= and-mark= or-mark= xor-mark=" },
	{ "MASQUERADE", "to-ports= random random-fully" },
	{ "NETMAP", "to=" },
	{ "NFLOG", "nflog-group= nflog-prefix= nflog-range= nflog-size= nflog-threshold=" },
	{ "NFQUEUE", "queue-num= queue-balance= queue-bypass queue-cpu-fanout" },
	{ "NOTRACK", "" },		/* CT under its old name */
	{ "RATEEST", "rateest-name= rateest-interval= rateest-ewmalog=" },
	{ "REDIRECT", "to-ports= random" },
	{ "REJECT", "reject-with=" },
	{ "SECMARK", "selctx=" },
	{ "SET", "add-set== del-set== exist timeout= map-set== map-mark map-prio map-queue" },
	{ "SNAT", "to-source= random random-fully persistent" },
	{ "SNPT", "src-pfx= dst-pfx=" },
	{ "SYNPROXY", "sack-perm timestamp wscale= mss= ecn" },
	{ "TCPMSS", "set-mss= clamp-mss-to-pmtu" },
	{ "TCPOPTSTRIP", "strip-options=" },
	{ "TEE", "gateway= oif=" },
	{ "TOS", "set-tos= and-tos= or-tos= xor-tos=" },
	{ "TPROXY", "on-port= on-ip= tproxy-mark=" },
	{ "TRACE", "" },
	{ "TTL", "ttl-set= ttl-dec= ttl-inc=" },
	{ "ULOG", "ulog-nlgroup= ulog-prefix= ulog-cprange= ulog-qthreshold=" },
	{ "addrtype", "src-type= dst-type= limit-iface-in limit-iface-out" },
	{ "ah", "ahspi= ahlen= ahres" },	/* the last two IPv6 only */
	{ "bpf", "bytecode= object-pinned=" },
	{ "cgroup", "path= cgroup=" },
	{ "cluster", "cluster-total-nodes= cluster-local-node= cluster-local-nodemask= "
		"cluster-hash-seed=" },
	{ "comment", "comment=" },
	{ "connbytes", "connbytes= connbytes-dir= connbytes-mode=" },
	{ "connlabel", "label= set" },
	{ "connlimit", "connlimit-upto= connlimit-above= connlimit-mask= connlimit-saddr "
		"connlimit-daddr" },
	{ "connmark", "mark=" },
	{ "conntrack", "ctstate= ctproto= ctorigsrc= ctorigdst= ctreplsrc= ctrepldst= ctstatus= "
		"ctexpire= ctorigsrcport= ctorigdstport= ctreplsrcport= ctrepldstport= ctdir=" },
	{ "cpu", "cpu=" },
	{ "dccp", "source-port= sport= destination-port= dport= dccp-types= dccp-option=" },
	{ "devgroup", "src-group= dst-group=" },
	{ "dscp", "dscp= dscp-class=" },
	{ "dst", "dst-len= dst-opts=" },
	{ "ecn", "ecn-tcp-cwr ecn-tcp-ece ecn-ip-ect=" },
	{ "esp", "espspi=" },
	{ "eui64", "" },
	{ "frag", "fragid= fraglen= fragres fragfirst fragmore fraglast" },
	{ "hashlimit", "hashlimit-upto= hashlimit-above= hashlimit= hashlimit-srcmask= "
		"hashlimit-dstmask= hashlimit-burst= hashlimit-htable-size= hashlimit-htable-max= "
		"hashlimit-htable-gcinterval= hashlimit-htable-expire= hashlimit-mode= "
		"hashlimit-name= hashlimit-rate-match hashlimit-rate-interval=" },
	{ "hbh", "hbh-len= hbh-opts=" },
	{ "helper", "helper=" },
	{ "hl", "hl-lt= hl-gt= hl-eq= hl=" },
	{ "icmp", "icmp-type=" },
	{ "icmp6", "icmpv6-type=" },
	{ "ipcomp", "ipcompspi= compres" },
	{ "iprange", "src-range= dst-range=" },
	{ "ipv6header", "header= soft" },
	{ "ipvs", "ipvs vproto= vaddr= vport= vdir= vmethod= vportctl=" },
	{ "length", "length=" },
	{ "limit", "limit= limit-burst=" },
	{ "mac", "mac-source=" },
	{ "mark", "mark=" },
	{ "mh", "mh-type=" },
	{ "multiport", "source-ports= sports= destination-ports= dports= ports=" },
	{ "nfacct", "nfacct-name=" },
	{ "osf", "genre= ttl= log=" },
	{ "owner", "uid-owner= gid-owner= pid-owner= sid-owner= cmd-owner= socket-exists "
		"suppl-groups" },
	{ "physdev", "physdev-in= physdev-out= physdev-is-in physdev-is-out physdev-is-bridged" },
	{ "pkttype", "pkt-type=" },
	{ "policy", "dir= pol= strict reqid= spi= tunnel-src= tunnel-dst= proto= mode= next" },
	{ "quota", "quota=" },
	{ "rateest", "rateest1= rateest= rateest2= rateest-bps1~ rateest-pps1~ rateest-bps2~ "
		"rateest-pps2~ rateest-bps~ rateest-pps~ rateest-delta rateest-lt rateest-gt "
		"rateest-eq" },
	{ "realm", "realm=" },
	{ "recent", "set rcheck update remove seconds= reap hitcount= rttl name= rsource rdest "
		"mask=" },
	{ "rpfilter", "loose validmark accept-local invert" },
	{ "rt", "rt-type= rt-segsleft= rt-len= rt-0-res rt-0-addrs= rt-0-not-strict" },
	{ "sctp", "source-port= sport= destination-port= dport= chunk-types==" },
	{ "set", "match-set== set== return-nomatch update-counters packets-eq= packets-lt= "
		"packets-gt= bytes-eq= bytes-lt= bytes-gt= update-subcounters" },
	{ "socket", "transparent nowildcard restore-skmark" },
	{ "srh", "srh-next-hdr= srh-hdr-len-eq= srh-hdr-len-gt= srh-hdr-len-lt= "
		"srh-segs-left-eq= srh-segs-left-gt= srh-segs-left-lt= srh-last-entry-eq= "
		"srh-last-entry-gt= srh-last-entry-lt= srh-tag= srh-psid= srh-nsid= srh-lsid=" },
	{ "state", "state=" },		/* conntrack under its old name */
	{ "statistic", "mode= probability= every= packet=" },
	{ "string", "from= to= algo= string= hex-string= icase" },
	{ "tcp", "source-port= sport= destination-port= dport= syn tcp-flags== tcp-option=" },
	{ "tcpmss", "mss=" },
	{ "time", "datestart= datestop= timestart= timestop= contiguous weekdays= monthdays= "
		"localtz utc kerneltz" },
	{ "tos", "tos=" },
	{ "ttl", "ttl-lt= ttl-gt= ttl-eq= ttl=" },
	{ "u32", "u32=" },
	{ "udp", "source-port= sport= destination-port= dport=" },
	{ NULL, NULL }
};

/* The names that libxtables changes (xtables_find_match) before it looks for a library. */
static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "icmpv6", "icmp6" },
	{ "ipv6-icmp", "icmp6" },
};

/*
 * libxtables looks for a match called like the protocol; a number is turned into a name by
 * /etc/protocols first.  That leaves mh without one: 135 is mobility-header there, for which there
 * is no match (tried, as is ipv6-mh, with 1.8.7, 1.8.9 and 1.8.11: "unknown option").  For the same
 * reason 43, 44, 60 and 136 bring nothing.
 */
enum { NO_NUMBER = 256 };

static const struct {
	const char *name;
	uint32_t number;
} protocols[] = {
	{ "ah", 51 },
	{ "dccp", 33 },
	{ "esp", 50 },
	{ "icmp", 1 },
	{ "icmp6", 58 },
	{ "ipcomp", 108 },
	{ "mh", NO_NUMBER },
	{ "sctp", 132 },
	{ "tcp", 6 },
	{ "udp", 17 },
};

struct key {
	const char *at;
	size_t len;
};

static int compare(const void *k, const void *row)
{
	const struct key *key = k;
	const char *name = ((const struct extension *)row)->name;
	size_t len = strlen(name);
	int order = memcmp(key->at, name, key->len < len ? key->len : len);

	return order ? order : (key->len > len) - (key->len < len);
}

const struct extension *extension_find(const char *name, size_t len)
{
	struct key key = { name, len };

	for (size_t i = 0; i < COUNT(aliases); i++)
		if (strlen(aliases[i].alias) == len && !memcmp(aliases[i].alias, name, len))
			key = (struct key){ aliases[i].name, strlen(aliases[i].name) };
	return bsearch(&key, extensions, COUNT(extensions) - 1, sizeof(extensions[0]), compare);
}

static const struct extension *by_number(uint32_t number)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i].number == number && number != NO_NUMBER)
			return extension_find(protocols[i].name, strlen(protocols[i].name));
	return NULL;
}

static const struct extension *by_name(const char *name)
{
	const struct extension *found = extension_find(name, strlen(name));

	for (size_t i = 0; found && i < COUNT(protocols); i++)
		if (!strcmp(protocols[i].name, found->name))
			return found;
	return NULL;
}

const struct extension *extension_for_protocol(const char *name, size_t len)
{
	char word[32] = "";		/* an extension's name has 28 bytes at most */
	const char *end;
	uint32_t number;

	if (len >= sizeof(word))
		return NULL;
	for (size_t i = 0; i < len; i++)
		word[i] = (char)tolower((unsigned char)name[i]);
	return number_parse(&number, word, &end) == 0 && !*end ? by_number(number) : by_name(word);
}
