# markshim: see README.md.  `make help` lists what can be made.
name    := markshim
version := 0.1.0

prefix     ?= /usr
sbindir    ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec
sysconfdir ?= /etc
mandir     ?= $(prefix)/share/man

CFLAGS     ?= -O2 -g
INSTALL    ?= install
PKG_CONFIG ?= pkg-config

# Nothing is asked while this file is read: `make deps' may first install what can answer.
# once NAME COMMAND: the value of NAME is the command's output, when it is wanted first.
once = $(eval $1 := $(shell $2))$($1)

# What the code needs stands apart from CFLAGS, so that `make CFLAGS=...` keeps it.
need = -std=gnu11 -D_GNU_SOURCE -Irewriter -Iconf -Ishim \
	-DVERSION='"$(version)"' -DSYSCONFDIR='"$(sysconfdir)"' -DSBINDIR='"$(sbindir)"' \
	-DLIBEXECDIR='"$(libexecdir)"' $(inih_cflags)
inih_cflags = $(call once,inih_cflags,$(PKG_CONFIG) --cflags inih 2>/dev/null)
inih_libs   = $(call once,inih_libs,$(PKG_CONFIG) --libs inih 2>/dev/null)

# No library but libc stands between a caller and iptables, where inih has an archive.
archive_of = f=$$($(CC) -print-file-name=lib$1.a) && test -e "$$f" && echo lib$1.a
inih_archive = $(call once,inih_archive,$(call archive_of,inih))
libc_archive = $(call once,libc_archive,$(call archive_of,c))
libs = $(if $(inih_archive),$(patsubst -linih,-l:$(inih_archive),$(inih_libs)),$(inih_libs))

kernel_pkgs := libmnl libnftnl libip4tc libip6tc xtables
kernel_need = $(kernel_cflags) -Ishim/kernel
kernel_cflags = $(call once,kernel_cflags,$(PKG_CONFIG) --cflags $(kernel_pkgs) 2>/dev/null)
kernel_libs = $(call once,kernel_libs,$(PKG_CONFIG) --libs $(kernel_pkgs) 2>/dev/null)
warn := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wundef -Wvla
ifdef WERROR
warn += -Werror
endif
# Of these the compiler gets what it takes: asked in one go, and one by one if that fails.
machine = $(call once,machine,$(CC) -dumpmachine)
hard_want = -fstack-clash-protection -D_FORTIFY_SOURCE=3 \
	$(if $(findstring 86,$(machine)),-fcf-protection) \
	$(if $(findstring aarch64,$(machine)),-mbranch-protection=standard)
takes = $(CC) -O2 -Werror -U_FORTIFY_SOURCE $1 -include features.h -xc -fsyntax-only \
	/dev/null 2>/dev/null && echo $1
hard_has = $(call once,hard_has,$(call takes,$(hard_want)) || \
	{ :; $(foreach flag,$(hard_want),$(call takes,$(flag));) })

# They come after CPPFLAGS, where a packager's own _FORTIFY_SOURCE may be.
hard_cc = -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	$(if $(filter %=3,$(hard_has)),-U_FORTIFY_SOURCE) $(hard_has)
hard_ld := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
B := build

# `make SAN=address,undefined check` builds beside the normal build, not over it.
ifdef SAN
B := build-san
need += -DSANITIZED
hard_cc := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
hard_ld := -fsanitize=$(SAN)
endif

core := $(wildcard rewriter/*.c conf/*.c)
shim := $(wildcard shim/*.c)
kernel := $(wildcard shim/kernel/*.c)
# what the second program shares with the first
kernel_shared := rewriter/err.c rewriter/form.c rewriter/helper.c rewriter/kernel.c \
	rewriter/table.c shim/look_nft.c shim/modprobe.c shim/netlink.c shim/probe.c \
	shim/probe_netlink.c shim/process.c
man  := $(wildcard shim/*.8 conf/*.5)
unit := $(patsubst tests/unit/%.c,$B/%,$(wildcard tests/unit/test_*.c))
fuzzers := $(patsubst tests/fuzz/%.c,$B/fuzz-%,$(wildcard tests/fuzz/*.c))
xtlibdir = $(shell $(PKG_CONFIG) --variable=xtlibdir xtables)
obj   = $(patsubst %.c,$B/%.o,$1)

# `make V=1` shows whole commands.
ifndef V
quiet = @printf '  %-6s%s\n' $1 $@;
endif

all: $B/$(name) $B/$(name)-kernel	## build both programs

$B/$(name): $(call obj,$(core) $(shim))
	$(call quiet,LD)$(link) -o $@ $^ $(libs) $(LDLIBS)

$B/$(name)-kernel: $(call obj,$(kernel) $(kernel_shared))
	$(call quiet,LD)$(link) -o $@ $^ $(kernel_libs) $(LDLIBS)

$(call obj,$(kernel)): private need += $(kernel_need)

static: $B/$(name)-static		## build the program with all it needs inside

# What it is linked with, and this machine may not have.
static_lacks = $(if $(libc_archive),,libc.a) $(if $(inih_archive),,libinih.a)
no_static = no $(name)-static, which containers need, without $(strip $(static_lacks))

$B/$(name)-static: $(call obj,$(core) $(shim))
	$(if $(strip $(static_lacks)),@echo 'make: $(no_static)' >&2; exit 1)
	$(call quiet,LD)$(filter-out -pie,$(link)) -static-pie -o $@ $^ $(libs) $(LDLIBS)

# What goes in front of a container's programs by PATH: IPv6's names, and IPv4's apart from them,
# for who wants those too.  All links are relative, so that it works wherever it is mounted.
kinds6 := ip6tables ip6tables-nft ip6tables-legacy
names6 := $(kinds6) $(addsuffix -restore,$(kinds6)) $(addsuffix -save,$(kinds6))
names4 := $(names6:ip6%=ip%)

define lay_static
	$(INSTALL) -d $1/static $1/static-ipv4
	$(INSTALL) -m 755 $B/$(name)-static $1/static/$(name)
	ln -sfn ../$(name)-kernel $1/static/$(name)-kernel
	for n in $(names6); do ln -sfn $(name) $1/static/$$n || exit; done
	for n in $(names4); do ln -sfn ../static/$(name) $1/static-ipv4/$$n || exit; done
endef

static-dir: static all			## build/static, to be mounted into containers
	$(call lay_static,$B)

$(unit): $B/%: $B/tests/unit/%.o $B/tests/unit/ruleset.o \
		$(call obj,$(core) $(filter-out shim/main.c,$(shim)))
	$(call quiet,LD)$(link) -o $@ $^ -lcmocka $(libs) $(LDLIBS)

# This one looks into the extension libraries of the installed iptables.
$B/tests/unit/test_extension.o: private need += -DXTLIBDIR='"$(xtlibdir)"'
$B/test_extension: private LDLIBS += -lxtables -ldl

# Memory runs out when these say so.
$B/test_no_memory: private LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$B/test_conf_unread: private LDFLAGS += -Wl,--wrap=__getdelim,--wrap=getline

$(fuzzers): $B/fuzz-%: $B/tests/fuzz/%.o $(call obj,$(core) $(filter-out shim/main.c,$(shim)))
	$(call quiet,LD)$(link) -fsanitize=fuzzer -o $@ $^ $(libs) $(LDLIBS)

# What the kernel would answer comes from these.
$B/fuzz-netlink $B/test_look_nft: private LDFLAGS += -Wl,--wrap=netlink_open,--wrap=send,--wrap=recv

compile = $(CC) $(need) $(warn) $(CPPFLAGS) $(CFLAGS) $(hard_cc)
link    = $(CC) $(CFLAGS) $(hard_ld) $(LDFLAGS)

# The directories and all answers are compiled in: if these are not what they were, all is made
# anew.  The caller's own flags are not among them, for `make CFLAGS=... && make install`; and who
# installs what another has built may have no answers.
made_with = $(machine) $(need) $(hard_cc) $(hard_ld) $(libs) $(kernel_need) $(kernel_libs)
$B/flags: always
	@mkdir -p $B
	@if $(PKG_CONFIG) --exists --print-errors inih $(kernel_pkgs); then \
		echo '$(subst ','\'',$(made_with))' | cmp -s - $@ || echo '$(subst ','\'',$(made_with))' >$@; \
	elif ! test -e $@; then \
		echo 'make: what pkg-config does not find is needed; on Debian: make deps' >&2; exit 1; \
	fi

$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(compile) -MMD -MP -c -o $@ $<

# Debian's names of what is needed to build, to run the demo, and to test.
deps_build := gcc libc6-dev make pkg-config libinih-dev libmnl-dev libnftnl-dev \
	libip4tc-dev libip6tc-dev libxtables-dev
deps_test  := libcmocka-dev iptables nftables ipset iproute2 conntrack \
	python3 strace patch git util-linux procps libcap2-bin containernetworking-plugins
deps_programs := ferm shorewall6 sshuttle
deps_deb   := build-essential debhelper
deps_packages := $(deps_deb) rpm git
deps_vm    := qemu-system-x86 cpio kmod xz-utils binutils $(deps_deb)
deps_roots := mmdebstrap debian-archive-keyring rpm git
deps_container := musl-tools python3-yaml
deps_fuzz  := clang libclang-rt-14-dev
deps_lint  := clang clang-tidy cppcheck shellcheck mandoc groff lintian rpmlint

# Another apt may be at work, a new machine's own for one.  The time-out is for all locks but that
# of the lists.
apt := LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300
apt_install := $(apt) install -y --no-install-recommends

deps:					## install what is needed to build and test (Debian, as root)
	@for try in $$(seq 60); do \
		status=0; \
		{ said=$$($(apt) update 2>&1 >&3) || status=$$?; } 3>&1; \
		test -z "$$said" || echo "$$said" >&2; \
		case $$status/$$said in \
		*'Could not get lock'*) echo 'make: waiting for the other apt' >&2; sleep 5 ;; \
		*) exit $$status ;; \
		esac; \
	done; exit 1
	$(apt_install) $(deps_build) $(deps_test)

# ferm would otherwise set up a firewall with each boot.
deps-programs:				## install the firewall programs that a test runs; none gets enabled
	echo 'ferm ferm/enable boolean false' | debconf-set-selections
	$(apt_install) $(deps_programs)

deps-packages:				## install what `make deb rpm` needs beyond deps
deps-lint:				## install what `make lint lint-packages` and clang builds need
deps-vm:				## install what `make check-vm` needs beyond deps
deps-roots:				## install what `make check-roots check-fresh` needs beyond deps
deps-container:				## install what `make check-container` needs beyond deps
deps-fuzz:				## install what `make fuzz` needs beyond deps
deps-packages deps-lint deps-vm deps-roots deps-container deps-fuzz:
	$(apt_install) $($(subst -,_,$@))

# One after the other, and all else after them, also with -j.
early := $(filter deps,$(MAKECMDGOALS)) $(filter deps-%,$(MAKECMDGOALS))
$(filter-out $(early),$(MAKECMDGOALS)) $B/flags $B/source man: | $(early)
$(foreach goal,$(early),$(eval $(goal): | $(before))$(eval before := $(goal)))

demo: all $B/loss.so		## show the main job on this kernel, as root
	@tests/demo $B

test: check check-netns			## all tests; as root

check: $(unit) all		## unit and golden tests: no root, no kernel
	@tests/unit/run $(unit)
	@tests/golden/run $B/$(name)
	@$(if $(SAN),echo 'skip    hardening: a sanitizer has flags of its own',tests/hardening $B)

tools := $B/loss.so $B/fault.so $B/marks $B/flood $B/connect $B/echo-peer $B/wrapper $B/floor
tools: $(tools)

# They go into other programs, and so stay as plain as can be.
$B/loss.so: tests/netns/loss.c
$B/fault.so: tests/netns/fault.c
$B/loss.so $B/fault.so: $B/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=gnu11 -D_GNU_SOURCE $(warn) -O2 -g -shared -fPIC -o $@ $(filter %.c,$^) -ldl

$B/marks: tests/netns/marks.c
$B/flood: tests/netns/flood.c
$B/connect: tests/bench/connect.c
$B/floor $B/floor-static: tests/bench/floor.c
$B/floor-static: static := -static-pie
$B/echo-peer: tests/vm/echo-peer.c
$B/wrapper: tests/container/wrapper.c
$B/marks $B/flood $B/connect $B/echo-peer $B/wrapper $B/floor $B/floor-static: $B/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=gnu11 -D_GNU_SOURCE $(warn) -O2 -g $(static) -o $@ $(filter %.c,$^)

# One job more than there are processors, as tests wait at times.
check-netns: all $(tools)	## against this kernel, in network namespaces, as root
	@JOBS=$${JOBS:-$$(($$(nproc) + 1))} tests/netns/run $B

check-container: static $(tools)	## in containers' roots, with the static program, as root
	@tests/container/roots $B/container
	@$(MAKE) -s install DESTDIR=$(abspath $B)/container/node
	@tests/container/run $B

fuzz_san := fuzzer-no-link,address,undefined

# The second make builds all of it with what libFuzzer needs.
fuzz: all $(tools)		## random input, FUZZ_SECS=60 seconds a target; one needs root
	@$(MAKE) --no-print-directory CC=clang B=build-fuzz SAN=$(fuzz_san) fuzzers
	@B=$B tests/fuzz/run tests/fuzz/differential $(patsubst $B/%,build-fuzz/%,$(fuzzers))

fuzzers: $(fuzzers)

bench: all static $(tools) $B/bench-rewriter $B/floor-static	## what it costs callers, and the packets; as root
	@tests/bench/calls $B
	@tests/bench/datapath $B
	@tests/bench/races $B

$B/bench-rewriter: $(call obj,tests/bench/rewriter.c $(core))
	$(call quiet,LD)$(link) -o $@ $^ $(libs) $(LDLIBS)

check-vm: all deb		## on real kernels with the regression; CLASS=typo for one
	@B=$B tests/vm/check $(CLASS)

# Two at a time, as most of it is one process after the other.  Debian testing changes from day to
# day, so what does not hold there is printed and fails nothing.
suites ?= bullseye bookworm trixie
testing ?= forky
check-roots: all rpm		## with the iptables of Debian 11, 12 and 13, as root; testing is tried
	@printf '%s\n' $(suites) $(testing) | ROOTS_DIR=$(abspath $B/roots) TESTING=$(testing) \
		xargs -n 1 -P 2 tests/roots/make
	@RELEASES='$(suites)' tests/roots/run $B
	@test -z '$(testing)' || MUST_RUN=0 RELEASES=$(testing) \
		tests/roots/run $B 10-programs 20-read-back 30-deb || \
		echo 'Debian testing ($(testing)) is only tried: this does not fail check-roots'

check-fresh:				## the README's commands in bare roots of Debian 12 and 13, as root
	@tests/fresh

# The output of a command that fails, in one piece, as several run at a time.
whole := sh -c 'said=$$("$$@" 2>&1) || { printf "%s\n" "$$said"; exit 1; }' sh

# ctuuninitvar takes every out-parameter for an input.  With -j cppcheck would not look beyond a file.
lint: man				## static analysis of C, shell and manual pages
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability \
		--suppress=ctuuninitvar \
		$(filter -I%,$(need) $(kernel_need)) $(core) $(shim) $(kernel)
	printf '%s\n' $(core) $(shim) $(kernel) | xargs -P $$(nproc) -I FILE \
		$(whole) clang-tidy --quiet FILE -- $(need) $(kernel_need)
	grep -lrE '^#!/(bin/sh|usr/bin/env bash)' .ci tests packaging --exclude-dir=data | \
		xargs -P $$(nproc) -n 4 $(whole) shellcheck -x -P SCRIPTDIR -P .

man: $(man)				## check the manual pages
	@mandoc -Tlint -Wwarning $(man)
	@for m in $(man); do \
		said=$$(groff -mdoc -ww -z $$m 2>&1) && test -z "$$said" || { echo "$$said"; exit 1; }; done

# The file has the name that patterns for iptables' programs match (SELinux, AppArmor).
aliases := $(name) ip6tables-$(name)-restore ip6tables-$(name)-save \
	iptables-$(name) iptables-$(name)-restore iptables-$(name)-save
completions = $(prefix)/share/bash-completion/completions

$B/remove: packaging/remove $B/flags
	sed 's,@sbindir@,$(sbindir),g; s,@libexecdir@,$(libexecdir),g' $< >$@

install: all $B/remove			## install under DESTDIR; `markshim enable` then puts it in front
	$(INSTALL) -d $(addprefix $(DESTDIR),$(sbindir) $(libexecdir)/$(name) $(sysconfdir) \
		$(mandir)/man5 $(mandir)/man8 $(completions))
	$(INSTALL) -m 755 $B/$(name) $(DESTDIR)$(sbindir)/ip6tables-$(name)
	for a in $(aliases); do ln -sf ip6tables-$(name) $(DESTDIR)$(sbindir)/$$a || exit; done
	$(INSTALL) -m 755 $B/$(name)-kernel $B/remove $(DESTDIR)$(libexecdir)/$(name)/
	test -e $(DESTDIR)$(sysconfdir)/$(name).conf || \
		$(INSTALL) -m 644 conf/$(name).conf $(DESTDIR)$(sysconfdir)/
	$(INSTALL) -m 644 $(filter %.5,$(man)) $(DESTDIR)$(mandir)/man5/
	$(INSTALL) -m 644 $(filter %.8,$(man)) $(DESTDIR)$(mandir)/man8/
	for a in ip6tables-$(name) $(filter-out $(name),$(aliases)); do \
		ln -sf $(name).8 $(DESTDIR)$(mandir)/man8/$$a.8 || exit; done
	$(INSTALL) -m 644 packaging/bash-completion $(DESTDIR)$(completions)/$(name)
	@$(if $(strip $(static_lacks)),echo 'make: left out: $(no_static)',$(MAKE) --no-print-directory install-static)

uninstall:				## take away what `make install` has put there, but for the configuration
	test -n '$(DESTDIR)' || ! test -x $(libexecdir)/$(name)/remove || $(libexecdir)/$(name)/remove
	rm -f $(addprefix $(DESTDIR)$(sbindir)/,ip6tables-$(name) $(aliases)) \
		$(DESTDIR)$(completions)/$(name) \
		$(addprefix $(DESTDIR)$(mandir)/man8/,$(addsuffix .8,ip6tables-$(name) $(aliases))) \
		$(addprefix $(DESTDIR)$(mandir)/man5/,$(notdir $(filter %.5,$(man))))
	rm -rf $(DESTDIR)$(libexecdir)/$(name)
	test -n '$(DESTDIR)' || rm -rf /var/lib/$(name) /run/$(name)

# Packages are built in a copy of the sources: of what git tracks, or, from `make dist`, of all.
sources = if test -e .git; then git -c safe.directory='*' ls-files -z; \
	else find . \( -path './build*' -o -path './$B' \) -prune -o -type f -print0 -o -type l -print0; fi
$B/source:
	rm -rf $@
	mkdir -p $@
	$(sources) | xargs -0 cp -dp --parents -t $@

dist: $B/source				## build/markshim-VERSION.tar.gz, of which all can be made too
	tar -cz --sort=name --owner=0 --group=0 --numeric-owner \
		--transform 's,^[.],$(name)-$(version),S' -f $B/$(name)-$(version).tar.gz -C $< .

# Each in a copy of its own, as both may be built at once.
deb: $B/source				## build/markshim_VERSION_ARCH.deb, by debhelper
	rm -rf $B/deb
	cp -a $< $B/deb
	cp -r packaging/deb $B/deb/debian
	cd $B/deb && env -u MAKEFLAGS dpkg-buildpackage -b -uc -us

rpm: $B/source				## build/markshim-VERSION-1.ARCH.rpm
	rm -rf $B/rpm
	mkdir -p $B/rpm
	cp -a $< $B/rpm/source
	cd $B/rpm/source && env -u MAKEFLAGS rpmbuild -bb --quiet --nodeps --build-in-place \
		--define '_topdir $(abspath $B)/rpm' --define '_rpmdir $(abspath $B)' \
		--define '_rpmfilename %%{name}-%%{version}-%%{release}.%%{arch}.rpm' \
		packaging/rpm/$(name).spec

lint-packages: deb rpm		## what lintian and rpmlint say of both
	lintian --fail-on error,warning $B/$(name)_*.changes
	rpmlint -c packaging/rpm/rpmlint.toml $B/$(name)-*.rpm

install-static: static			## the part of it for containers alone
	$(INSTALL) -d $(DESTDIR)$(libexecdir)/$(name)
	$(call lay_static,$(DESTDIR)$(libexecdir)/$(name))

clean:					## remove everything that was built
	rm -rf build build-*

help:
	@sed -n 's/^\([a-z-]*\):[^=#]*##/\1\t/p' Makefile | expand -t 14

.PHONY: always all uninstall bench static dist deb rpm lint-packages $B/source deps deps-packages deps-programs deps-vm deps-lint demo test check check-netns check-vm tools lint man install clean help deps-roots check-roots check-fresh static-dir install-static deps-container check-container deps-fuzz fuzz fuzzers
.DELETE_ON_ERROR:
.SECONDARY:				# keep the objects of the tests

-include $(patsubst %.o,%.d,$(call obj,$(core) $(shim) $(kernel) $(wildcard tests/unit/*.c tests/fuzz/*.c)))
