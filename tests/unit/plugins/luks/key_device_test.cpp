// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/key_device.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "unit/plugins/fake_host.h"
#include "unit/plugins/luks/fake_medium.h"

namespace slipway::luks {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeMedium;
using test::FakeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class BringKey : public ::testing::Test {
protected:
    BringKey() {
        request.unit = "luks-key@5a1e";
        request.key = "5a1e";
        request.params = {{"name", "cryptroot"}, {"path", "/key"}};
        request.devices = {{"/sys/x", {{"devnode", "/dev/sdb1"}, {"fs_type", "vfat"}}}};
        medium.files = {{"/dev/sdb1 vfat /key", "secret of the stick"},
                        {"/dev/sdb1  ", "0123456789"}};
    }
    Outcome run() {
        sdk::Context context(host.raw());
        return bring_key(context, sdk::Request(request.raw()), medium);
    }

    FakeHost host;
    FakeRequest request;
    FakeMedium medium;
};

TEST_F(BringKey, AnswersTheQuestionOfTheVolume) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.given_answers, ElementsAre(Pair("luks:5a1e", "secret of the stick")));
    EXPECT_THAT(host.reason + host.log_text(), Not(HasSubstr("secret")));
}

TEST_F(BringKey, ReadsAPartOfADevice) {
    request.params = {{"offset", "2"}, {"size", "4"}};
    request.devices = {{"/sys/x", {{"devnode", "/dev/sdb1"}}}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.given_answers, ElementsAre(Pair("luks:5a1e", "2345")));
}

TEST_F(BringKey, HasNothingToDoWhenTheVolumeIsUnlocked) {
    medium.mappings = {"cryptroot"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.given_answers, IsEmpty());
}

TEST_F(BringKey, AMissingFileIsNamedWithItsDevice) {
    request.params = {{"name", "cryptroot"}, {"path", "/other"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(host.reason, "the key of cryptroot, /other on /dev/sdb1, cannot be used: open "
                           "/other: No such file or directory; type the passphrase instead");
    EXPECT_THAT(host.given_answers, IsEmpty());
}

TEST_F(BringKey, AKeyThatIsTooLongIsNotCut) {
    medium.files["/dev/sdb1 vfat /key"] = std::string(5000, 'x');
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("longer than 4096 bytes"));
    EXPECT_THAT(host.reason, HasSubstr("keyfile-size="));
    EXPECT_THAT(host.given_answers, IsEmpty());
}

TEST_F(BringKey, AnEmptyFileIsNoKey) {
    medium.files["/dev/sdb1 vfat /key"] = "";
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("is empty"));
    EXPECT_THAT(host.given_answers, IsEmpty());
}

} // namespace
} // namespace slipway::luks
