// SPDX-License-Identifier: LGPL-2.1-or-later
// A plugin of QEMU's TCG: how many instructions a guest with one CPU has executed, kernel and all,
// whenever one of the marks of mark.h is reached. Each is a line in the file that the argument
// `out` names: the mark, the instructions.
//
// Debian has no package with QEMU's header for plugins. What is needed of it stands here, as in
// version 4 of the interface (docs/devel/tcg-plugins of QEMU 10.0).
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
typedef struct {
    struct qemu_plugin_scoreboard *score;
    size_t offset;
} qemu_plugin_u64;
enum { kAdd = 0 };         // enum qemu_plugin_op
enum { kNoRegisters = 0 }; // enum qemu_plugin_cb_flags

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  void (*callback)(qemu_plugin_id_t id,
                                                                   struct qemu_plugin_tb *tb));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *target, size_t size);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                                   void (*callback)(unsigned cpu, void *data),
                                                   int flags, void *data);
extern void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, int op,
                                                              qemu_plugin_u64 entry,
                                                              uint64_t value);
extern struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
extern uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);

EXPORTED int qemu_plugin_version = 4;

static qemu_plugin_u64 count;
static FILE *out;

static void mark_is_reached(unsigned cpu, void *data) {
    (void)cpu;
    fprintf(out, "%" PRIxPTR " %" PRIu64 "\n", (uintptr_t)data, qemu_plugin_u64_sum(count));
    fflush(out);
}

// 0: it is none.
static uint32_t mark_of(const struct qemu_plugin_insn *insn) {
    static const uint8_t opcode[] = {0x0f, 0x1f, 0x80};
    uint8_t code[sizeof opcode + sizeof(uint32_t)];
    uint32_t number;
    if (qemu_plugin_insn_size(insn) != sizeof code ||
        qemu_plugin_insn_data(insn, code, sizeof code) != sizeof code ||
        memcmp(code, opcode, sizeof opcode) != 0)
        return 0;
    memcpy(&number, code + sizeof opcode, sizeof number);
    return number == SLIPWAY_MARK_START || number == SLIPWAY_MARK_END ? number : 0;
}

static void block_is_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    const size_t size = qemu_plugin_tb_n_insns(block);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(block, kAdd, count, size);
    for (size_t i = 0; i < size; ++i) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        const uint32_t mark = mark_of(insn);
        if (mark != 0)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_is_reached, kNoRegisters,
                                                   (void *)(uintptr_t)mark);
    }
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                 char **argv) {
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) {
        fputs("count_instructions: the one argument is out=FILE\n", stderr);
        return 1;
    }
    out = fopen(argv[0] + 4, "w");
    if (out == NULL) {
        perror(argv[0]);
        return 1;
    }
    count.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_is_translated);
    return 0;
}
