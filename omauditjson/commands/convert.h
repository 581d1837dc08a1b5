/* SPDX-License-Identifier: Apache-2.0 */
/* Records of files to JSON lines, so that a person can look: the same reading, correlation and
 * writing as the engine's, without journal, replies or receiver. Keeps nothing. */
#ifndef OMAUDITJSON_COMMANDS_CONVERT_H
#define OMAUDITJSON_COMMANDS_CONVERT_H

struct conf;

enum convert_exit {
    CONVERT_EXIT_OK = 0,
    CONVERT_EXIT_GARBAGE = 1, /* some lines were no records; the others were converted */
    CONVERT_EXIT_IO = 74,     /* a file could not be read, or standard output not written */
};

/* Convert the files in their order ("-" and none at all: standard input) to standard output.
 * Trouble goes to standard error by file and line, the first ten of a kind. Returns an exit code.
 */
int convert_run(const struct conf *conf, char *const *files, int n_files);

#endif
