// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace slipway {

// Collects what is wrong and what is worth a notice while an image is put together, so that a build
// reports everything in one pass. Problems prevent the image, notices do not.
class Problems {
public:
    void add(std::string text) { problems_.push_back(std::move(text)); }
    void notice(std::string text) { notices_.push_back(std::move(text)); }

    // Records the failure of a step that the build cannot do without; returns whether it succeeded.
    bool check(const Result<> &result) {
        if (!result)
            add(result.error().message());
        return result.has_value();
    }

    [[nodiscard]] const std::vector<std::string> &problems() const noexcept { return problems_; }
    [[nodiscard]] const std::vector<std::string> &notices() const noexcept { return notices_; }
    [[nodiscard]] bool empty() const noexcept { return problems_.empty(); }

private:
    std::vector<std::string> problems_;
    std::vector<std::string> notices_;
};

} // namespace slipway
