// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

namespace slipway {

// Runs a function when the scope ends, unless release() was called.
template <class F>
class ScopeExit {
public:
    explicit ScopeExit(F function) : function_(std::move(function)) {}
    ScopeExit(const ScopeExit &) = delete;
    ScopeExit &operator=(const ScopeExit &) = delete;
    ScopeExit(ScopeExit &&) = delete;
    ScopeExit &operator=(ScopeExit &&) = delete;
    ~ScopeExit() {
        if (armed_)
            function_();
    }
    void release() noexcept { armed_ = false; }

private:
    F function_;
    bool armed_ = true;
};

} // namespace slipway
