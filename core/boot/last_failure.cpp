// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/last_failure.h"

#include <csignal>
#include <cstring>
#include <utility>

namespace slipway {

std::string efi_variable(std::string_view value) {
    // EFI_VARIABLE_NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS, little endian.
    return std::string("\x07\0\0\0", 4).append(value);
}

bool LastFailure::keep(const FailureParts &parts) {
    if (std::exchange(is_kept_, true))
        return false;
    if (system_.status(kPmsg))
        return write(kPmsg, failure_text(parts, kPmsgBytes));
    const auto variables = system_.list_directory(kEfiVariables);
    if (variables && !variables->empty())
        return write(std::string(kEfiVariables) + "/" + kFailureVariable,
                     efi_variable(failure_text(parts, kVariableBytes)));
    log_.info("this machine has nowhere to keep the report over a restart: neither pstore with "
              "pmsg (the module ramoops) nor UEFI variables");
    return false;
}

bool LastFailure::write(const std::string &path, const std::string &content) {
    const auto child = system_.write_in_child(path, content);
    if (!child) {
        log_.warning("the report is not kept over a restart: " + child.error().message());
        return false;
    }
    auto exit =
        loop_.watch_child(*child, [this, path](const ChildExit &status) { written(path, status); });
    if (exit)
        exit_ = std::move(*exit);
    return true;
}

void LastFailure::written(const std::string &path, const ChildExit &exit) {
    if (exit.code == CLD_EXITED && exit.status == 0)
        return log_.info("the report is kept over a restart in " + path);
    log_.warning(
        "the report is not kept over a restart in " + path + ": " +
        (exit.code == CLD_EXITED ? std::strerror(exit.status) : "the write took too long"));
}

} // namespace slipway
