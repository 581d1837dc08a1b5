/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "input/record.h"
#include "input/rectype.h"
#include "unit.h"

#define S "msg=audit(1700000000.123:42): "
#define SYSCALL_CANON "type=SYSCALL " S "arch=c000003e"

#define WHOLE "uid=0 auid=700 msg='op=login id=7 res=success'"
#define NAMES "UID=\"root\" AUID=\"a b\" ID=\"bob\""
#define DAMAGED(separator)                                                                  \
    {                                                                                       \
        "type=USER_LOGIN " S WHOLE separator NAMES, "type=USER_LOGIN " S WHOLE "\x1d" NAMES \
    }

/* What each accepted form becomes. NULL: the line is canonical (or its tail is) and is not copied.
 */
static const struct accepted {
    const char *in;
    const char *canonical;
} accepted[] = {
    /* auditd */
    {SYSCALL_CANON, NULL},
    {"node=web1 " SYSCALL_CANON, NULL},
    {"node=a.b-c:d/e " SYSCALL_CANON, NULL},
    {"type=EOE " S, NULL},
    {"type=SYSCALL " S "a=b  ", NULL}, /* trailing blanks stay */
    {"type=SYSCALL " S " a=b", NULL},  /* so do leading ones of the body */
    {"type=SYSCALL " S "res=success\x1d"
     "AUID=\"unset\"",
     NULL},
    {"type=BOGUS_NAME " S "x", NULL},
    {"type=UNKNOWN[1999] " S "x", NULL},
    {"type=SYSCALL msg=audit(0.000:0): x", NULL},
    {"type=SYSCALL msg=audit(99999999999.999:18446744073709551615): x", NULL},
    /* blanks and line ends */
    {"  " SYSCALL_CANON, SYSCALL_CANON},
    {"\t" SYSCALL_CANON, SYSCALL_CANON},
    {SYSCALL_CANON "\r", SYSCALL_CANON},
    {SYSCALL_CANON "\r\r", SYSCALL_CANON},
    {SYSCALL_CANON " \r", SYSCALL_CANON " "},
    {"type=SYSCALL\tmsg=audit(1700000000.123:42):\tarch=c000003e", SYSCALL_CANON},
    {"node=web1 \t type=SYSCALL   " S "x", "node=web1 type=SYSCALL " S "x"},
    {"type=SYSCALL msg=audit(1700000000.123:42):arch=c000003e", SYSCALL_CANON},
    {"type=EOE msg=audit(1700000000.123:42):", NULL}, /* some give EOE without its blank */
    {"type=DAEMON_CONFIG msg=audit(1700000000.123:42) config changed, auid=0", /* auditd 2 */
     "type=DAEMON_CONFIG " S "config changed, auid=0"},
    {"node=a type=DAEMON_CONFIG msg=audit(1700000000.123:42) x",
     "node=a type=DAEMON_CONFIG " S "x"},
    /* numbers */
    {"type=SYSCALL msg=audit(1700000000.1:42): x", "type=SYSCALL msg=audit(1700000000.001:42): x"},
    {"type=SYSCALL msg=audit(1700000000.12:42): x", "type=SYSCALL msg=audit(1700000000.012:42): x"},
    {"type=SYSCALL msg=audit(1700000000:42): x", "type=SYSCALL msg=audit(1700000000.000:42): x"},
    {"type=SYSCALL msg=audit(01700000000.123:042): x", "type=SYSCALL " S "x"},
    {"type=SYSCALL msg=audit(1.000:1): x", "type=SYSCALL msg=audit(1.000:1): x"},
    /* types */
    {"type=1300 audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"type=1300 " S "arch=c000003e", SYSCALL_CANON},
    {"type=UNKNOWN[1300] " S "arch=c000003e", SYSCALL_CANON},
    {"type=AUDIT1300 " S "arch=c000003e", SYSCALL_CANON},
    {"type=<audit-1300> " S "arch=c000003e", SYSCALL_CANON},
    {"type=Syscall " S "arch=c000003e", SYSCALL_CANON}, /* libauparse takes it for one */
    {"type=Bogus " S "x", NULL},
    {"type=AUDIT1112 " S "x", "type=USER_LOGIN " S "x"},
    {"type=<audit-1130> " S "x", "type=SERVICE_START " S "x"},
    {"type=UNKNOWN[1334] " S "x", "type=BPF " S "x"},
    {"type=UNKNOWN[1423] " S "x", "type=LANDLOCK_ACCESS " S "x"}, /* younger than libaudit 3 */
    {"type=1420 audit(1700000000.123:42): x", "type=IPE_ACCESS " S "x"},
    {"type=mac_task_contexts " S "x", "type=MAC_TASK_CONTEXTS " S "x"},
    {"type=DM_EVENT " S "x", NULL},
    {"type=1999 audit(1700000000.123:42): x", "type=UNKNOWN[1999] " S "x"},
    {"type=AUDIT1999 " S "x", "type=UNKNOWN[1999] " S "x"},
    {"type=SYSCALL audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"node=n type=1300 audit(1700000000.123:42): x", "node=n type=SYSCALL " S "x"},
    /* kernel log */
    {"audit: type=1300 audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"[ 4358.314787] audit: type=1300 audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"kernel: [ 4358.314787] audit: type=1300 audit(1700000000.123:42): arch=c000003e",
     SYSCALL_CANON},
    {"<5>audit: type=1300 audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"<5>type=1300 audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"5,1234,4358314787,-;audit: type=1300 audit(1700000000.123:42): arch=c000003e", SYSCALL_CANON},
    {"audit: type=2000 audit(0.120:1): state=initialized", "type=KERNEL msg=audit(0.120:1): "
                                                           "state=initialized"},
    /* syslog, RFC 3164 and 5424 */
    {"<13>Nov 22 16:05:00 host audisp-syslog: " SYSCALL_CANON, SYSCALL_CANON},
    {"Nov 22 16:05:00 host audispd:  node=web1 " SYSCALL_CANON, "node=web1 " SYSCALL_CANON},
    {"<14>1 2026-11-22T16:05:00.123456+00:00 host audisp-syslog 77 - - " SYSCALL_CANON,
     SYSCALL_CANON},
    {"Nov 22 16:05:00 host kernel: audit: type=1300 audit(1700000000.123:42): arch=c000003e",
     SYSCALL_CANON},
    /* a word that only ends in type= is none */
    {"subtype=x nonode=y " SYSCALL_CANON, SYSCALL_CANON},
    /* rsyslog's escape in place of the separator, and where it is none */
    {"type=LOGIN " S "res=1#035UID=\"root\" AUID=\"#035UID=\"", "type=LOGIN " S "res=1\x1d"
                                                                "UID=\"root\" AUID=\"#035UID=\""},
    {"type=USER_LOGIN " S "msg='op=x \"a b\" res=failed'#035UID=\"root\"",
     "type=USER_LOGIN " S "msg='op=x \"a b\" res=failed'\x1d"
     "UID=\"root\""},
    {"type=LOGIN " S "a=#035b#035=#035UID=\"x\"", "type=LOGIN " S "a=#035b#035=\x1dUID=\"x\""},
    {"type=LOGIN " S "a=#035b c=#035 d=#03", NULL},
    /* what else became of the separator, msg='...' or not */
    DAMAGED(" "),
    DAMAGED("  "),
    DAMAGED("\t"),
    DAMAGED(""),
    DAMAGED("#035"),
    DAMAGED("\\035"),
    DAMAGED("\\x1d"),
    DAMAGED("\\x1D"),
    DAMAGED("\\u001d"),
    DAMAGED("<GS>"),
    DAMAGED("^]"),
    DAMAGED("^] "),
    DAMAGED("%1D"),
    DAMAGED("\xe2\x90\x9d"),
    DAMAGED("\xef\xbf\xbd"),
    /* cut in auditd's part */
    {"type=LOGIN " S "uid=0 auid=1 res=1UID=\"root\" AUID=\"al",
     "type=LOGIN " S "uid=0 auid=1 res=1\x1dUID=\"root\" AUID=\"al"},
    {"type=LOGIN " S "uid=0 auid=1 res=1UID=\"root\" AUID=\"a l",
     "type=LOGIN " S "uid=0 auid=1 res=1\x1dUID=\"root\" AUID=\"a l"},
    {"type=LOGIN " S "uid=0 auid=1 res=1UID=\"root\" AUID=\"",
     "type=LOGIN " S "uid=0 auid=1 res=1\x1dUID=\"root\" AUID=\""},
    {"type=LOGIN " S "uid=0 auid=1 res=1UID=\"root\" AUID=",
     "type=LOGIN " S "uid=0 auid=1 res=1\x1dUID=\"root\" AUID="},
    {"type=LOGIN " S "uid=0 auid=1 res=1UID=\"root\" AU",
     "type=LOGIN " S "uid=0 auid=1 res=1\x1dUID=\"root\" AU"},
    {"type=LOGIN " S "uid=0 auid=1 res=1UID=\"root\" ",
     "type=LOGIN " S "uid=0 auid=1 res=1\x1dUID=\"root\" "},
    {"type=SOCKADDR " S "saddr=01 SADDR={ saddr_fam=local path=/a b",
     "type=SOCKADDR " S "saddr=01\x1dSADDR={ saddr_fam=local path=/a b"},
    {"type=SOCKADDR " S "saddr=0A00AASADDR={ saddr_fam=inet6 laddr=::1 lport=1 }",
     "type=SOCKADDR " S "saddr=0A00AA\x1dSADDR={ saddr_fam=inet6 laddr=::1 lport=1 }"},
    /* glued to a value in capitals */
    {"type=PATH " S "ouid=0 ogid=0 objtype=NORMALOUID=\"root\" OGID=\"a b\"",
     "type=PATH " S "ouid=0 ogid=0 objtype=NORMAL\x1dOUID=\"root\" OGID=\"a b\""},
    {"type=X " S "uid=0 euid=0 key=616EUID=\"root\" EUID=\"root\"",
     "type=X " S "uid=0 euid=0 key=616E\x1dUID=\"root\" EUID=\"root\""},
    {"type=X " S "euid=0 key=616EEUID=\"root\"", "type=X " S "euid=0 key=616E\x1d"
                                                 "EUID=\"root\""},
    {"type=X " S "old-auid=5 auid=0 a=1OLD-AUID=\"bob\" AUID=\"root\"",
     "type=X " S "old-auid=5 auid=0 a=1\x1dOLD-AUID=\"bob\" AUID=\"root\""},
    /* the apostrophe went with it */
    {"type=USER_START " S "uid=0 msg='id=3 res=successUID=\"root\" ID=\"bob\"",
     "type=USER_START " S "uid=0 msg='id=3 res=success\x1dUID=\"root\" ID=\"bob\""},
    /* and what the kernel or a program wrote */
    {"type=X " S "uid=0 comm=\"UID=0\"", NULL},
    {"type=X " S "uid=0 exe=\"/a UID=0 AUID=1\"", NULL},
    {"type=X " S "uid=0 exe=\"/a UID=", NULL},
    {"type=X " S "uid=0 msg='op=x UID=\"root\"'", NULL},
    {"type=X " S "uid=0 msg='op=x UID=root'", NULL},
    {"type=X " S "uid=0 msg='op=x UID=root' ", NULL},
    {"type=X " S "op=UID=\"root\"", NULL},                      /* it has no uid */
    {"type=X " S "auid=0 uid=0 a=1UID=\"a\" AUID=\"b\"", NULL}, /* not in that order */
    {"type=X " S "uid=0 a=1UID=\"a\" UID=\"b\"", NULL},         /* one too many */
    {"type=X " S "uid=0 a=1UID=\"a\" exe=\"b\"", NULL},
    {"type=X " S "uid=0 a=1UID=\"a\" b", NULL},
    {"type=INTEGRITY_POLICY_RULE " S "IPE=1", NULL},
    {"type=X " S "ipe=0 IPE=1", NULL},
    {"type=SOCKADDR " S "SADDR={ saddr_fam=inet", NULL},
    {"type=X " S "=", NULL},
    {"type=X " S "UID=", NULL},
    {"type=LOGIN " S "a=#035UID", NULL},
    {"type=LOGIN " S "a=#035UID=x\x1dUID=\"root\"", NULL},
    {"type=SYSCALL " S "comm=\"#035UID=0\" exe=\"/x\"", NULL},
    {"type=USER_CMD " S "msg='hostname=#035UID=\"root\" res=success'", NULL},
    {"type=SYSCALL " S "comm=\"#035UID=\" x=1#035UID=\"root\"",
     "type=SYSCALL " S "comm=\"#035UID=\" x=1\x1dUID=\"root\""},
    /* only the first header counts, whatever a user wrote behind it */
    {"type=USER_CMD " S "cmd=type=SYSCALL msg=audit(1.000:1): x node=evil type=LOGIN", NULL},
};

static struct buf scratch;

static enum record_fault parse(const char *s, size_t len, struct record *r)
{
    scratch.max = len + 128;
    return record_parse(s, len, &scratch, r);
}

static void check_offsets(const struct record *r)
{
    const char *sep = memchr(r->line + r->body, '\x1d', r->len - r->body);

    ck_assert_uint_ge(r->body, strlen("type=X msg=audit(0.000:0): "));
    ck_assert_uint_le(r->body, r->len);
    if (r->body == r->len && r->line[r->body - 1] == ':')
        ck_assert_mem_eq(r->line + r->body - 2, "):", 2);
    else
        ck_assert_mem_eq(r->line + r->body - 3, "): ", 3);
    ck_assert_uint_eq(r->raw_len, sep ? (size_t)(sep - r->line) : r->len);
    ck_assert(r->type_name > r->line && r->type_name < r->line + r->len);
    ck_assert_mem_eq(r->type_name - 5, "type=", 5);
    ck_assert_int_eq(r->type_name[r->type_name_len], ' ');
    if (r->node) {
        ck_assert_ptr_eq(r->node, r->line + 5);
        ck_assert_mem_eq(r->line, "node=", 5);
        ck_assert_int_eq(r->node[r->node_len], ' ');
    } else {
        ck_assert_ptr_eq(r->type_name, r->line + 5);
    }
}

START_TEST(accepted_forms)
{
    const struct accepted *a = &accepted[_i];
    const char *want = a->canonical ? a->canonical : a->in;
    size_t len = strlen(a->in);
    CLEANUP_FREE char *in = mem_alloc(len); /* no NUL behind it: a read beyond is seen */
    struct record r, again;
    struct buf other = BUF_INIT(10000);

    memcpy(in, a->in, len);
    ck_assert_msg(parse(in, len, &r) == RECORD_OK, "refused: %s", a->in);
    ck_assert_msg(r.len == strlen(want) && memcmp(r.line, want, r.len) == 0, "%s\nbecame %.*s",
                  a->in, (int)r.len, r.line);
    check_offsets(&r);
    if (!a->canonical)
        ck_assert_ptr_eq(r.line, in);
    /* canonical text is a fixed point, and is not copied again */
    ck_assert_int_eq(record_parse(r.line, r.len, &other, &again), RECORD_OK);
    ck_assert_ptr_eq(again.line, r.line);
    ck_assert_uint_eq(again.len, r.len);
    ck_assert_uint_eq(again.serial, r.serial);
    ck_assert_int_eq(again.sec, r.sec);
    ck_assert_uint_eq(again.ms, r.ms);
    ck_assert_int_eq(again.type, r.type);
    ck_assert_uint_eq(again.raw_len, r.raw_len);
    ck_assert_ptr_null(other.data);
    buf_done(&scratch);
}
END_TEST

START_TEST(the_parts_of_a_header)
{
    static const char line[] = "node=web1 type=USER_LOGIN msg=audit(1700000000.007:99): "
                               "res=1\x1dUID=\"root\"";
    struct record r;

    ck_assert_int_eq(parse(line, strlen(line), &r), RECORD_OK);
    ck_assert_uint_eq(r.node_len, 4);
    ck_assert_mem_eq(r.node, "web1", 4);
    ck_assert_uint_eq(r.type_name_len, 10);
    ck_assert_mem_eq(r.type_name, "USER_LOGIN", 10);
    ck_assert_int_eq(r.type, AUDIT_USER_LOGIN);
    ck_assert_int_eq(r.sec, 1700000000);
    ck_assert_uint_eq(r.ms, 7);
    ck_assert_uint_eq(r.serial, 99);
    ck_assert_mem_eq(r.line + r.body, "res=1", 5);
    ck_assert_uint_eq(r.raw_len, r.body + 5);
}
END_TEST

START_TEST(a_prefix_is_stripped_without_a_copy)
{
    static const char line[] = "<13>Nov 22 16:05:00 host audisp-syslog: " SYSCALL_CANON "\r";
    struct record r;

    ck_assert_int_eq(parse(line, strlen(line), &r), RECORD_OK);
    ck_assert_ptr_eq(r.line, strstr(line, "type="));
    ck_assert_uint_eq(r.len, strlen(SYSCALL_CANON));
    ck_assert_ptr_null(scratch.data);
}
END_TEST

static const struct refused {
    const char *in;
    enum record_fault fault;
} refused[] = {
    {"", RECORD_EMPTY},
    {" \t ", RECORD_EMPTY},
    {"\r", RECORD_EMPTY},
    {" \r\r", RECORD_EMPTY},
    {"garbage", RECORD_NO_HEADER},
    {"syslog plugin initialized", RECORD_NO_HEADER},
    {"audit: backlog limit exceeded", RECORD_NO_HEADER},
    {"type=", RECORD_NO_HEADER},
    {"type= " S, RECORD_NO_HEADER},
    {"type=SYSCALL", RECORD_NO_HEADER},
    {"type=SYSCALL ", RECORD_NO_HEADER},
    {"type=SYSCALL msg=", RECORD_NO_HEADER},
    {"type=SYSCALL msg=audit", RECORD_NO_HEADER},
    {"type=SYSCALL msg='audit(1.000:1): '", RECORD_NO_HEADER},
    {"type=SYSCALLmsg=audit(1.000:1): x", RECORD_NO_HEADER},
    {"type=99999 " S, RECORD_NO_HEADER},
    {"type=65536 " S, RECORD_NO_HEADER},
    {"type=UNKNOWN[] " S, RECORD_NO_HEADER},
    {"type=UNKNOWN[13x4] " S, RECORD_NO_HEADER},
    {"type=<audit-> " S, RECORD_NO_HEADER},
    {"type=1300x " S, RECORD_NO_HEADER},
    {"type=-1 x" S, RECORD_NO_HEADER},
    {"type=A\"B " S, RECORD_NO_HEADER},
    {"type=A\xff " S, RECORD_NO_HEADER},
    {"type=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " S, RECORD_NO_HEADER},
    {"node=web1", RECORD_BAD_NODE},
    {"node=web1 x " SYSCALL_CANON, RECORD_NO_HEADER},
    /* no second chance for a later word */
    {"type=x " SYSCALL_CANON, RECORD_NO_HEADER},
    {"type=SYSCALL cmd=\"type=LOGIN " S "\"", RECORD_NO_HEADER},
    {"node=a node=b " SYSCALL_CANON, RECORD_NO_HEADER},
    {"node= " SYSCALL_CANON, RECORD_BAD_NODE},
    {"node=\x01 " SYSCALL_CANON, RECORD_BAD_NODE},
    {"node=a\x7f " SYSCALL_CANON, RECORD_BAD_NODE},
    {"type=SYSCALL msg=audit(", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(x.000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(-1.000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(+1.000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit( 1.000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.0000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.1000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.-1:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(100000000000.000:1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:x): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:-1): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:18446744073709551616): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:000000000000000000001): x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:1: x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:1)x", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:1)", RECORD_BAD_STAMP},
    {"type=SYSCALL msg=audit(1.000:1", RECORD_BAD_STAMP},
    /* 80 bytes up to the ')': libauparse would read a cut serial */
    {"type=ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF msg=audit(99999999999.999:18446744073709551615): x",
     RECORD_BAD_STAMP},
};

START_TEST(refused_lines)
{
    const struct refused *f = &refused[_i];
    size_t len = strlen(f->in);
    CLEANUP_FREE char *in = mem_alloc(len ? len : 1);
    struct record r;

    memcpy(in, f->in, len);
    ck_assert_msg(parse(in, len, &r) == f->fault, "%s: %s instead of %s", f->in,
                  record_fault_text(parse(in, len, &r)), record_fault_text(f->fault));
    buf_done(&scratch);
}
END_TEST

START_TEST(a_nul_anywhere_is_a_fault)
{
    char line[] = SYSCALL_CANON;
    struct record r;

    for (size_t i = 0; i < strlen(SYSCALL_CANON); i++) {
        char was = line[i];

        line[i] = '\0';
        ck_assert_int_eq(parse(line, strlen(SYSCALL_CANON), &r), RECORD_NUL);
        line[i] = was;
    }
    ck_assert_int_eq(parse("\0", 1, &r), RECORD_NUL);
    ck_assert_int_eq(record_parse(NULL, 0, &scratch, &r), RECORD_EMPTY);
}
END_TEST

START_TEST(every_cut_of_a_header_is_a_fault)
{
    static const char line[] = "node=web1 " SYSCALL_CANON;
    size_t header = (size_t)(strstr(line, "): ") - line) + 2;

    for (size_t len = 0; len <= strlen(line); len++) {
        CLEANUP_FREE char *in = mem_alloc(len ? len : 1);
        struct record r;

        memcpy(in, line, len);
        ck_assert_int_eq(parse(in, len, &r) == RECORD_OK, len >= header);
    }
    buf_done(&scratch);
}
END_TEST

START_TEST(node_and_prefix_have_bounds)
{
    struct buf b = BUF_INIT(2000);
    struct record r;

    for (int extra = 0; extra <= 1; extra++) {
        buf_truncate(&b, 0);
        ck_assert_int_eq(buf_printf(&b, "node=%0*d " SYSCALL_CANON, RECORD_NODE_MAX + extra, 0), 0);
        ck_assert_int_eq(parse(b.data, b.len, &r), extra ? RECORD_BAD_NODE : RECORD_OK);
        buf_truncate(&b, 0);
        ck_assert_int_eq(buf_printf(&b, "%0*d " SYSCALL_CANON, RECORD_PREFIX_MAX - 1 + extra, 0),
                         0);
        ck_assert_int_eq(parse(b.data, b.len, &r), extra ? RECORD_NO_HEADER : RECORD_OK);
    }
    buf_done(&b);
}
END_TEST

START_TEST(the_longest_header_libauparse_can_read)
{
    /* 79 bytes up to and with the ')' */
    static const char line[] =
        "type=ABCDEFGHIJKLMNOPQRSTUVWXYZ msg=audit(99999999999.999:18446744073709551615): x";
    struct record r;

    ck_assert_uint_eq((size_t)(strchr(line, ')') - line) + 1, 79);
    ck_assert_int_eq(parse(line, strlen(line), &r), RECORD_OK);
}
END_TEST

START_TEST(a_giant_line_needs_no_more_scratch_than_the_contract_says)
{
    enum { GIANT = 1 << 20 };
    static const char head[] = "type=1300 audit(1:1):";
    CLEANUP_FREE char *in = mem_alloc(GIANT);
    struct record r;

    memset(in, 'x', GIANT);
    memcpy(in, head, strlen(head));
    ck_assert_int_eq(parse(in, GIANT, &r), RECORD_OK);
    ck_assert_uint_gt(r.len, GIANT);
    ck_assert_int_eq(parse("type=1300 audit(1:1):", strlen(head), &r), RECORD_OK);
    ck_assert_uint_le(scratch.cap, 64 * 1024);
    buf_done(&scratch);
}
END_TEST

START_TEST(every_name_of_libaudit_is_known)
{
    unsigned names = 0;

    for (int type = 1000; type < 3000; type++) {
        const char *name = audit_msg_type_to_name(type);
        int number = 0;

        if (!name)
            continue;
        names++;
        ck_assert_int_eq(rectype_lookup(name, strlen(name), &number), RECTYPE_NAME);
        ck_assert_int_eq(number, audit_name_to_msg_type(name));
        ck_assert_int_ne(rectype_lookup(name, strlen(name) - 1, &number), RECTYPE_BAD);
    }
    ck_assert_uint_gt(names, 150);
}
END_TEST

/* By name, as UNKNOWN[n] and as a number: the same text, the same type. */
START_TEST(a_type_has_one_name)
{
    static const struct {
        int number;
        const char *name;
    } types[] = {
#define RECTYPE(number, name) {number, name},
#include "input/rectypes.def"
#undef RECTYPE
    };
    char line[128], want[128];
    struct record r;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const char *of_libaudit = audit_msg_type_to_name(types[i].number);

        ck_assert_str_eq(rectype_name(types[i].number), types[i].name);
        if (of_libaudit)
            ck_assert_str_eq(of_libaudit, types[i].name);
        snprintf(want, sizeof(want), "type=%s " S "a=1", types[i].name);
        for (int form = 0; form < 3; form++) {
            if (form == 0)
                snprintf(line, sizeof(line), "%s", want);
            else
                snprintf(line, sizeof(line),
                         form == 1 ? "type=%d " S "a=1" : "type=UNKNOWN[%d] " S "a=1",
                         types[i].number);
            ck_assert_int_eq(parse(line, strlen(line), &r), RECORD_OK);
            ck_assert_int_eq(r.type, types[i].number);
            ck_assert_uint_eq(r.len, strlen(want));
            ck_assert_mem_eq(r.line, want, r.len);
        }
    }
    buf_done(&scratch);
}
END_TEST

/* Stamps that are, nearly are, and are not the one before them, in each order. */
START_TEST(a_stamp_is_read_the_same_after_any_other)
{
    static const struct {
        const char *text;
        enum record_fault fault;
        int64_t sec;
        unsigned ms;
        uint64_t serial;
    } stamps[] = {
        {"1700000000.123:42): ", RECORD_OK, 1700000000, 123, 42},
        {"1700000000.123:42):", RECORD_OK, 1700000000, 123, 42},
        {"1700000000.123:42):\t", RECORD_OK, 1700000000, 123, 42},
        {"1700000000.123:42)", RECORD_BAD_STAMP, 0, 0, 0},
        {"1700000000.123:421): ", RECORD_OK, 1700000000, 123, 421},
        {"1700000000.123:4): ", RECORD_OK, 1700000000, 123, 4},
        {"1700000000.123:042): ", RECORD_OK, 1700000000, 123, 42},
        {"1700000000.12:42): ", RECORD_OK, 1700000000, 12, 42},
        {"1700000000.124:42): ", RECORD_OK, 1700000000, 124, 42},
        {"1700000001.123:42): ", RECORD_OK, 1700000001, 123, 42},
        {"170000000.123:42): ", RECORD_OK, 170000000, 123, 42},
        {"99999999999.999:18446744073709551615): ", RECORD_OK, 99999999999, 999, UINT64_MAX},
        {"99999999999.999:18446744073709551616): ", RECORD_BAD_STAMP, 0, 0, 0},
    };
    const size_t n = sizeof(stamps) / sizeof(stamps[0]);
    struct record r;

    for (size_t i = 0; i < n * n * 2; i++) {
        size_t k = i % 2 ? i / 2 % n : i / 2 / n;
        const char *type = i % 3 ? "type=SYSCALL msg=audit(" : "type=1300  audit(";
        char line[128];

        snprintf(line, sizeof(line), "%s%s%sx=1", i % 5 ? "" : "node=n ", type, stamps[k].text);
        ck_assert_int_eq(parse(line, strlen(line), &r), stamps[k].fault);
        if (stamps[k].fault == RECORD_OK) {
            ck_assert_int_eq(r.sec, stamps[k].sec);
            ck_assert_uint_eq(r.ms, stamps[k].ms);
            ck_assert_uint_eq(r.serial, stamps[k].serial);
            ck_assert_uint_eq(r.len - r.body, 3);
            check_offsets(&r);
        }
    }
}
END_TEST

START_TEST(every_fault_has_a_text)
{
    for (enum record_fault f = RECORD_OK; f <= RECORD_NUL; f++) {
        ck_assert_uint_gt(strlen(record_fault_text(f)), 5);
        for (enum record_fault g = RECORD_OK; g < f; g++)
            ck_assert_str_ne(record_fault_text(f), record_fault_text(g));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tc = tcase_create("record");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, accepted_forms, 0, sizeof(accepted) / sizeof(accepted[0]));
    tcase_add_loop_test(tc, refused_lines, 0, sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tc, the_parts_of_a_header);
    tcase_add_test(tc, a_prefix_is_stripped_without_a_copy);
    tcase_add_test(tc, a_nul_anywhere_is_a_fault);
    tcase_add_test(tc, every_cut_of_a_header_is_a_fault);
    tcase_add_test(tc, node_and_prefix_have_bounds);
    tcase_add_test(tc, the_longest_header_libauparse_can_read);
    tcase_add_test(tc, a_giant_line_needs_no_more_scratch_than_the_contract_says);
    tcase_add_test(tc, every_name_of_libaudit_is_known);
    tcase_add_test(tc, a_type_has_one_name);
    tcase_add_test(tc, every_fault_has_a_text);
    tcase_add_test(tc, a_stamp_is_read_the_same_after_any_other);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
