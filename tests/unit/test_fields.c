/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/scan.h"
#include "event/decode.h"
#include "event/fields.h"
#include "unit.h"

/* The fields of a body as text: name=value, "=" quoted, ~ decoded, ' nested, one blank between. */
static const char *split(int type, const char *body)
{
    static struct buf out;
    struct fields f;
    size_t len = strlen(body);
    char *text = mem_calloc(1, len + SCAN_PAD);

    memcpy(text, body, len);
    buf_done(&out);
    buf_init(&out, 100000);
    fields_init(&f);
    fields_reset(&f);
    fields_split(&f, type, text, len);
    for (size_t i = 0; i < f.n; i++) {
        const struct event_field *fl = &f.at[i];

        buf_printf(&out, "%s%s%.*s=%s[", i ? " " : "", fl->flags & EVENT_FIELD_NESTED ? "'" : "",
                   (int)fl->name_len, fl->name,
                   fl->flags & EVENT_FIELD_QUOTED    ? "\""
                   : fl->flags & EVENT_FIELD_DECODED ? "~"
                                                     : "");
        buf_append(&out, fl->value, fl->value_len);
        buf_append(&out, "]", 1);
    }
    fields_done(&f);
    free(text);
    return buf_cstr(&out);
}

#define CHECK(type, body, expected) ck_assert_str_eq(split((type), (body)), (expected))

START_TEST(plain_and_quoted_values)
{
    CHECK(AUDIT_SYSCALL, "arch=c000003e tty=(none) comm=\"a b\" key=(null)",
          "arch=[c000003e] tty=[(none)] comm=\"[a b] key=[(null)]");
    CHECK(AUDIT_SYSCALL, "  a=1   b=2  ", "a=[1] b=[2]");
    CHECK(AUDIT_SYSCALL, "a=1\tb=2", "a=[1] b=[2]");
    CHECK(AUDIT_SYSCALL, "uid= key=\"\" exe=", "uid=[] key=\"[] exe=[]");
    CHECK(AUDIT_SYSCALL, "", "");
    CHECK(AUDIT_SYSCALL, "   ", "");
    CHECK(AUDIT_SYSCALL, "old-auid=1 cap_fp=0 a1[0]=x nlnk-fam=16",
          "old-auid=[1] cap_fp=[0] a1[0]=[x] nlnk-fam=[16]");
    CHECK(AUDIT_SYSCALL, "subj==unconfined", "subj=[=unconfined]");
    CHECK(AUDIT_SYSCALL, "subj=/usr/sbin/ntpd (enforce) key=(null)",
          "subj=[/usr/sbin/ntpd (enforce)] key=[(null)]");
}
END_TEST

START_TEST(only_untrusted_strings_are_decoded)
{
    CHECK(AUDIT_SYSCALL, "comm=6120 exe=2F78C3 a0=6120 subj=6120",
          "comm=~[a ] exe=~[/x\xc3] a0=[6120] subj=[6120]");
    CHECK(AUDIT_SYSCALL, "comm=\"6120\"", "comm=\"[6120]");
    CHECK(AUDIT_SYSCALL, "comm=CAFE", "comm=~[\xca\xfe]");
    CHECK(AUDIT_SYSCALL, "comm=\"CAFE\"", "comm=\"[CAFE]");
    CHECK(AUDIT_EXECVE, "argc=20 a0=6120 a10=\"6120\" a1[3]=6120 a2_len=20",
          "argc=[20] a0=~[a ] a10=\"[6120] a1[3]=~[a ] a2_len=[20]");
}
END_TEST

/* What libauparse makes rubbish of: text that begins like hexadecimal (auparse.md 4). */
START_TEST(what_is_no_hexadecimal_stays)
{
    CHECK(AUDIT_PATH, "name=dead/beef", "name=[dead/beef]");
    CHECK(AUDIT_PATH, "name=612", "name=[612]");
    CHECK(AUDIT_PATH, "name=612G", "name=[612G]");
    CHECK(AUDIT_PATH, "name=612g", "name=[612g]");
    /* the kernel's is a quoted word or hexadecimal, whoever made its letters small; not so a
     * program's */
    CHECK(AUDIT_PATH, "name=cafe", "name=~[\xca\xfe]");
    CHECK(AUDIT_PATH, "name=2f6eA", "name=[2f6eA]");
    CHECK(AUDIT_USER_CMD, "msg='cwd=2F cmd=6C73'", "'cwd=~[/] 'cmd=~[ls]");
    CHECK(AUDIT_PATH, "objtype=CREATE", "objtype=[CREATE]");
    CHECK(AUDIT_PATH, "dev=DE:AD", "dev=[DE:AD]");
    CHECK(AUDIT_USER_AUTH, "msg='acct=cafe grp=adm cmd=be device=dabc0'",
          "'acct=[cafe] 'grp=[adm] 'cmd=[be] 'device=[dabc0]");
    CHECK(AUDIT_USER_AUTH, "msg='acct=4142 cmd=6C7320'", "'acct=[4142] 'cmd=~[ls ]");
}
END_TEST

START_TEST(a_programs_message)
{
    CHECK(AUDIT_USER_ACCT, "pid=1 msg='op=adding user to group acct=\"x\" res=success'",
          "pid=[1] 'op=[adding user to group] 'acct=\"[x] 'res=[success]");
    CHECK(AUDIT_USER_ACCT, "msg='op= id=5 res=success'", "'op=[] 'id=[5] 'res=[success]");
    CHECK(AUDIT_USER, "pid=9 msg='text=it's \"dq\" here exe=\"/x\" res=1'",
          "pid=[9] 'text=[it's \"dq\" here] 'exe=\"[/x] 'res=[1]");
    CHECK(AUDIT_USER, "msg='just words'", "'text=[just words]");
    CHECK(AUDIT_USER, "msg='words first op=x'", "'text=[words first] 'op=[x]");
    CHECK(AUDIT_USER, "msg='op=x", "'op=[x]");
    CHECK(AUDIT_USER, "msg='' a=b", "a=[b]");
    CHECK(AUDIT_USER, "msg='op=x' a=b", "'op=[x] a=[b]");
    CHECK(AUDIT_USER, "msg='msg='y' z=1'", "'msg=['y'] 'z=[1]");
}
END_TEST

START_TEST(selinux)
{
    CHECK(AUDIT_AVC, "avc:  denied  { read write } for  pid=1 comm=\"x\" dev=6120",
          "seresult=[denied] seperms=[read,write] pid=[1] comm=\"[x] dev=~[a ]");
    CHECK(AUDIT_AVC, "avc:  granted  null for  pid=1", "seresult=[granted] seperms=[null] pid=[1]");
    CHECK(AUDIT_AVC, "avc:  granted  null", "text=[avc:  granted  null]");
    CHECK(AUDIT_AVC, "avc:  denied  { } for pid=1", "seresult=[denied] seperms=[] pid=[1]");
    CHECK(AUDIT_AVC, "avc:  denied  { read", "text=[avc:  denied  { read]");
    CHECK(AUDIT_AVC, "avc:", "text=[avc:]");
    CHECK(AUDIT_AVC, "avc:  denied  {", "text=[avc:  denied  {]");
    CHECK(AUDIT_USER_AVC, "uid=81 msg='avc:  denied  { send_msg } for msgtype=x tclass=dbus'",
          "uid=[81] 'seresult=[denied] 'seperms=[send_msg] 'msgtype=[x] 'tclass=[dbus]");
    CHECK(AUDIT_USER_AVC,
          "msg='avc:  received notice (seqno=2) : exe=\"/x\" (sauid=81, hostname=?, addr=?)'",
          "'text=[avc:  received notice] 'seqno=[2] 'exe=\"[/x] 'sauid=[81] 'hostname=[?] "
          "'addr=[?]");
}
END_TEST

START_TEST(old_and_odd_records)
{
    CHECK(AUDIT_LOGIN, "login pid=9 uid=0 old auid=4294967295 new auid=1000",
          "text=[login] pid=[9] uid=[0] old-auid=[4294967295] auid=[1000]");
    CHECK(AUDIT_LOGIN, "login pid=9 old auid=1 new auid=2 old ses=3 new ses=4 old",
          "text=[login] pid=[9] old-auid=[1] auid=[2] old-ses=[3] ses=[4] text=[old]");
    CHECK(AUDIT_USER_LOGIN,
          "pid=9 msg='acct=\"bob\": exe=\"/x\" (hostname=h, addr=192.0.2.1, terminal=ssh res=no)'",
          "pid=[9] 'acct=\"[bob] 'exe=\"[/x] 'hostname=[h] 'addr=[192.0.2.1] 'terminal=[ssh] "
          "'res=[no]");
    CHECK(AUDIT_LOGIN, "pid=9 new  old new", "pid=[9] text=[new  old new]");
    CHECK(AUDIT_ANOM_ABEND, "reason=memory violation sig=11", "reason=[memory violation] sig=[11]");
    CHECK(AUDIT_AVC, "apparmor=\"DENIED\" info=\"Failed name lookup - x\" error=-2",
          "apparmor=\"[DENIED] info=\"[Failed name lookup - x] error=[-2]");
    CHECK(AUDIT_SYSCALL, "a=\"x\"y b=1", "a=[\"x\"y] b=[1]");
    CHECK(AUDIT_SYSCALL, "a=\"open b=1", "a=[\"open] b=[1]");
    CHECK(AUDIT_SYSCALL, "a=\"in \"the\" middle\" b=1", "a=\"[in \"the] text=[middle\"] b=[1]");
    CHECK(AUDIT_SYSCALL, "=x 1=y -a=b", "text=[=x 1=y -a=b]");
}
END_TEST

START_TEST(what_the_kernel_encodes)
{
    CHECK(AUDIT_INTEGRITY_DATA, "op=x name=6120 dev=6120 ino=1",
          "op=[x] name=~[a ] dev=~[a ] ino=[1]");
    CHECK(AUDIT_ANOM_PROMISCUOUS, "dev=cafe prom=256", "dev=[cafe] prom=[256]");
    CHECK(AUDIT_ANOM_PROMISCUOUS, "dev=CAFE prom=256", "dev=[CAFE] prom=[256]");
    CHECK(AUDIT_CONFIG_CHANGE, "op=make_equiv old=2F61 new=2F62 res=1",
          "op=[make_equiv] old=~[/a] new=~[/b] res=[1]");
    CHECK(AUDIT_CONFIG_CHANGE, "op=make_equiv old=\"/a\" new=\"2F62\" res=1",
          "op=[make_equiv] old=\"[/a] new=\"[2F62] res=[1]");
    CHECK(AUDIT_CONFIG_CHANGE, "op=set audit_backlog_limit=8192 old=6464 res=1",
          "op=[set] audit_backlog_limit=[8192] old=[6464] res=[1]");
    CHECK(AUDIT_CONFIG_CHANGE, "old=6464 op=make_equiv msg='old=6464'",
          "old=[6464] op=[make_equiv] 'old=[6464]");
    CHECK(AUDIT_SELINUX_ERR, "op=x invalid_context=6120", "op=[x] invalid_context=~[a ]");
    CHECK(AUDIT_USER_TTY, "pid=1 data=\"CAFE\"", "pid=[1] data=\"[CAFE]");
    CHECK(AUDIT_TTY, "tty pid=1 data=6C73", "text=[tty] pid=[1] data=~[ls]");
    CHECK(AUDIT_VIRT_RESOURCE, "msg='old-disk=\"?\" new-disk=2F6120 old-mem=1048 new-mem=104858'",
          "'old-disk=\"[?] 'new-disk=~[/a ] 'old-mem=[1048] 'new-mem=[104858]");
    CHECK(1807, "action=measure fsmagic=0x9fa0 uid>1000 func=\"A\"",
          "action=[measure] fsmagic=[0x9fa0] text=[uid>1000] func=\"[A]");
}
END_TEST

START_TEST(the_device_mappers_message)
{
    CHECK(1338, "dev=253:4 error_msg='Error: key= too short' res=0",
          "dev=[253:4] error_msg=\"[Error: key= too short] res=[0]");
    CHECK(1338, "error_msg='it's' res=0", "error_msg=\"[it's] res=[0]");
    CHECK(1338, "error_msg='' res=0", "error_msg=\"[] res=[0]");
    CHECK(1338, "error_msg='open res=0", "error_msg=['open] res=[0]");
    CHECK(1338, "error_msg=' res=0", "error_msg=['] res=[0]");
    CHECK(1338, "error_msg='", "error_msg=[']");
}
END_TEST

/* Each of these would take minutes if a search began anew at every field. */
START_TEST(hostile_text_is_linear)
{
    static const char *const parts[] = {"a=\"x", "a=\" ", "msg='", "a=b ",         "(",
                                        "\"",    "a ",    "a=' ",  "error_msg='x "};
    const size_t n = 400000;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t len = strlen(parts[i]);
        char *text = mem_calloc(1, n * len + SCAN_PAD);
        struct fields f;

        for (size_t k = 0; k < n; k++)
            memcpy(text + k * len, parts[i], len);
        fields_init(&f);
        fields_reset(&f);
        fields_split(&f, AUDIT_USER_AVC, text, n * len);
        ck_assert_uint_le(f.n, n + 1);
        fields_done(&f);
        free(text);
    }
}
END_TEST

START_TEST(argument_names)
{
    uint64_t index, piece;
    bool parts;

    ck_assert(decode_arg_name("a12", 3, &index, &piece, &parts));
    ck_assert(index == 12 && piece == 0 && !parts);
    ck_assert(decode_arg_name("a1[20]", 6, &index, &piece, &parts));
    ck_assert(index == 1 && piece == 20 && parts);
    for (const char *const *bad =
             (const char *const[]){"a", "b1", "a1[", "a1[]", "a[1]", "a1[2", "a1[2]x", "a1x",
                                   "argc", "a1[2][3]", "a9999999999999999999", NULL};
         *bad; bad++)
        ck_assert_msg(!decode_arg_name(*bad, strlen(*bad), &index, &piece, &parts), "%s", *bad);
}
END_TEST

/* The vector paths against the plain ones; each text ends where its memory ends, but for the bytes
 * that the search asks for, and what it looks for stands there. */
START_TEST(vectors_find_what_bytes_find)
{
    static const char alphabet[] = "ab= \t\"";
    unsigned seed = 20240611;

    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rand_r(&seed) % 70, from;
        char *text = mem_alloc(len + SCAN_PAD), *p, *end = text + len;
        const char *word = "ab=ab=ab=ab=ab=";
        unsigned letters = rand_r(&seed) % 2 ? sizeof(alphabet) - 1 : 2;

        for (size_t i = 0; i < len + SCAN_PAD; i++)
            text[i] = i < len ? alphabet[(unsigned)rand_r(&seed) % letters] : " \""[i % 2];
        p = text + (from = len ? (size_t)rand_r(&seed) % len : 0);
        ck_assert_ptr_eq(scan_blank(p, end), scan_blank_plain(p, end));
        ck_assert_ptr_eq(scan_char(p, end, '"'), scan_char_plain(p, end, '"'));
        for (size_t n = 0; n <= 15; n++) {
            memcpy(p, word, n < len - from ? n : len - from);
            ck_assert(scan_begins(p, word, n) == scan_begins_plain(p, word, n));
        }
        free(text);
    }
}
END_TEST

START_TEST(vectors_decode_what_bytes_decode)
{
    static const char odd[] = "/:@Gag\x7f\x80\xff";
    unsigned seed = 20240612;

    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rand_r(&seed) % 100;
        char *text = mem_alloc(len + 1), *same = mem_alloc(len + 1);
        size_t n;

        for (size_t i = 0; i < len; i++)
            text[i] = "0123456789ABCDEF"[rand_r(&seed) % 16];
        if (len && rand_r(&seed) % 2)
            text[(size_t)rand_r(&seed) % len] = odd[(unsigned)rand_r(&seed) % (sizeof(odd) - 1)];
        memcpy(same, text, len);
        n = decode_hex_plain(same, len);
        ck_assert_uint_eq(decode_hex(text, len), n);
        ck_assert(memcmp(text, same, n == SIZE_MAX ? len : n) == 0);
        free(text);
        free(same);
    }
}
END_TEST

UNIT_MAIN("fields", plain_and_quoted_values, only_untrusted_strings_are_decoded,
          what_is_no_hexadecimal_stays, a_programs_message, selinux, old_and_odd_records,
          what_the_kernel_encodes, the_device_mappers_message, hostile_text_is_linear,
          argument_names, vectors_find_what_bytes_find, vectors_decode_what_bytes_decode)
