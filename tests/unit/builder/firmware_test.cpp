// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/firmware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/builder/fake_module_index.h"
#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using testing::FakeIndex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TemporaryDirectory;

class FirmwareTest : public ::testing::Test {
protected:
    FirmwareTest() {
        index_.modules["card"].firmware = {"card/one.bin", "card/two.bin"};
        directory_.write("usr/lib/firmware/card/one.bin", "1");
    }
    [[nodiscard]] static ChosenModule chosen(const std::string &path) {
        return {.module = {"card", path}, .reason = "asked for"};
    }
    // Paths below the firmware directory that are in the image.
    [[nodiscard]] std::vector<std::string> taken() const {
        constexpr std::string_view kTop = "usr/lib/firmware/";
        std::vector<std::string> paths;
        for (const auto &[path, entry] : image_.entries())
            if (path.starts_with(kTop) && entry.kind == ImageEntryKind::file)
                paths.push_back(path.substr(kTop.size()));
        return paths;
    }

    TemporaryDirectory directory_;
    RootTree root_{directory_.path()};
    FakeIndex index_;
    Problems problems_;
    ImageTree image_;
    FileCollector files_{image_, {&root_}, problems_};
    FirmwareCollector firmware_{root_, files_, "6.12", false};
};

TEST_F(FirmwareTest, WhatIsThereIsTakenAndTheRestIsNamed) {
    ASSERT_TRUE(firmware_.add(index_, "card", chosen("kernel/drivers/net/card.ko")));
    EXPECT_THAT(taken(), ElementsAre("card/one.bin"));
    EXPECT_THAT(firmware_.missing(), ElementsAre("card/two.bin"));
    EXPECT_THAT(problems_.problems(), IsEmpty());
}

TEST_F(FirmwareTest, AnUpdateForTheKernelGoesBeforeWhatAllKernelsHave) {
    directory_.write("usr/lib/firmware/updates/6.12/card/one.bin.zst", "2");
    ASSERT_TRUE(firmware_.add(index_, "card", chosen("kernel/drivers/net/card.ko")));
    EXPECT_THAT(taken(), ElementsAre("updates/6.12/card/one.bin.zst"));
}

TEST_F(FirmwareTest, GraphicsCardsGetNoneUnlessAskedFor) {
    ASSERT_TRUE(firmware_.add(index_, "card", chosen("kernel/drivers/gpu/card.ko")));
    EXPECT_THAT(taken(), IsEmpty());
    FirmwareCollector with_graphics(root_, files_, "6.12", true);
    ASSERT_TRUE(with_graphics.add(index_, "card", chosen("kernel/drivers/gpu/card.ko")));
    EXPECT_THAT(taken(), ElementsAre("card/one.bin"));
}

TEST_F(FirmwareTest, AModuleThatTheIndexLacksIsAnError) {
    const auto added = firmware_.add(index_, "absent", chosen("kernel/drivers/net/card.ko"));
    ASSERT_FALSE(added);
    EXPECT_THAT(added.error().message(), HasSubstr("the module absent is missing"));
}

} // namespace
} // namespace slipway
