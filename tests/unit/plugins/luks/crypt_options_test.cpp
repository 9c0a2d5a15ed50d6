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
    EXPECT_THAT(read("header=/x,tpm2-device=auto,discard,keyscript=x,blah").complaints,
                ElementsAre("header=/x is not honoured: detached headers are not read yet",
                            "tpm2-device=auto is not honoured: TPM devices are not asked yet",
                            HasSubstr("key scripts"),
                            "blah is not honoured: slipway does not know it"));
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
