// SPDX-License-Identifier: LGPL-2.1-or-later
// Marks in the guest that tests/bench/count_instructions.c recognises: an instruction that does
// nothing, with a number that no compiler puts there. `nopl number(%rax)`.
#pragma once

#define SLIPWAY_MARK_START 0x51a90001
#define SLIPWAY_MARK_END 0x51a90002
#define SLIPWAY_MARK(number) __asm__ volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0" : : "i"(number))
