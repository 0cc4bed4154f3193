/* What is read back: rules, lists and single rules with helper chains in them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "readback.h"
#include "own.h"

#define LINE "-A T -m limit --limit 1/sec -m addrtype --dst-type LOCAL -m state --state NEW -j ACCEPT\n"
#define LINES LINE LINE LINE LINE LINE LINE LINE

enum what { RULES, LIST, SHOWN };

static const struct {
	enum what what;
	size_t before;
	const char *printed, *want;
} rows[] = {
	{ RULES, 0, "", "" },
	{ RULES, 0, "\n", "\n" },
	{ RULES, 0, "# Generated\n*nat\n:T - [0:0]\nCOMMIT\n# Completed\n",
	  "# Generated\n*nat\n:T - [0:0]\nCOMMIT\n# Completed\n" },
	{ RULES, 0, ":zz-mark-1-1 - [0:0]\n-A zz-mark-1-1 -j CONNMARK --save-mark\n", "" },
	{ RULES, 0, "[5:6] -A zz-mark-1-1 -j CONNMARK --save-mark\n-N zz-mark-1-1\n", "" },
	{ RULES, 0, "-A zz-mark-1-1 -c 5 6 -j CONNMARK --save-mark\n", "" },
	{ RULES, 0, ":zz-mark-01-1 - [0:0]\n:zz-mark-1 - [0:0]\n",
	  ":zz-mark-01-1 - [0:0]\n:zz-mark-1 - [0:0]\n" },
	{ RULES, 0, "-A T -j zz-mark-4000-0\n", "-A T -j MARK --set-xmark 0x4000/0x0\n" },
	{ RULES, 0, "[1:2] -A T -i x -j zz-mark-0-ffffffff\n",
	  "[1:2] -A T -i x -j MARK --set-xmark 0x0/0xffffffff\n" },
	{ RULES, 0, "-A T -j zz-mark-1-1", "-A T -j MARK --set-xmark 0x1/0x1" },
	/* what only looks like a jump */
	{ RULES, 0, "-A T -g zz-mark-1-1\n", "-A T -g zz-mark-1-1\n" },
	{ RULES, 0, "-A T -m comment --comment zz-mark-1-1\n",
	  "-A T -m comment --comment zz-mark-1-1\n" },
	{ RULES, 0, "-A T -m comment --comment \"-j zz-mark-1-1\"\n",
	  "-A T -m comment --comment \"-j zz-mark-1-1\"\n" },
	{ RULES, 0, "-A T -m comment --comment \"-j zz-mark-1-1\" -j zz-mark-2-2\n",
	  "-A T -m comment --comment \"-j zz-mark-1-1\" -j MARK --set-xmark 0x2/0x2\n" },
	{ RULES, 0, "zz-mark-1-1\n-j zz-mark-1-1\n", "zz-mark-1-1\n-j zz-mark-1-1\n" },

	/* a comment of several lines */
	{ RULES, 0, "-A T -m comment --comment \"a\n-A zz-mark-1-1 x\n\\\":zz-mark-1-1 x\" -j zz-mark-2-2\n:T\n",
	  "-A T -m comment --comment \"a\n-A zz-mark-1-1 x\n\\\":zz-mark-1-1 x\" -j MARK --set-xmark 0x2/0x2\n:T\n" },
	{ RULES, 0, "-A T -m comment --comment \"a -j zz-mark-1-1\n\"\n",
	  "-A T -m comment --comment \"a -j zz-mark-1-1\n\"\n" },
	{ RULES, 0, "-A zz-mark-1-1 -m comment --comment \"a\n-A T\n\" -j x\n-A T -j x\n", "-A T -j x\n" },
	{ LIST, 0, "zz-mark-1-1  0 /* a\n\nChain zz-mark-1-1 x\nzz-mark-2-2 */\nACCEPT 0\n",
	  "MARK       0 /* a\n\nChain zz-mark-1-1 x\nzz-mark-2-2 */ MARK or 0x1\nACCEPT 0\n" },
	{ LIST, 0, "ACCEPT 0 /* a\n*/ x /* b */ /* c\nzz-mark-1-1 0 */\n",
	  "ACCEPT 0 /* a\n*/ x /* b */ /* c\nzz-mark-1-1 0 */\n" },

	/* what only looks like the start of one */
	{ LIST, 0, "ACCEPT  0 STRING match  \"Accept: */*\" ALGO name bm\nzz-mark-0-0  0\n",
	  "ACCEPT  0 STRING match  \"Accept: */*\" ALGO name bm\nMARK       0 MARK and 0xffffffff\n" },
	{ LIST, 0, "LOG  0 prefix \"/* \"\nDROP in e/*\nDROP  recent: SET name: a\"b\nzz-mark-0-0  0\n",
	  "LOG  0 prefix \"/* \"\nDROP in e/*\nDROP  recent: SET name: a\"b\nMARK       0 MARK and 0xffffffff\n" },
	{ RULES, 0, ":a\"b - [0:0]\n-A a\"b -i e\"0 -j zz-mark-1-1\n-A zz-mark-1-1 -j x\n",
	  ":a\"b - [0:0]\n-A a\"b -i e\"0 -j MARK --set-xmark 0x1/0x1\n" },
	{ RULES, 0, "-A T -m recent --name \"x\n" LINES "-A T -j zz-mark-1-1\n",
	  "-A T -m recent --name \"x\n" LINES "-A T -j MARK --set-xmark 0x1/0x1\n" },

	/* the words of libxt_MARK.c, in a column of ten */
	{ LIST, 0, "Chain T (1 references)\ntarget     prot opt source  destination\n"
		   "zz-mark-1-ffffffff  0    --  ::/0   ::/0   \n",
	  "Chain T (1 references)\ntarget     prot opt source  destination\n"
	  "MARK       0    --  ::/0   ::/0    MARK set 0x1\n" },
	{ LIST, 0, "zz-mark-0-f0  0\n", "MARK       0 MARK and 0xffffff0f\n" },
	{ LIST, 0, "zz-mark-0-0  0\n", "MARK       0 MARK and 0xffffffff\n" },
	{ LIST, 0, "zz-mark-f0-f0  0\n", "MARK       0 MARK or 0xf0\n" },
	{ LIST, 0, "zz-mark-f0-0  0\n", "MARK       0 MARK xor 0xf0\n" },
	{ LIST, 0, "zz-mark-f0-ff  0\n", "MARK       0 MARK xset 0xf0/0xff\n" },
	{ LIST, 3, "12     1    60 zz-mark-1-1  6 tcp dpt:80\n",
	  "12     1    60 MARK       6 tcp dpt:80 MARK or 0x1\n" },
	{ LIST, 2, "    1    60            6    --  zz-mark-1-1\n",
	  "    1    60            6    --  zz-mark-1-1\n" },
	/* a helper chain's block goes with the empty line before it, wherever it stands */
	{ LIST, 0, "Chain T (1 references)\n\nChain zz-mark-1-1 (1 references)\nCONNMARK x\nCONNMARK y\n"
		   "\nChain zzz (0 references)\nACCEPT\n",
	  "Chain T (1 references)\n\nChain zzz (0 references)\nACCEPT\n" },
	{ LIST, 0, "Chain T (1 references)\n\nChain zz-mark-1-1 (1 references)\nCONNMARK x\n",
	  "Chain T (1 references)\n" },
	{ LIST, 0, "Chain T (1 references)\n\n", "Chain T (1 references)\n\n" },

	{ SHOWN, 0, "zz-mark-1-1  tcp opt -- in * out *  ::/0  -> ::/0   tcp dpt:80\n",
	  "MARK  tcp opt -- in * out *  ::/0  -> ::/0   tcp dpt:80 MARK or 0x1\n" },
	{ SHOWN, 0, "ACCEPT  tcp opt\n", "ACCEPT  tcp opt\n" },
};

static void what_is_printed_is_turned_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct readback r = {
			.lists = rows[i].what == LIST, .shows = rows[i].what == SHOWN,
			.before_target = rows[i].before,
		};
		struct span rest = span_of(rows[i].printed);
		OWN_TEXT struct text got = { 0 };

		while (rest.len) {
			const char *end = memchr(rest.at, '\n', rest.len);
			size_t len = end ? (size_t)(end + 1 - rest.at) : rest.len;

			readback_line(&r, &got, (struct span){ rest.at, len });
			rest = span_from(rest, len);
		}
		readback_line(&r, &got, (struct span){ "", 0 });
		assert_string_equal(got.at ? got.at : "", rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_printed_is_turned_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
