// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/shell_password.h"

#include <algorithm>

#include "base/text.h"

namespace slipway {

namespace {

bool is_locked(std::string_view password) {
    return password.starts_with('!') || password.starts_with('*');
}

} // namespace

std::optional<std::string> password_of_root(std::string_view shadow) {
    constexpr std::string_view kRoot = "root:";
    for (const std::string &line : split_words(shadow, "\n")) {
        if (!line.starts_with(kRoot))
            continue;
        const std::string_view rest = std::string_view(line).substr(kRoot.size());
        return std::string(rest.substr(0, rest.find(':')));
    }
    return std::nullopt;
}

Result<std::optional<std::string>> shell_password(const std::optional<std::string> &shadow,
                                                  ShellChoice choice, bool is_host_image) {
    const auto password = shadow ? password_of_root(*shadow) : std::nullopt;
    if (choice == ShellChoice::authenticated) {
        if (!password || password->empty() || is_locked(*password))
            return failure(
                "--shell authenticated: root has no password in /etc/shadow of the root; "
                "set one with passwd, or choose another --shell");
        return *password + "\n";
    }
    const bool is_wanted = choice == ShellChoice::automatic && is_host_image;
    // An empty password lets everybody in anyway.
    if (!is_wanted || !password || password->empty())
        return std::nullopt;
    return is_locked(*password) ? "!\n" : *password + "\n";
}

} // namespace slipway
