// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/shell_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using Kind = ShellAccess::Kind;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kHash = "$y$j9T$abc$def\n";

Kind kind(const ShellFacts &facts, bool is_forced = false) {
    return decide_shell_access(true, is_forced, facts).kind;
}

TEST(ShellAccess, TheCommandLineCanForbidItWhateverElseHolds) {
    const auto access = decide_shell_access(false, true, {});
    EXPECT_EQ(access.kind, Kind::none);
    EXPECT_THAT(access.why_not, HasSubstr("panic= or rd.shell=0"));
}

TEST(ShellAccess, AnImageThatKnowsNoPasswordHasAnOpenShell) {
    EXPECT_EQ(kind({}), Kind::open);
    EXPECT_EQ(kind({.is_secure_boot = true, .is_locked_down = true}), Kind::open);
}

TEST(ShellAccess, APasswordOfRootIsAskedForAlsoUnderForce) {
    EXPECT_EQ(kind({.password_file = kHash}), Kind::with_password);
    EXPECT_EQ(kind({.password_file = kHash, .is_secure_boot = true}), Kind::with_password);
    EXPECT_EQ(kind({.password_file = kHash}, true), Kind::with_password);
}

TEST(ShellAccess, ALockedAccountHasAShellUnlessTheMachineIsClosed) {
    for (const std::string locked : {"!", "*", "!$y$j9T$abc", "", "\n", "!*"}) {
        EXPECT_EQ(kind({.password_file = locked}), Kind::open) << locked;
        EXPECT_EQ(kind({.password_file = locked, .is_secure_boot = true}), Kind::none) << locked;
        EXPECT_EQ(kind({.password_file = locked, .is_locked_down = true}), Kind::none) << locked;
        EXPECT_EQ(kind({.password_file = locked, .is_secure_boot = true}, true), Kind::open);
    }
    EXPECT_THAT(
        decide_shell_access(true, false, {.password_file = "!", .is_secure_boot = true}).why_not,
        HasSubstr("locked and Secure Boot is on"));
    EXPECT_THAT(
        decide_shell_access(true, false, {.password_file = "!", .is_locked_down = true}).why_not,
        HasSubstr("the kernel is locked down"));
}

TEST(SecureBoot, IsOneByteBehindFourOfAttributes) {
    EXPECT_TRUE(is_secure_boot_on(std::string_view("\6\0\0\0\1", 5)));
    EXPECT_FALSE(is_secure_boot_on(std::string_view("\6\0\0\0\0", 5)));
    EXPECT_FALSE(is_secure_boot_on(std::string_view("\6\0\0\0\1\1", 6)));
    EXPECT_FALSE(is_secure_boot_on(std::string_view("\1\1\1\1", 4)));
    EXPECT_FALSE(is_secure_boot_on(""));
}

TEST(Lockdown, IsWhatStandsInBrackets) {
    EXPECT_FALSE(is_lockdown_on("[none] integrity confidentiality\n"));
    EXPECT_TRUE(is_lockdown_on("none [integrity] confidentiality\n"));
    EXPECT_TRUE(is_lockdown_on("none integrity [confidentiality]\n"));
    EXPECT_FALSE(is_lockdown_on(""));
}

TEST(ShellFacts, AreReadFromTheImageTheFirmwareAndTheKernel) {
    test::FakeSystem system;
    EXPECT_FALSE(read_shell_facts(system).password_file);
    system.add_file("/etc/slipway/shell-password", kHash);
    system.add_file("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                    std::string("\6\0\0\0\1", 5));
    system.add_file("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
    const ShellFacts facts = read_shell_facts(system);
    EXPECT_EQ(facts.password_file, kHash);
    EXPECT_TRUE(facts.is_secure_boot);
    EXPECT_TRUE(facts.is_locked_down);
}

TEST(ShellFacts, APasswordThatCannotBeReadIsNoOpenDoor) {
    test::FakeSystem system;
    system.add_file("/etc/slipway/shell-password", kHash);
    system.fail("read", "/etc/slipway/shell-password", EIO);
    EXPECT_EQ(read_shell_facts(system).password_file, "");
}

std::optional<std::string> debug_terminal(std::string_view text) {
    std::vector<std::string> problems;
    return debug_shell_terminal(KernelCommandLine::parse(text), problems);
}

TEST(DebugShellTerminal, IsTheNinthUnlessTheCommandLineNamesAnother) {
    EXPECT_EQ(debug_terminal("quiet"), std::nullopt);
    EXPECT_EQ(debug_terminal("systemd.debug_shell"), "/dev/tty9");
    EXPECT_EQ(debug_terminal("rd.systemd.debug_shell=1"), "/dev/tty9");
    EXPECT_EQ(debug_terminal("systemd.debug_shell=0"), std::nullopt);
    EXPECT_EQ(debug_terminal("systemd.debug_shell rd.systemd.debug_shell=no"), std::nullopt);
    EXPECT_EQ(debug_terminal("systemd.debug_shell=ttyS1"), "/dev/ttyS1");
    EXPECT_EQ(debug_terminal("systemd.debug_shell systemd.default_debug_tty=/dev/tty5"),
              "/dev/tty5");
}

TEST(DebugShellTerminal, WhatIsNoTerminalIsAProblem) {
    for (const char *word : {"../null", "", "a/b", "tty 9"}) {
        std::vector<std::string> problems;
        const auto line =
            KernelCommandLine::parse("systemd.debug_shell=\"" + std::string(word) + "\"");
        EXPECT_EQ(debug_shell_terminal(line, problems), std::nullopt) << word;
        EXPECT_THAT(problems, SizeIs(1)) << word;
    }
}

} // namespace
} // namespace slipway
