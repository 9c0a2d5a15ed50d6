// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/kernel_cmdline.h"

#include <cerrno>

#include <gmock/gmock.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// "key" or "key=value" of each word, between '<' and '>'.
std::string words(const KernelCommandLine &line) {
    std::string text;
    for (const CommandLineWord &word : line.words())
        text += "<" + word.key + (word.value ? "=" + *word.value : "") + ">";
    return text;
}

std::string words(std::string_view text) {
    return words(KernelCommandLine::parse(text));
}

std::string redacted(std::string_view text) {
    return KernelCommandLine::parse(text).redacted();
}

TEST(KernelCommandLine, SplitsAtBlanks) {
    EXPECT_EQ(words(" ro  quiet\troot=/dev/vda1\n"), "<ro><quiet><root=/dev/vda1>");
    EXPECT_EQ(words(""), "");
    EXPECT_EQ(words("a= =b ="), "<a=><=b><=>");
}

TEST(KernelCommandLine, KeepsQuotedStretchesTogetherAndDropsTheQuotes) {
    EXPECT_EQ(words(R"("root=LABEL=  rdinit=/bin/sh" ro)"), "<root=LABEL=  rdinit=/bin/sh><ro>");
    EXPECT_EQ(words(R"(root="LABEL=a b" ro)"), "<root=LABEL=a b><ro>");
    EXPECT_EQ(words(R"(a"b c"d"e f"g h)"), "<ab cde fg><h>");
    EXPECT_EQ(words(R"("")"), "<>");
}

TEST(KernelCommandLine, TakesAnUnbalancedQuoteToTheEnd) {
    EXPECT_EQ(words(R"(a "b c)"), "<a><b c>");
}

TEST(KernelCommandLine, KeepsBackslashes) {
    EXPECT_EQ(words(R"(a=\x20b \"c d\")"), R"(<a=\x20b><\c d\>)");
}

TEST(KernelCommandLine, SplitsKeyAndValueAtTheFirstEqualsSign) {
    const auto line = KernelCommandLine::parse("root=UUID=1=2 ro x=");
    EXPECT_EQ(line.value("root"), "UUID=1=2");
    EXPECT_EQ(line.value("ro"), std::nullopt);
    EXPECT_NE(line.find("ro"), nullptr);
    EXPECT_EQ(line.value("x"), "");
    EXPECT_EQ(line.find("missing"), nullptr);
}

TEST(KernelCommandLine, LetsTheLastOccurrenceWin) {
    const auto line = KernelCommandLine::parse("a=1 b a=2");
    EXPECT_EQ(line.value("a"), "2");
    EXPECT_EQ(line.find("a")->position, 2U);
}

TEST(KernelCommandLine, GivesAllOccurrencesInOrder) {
    const auto line = KernelCommandLine::parse("a=1 b a=2 a");
    std::vector<std::string> values;
    for (const CommandLineWord *word : line.all("a"))
        values.push_back(word->value.value_or("-"));
    EXPECT_THAT(values, ElementsAre("1", "2", "-"));
}

TEST(KernelCommandLine, TakesDashAndUnderscoreInKeysAsTheSame) {
    const auto line = KernelCommandLine::parse("some-key=a-b other_key=c");
    EXPECT_EQ(line.value("some_key"), "a-b");
    EXPECT_EQ(line.value("other-key"), "c");
    EXPECT_EQ(line.value("some.key"), std::nullopt);
}

TEST(KernelCommandLine, PrefersThePrefixedFormWhereverItStands) {
    EXPECT_EQ(*KernelCommandLine::parse("rd.fstab=0 fstab=1").find_either("fstab")->value, "0");
    EXPECT_EQ(*KernelCommandLine::parse("fstab=1").find_either("fstab")->value, "1");
    EXPECT_EQ(KernelCommandLine::parse("x").find_either("fstab"), nullptr);
}

TEST(KernelCommandLine, ReadsFlags) {
    const auto line = KernelCommandLine::parse("a b=yes c=off d=1 d=0 e=perhaps f=");
    EXPECT_EQ(line.flag("a"), true);
    EXPECT_EQ(line.flag("b"), true);
    EXPECT_EQ(line.flag("c"), false);
    EXPECT_EQ(line.flag("d"), false);
    EXPECT_EQ(line.flag("e"), std::nullopt);
    EXPECT_EQ(line.flag("f"), std::nullopt);
    EXPECT_EQ(line.flag("missing"), std::nullopt);
}

TEST(KernelCommandLine, LeavesTheWordsAfterTwoDashesToInit) {
    const auto line = KernelCommandLine::parse("ro -- single \"a b\" root=x --");
    EXPECT_EQ(words(line), "<ro>");
    EXPECT_THAT(line.init_arguments(), ElementsAre("single", "a b", "root=x", "--"));
}

TEST(KernelCommandLine, PutsTheWordsOfTheImageInFront) {
    const auto line = KernelCommandLine::parse(
        {"root=/dev/a quiet\n# root=/dev/comment\n  # again\n", "root=/dev/b -- lost"},
        "root=/dev/c");
    EXPECT_EQ(words(line), "<root=/dev/a><quiet><root=/dev/b><root=/dev/c>");
    EXPECT_THAT(line.init_arguments(), IsEmpty());
    EXPECT_EQ(line.find("root")->position, 3U);
}

TEST(KernelCommandLine, DiscardsTheWordsOfTheImageOnDemand) {
    EXPECT_EQ(words(KernelCommandLine::parse({"root=/dev/a"}, "rd.hostonly=0 x")),
              "<rd.hostonly=0><x>");
    EXPECT_EQ(words(KernelCommandLine::parse({"rd.hostonly=0"}, "x")), "<rd.hostonly=0><x>")
        << "the image cannot discard itself";
}

TEST(KernelCommandLine, ReadsTheFilesOfTheImageByName) {
    FakeSystem system;
    system.add_file("/proc/cmdline", "d\n");
    system.add_file("/etc/cmdline", "a");
    system.add_file("/etc/cmdline.d/20.conf", "c");
    system.add_file("/etc/cmdline.d/10.conf", "b");
    system.add_file("/etc/cmdline.d/README", "x");
    EXPECT_EQ(words(KernelCommandLine::load(system).value()), "<a><b><c><d>");
}

TEST(KernelCommandLine, NeedsNothingButTheKernelsFile) {
    FakeSystem system;
    EXPECT_FALSE(KernelCommandLine::load(system));
    system.add_file("/proc/cmdline", "x");
    const auto line = KernelCommandLine::load(system);
    EXPECT_EQ(words(line.value()), "<x>");
    EXPECT_THAT(line->problems(), IsEmpty());
}

TEST(KernelCommandLine, GoesOnWithoutAFileThatCannotBeRead) {
    FakeSystem system;
    system.add_file("/proc/cmdline", "x");
    system.add_file("/etc/cmdline", "a");
    system.fail("read", "/etc/cmdline", EIO);
    const auto line = KernelCommandLine::load(system);
    EXPECT_EQ(words(line.value()), "<x>");
    EXPECT_THAT(line->problems(), ElementsAre(HasSubstr("/etc/cmdline")));
}

TEST(KernelCommandLine, IsBounded) {
    std::string text;
    for (std::size_t i = 0; i <= KernelCommandLine::kMaxWords; ++i)
        text += "w ";
    const auto many = KernelCommandLine::parse(text);
    EXPECT_THAT(many.words(), SizeIs(KernelCommandLine::kMaxWords));
    EXPECT_THAT(many.problems(), SizeIs(1));
    const auto large = KernelCommandLine::parse(std::string(KernelCommandLine::kMaxBytes + 1, 'x'));
    EXPECT_EQ(large.words().front().key.size(), KernelCommandLine::kMaxBytes);
    EXPECT_THAT(large.problems(), SizeIs(1));
}

TEST(Redacted, HidesPasswords) {
    EXPECT_EQ(redacted("cifspass=x rd.iscsi.password=y iscsi_in_password=z a=1"),
              "cifspass=*** rd.iscsi.password=*** iscsi_in_password=*** a=1");
    EXPECT_EQ(redacted("systemd.set_credential=name:secret"), "systemd.set_credential=name:***");
}

TEST(Redacted, HidesCredentialsInAddresses) {
    EXPECT_EQ(redacted("root=cifs://u:p@ss/w@server/dir"), "root=cifs://***@server/dir");
    EXPECT_EQ(redacted("netroot=iscsi:u:p:ru:rp@10.0.0.1::3260::iqn.x"),
              "netroot=iscsi:***@10.0.0.1::3260::iqn.x");
    EXPECT_EQ(redacted("netroot=iscsi:@10.0.0.1::::iqn.x"), "netroot=iscsi:@10.0.0.1::::iqn.x");
}

TEST(Redacted, LeavesDevicesAndPathsAlone) {
    for (const char *text : {"root=/dev/disk/by-id/a:b@c", "root=LABEL=a:b@c",
                             "nfsroot=10.0.0.1:/srv/a@b", "rd.luks.key=/key:UUID=1"})
        EXPECT_EQ(redacted(text), text);
}

TEST(Redacted, CanBeParsedAgain) {
    const std::string text = R"(a "root=LABEL=  x" "" b=c -- "d e" f)";
    EXPECT_EQ(words(redacted(text)), words(text));
    EXPECT_EQ(KernelCommandLine::parse(redacted(text)).init_arguments(),
              KernelCommandLine::parse(text).init_arguments());
    EXPECT_THAT(redacted("a"), Not(HasSubstr("--")));
}

} // namespace
} // namespace slipway
