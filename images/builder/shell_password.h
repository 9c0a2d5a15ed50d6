// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway {

// What stands before the emergency shell. `automatic`: what the root says in a host image, nothing
// in a generic one. `authenticated`: the password of root, which there must be.
enum class ShellChoice { automatic, open, authenticated };

// The field of root's password in shadow(5); nothing: root is not there.
[[nodiscard]] std::optional<std::string> password_of_root(std::string_view shadow);

// What the image gets as /etc/slipway/shell-password: the hash and a newline, "!\n" for a locked
// account; nothing: no such file, the shell is open. `shadow`: the root's file, if it has one.
// Pure.
[[nodiscard]] Result<std::optional<std::string>>
shell_password(const std::optional<std::string> &shadow, ShellChoice choice, bool is_host_image);

} // namespace slipway
