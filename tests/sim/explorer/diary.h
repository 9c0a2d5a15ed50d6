// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "engine/events.h"

namespace slipway::sim {

// What came in and what the engine decided, one line each. Kept only when it is asked for: writing
// it takes longer than the boot itself.
class Diary {
public:
    explicit Diary(bool is_kept) : is_kept_(is_kept) {}

    void write(Duration now, const Event &event);
    void write(Duration now, const Action &action);
    [[nodiscard]] const std::vector<std::string> &lines() const noexcept { return lines_; }

private:
    bool is_kept_;
    std::vector<std::string> lines_;
};

} // namespace slipway::sim
