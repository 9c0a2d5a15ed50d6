// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/unlock.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "luks/import_volumes.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/luks/fake_crypt_backend.h"

namespace slipway::luks {
namespace {

using sdk::Outcome;
using test::FakeCryptBackend;
using test::FakeHost;
using test::FakeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class UnlockVolume : public ::testing::Test {
protected:
    UnlockVolume() {
        request.unit = "luks@5a1e";
        request.key = "5a1e";
        request.params = {{"name", "cryptroot"}};
        request.devices = {{"/sys/x", {{"devnode", "/dev/vda2"}, {"fs_uuid", "5a1e"}}}};
    }
    Outcome run() {
        sdk::Context context(host.raw());
        return unlock_volume(context, sdk::Request(request.raw()), backend);
    }

    FakeHost host;
    FakeRequest request;
    FakeCryptBackend backend;
};

TEST_F(UnlockVolume, AsksUntilThePassphraseIsRight) {
    host.answers = {"wrong", "wrong", "right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(backend.tries, 3);
    EXPECT_EQ(backend.last.name, "cryptroot");
    EXPECT_THAT(host.questions, SizeIs(3));
    EXPECT_EQ(host.questions[0], "Passphrase for cryptroot (/dev/vda2)");
    EXPECT_THAT(host.log_text(), HasSubstr("wrong passphrase for cryptroot (/dev/vda2), try 2"));
}

TEST_F(UnlockVolume, CountsTheTriesThatWereAskedFor) {
    request.params.emplace_back("options", "tries=2");
    host.answers = {"wrong", "wrong", "right"};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(backend.tries, 2);
    EXPECT_THAT(host.log_text(), HasSubstr("1 of 2 tries"));
}

TEST_F(UnlockVolume, APassphraseOfAnotherVolumeIsNoTryOfThePerson) {
    request.params.emplace_back("options", "tries=1");
    host.answers = {"of another volume", "right"};
    host.answer_sources = {sdk::AnswerSource::cache};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.accepted_cached, ElementsAre(true, true));
    EXPECT_THAT(host.log_text(), HasSubstr("the passphrase of another volume does not open"));
    EXPECT_THAT(host.log_text(), Not(HasSubstr("wrong passphrase")));
}

TEST_F(UnlockVolume, PassphrasesOfOtherVolumesCanBeRefused) {
    request.params.emplace_back("options", "password-cache=no");
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.accepted_cached, ElementsAre(false));
}

TEST_F(UnlockVolume, AWrongKeyOfAKeyDeviceLeadsToThePrompt) {
    request.params.emplace_back("options", "tries=1");
    host.answers = {"of the stick", "right"};
    host.answer_sources = {sdk::AnswerSource::plugin};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("with the key of its key device"));
}

TEST_F(UnlockVolume, TheQuestionIsThatOfTheUnit) {
    request.key = "data";
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.question_ids, ElementsAre("luks:data"));
}

TEST_F(UnlockVolume, FailsWhenNobodyAnswers) {
    host.answers = {std::nullopt};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(host.reason, "no passphrase was given for cryptroot (/dev/vda2)");
    EXPECT_EQ(backend.tries, 0);
}

TEST_F(UnlockVolume, AKeyFileNeedsNoPerson) {
    request.params.emplace_back("keyfile", "/good");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, IsEmpty());
}

TEST_F(UnlockVolume, AKeyFileIsTriedOnceThenAPersonIsAsked) {
    for (const char *path : {"/wrong", "/missing"}) {
        request.params = {{"name", "cryptroot"}, {"keyfile", path}};
        backend.keyfiles.clear();
        host.answers = {"wrong", "right"};
        EXPECT_EQ(run(), Outcome::done);
        EXPECT_THAT(backend.keyfiles, ElementsAre(path));
        EXPECT_THAT(host.log_text(), HasSubstr(std::string("key file ") + path));
        EXPECT_THAT(host.progress.back(), "unlocking cryptroot (/dev/vda2)");
        EXPECT_THAT(*std::next(host.progress.rbegin()),
                    StartsWith(std::string("key file ") + path + ": "))
            << "said above the prompt";
    }
}

TEST_F(UnlockVolume, OptionsReachTheMapping) {
    request.params.emplace_back("options", "discard,readonly,key-slot=3");
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_TRUE(backend.last.discard);
    EXPECT_TRUE(backend.last.read_only);
    EXPECT_EQ(backend.last.key_slot, 3);
}

TEST_F(UnlockVolume, AnActiveVolumeIsDone) {
    backend.state = MappingState::active;
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, IsEmpty());
}

TEST_F(UnlockVolume, ANameInUseIsNamed) {
    backend.state = MappingState::taken_by_another;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("a device named cryptroot exists already"));
}

TEST_F(UnlockVolume, ABrokenHeaderIsNamedWithItsDevice) {
    backend.has_header = false;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(host.reason,
              "cryptroot (/dev/vda2): read the LUKS header of /dev/vda2: Invalid argument; its "
              "header is damaged, or this is no LUKS volume. From a rescue system, try cryptsetup "
              "repair /dev/vda2; if that does not help, put a backup of the header back with "
              "cryptsetup luksHeaderRestore /dev/vda2 --header-backup-file <file>");
}

TEST_F(UnlockVolume, AnErrorIsNoWrongPassphrase) {
    backend.is_broken = true;
    host.answers = {"right", "right"};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(backend.tries, 1);
    EXPECT_THAT(host.reason, HasSubstr("No such file or directory"));
}

TEST_F(UnlockVolume, AMissingModuleNamesTheRemedy) {
    host.module_errors["dm_crypt"] = ENOENT;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("dm_crypt"));
    EXPECT_THAT(host.reason, HasSubstr("rebuild the image"));
}

TEST_F(UnlockVolume, TheDefaultNameComesFromTheVolume) {
    request.params.clear();
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(backend.last.name, "luks-5a1e");
}

TEST_F(UnlockVolume, RefusesANameThatIsAPath) {
    request.params = {{"name", "../x"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(backend.loaded, IsEmpty());
}

TEST_F(UnlockVolume, AnEmptyPassphraseIsTriedFirstIfThatIsAskedFor) {
    backend.opens_without_passphrase = true;
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, SizeIs(1)); // not asked for
    host.questions.clear();
    request.params.emplace_back("options", "try-empty-password");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, IsEmpty());
    backend.opens_without_passphrase = false;
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.questions, SizeIs(1));
}

TEST_F(UnlockVolume, MemoryIsHeldWhileAKeyIsDerivedAndNotDuringAPrompt) {
    backend.memory = 1048576;
    backend.on_unlock = [this] { // each try holds it, and only it
        EXPECT_EQ(host.acquired.size(), host.questions.size());
        EXPECT_EQ(host.releases + 1, host.acquired.size());
    };
    host.answers = {"wrong", "right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.acquired,
                ElementsAre(std::pair<std::string, std::uint64_t>("memory", 1048576),
                            std::pair<std::string, std::uint64_t>("memory", 1048576)));
    EXPECT_EQ(host.releases, 2U);
    EXPECT_TRUE(backend.last.has_memory);
}

TEST_F(UnlockVolume, AKeySlotThatNeedsNoMemoryTakesNone) {
    backend.memory = 1048576;
    request.params.emplace_back("options", "key-slot=3");
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.acquired, IsEmpty());
    EXPECT_FALSE(backend.last.has_memory);
}

TEST_F(UnlockVolume, AnIntegrityProtectedVolumeNeedsItsModules) {
    backend.protection = "hmac(sha256)";
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("dm_mod", "dm_crypt", "authenc", "dm_integrity"));
    host.module_errors["authenc"] = ENOENT; // the cipher may do without
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    host.module_errors["dm_integrity"] = ENOENT;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("protected by hmac(sha256), and the kernel module "
                                       "dm_integrity cannot be loaded"));
}

TEST_F(UnlockVolume, AHeaderElsewhereIsReadFromThere) {
    request.params.emplace_back("header", "/etc/hdr");
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(backend.loaded, "/dev/vda2");
    EXPECT_EQ(backend.header, "/etc/hdr");
    backend.has_header = false;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("cryptsetup repair /etc/hdr"));
    request.params.emplace_back("header_place", "/hdr:LABEL=HEADERS");
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("cryptsetup repair /hdr:LABEL=HEADERS"));
}

TEST_F(UnlockVolume, WhatIsSaidOfAllHoldsForThoseThatRdAutoFinds) {
    request.params.clear();
    request.options = {{"rd.auto", "1"}, {"rd.luks.key", "/good"}, {"rd.luks.options", "discard"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(backend.keyfiles, ElementsAre("/good"));
    EXPECT_TRUE(backend.last.discard);
    EXPECT_THAT(host.questions, IsEmpty());
}

TEST_F(UnlockVolume, AKeyOnADeviceIsForVolumesThatAreNamed) {
    request.params.clear();
    request.options = {{"rd.auto", "1"}, {"rd.luks.key", "/key:LABEL=KEYS"}};
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(backend.keyfiles, IsEmpty());
    EXPECT_THAT(host.log_text(), HasSubstr("/key:LABEL=KEYS is ignored"));
    EXPECT_THAT(host.log_text(), HasSubstr("rd.luks.uuid="));
}

TEST_F(UnlockVolume, RdAutoDoesNotOverruleTheOptionsThatNarrowIt) {
    request.options = {{"rd.auto", ""}, {"rd.luks", "0"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("rd.luks=0"));
    request.options = {{"rd.auto", ""}, {"rd.luks.uuid", "1111"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("other volumes"));
    EXPECT_THAT(backend.loaded, IsEmpty());
    request.params.emplace_back("named", "1");
    host.answers = {"right"};
    EXPECT_EQ(run(), Outcome::done);
}

class ImportVolumes : public ::testing::Test {
protected:
    Outcome run() {
        sdk::Context context(host.raw());
        return import_volumes(context, sdk::Request(request.raw()), [this](std::string_view) {
            ++reads;
            return std::optional<std::string>("cryptroot UUID=" + uuid + " none discard\n");
        });
    }

    const std::string uuid = "5a1e0000-0000-4000-8000-00000000c0de";
    FakeHost host;
    FakeRequest request;
    int reads = 0;
};

TEST_F(ImportVolumes, TheRunForTheFileNamesItsVolumes) {
    request.params = {{"file", "/etc/crypttab"}, {"text", "cryptroot UUID=" + uuid + "\n"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("name = \"luks@" + uuid + "\""));
    EXPECT_EQ(reads, 0);
}

TEST_F(ImportVolumes, TheRunForTheCommandLineTakesNamesFromCrypttab) {
    request.options = {{"rd.luks.uuid", uuid}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("name = \"cryptroot\", options = \"discard\""));
    EXPECT_EQ(reads, 1);
    // … and the run for the file has nothing to add.
    host.units.clear();
    request.params = {{"file", "/etc/crypttab"}, {"text", "x UUID=" + uuid + "\n"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(ImportVolumes, CrypttabCanBeSwitchedOff) {
    request.options = {{"rd.luks.uuid", uuid}, {"rd.luks.crypttab", "0"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("name = \"luks-" + uuid + "\""));
    EXPECT_EQ(reads, 0);
}

TEST_F(ImportVolumes, EverythingCanBeSwitchedOff) {
    request.options = {{"rd.luks", "0"}, {"rd.luks.uuid", uuid}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(ImportVolumes, RefusedWordsAreLoggedAsErrors) {
    request.options = {{"rd.luks.uuid", "vda2"}};
    EXPECT_EQ(run(), Outcome::done);
    ASSERT_THAT(host.logged, SizeIs(1));
    EXPECT_EQ(host.logged[0].first, sdk::LogLevel::error);
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(ImportVolumes, CryptoptsReplaceCrypttabInBothRuns) {
    request.options = {{"cryptopts", "source=/dev/vda2"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("device = \"/dev/vda2\""));
    EXPECT_EQ(reads, 0);
    host.units.clear();
    request.params = {{"file", "/etc/crypttab"}, {"text", "x UUID=" + uuid + "\n"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
}

} // namespace
} // namespace slipway::luks
