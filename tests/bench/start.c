// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the count of tests/bench/count_instructions.c begins: rdinit= names this program, which
// becomes the initrd's own.
#include <unistd.h>

#include "mark.h"

int main(int argc, char **argv, char **environment) {
    (void)argc;
    SLIPWAY_MARK(SLIPWAY_MARK_START);
    argv[0] = "/init";
    execve(argv[0], argv, environment);
    return 1;
}
