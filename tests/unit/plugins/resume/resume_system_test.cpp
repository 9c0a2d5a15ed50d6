// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/resume_system.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cerrno>

#include "resume/import_location.h"
#include "resume/signature.h"
#include "unit/plugins/fake_host.h"

namespace slipway::resume {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using std::string_view_literals::operator""sv;

constexpr std::string_view kImage = "S1SUSPEND\0"sv;

std::vector<std::byte> page_with(std::string_view signature, std::size_t size = 4096) {
    std::vector<std::byte> page(size);
    std::ranges::transform(signature, page.end() - static_cast<std::ptrdiff_t>(signature.size()),
                           [](char c) { return static_cast<std::byte>(c); });
    return page;
}

class FakePowerBackend final : public PowerBackend {
public:
    Result<std::vector<std::byte>> read_page(const std::string &devnode,
                                             std::uint64_t index) override {
        read.push_back(devnode + " " + std::to_string(index));
        return page;
    }
    Result<std::string> modes() override { return known_modes; }
    Result<std::string> resume(std::string_view device, std::uint64_t offset) override {
        resumed.push_back(std::string(device) + " " + std::to_string(offset));
        return answer;
    }
    Result<> remove_variable(const std::string &path) override {
        removed.push_back(path);
        return removal;
    }

    Result<std::vector<std::byte>> page = page_with("SWAPSPACE2");
    Result<std::string> known_modes = "[platform] shutdown reboot suspend test_resume\n";
    Result<std::string> answer = "PM: Image mismatch: memory size";
    Result<> removal;
    std::vector<std::string> read;
    std::vector<std::string> resumed;
    std::vector<std::string> removed;
};

class ResumeSystem : public ::testing::Test {
protected:
    ResumeSystem() {
        request.unit = "resume";
        request.params = {{"offset", "0"}, {"source", ""}};
        set_type("swap", "other");
    }
    void set_type(const std::string &type, const std::string &usage) {
        request.devices = {{"/sys/b",
                            {{"devnode", "/dev/vdb"},
                             {"major", "254"},
                             {"minor", "16"},
                             {"fs_type", type},
                             {"fs_usage", usage}}}};
    }
    Outcome run() {
        sdk::Context context(host.raw());
        return resume_system(context, sdk::Request(request.raw()), backend);
    }

    FakeHost host;
    FakeRequest request;
    FakePowerBackend backend;
};

TEST_F(ResumeSystem, SwapWithoutAnImageIsTheOrdinaryCase) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(host.reason, "no hibernated system on /dev/vdb");
    EXPECT_THAT(backend.read, ElementsAre("/dev/vdb 0"));
    EXPECT_THAT(backend.resumed, IsEmpty());
    EXPECT_THAT(backend.removed, IsEmpty());
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(ResumeSystem, AnImageIsHandedToTheKernel) {
    backend.page = page_with(kImage);
    EXPECT_EQ(run(), Outcome::failed); // it came back
    EXPECT_THAT(backend.resumed, ElementsAre("254:16 0"));
    EXPECT_THAT(host.modules, ElementsAre("crypto-lzo"));
    EXPECT_THAT(host.log_text(), HasSubstr("resuming the hibernated system on /dev/vdb"));
    EXPECT_THAT(host.reason,
                AllOf(HasSubstr("/dev/vdb"), HasSubstr("Image mismatch"), HasSubstr("is lost")));
}

TEST_F(ResumeSystem, AnImageInASwapFileIsLookedForAtItsPage) {
    request.params = {{"offset", "34816"}};
    set_type("ext4", "filesystem");
    backend.page = page_with(kImage);
    backend.answer = "";
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(backend.read, ElementsAre("/dev/vdb 34816"));
    EXPECT_THAT(backend.resumed, ElementsAre("254:16 34816"));
    EXPECT_THAT(host.reason, AllOf(HasSubstr("at page 34816"), HasSubstr("see its log")));
}

TEST_F(ResumeSystem, AModuleThatIsNotThereIsNoObstacle) {
    host.module_errors["crypto-lzo"] = ENOENT;
    backend.page = page_with(kImage);
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(backend.resumed, ElementsAre("254:16 0"));
}

TEST_F(ResumeSystem, DisabledHibernationIsSaidInsteadOfTried) {
    backend.page = page_with(kImage);
    backend.known_modes = "[disabled]\n";
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("disabled"), HasSubstr("Secure Boot")));
    backend.known_modes = errno_failure("open /sys/power/disk", ENOENT);
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("does not know hibernation"));
    EXPECT_THAT(backend.resumed, IsEmpty());
}

TEST_F(ResumeSystem, AWriteThatFailsIsTold) {
    backend.page = page_with(kImage);
    backend.answer = errno_failure("write /sys/power/resume", EINVAL);
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("write /sys/power/resume"));
}

TEST_F(ResumeSystem, ImagesOfOtherWritersAreNamed) {
    for (const auto signature : {"S2SUSPEND\0"sv, "ULSUSPEND\0"sv, "LINHIB0001"sv}) {
        backend.page = page_with(signature);
        EXPECT_EQ(run(), Outcome::failed);
        EXPECT_THAT(host.reason, HasSubstr("uswsusp"));
    }
    EXPECT_THAT(backend.resumed, IsEmpty());
}

TEST_F(ResumeSystem, WhatIsNoSwapSaysWhatToDo) {
    backend.page = page_with("");
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("no swap area (swap)"));
    set_type("", "");
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(host.reason, "/dev/vdb is no swap area; check resume=");
    set_type("crypto_LUKS", "crypto");
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("encrypted"), HasSubstr("/dev/mapper/")));
    set_type("ext4", "filesystem");
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("(ext4)"), HasSubstr("resume_offset=")));
    request.params = {{"offset", "12"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("at page 12"), HasSubstr("map-swapfile")));
}

TEST_F(ResumeSystem, ADeviceThatCannotBeReadIsTold) {
    backend.page = errno_failure("read /dev/vdb", EIO);
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("read /dev/vdb"), HasSubstr("check resume=")));
}

TEST_F(ResumeSystem, TheEfiVariableIsRemovedWhenItLedToNoSystem) {
    request.params = {{"offset", "0"}, {"source", "efi"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(backend.removed, ElementsAre(std::string(kEfiVariable)));
    backend.page = page_with(kImage);
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(backend.removed.size(), 2U);
    backend.removal = failure("remove it: read-only");
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.log_text(), HasSubstr("remove it: read-only"));
}

TEST_F(ResumeSystem, TheEfiVariableStaysWhenNothingCouldBeTold) {
    request.params = {{"offset", "0"}, {"source", "efi"}};
    backend.page = errno_failure("read /dev/vdb", EIO);
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(backend.removed, IsEmpty());
}

TEST_F(ResumeSystem, BadRequestsAreRefused) {
    request.params = {{"offset", "x"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("offset \"x\""));
    request.params = {{"offset", "0"}};
    request.devices.clear();
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("exactly one device"));
    EXPECT_THAT(backend.read, IsEmpty());
}

TEST(ResumeSignature, StandsAtTheEndOfThePage) {
    EXPECT_EQ(read_signature(page_with("SWAPSPACE2")), Signature::swap);
    EXPECT_EQ(read_signature(page_with("SWAP-SPACE", 65536)), Signature::swap);
    EXPECT_EQ(read_signature(page_with(kImage)), Signature::image);
    EXPECT_EQ(read_signature(page_with("SWAPSPACE2x")), Signature::none);
    EXPECT_EQ(read_signature(page_with("S1SUSPEND ")), Signature::none);
    EXPECT_EQ(read_signature(page_with("", 9)), Signature::none);
    EXPECT_EQ(read_signature({}), Signature::none);
}

TEST(ResumeSignature, TuxOnIceStandsAtTheBeginning) {
    auto page = page_with("SWAPSPACE2");
    std::ranges::transform("\xed\xc3\x02\xe9\x98\x56\xe5\x0c"sv, page.begin(),
                           [](char c) { return static_cast<std::byte>(c); });
    EXPECT_EQ(read_signature(page), Signature::foreign);
}

} // namespace
} // namespace slipway::resume
