// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain volumes and tokens; what else opens a volume is tested in unlock_test.cpp.
#include "luks/key_trials.h"

#include <gmock/gmock.h>

#include "unit/plugins/fake_host.h"
#include "unit/plugins/luks/fake_crypt_backend.h"

namespace slipway::luks {
namespace {

using sdk::AnswerSource;
using sdk::Outcome;
using test::FakeCryptBackend;
using test::FakeHost;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Trials : public ::testing::Test {
protected:
    Trials() {
        volume.key = "5a1e";
        volume.devnode = "/dev/vda2";
        volume.mapping.name = "cryptroot";
    }
    Outcome run() {
        sdk::Context context(host.raw());
        if (volume.options.is_plain) { // as unlock_volume() does
            EXPECT_TRUE(backend.load_plain(volume.devnode, plain_cipher_of(volume.options, false)));
        }
        return KeyTrials(context, backend, volume).run();
    }

    FakeHost host;
    FakeCryptBackend backend;
    KeyTrials::Volume volume;
};

class PlainVolume : public Trials {
protected:
    PlainVolume() { volume.options.is_plain = true; }
    std::vector<std::string> hashes() const {
        std::vector<std::string> all;
        for (const PlainCipher &cipher : backend.plain)
            all.push_back(cipher.hash);
        return all;
    }
};

TEST_F(PlainVolume, ATypedPassphraseIsHashedAndNeverTakenFromElsewhere) {
    host.answers = {"anything"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(hashes(), ElementsAre("ripemd160"));
    EXPECT_THAT(host.accepted_cached, ElementsAre(false)); // it would "fit"
}

TEST_F(PlainVolume, AKeyFileIsTheKeyItself) {
    volume.keyfile = "/good";
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(hashes(), ElementsAre("ripemd160", ""));
    EXPECT_EQ(backend.keyfile_size, 32U);
    EXPECT_THAT(host.questions, IsEmpty());
}

TEST_F(PlainVolume, WithoutItsKeyFileTheTypedPassphraseIsHashedAgain) {
    volume.keyfile = "/missing";
    host.answers = {"anything"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(hashes(), ElementsAre("ripemd160", "", "ripemd160"));
}

TEST_F(PlainVolume, TheKeyOfAKeyDeviceIsTheKeyItself) {
    host.answers = {"key of the stick"};
    host.answer_sources = {AnswerSource::plugin};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(hashes(), ElementsAre("ripemd160", ""));
}

class Tokens : public Trials {
protected:
    Tokens() { backend.all_tokens = {{0, "systemd-tpm2", true, 0}, {1, "systemd-fido2", true, 0}}; }
};

TEST_F(Tokens, AreAskedBeforeAPerson) {
    backend.token_results = {{"systemd-tpm2", TokenResult::unlocked}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(backend.asked_tokens, ElementsAre("systemd-tpm2"));
    EXPECT_THAT(host.questions, IsEmpty());
    EXPECT_THAT(host.modules, ElementsAre("tpm_crb", "tpm_tis"));
}

TEST_F(Tokens, AVolumeWithoutOneIsNotHeldUp) {
    backend.all_tokens = {};
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.modules, IsEmpty());
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(Tokens, OneThatRefusesLeadsToTheNext) {
    backend.token_results = {{"systemd-tpm2", TokenResult::wrong_key},
                             {"systemd-fido2", TokenResult::unlocked}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, IsEmpty());
    EXPECT_THAT(host.log_text(), HasSubstr("the TPM does not help: its key opens no key slot"));
}

TEST_F(Tokens, WhenAllRefuseAPersonIsAskedAndToldWhy) {
    backend.token_results = {{"systemd-tpm2", TokenResult::absent}}; // the other one fails
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, ElementsAre("Passphrase for cryptroot (/dev/vda2)"));
    EXPECT_THAT(host.log_text(),
                AllOf(HasSubstr("the TPM does not help: there is no TPM device; tpm2-device=auto"),
                      HasSubstr("the FIDO2 token does not help: ask the token: Input/output")));
}

TEST_F(Tokens, OneWithoutLibraryIsNamed) {
    backend.all_tokens = {{0, "systemd-tpm2", false, 0}};
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(backend.asked_tokens, IsEmpty());
    EXPECT_THAT(host.log_text(), HasSubstr("the TPM is not asked: the image has no "
                                           "libcryptsetup-token-systemd-tpm2.so"));
}

TEST_F(Tokens, APinIsAskedForAndIsNoPassphrase) {
    backend.token_results = {{"systemd-tpm2", TokenResult::needs_pin},
                             {"systemd-tpm2 1111", TokenResult::needs_pin},
                             {"systemd-tpm2 2222", TokenResult::unlocked}};
    host.answers = {"1111", "2222"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(host.questions[0],
              "PIN of the TPM for cryptroot (/dev/vda2), empty to go on without it");
    EXPECT_THAT(host.question_ids, ElementsAre("luks-pin:5a1e", "luks-pin:5a1e"));
    EXPECT_THAT(host.accepted_cached, ElementsAre(false, false));
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("wrong PIN of the TPM"), Not(HasSubstr("1111"))));
}

TEST_F(Tokens, APinIsAskedForThreeTimesAtMost) {
    backend.all_tokens.pop_back();
    backend.token_results = {{"systemd-tpm2", TokenResult::needs_pin},
                             {"systemd-tpm2 0", TokenResult::needs_pin}};
    host.answers = {"0", "0", "0", "right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, SizeIs(4));
    EXPECT_THAT(host.log_text(), HasSubstr("the TPM does not help: 3 wrong PINs"));
}

TEST_F(Tokens, WithoutAPinTheNextOneIsAsked) {
    backend.token_results = {{"systemd-tpm2", TokenResult::needs_pin},
                             {"systemd-fido2", TokenResult::unlocked}};
    host.answers = {""};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(backend.asked_tokens, ElementsAre("systemd-tpm2", "systemd-fido2"));
}

TEST_F(Tokens, OneThatIsPluggedInLaterIsAskedWhenThePersonPressesEnter) {
    volume.options.tries = 1;
    backend.all_tokens = {{1, "systemd-fido2", true, 0}};
    backend.token_results = {{"systemd-fido2", TokenResult::absent}};
    host.answers = {"", "", "right"};
    int asked = 0;
    backend.on_unlock = [&] {
        if (++asked == 3)
            backend.token_results["systemd-fido2"] = TokenResult::unlocked;
    };
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(asked, 3);
    EXPECT_THAT(host.questions[0], HasSubstr(", or plug in the token and press Enter"));
    EXPECT_EQ(backend.tries, 0); // an empty passphrase was not tried
    EXPECT_EQ(host.reason, "cryptroot unlocked with a token");
}

TEST_F(Tokens, TakeTheMemoryOfTheirSlotWhileTheyWork) {
    backend.memory = 1048576;
    backend.all_tokens = {{0, "systemd-tpm2", true, 4096}};
    backend.token_results = {{"systemd-tpm2", TokenResult::needs_pin},
                             {"systemd-tpm2 1", TokenResult::unlocked}};
    backend.on_unlock = [this] { EXPECT_EQ(host.releases + 1, host.acquired.size()); };
    host.answers = {"1"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.acquired, SizeIs(2));
    EXPECT_EQ(host.acquired[0].second, 4096U);
    EXPECT_EQ(host.releases, 2U);
}

} // namespace
} // namespace slipway::luks
