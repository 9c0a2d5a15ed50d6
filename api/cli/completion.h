// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace slipway::cli {

// A script that completes the commands and options of `program` in "bash", "zsh" or "fish". Made
// from what --help shows, so it cannot lag behind. Nothing: no such shell is known.
[[nodiscard]] std::optional<std::string> completion_script(const CLI::App &program,
                                                           std::string_view shell);

} // namespace slipway::cli
