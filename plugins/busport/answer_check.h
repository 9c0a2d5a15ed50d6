// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "base/answer_trace.h"

namespace slipway::busport {

// Does the kernel wipe the memory that it frees (init_on_free)? It says so itself at the beginning
// of its log (report_meminit() in mm/mm_init.c), which is true whether the word is on its command
// line, built in, or overruled by another one. A log that no longer has its beginning says no.
[[nodiscard]] bool wipes_freed_memory(const std::string &kernel_log = "/dev/kmsg");

// Whether an answer through that port would stay in memory once renew_buffers() was called; nothing
// if it would not.
[[nodiscard]] std::optional<AnswerTrace> trace_of_answers(bool wipes_freed_memory,
                                                          const std::string &syspath);

} // namespace slipway::busport
