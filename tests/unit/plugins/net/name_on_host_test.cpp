// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/name_on_host.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "net/naming_policy.h"
#include "unit/plugins/fake_host.h"

namespace slipway::net {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

TEST(NamingPolicy, HoldsForAllInterfaces) {
    const auto file = link_file_of_policy("keep,kernel,path,mac");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->name, "72-default.link");
    EXPECT_THAT(file->text, HasSubstr("\n[Match]\nOriginalName=*\n"));
    EXPECT_THAT(file->text, HasSubstr("\n[Link]\nNamePolicy=keep kernel path mac\n"
                                      "AlternativeNamesPolicy=path mac\n"));
}

TEST(NamingPolicy, HoldsForOneAddress) {
    const auto file = link_file_of_policy("mac,52-54-00-AB-cd-56");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->name, "71-52:54:00:ab:cd:56.link");
    EXPECT_THAT(file->text, AllOf(HasSubstr("[Match]\nMACAddress=52:54:00:ab:cd:56\n"),
                                  HasSubstr("NamePolicy=mac\n"), Not(HasSubstr("OriginalName"))));
}

TEST(NamingPolicy, ThatOnlyKeepsMakesNoAlternatives) {
    const auto file = link_file_of_policy("kernel");
    ASSERT_TRUE(file);
    EXPECT_THAT(file->text, Not(HasSubstr("Alternative")));
}

TEST(NamingPolicy, RefusesOtherWords) {
    const auto refused = [](std::string_view value) {
        const auto file = link_file_of_policy(value);
        return file ? "accepted" : file.error().message();
    };
    EXPECT_THAT(refused("phat"), HasSubstr("\"phat\" is neither a policy nor a MAC address"));
    EXPECT_THAT(refused("phat,path"), HasSubstr("\"phat\" is no policy"));
    EXPECT_THAT(refused("52:54:00:12:34:56"), HasSubstr("must be policies"));
    EXPECT_THAT(refused("mac,00:00:00:00:00:00"), HasSubstr("neither"));
    EXPECT_THAT(refused("mac,52:54:00:12:34:5g"), HasSubstr("neither"));
    EXPECT_THAT(refused("52:54:00:12:34:56,mac"), HasSubstr("is no policy"));
    EXPECT_THAT(refused("path\n[Link]"), HasSubstr("path?[Link]"));
    EXPECT_THAT(refused(""), HasSubstr("must be policies"));
}

// Says one name, and looks which .link files are there when it is asked.
class FakeNamer final : public InterfaceNamer {
public:
    explicit FakeNamer(fs::path folder) : folder_(std::move(folder)) {}

    Result<std::string> name_of(const std::string &) override {
        std::error_code error;
        for (const auto &entry : fs::directory_iterator(folder_, error))
            files.push_back(entry.path().filename());
        return "enp1s0";
    }

    std::vector<std::string> files;

private:
    fs::path folder_;
};

class NameOnHost : public ::testing::Test {
protected:
    NameOnHost()
        : folder(fs::path(::testing::TempDir()) / ("links-" + std::to_string(::getpid()))) {
        fs::remove_all(folder);
    }
    void TearDown() override { fs::remove_all(folder); }

    std::string ask(test::StringPairs options) {
        test::FakeRequest request;
        request.options = std::move(options);
        sdk::Context context(host.raw());
        const auto name = name_on_host(context, sdk::Request(request.raw()).options(),
                                       "/sys/devices/x/net/eth0", namer, folder);
        return name.value_or("");
    }

    fs::path folder;
    FakeNamer namer{folder};
    test::FakeHost host;
};

TEST_F(NameOnHost, IsWhatUdevSays) {
    EXPECT_EQ(ask({{"net.ifnames", "1"}}), "enp1s0");
    EXPECT_FALSE(fs::exists(folder));
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(NameOnHost, UdevKnowsThePoliciesOfTheCommandLine) {
    EXPECT_EQ(ask({{"net.ifname_policy", "path\nmac,52:54:00:12:34:56"}}), "enp1s0");
    EXPECT_THAT(namer.files, UnorderedElementsAre("72-default.link", "71-52:54:00:12:34:56.link"));
    std::ifstream file(folder / "72-default.link");
    EXPECT_THAT(std::string(std::istreambuf_iterator<char>(file), {}),
                HasSubstr("NamePolicy=path\n"));
    EXPECT_EQ(ask({{"net.ifname_policy", "path"}}), "enp1s0");
}

TEST_F(NameOnHost, AWrongPolicyIsSaidAndIgnored) {
    EXPECT_EQ(ask({{"net.ifname_policy", "phat"}}), "enp1s0");
    EXPECT_THAT(host.log_text(), HasSubstr("net.ifname_policy=phat is ignored: "));
    EXPECT_THAT(namer.files, IsEmpty());
}

} // namespace
} // namespace slipway::net
