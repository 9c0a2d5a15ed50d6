// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace slipway::modules {

// Kernel modules of the image.
class KmodBackend {
public:
    KmodBackend() = default;
    KmodBackend(const KmodBackend &) = delete;
    KmodBackend &operator=(const KmodBackend &) = delete;
    KmodBackend(KmodBackend &&) = delete;
    KmodBackend &operator=(KmodBackend &&) = delete;
    virtual ~KmodBackend() = default;

    // The modules that answer to a name or an alias; without those that modprobe.d(5) blacklists,
    // if `applies_blacklist`. Empty: there is none.
    [[nodiscard]] virtual Result<std::vector<std::string>> find(const std::string &name,
                                                                bool applies_blacklist) = 0;
    // Inserts it with its dependencies and soft dependencies, with the parameters of modprobe.d(5)
    // and of the kernel command line. Loaded or built in already: success. The code of an error is
    // the kernel's; ENOENT: the file is not in the image.
    [[nodiscard]] virtual Result<> insert(const std::string &module) = 0;
};

} // namespace slipway::modules
