// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/shell_access.h"

#include <sys/mount.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace slipway {

namespace {

// UEFI's global variables have this vendor.
constexpr const char *kSecureBoot =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr const char *kSecurity = "/sys/kernel/security";
constexpr const char *kLockdown = "/sys/kernel/security/lockdown";
constexpr std::string_view kUsualDebugTerminal = "tty9";
constexpr std::size_t kMaxFileBytes = 4096;

bool is_terminal_name(std::string_view name) {
    return !name.empty() && name.size() < 32 &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0; });
}

} // namespace

ShellAccess decide_shell_access(bool is_allowed, bool is_forced, const ShellFacts &facts) {
    using enum ShellAccess::Kind;
    if (!is_allowed)
        return {none, "the kernel command line forbids it (panic= or rd.shell=0)"};
    if (!facts.password_file)
        return {open, ""};
    const std::string_view file = *facts.password_file;
    const std::string_view hash = trimmed(file.substr(0, file.find('\n')));
    // A file that says nothing must not open what it was made to close.
    const bool is_locked = hash.empty() || hash.starts_with('!') || hash.starts_with('*');
    if (!is_locked)
        return {with_password, ""};
    if (is_forced)
        return {open, ""};
    if (facts.is_secure_boot)
        return {none, "the root account is locked and Secure Boot is on"};
    if (facts.is_locked_down)
        return {none, "the root account is locked and the kernel is locked down"};
    return {open, ""};
}

ShellFacts read_shell_facts(System &system) {
    ShellFacts facts;
    if (auto file = system.read_file(kShellPasswordFile, kMaxFileBytes))
        facts.password_file = std::move(*file);
    else if (system.status(kShellPasswordFile))
        facts.password_file = ""; // it is there and cannot be read
    if (const auto variable = system.read_file(kSecureBoot, kMaxFileBytes))
        facts.is_secure_boot = is_secure_boot_on(*variable);
    // Not mounted by then: only this wants it.
    if (!system.status(kLockdown) && system.status(kSecurity))
        (void)system.mount({.source = "securityfs",
                            .target = kSecurity,
                            .type = "securityfs",
                            .flags = MS_NOSUID | MS_NOEXEC | MS_NODEV,
                            .data = ""});
    if (const auto text = system.read_file(kLockdown, kMaxFileBytes))
        facts.is_locked_down = is_lockdown_on(*text);
    return facts;
}

bool is_secure_boot_on(std::string_view variable) {
    constexpr std::size_t kAttributes = 4;
    return variable.size() == kAttributes + 1 && variable[kAttributes] == 1;
}

bool is_lockdown_on(std::string_view text) {
    return text.contains("[integrity]") || text.contains("[confidentiality]");
}

std::optional<std::string> debug_shell_terminal(const KernelCommandLine &line,
                                                std::vector<std::string> &problems) {
    const CommandLineWord *word = line.find_either("systemd.debug_shell");
    if (word == nullptr)
        return std::nullopt;
    const CommandLineWord *usual = line.find_either("systemd.default_debug_tty");
    std::string name(kUsualDebugTerminal);
    if (usual != nullptr && usual->value)
        name = *usual->value;
    const auto flag = word->value ? parse_boolean(*word->value) : true;
    if (flag == false)
        return std::nullopt;
    if (!flag)
        name = *word->value;
    if (name.starts_with("/dev/"))
        name = name.substr(5);
    if (is_terminal_name(name))
        return "/dev/" + name;
    problems.push_back("systemd.debug_shell: \"" + printable(name, 40) +
                       "\" is no name of a terminal; ignored. Write tty9 or ttyS1");
    return std::nullopt;
}

} // namespace slipway
