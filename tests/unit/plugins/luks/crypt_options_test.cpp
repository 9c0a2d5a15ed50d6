// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/crypt_options.h"

#include <gmock/gmock.h>

namespace slipway::luks {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CryptOptions read(std::string_view text) {
    CryptOptions options;
    read_crypt_options(text, options);
    return options;
}

TEST(CryptOptions, ReadsWhatIsHonoured) {
    const CryptOptions options = read(
        "luks,discard,tries=3,timeout=2min,keyfile-offset=512,keyfile-size=64,key-slot=5,readonly,"
        "no-read-workqueue,no-write-workqueue,same-cpu-crypt,submit-from-crypt-cpus,"
        "password-echo=yes,nofail,noauto,x-initrd.attach,try-empty-password,cipher=aes,x-systemd."
        "device-timeout=infinity");
    EXPECT_THAT(options.complaints, IsEmpty());
    EXPECT_TRUE(options.discard && options.read_only && options.password_echo);
    EXPECT_TRUE(options.no_read_workqueue && options.no_write_workqueue);
    EXPECT_TRUE(options.same_cpu_crypt && options.submit_from_crypt_cpus);
    EXPECT_TRUE(options.may_fail && options.is_manual && options.is_for_initrd);
    EXPECT_TRUE(options.try_empty_password);
    EXPECT_EQ(options.tries, 3U);
    EXPECT_EQ(options.timeout, 2min);
    EXPECT_EQ(options.keyfile_offset, 512U);
    EXPECT_EQ(options.keyfile_size, 64U);
    EXPECT_EQ(options.key_slot, 5);
    EXPECT_EQ(options.device_timeout, "0");
}

TEST(CryptOptions, NamesEveryWordThatIsNotHonoured) {
    EXPECT_THAT(
        read("keyfile-erase,tpm2-pcrs=7,discard,keyscript=x,blah").complaints,
        ElementsAre("keyfile-erase is not honoured: key files are not erased",
                    "tpm2-pcrs=7 is not honoured: what the token in the header says is taken",
                    HasSubstr("key scripts"), "blah is not honoured: slipway does not know it"));
}

TEST(CryptOptions, ReadsWhatIsSaidOfPlainVolumes) {
    const CryptOptions options =
        read("plain,cipher=aes-xts-plain64,size=512,hash=sha256,offset=8,skip=16,sector-size=4096");
    EXPECT_THAT(options.complaints, IsEmpty());
    EXPECT_TRUE(options.is_plain);
    EXPECT_EQ(plain_cipher_of(options, false),
              (PlainCipher{"aes", "xts-plain64", "sha256", 64, 8, 16, 4096}));
    EXPECT_FALSE(read("plain,luks").is_plain);
}

TEST(CryptOptions, PlainVolumesHaveTheDefaultsOfTheHost) {
    const CryptOptions options = read("plain");
    EXPECT_EQ(plain_cipher_of(options, false),
              (PlainCipher{"aes", "cbc-essiv:sha256", "ripemd160", 32, 0, 0, 0}));
    EXPECT_EQ(plain_cipher_of(options, true).hash, ""); // the file is the key
    EXPECT_EQ(plain_cipher_of(read("plain,hash=sha1"), true).hash, "sha1");
    EXPECT_EQ(plain_cipher_of(read("plain,hash=plain"), false).hash, "");
    EXPECT_EQ(plain_cipher_of(read("plain,cipher=aes"), false).mode, "plain");
}

TEST(CryptOptions, WhatOnlyPlainVolumesHaveIsNamedForOthers) {
    EXPECT_THAT(read("offset=8,cipher=aes,sector-size=4096").complaints,
                ElementsAre("offset=8 is not honoured: the header of the volume says it",
                            "sector-size=4096 is not honoured: the header of the volume says it"));
    EXPECT_THAT(
        read("plain,size=100,sector-size=600").complaints,
        ElementsAre(HasSubstr("size=100 is ignored"), HasSubstr("sector-size=600 is ignor")));
}

TEST(CryptOptions, ReadsWhatIsSaidOfTokens) {
    const CryptOptions options =
        read("tpm2-device=auto,fido2-device=auto,pkcs11-uri=auto,tpm2-pin=yes,token-timeout=5s");
    EXPECT_THAT(options.complaints, IsEmpty());
    EXPECT_TRUE(options.has_tpm);
    EXPECT_EQ(options.token_timeout, "5s");
    EXPECT_FALSE(read("fido2-device=auto").has_tpm);
    EXPECT_THAT(read("tpm2-device=/dev/tpmrm1").complaints,
                ElementsAre(HasSubstr("the first TPM")));
}

TEST(CryptOptions, RefusesMalformedNumbers) {
    EXPECT_THAT(read("tries=three").complaints, ElementsAre(HasSubstr("whole number")));
    EXPECT_THAT(read("tries=-1").complaints, ElementsAre(HasSubstr("tries=-1")));
    EXPECT_THAT(read("key-slot=32").complaints, ElementsAre(HasSubstr("0 to 31")));
    EXPECT_THAT(read("timeout=soon").complaints, ElementsAre(HasSubstr("90s")));
    EXPECT_THAT(read("keyfile-size=99999999999999999999").complaints,
                ElementsAre(HasSubstr("keyfile-size")));
}

TEST(CryptOptions, KnowsVolumesThatAreNotForIt) {
    EXPECT_THAT(read("swap,cipher=aes").not_ours, HasSubstr("swap"));
    EXPECT_THAT(read("noauto").not_ours, IsEmpty());
    EXPECT_THAT(read("luks").not_ours, IsEmpty());
}

TEST(CryptOptions, LaterWordsWin) {
    EXPECT_EQ(read("tries=3,tries=0").tries, 0U);
}

} // namespace
} // namespace slipway::luks
