// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/target.h"

#include <gmock/gmock.h>

namespace slipway::iscsi {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kName = "iqn.2009-06.example:target0";

Target parsed(std::string_view text) {
    const auto target = parse_target(text);
    EXPECT_TRUE(target) << text << ": " << (target ? "" : target.error().message());
    return target.value_or(Target{});
}

std::string refusal(std::string_view text) {
    const auto target = parse_target(text);
    EXPECT_FALSE(target) << text;
    return target ? "" : target.error().message();
}

TEST(Target, HasDefaultsForAllButServerAndName) {
    const Target target = parsed("192.168.50.1::::" + kName);
    EXPECT_EQ(target.server, "192.168.50.1");
    EXPECT_EQ(target.name, kName);
    EXPECT_EQ(target.port, 3260);
    EXPECT_EQ(target.group, 1);
    EXPECT_EQ(target.lun, 0U);
    EXPECT_FALSE(target.chap.is_used());
}

TEST(Target, HasPortAndLun) {
    const Target target = parsed("server.example:6:3261:5:" + kName);
    EXPECT_EQ(target.server, "server.example");
    EXPECT_EQ(target.port, 3261);
    EXPECT_EQ(target.lun, 5U);
    EXPECT_EQ(parsed("192.168.50.1:::1:" + kName).lun, 1U);
}

TEST(Target, MayNameNoServer) {
    EXPECT_EQ(parsed("::::" + kName).server, "");
}

TEST(Target, HasAnIpv6ServerInBrackets) {
    EXPECT_EQ(parsed("[fd00::5]::::" + kName).server, "fd00::5");
    EXPECT_EQ(parsed("[::1]:tcp:860:2:" + kName).port, 860);
}

TEST(Target, MayNameInterfaces) {
    const Target one = parsed("10.0.0.1:::eth0:3:" + kName);
    EXPECT_EQ(one.netdev, "eth0");
    EXPECT_EQ(one.interface_id, "");
    const Target both = parsed("10.0.0.1:::fast:eth0:3:" + kName);
    EXPECT_EQ(both.netdev, "eth0");
    EXPECT_EQ(both.interface_id, "fast");
    EXPECT_EQ(both.lun, 3U);
}

TEST(Target, HasChapBeforeTheAt) {
    const Target one = parsed("joe:secret-secret@10.0.0.1::::" + kName);
    EXPECT_EQ(one.chap, (Chap{"joe", "secret-secret", "", ""}));
    const Target mutual = parsed("joe:one:target:two@[::1]::::" + kName);
    EXPECT_EQ(mutual.chap, (Chap{"joe", "one", "target", "two"}));
}

TEST(Target, MayHaveAnAtInItsName) {
    EXPECT_EQ(parsed("@10.0.0.1::::iqn.2009-06.example:at@home").name,
              "iqn.2009-06.example:at@home");
    EXPECT_EQ(parsed("10.0.0.1::::iqn.2009-06.example:at@home").server, "10.0.0.1");
}

TEST(Target, MayHaveColonsInItsName) {
    EXPECT_EQ(parsed("10.0.0.1::::iqn.2009-06.example:a:b:iqn.c").name,
              "iqn.2009-06.example:a:b:iqn.c");
}

TEST(Target, MayBeNamedByNumbers) {
    EXPECT_EQ(parsed("10.0.0.1::::eui.02004567A425678D").name, "eui.02004567A425678D");
    EXPECT_EQ(parsed("10.0.0.1::::naa.52004567BA64678D").name, "naa.52004567BA64678D");
    EXPECT_THAT(refusal("10.0.0.1::::eui.0200"), HasSubstr("no target name"));
    EXPECT_THAT(refusal("10.0.0.1::::naa.5200456xBA64678D"), HasSubstr("no target name"));
}

TEST(Target, IsRefusedIfThePartsAreNotThose) {
    EXPECT_THAT(refusal(""), HasSubstr("accepted is"));
    EXPECT_THAT(refusal("10.0.0.1"), HasSubstr("accepted is"));
    EXPECT_THAT(refusal(kName), HasSubstr("no target name"));
    EXPECT_THAT(refusal("10.0.0.1:" + kName), HasSubstr("accepted is"));
    EXPECT_THAT(refusal("10.0.0.1:::::::" + kName), HasSubstr("accepted is"));
    EXPECT_THAT(refusal("10.0.0.1:17:::" + kName), HasSubstr("only 6 (TCP)"));
    EXPECT_THAT(refusal("10.0.0.1::0::" + kName), HasSubstr("no port"));
    EXPECT_THAT(refusal("10.0.0.1::65536::" + kName), HasSubstr("no port"));
    EXPECT_THAT(refusal("[fd00::5::::" + kName), HasSubstr("accepted is"));
    EXPECT_THAT(refusal("[]::::" + kName), HasSubstr("no server"));
    EXPECT_THAT(refusal("10.0.0.1:::eth0/../x:0:" + kName), HasSubstr("no name of an interface"));
}

TEST(Target, IsRefusedIfItIsHostile) {
    EXPECT_THAT(refusal("$(reboot)::::" + kName), HasSubstr("no server"));
    EXPECT_THAT(refusal("10.0.0.1::::iqn.2009-06.x:a;reboot"), HasSubstr("it may hold letters"));
    EXPECT_THAT(refusal("10.0.0.1::::iqn.2009-06.x:../../etc"), HasSubstr("it may hold letters"));
    EXPECT_THAT(refusal("10.0.0.1::::iqn.2009-06.x:a b"), HasSubstr("blanks"));
    EXPECT_THAT(refusal("10.0.0.1::::iqn.2009-06.x:a\nb"),
                AllOf(HasSubstr("blanks"), Not(HasSubstr("\n"))));
    EXPECT_THAT(refusal(std::string(5000, 'a')), HasSubstr("more than 1024 characters"));
    EXPECT_LT(refusal(std::string(5000, 'a')).size(), 500U);
    EXPECT_THAT(refusal("10.0.0.1::::iqn.2009-06.x:" + std::string(300, 'a')),
                HasSubstr("more than 223 characters"));
    EXPECT_THAT(refusal(std::string(300, 'a') + "::::" + kName), HasSubstr("no server"));
}

TEST(Target, NeverShowsThePassword) {
    EXPECT_EQ(shown_target("joe:pass@10.0.0.1::::" + kName), "***@10.0.0.1::::" + kName);
    EXPECT_THAT(refusal("joe:pass@10.0.0.1:17:::" + kName), Not(HasSubstr("pass@")));
    EXPECT_THAT(refusal("joe:pass:x@10.0.0.1::::" + kName),
                AllOf(HasSubstr("before the @"), Not(HasSubstr(":pass"))));
    EXPECT_THAT(refusal("joe:@10.0.0.1::::" + kName), HasSubstr("needs a password"));
}

TEST(Lun, IsDecimalOrOfGroups) {
    EXPECT_EQ(parse_lun("").value(), 0U);
    EXPECT_EQ(parse_lun("10").value(), 10U);
    EXPECT_EQ(parse_lun("0001").value(), 1U);
    EXPECT_EQ(parse_lun("A").value(), 10U);
    EXPECT_EQ(parse_lun("0001-0000-0000-0000").value(), 1U);
    EXPECT_EQ(parse_lun("4752-3A4F-6b7e-2F99").value(), 0x2F996B7E3A4F4752U);
    for (const char *bad :
         {"16384", "99999999999999999999", "12345-0", "1-2-3-4-5", "-", "1-", "--1", "x", "1--2"})
        EXPECT_FALSE(parse_lun(bad)) << bad;
}

TEST(Portal, HasBracketsAroundIpv6) {
    EXPECT_EQ(portal_text("10.0.0.1", 3260), "10.0.0.1:3260");
    EXPECT_EQ(portal_text("fd00::5", 3260), "[fd00::5]:3260");
}

} // namespace
} // namespace slipway::iscsi
