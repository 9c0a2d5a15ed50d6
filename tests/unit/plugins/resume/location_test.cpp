// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/location.h"

#include <gmock/gmock.h>

#include "resume/utf16.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/resume/efi_variable.h"

namespace slipway::resume {
namespace {

using test::efi_variable;
using test::kLocationJson;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CommandLine parsed(test::StringPairs options) {
    test::FakeRequest request;
    request.options = std::move(options);
    return read_command_line(sdk::Request(request.raw()).options());
}

TEST(ResumeCommandLine, NamesTheDeviceAndThePage) {
    const CommandLine line = parsed({{"resume", "\"UUID=abc\""}, {"resume_offset", "34816"}});
    EXPECT_EQ(line.device, "UUID=abc");
    EXPECT_EQ(line.offset, 34816U);
    EXPECT_TRUE(line.names_device);
    EXPECT_EQ(line.switched_off_by, "");
    EXPECT_EQ(line.device_timeout, "10s");
    EXPECT_THAT(line.problems, IsEmpty());
    EXPECT_EQ(parsed({{"resume", "8:3"}}).device, "/dev/block/8:3");
}

TEST(ResumeCommandLine, IsSwitchedOffByManyWords) {
    EXPECT_EQ(parsed({{"noresume", ""}}).switched_off_by, "noresume");
    EXPECT_EQ(parsed({{"noresume", "1"}, {"resume", "/dev/x"}}).switched_off_by, "noresume");
    EXPECT_EQ(parsed({{"nohibernate", ""}}).switched_off_by, "nohibernate");
    EXPECT_EQ(parsed({{"hibernate", "no"}}).switched_off_by, "hibernate=no");
    EXPECT_EQ(parsed({{"hibernate", "noresume"}}).switched_off_by, "hibernate=noresume");
    EXPECT_EQ(parsed({{"resume", "none"}}).switched_off_by, "resume=none");
    EXPECT_EQ(parsed({{"noresume", "no"}}).switched_off_by, "");
    EXPECT_EQ(parsed({{"hibernate", "nocompress"}}).switched_off_by, "");
}

TEST(ResumeCommandLine, AValueThatIsNoneIsNamed) {
    const CommandLine line = parsed({{"resume", "sda\x1b"}, {"resume_offset", "0x10"}});
    EXPECT_EQ(line.device, "");
    EXPECT_TRUE(line.names_device);
    EXPECT_EQ(line.offset, std::nullopt);
    EXPECT_THAT(line.problems, ElementsAre(AllOf(HasSubstr("resume=sda?:"), HasSubstr("UUID=")),
                                           HasSubstr("resume_offset=0x10")));
    EXPECT_THAT(parsed({{"resume", ""}}).problems, ElementsAre(HasSubstr("resume=:")));
}

TEST(ResumeCommandLine, TheWaitMayBeLongerButHasAnEnd) {
    EXPECT_EQ(parsed({{"rootdelay", "30"}}).device_timeout, "30");
    EXPECT_EQ(parsed({{"rootdelay", "3"}}).device_timeout, "10s");
    EXPECT_EQ(parsed({{"rootdelay", "x"}}).device_timeout, "10s");
    EXPECT_EQ(parsed({{"resumeflags", "x-systemd.device-timeout=1min"}}).device_timeout, "1min");
    EXPECT_EQ(parsed({{"resumeflags", "x-systemd.device-timeout=2s"}, {"rootdelay", "30"}})
                  .device_timeout,
              "2s");
    for (const char *word : {"infinity", "0", "", "-1"}) {
        const CommandLine line =
            parsed({{"resumeflags", "x-systemd.device-timeout=" + std::string(word)}});
        EXPECT_EQ(line.device_timeout, "10s") << word;
        EXPECT_THAT(line.problems, ElementsAre(HasSubstr("without limit"))) << word;
    }
}

TEST(ResumeCommandLine, OtherFlagsAreReported) {
    EXPECT_THAT(parsed({{"resumeflags", "noatime,x-systemd.device-timeout=5s,x-systemd"}}).problems,
                ElementsAre(HasSubstr("noatime"), HasSubstr("resumeflags=x-systemd:")));
}

TEST(ResumeOffset, IsDecimalDigitsOnly) {
    EXPECT_EQ(parse_offset("0"), 0U);
    EXPECT_EQ(parse_offset("18446744073709551615"), 18446744073709551615U);
    for (const char *text : {"", "18446744073709551616", "-1", " 1", "1 ", "1k"})
        EXPECT_EQ(parse_offset(text), std::nullopt) << text;
}

TEST(EfiLocation, IsReadFromJsonInUtf16) {
    const auto efi = parse_efi_location(efi_variable(kLocationJson));
    ASSERT_TRUE(efi) << efi.error().message();
    EXPECT_EQ(efi->location.device, "UUID=0a1b2c3d-0000-1111-2222-333344445555");
    EXPECT_EQ(efi->location.offset, 34816U);
    EXPECT_EQ(efi->os_id, "debian");
    EXPECT_EQ(efi->image_id, "");
}

TEST(EfiLocation, AnythingElseIsRefusedWithAReason) {
    const auto problem_of = [](const std::string &file) {
        const auto efi = parse_efi_location(file);
        return efi ? std::string() : efi.error().message();
    };
    const std::string good = efi_variable(kLocationJson);
    EXPECT_THAT(problem_of(""), HasSubstr("0 bytes"));
    EXPECT_THAT(problem_of(good.substr(0, 4)), HasSubstr("4 bytes"));
    EXPECT_THAT(problem_of(good.substr(0, 5)), HasSubstr("UTF-16"));
    EXPECT_THAT(problem_of(good.substr(0, 60)), HasSubstr("JSON"));
    EXPECT_THAT(problem_of(std::string(9000, 'x')), HasSubstr("9000 bytes"));
    EXPECT_THAT(problem_of(efi_variable(std::string(2000, '['))), HasSubstr("JSON"));
    EXPECT_THAT(problem_of(efi_variable("[]")), HasSubstr("JSON object"));
    EXPECT_THAT(problem_of(efi_variable("{}")), HasSubstr("uuid"));
    EXPECT_THAT(problem_of(efi_variable(R"({"uuid":7,"offset":1})")), HasSubstr("uuid"));
    EXPECT_THAT(problem_of(efi_variable(R"({"uuid":"../../dev/sda","offset":1})")),
                HasSubstr("uuid"));
    const std::string uuid = R"({"uuid":"0a1b2c3d-0000-1111-2222-333344445555","offset":)";
    for (const char *offset : {"-1", "1.5", "\"1\"", "null", "1e30", "18446744073709551616"})
        EXPECT_THAT(problem_of(efi_variable(uuid + offset + "}")), HasSubstr("offset")) << offset;
    EXPECT_EQ(problem_of(efi_variable(uuid + "0}")), "");
}

TEST(EfiLocation, BelongsToTheSystemWithItsIds) {
    EfiLocation efi{{}, "debian", ""};
    EXPECT_TRUE(is_of_this_system(efi, "NAME=x\nVERSION_ID=13\nID=\"debian\"\n"));
    EXPECT_FALSE(is_of_this_system(efi, "ID=fedora\n"));
    EXPECT_FALSE(is_of_this_system(efi, "ID=debian\nIMAGE_ID=kiosk\n"));
    EXPECT_TRUE(is_of_this_system(efi, "VARIANT_ID=initrd\n"));
    EXPECT_TRUE(is_of_this_system(efi, ""));
    efi.image_id = "kiosk";
    EXPECT_FALSE(is_of_this_system(efi, "ID=debian\n"));
    EXPECT_TRUE(is_of_this_system(efi, "ID=debian\nIMAGE_ID=kiosk\n"));
}

TEST(ResumeConf, TheLastValueWins) {
    EXPECT_EQ(parse_resume_conf("RESUME=UUID=1\n"), "UUID=1");
    EXPECT_EQ(parse_resume_conf("# RESUME=UUID=1\n RESUME='UUID=2'  \r\nRESUME_X=3"), "UUID=2");
    EXPECT_EQ(parse_resume_conf("RESUME=UUID=1\nRESUME=none"), "none");
    EXPECT_EQ(parse_resume_conf(std::string("\0\xff\n=", 4)), "");
    EXPECT_EQ(parse_resume_conf("RESUME="), "");
}

TEST(Utf16, BecomesUtf8) {
    using std::string_literals::operator""s;
    EXPECT_EQ(utf8_of_utf16(""), "");
    EXPECT_EQ(utf8_of_utf16("a\0\xe4\0\xac\x20\x3d\xd8\x00\xde"s), "aä€😀");
    EXPECT_EQ(utf8_of_utf16("a\0\0\0b\0"s), "a");
}

TEST(Utf16, HalfOfACharacterIsRefused) {
    using std::string_literals::operator""s;
    EXPECT_EQ(utf8_of_utf16("a"), std::nullopt);
    EXPECT_EQ(utf8_of_utf16("\x3d\xd8"), std::nullopt);
    EXPECT_EQ(utf8_of_utf16("\x3d\xd8"
                            "a\0"s),
              std::nullopt);
    EXPECT_EQ(utf8_of_utf16("\x00\xde"s), std::nullopt);
}

} // namespace
} // namespace slipway::resume
