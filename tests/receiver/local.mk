# SPDX-License-Identifier: Apache-2.0
# The test receiver: see tests/receiver/receiver.c.

check_PROGRAMS += tests/receiver/receiver
tests_receiver_receiver_SOURCES = \
    tests/receiver/answer.c tests/receiver/answer.h \
    tests/receiver/behave.c tests/receiver/behave.h \
    tests/receiver/body.c tests/receiver/body.h \
    tests/receiver/elastic.c tests/receiver/elastic.h \
    tests/receiver/receiver.c \
    tests/receiver/server.c tests/receiver/server.h \
    tests/receiver/siem.c tests/receiver/siem.h tests/receiver/siem_hec.c \
    tests/receiver/store.c tests/receiver/store.h \
    tests/receiver/strict.c tests/receiver/strict.h \
    tests/receiver/take.c tests/receiver/server_internal.h
tests_receiver_receiver_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS) -pthread
tests_receiver_receiver_LDADD = libomauditjson.a $(MHD_LIBS) -lgnutls -lpthread \
    $(JSONC_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS)

TESTS += tests/receiver/elasticsearch.sh tests/receiver/early.sh tests/receiver/http2.sh \
    tests/receiver/refuse_all.sh tests/receiver/splunk.sh tests/receiver/test_receiver.sh
EXTRA_DIST += tests/data/host-enriched.log tests/lib/lib.sh \
    tests/receiver/early.sh tests/receiver/elasticsearch.sh \
    tests/receiver/http2.sh tests/receiver/refuse_all.sh tests/receiver/splunk.sh \
    tests/receiver/test_receiver.sh
