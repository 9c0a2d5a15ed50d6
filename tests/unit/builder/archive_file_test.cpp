// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/archive_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "builder/root_tree.h"
#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::StartsWith;
using testing::TemporaryDirectory;

class ArchiveFileTest : public ::testing::Test {
protected:
    ImageTree tree() const {
        ImageTree image;
        EXPECT_TRUE(image.add_link("/bin", "usr/bin", "merged /usr"));
        EXPECT_TRUE(image.add_character_device("/dev/console", 5, 1, 0600, ""));
        EXPECT_TRUE(image.add_text("/etc/text", "hello\n", ""));
        EXPECT_TRUE(image.add_text("/etc/empty", "", ""));
        EXPECT_TRUE(image.add_file("/usr/bin/tool", tool_, 0755, ""));
        return image;
    }

    std::string write(const std::string &name, const ArchiveOptions &options) const {
        const std::string path = directory_.path() + "/" + name;
        const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        const Result<> written = write_archive(fd.get(), tree(), options, {});
        EXPECT_TRUE(written) << written.error().message();
        return path;
    }

    std::string cat(const std::string &image, std::string_view path) const {
        std::string text;
        const Result<> read = read_archived_file(image, path, [&](std::string_view bytes) {
            text += bytes;
            return Result<>();
        });
        EXPECT_TRUE(read) << read.error().message();
        return text;
    }

    TemporaryDirectory directory_;
    std::string tool_ = directory_.write("tool", std::string(200'000, 'x') + "end");
};

TEST_F(ArchiveFileTest, GivesTheSameBytesTwice) {
    for (const Compression compression : {Compression::none, Compression::zstd}) {
        const auto first = read_host_file(write("a", {compression, 3, 0}), 1U << 24U);
        directory_.write("tool2", "changes the directory's time");
        const auto second = read_host_file(write("b", {compression, 3, 0}), 1U << 24U);
        ASSERT_TRUE(first && second);
        EXPECT_EQ(*first, *second);
    }
}

TEST_F(ArchiveFileTest, CarriesTheTimeThatWasAskedFor) {
    const auto first = read_host_file(write("a", {Compression::none, 3, 0}));
    const auto second = read_host_file(write("b", {Compression::none, 3, 1}));
    EXPECT_NE(*first, *second);
}

TEST_F(ArchiveFileTest, IsInTheFormatOfTheKernel) {
    EXPECT_THAT(read_host_file(write("a", {Compression::none, 3, 0})).value(),
                StartsWith("070701"));
    EXPECT_THAT(read_host_file(write("b", {Compression::zstd, 3, 0})).value(),
                StartsWith("\x28\xB5\x2F\xFD"));
}

TEST_F(ArchiveFileTest, ListsDirectoriesBeforeWhatIsInThem) {
    const auto entries = list_archive(write("a", {}));
    ASSERT_TRUE(entries) << entries.error().message();
    std::vector<std::string> paths;
    for (const ArchivedEntry &entry : *entries)
        paths.push_back(entry.path);
    EXPECT_THAT(paths, ::testing::ElementsAre("bin", "dev", "dev/console", "etc", "etc/empty",
                                              "etc/text", "usr", "usr/bin", "usr/bin/tool"));
    EXPECT_EQ(entries->at(2).kind, ImageEntryKind::character_device);
    EXPECT_EQ(entries->at(8).size_bytes, 200'003U);
}

TEST_F(ArchiveFileTest, ReadsAFileBackThroughALink) {
    const std::string image = write("a", {});
    EXPECT_EQ(cat(image, "/etc/text"), "hello\n");
    EXPECT_EQ(cat(image, "bin/tool").size(), 200'003U);
}

TEST_F(ArchiveFileTest, SaysThatAFileIsNotThere) {
    const Result<> read =
        read_archived_file(write("a", {}), "/nothing", [](std::string_view) { return Result<>(); });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ENOENT);
}

TEST_F(ArchiveFileTest, StopsWhenItIsInterrupted) {
    const UniqueFd fd(::open(directory_.path().c_str(), O_TMPFILE | O_RDWR, 0600));
    const Result<> written = write_archive(fd.get(), tree(), {}, [] { return true; });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ECANCELED);
}

TEST_F(ArchiveFileTest, RefusesAnArchiveThatIsNone) {
    EXPECT_FALSE(list_archive(directory_.write("junk", "this is no archive at all")));
}

TEST_F(ArchiveFileTest, CopiesAnUncompressedModuleAsItIs) {
    const std::string source = directory_.write("a.ko", std::string("\x7f"
                                                                    "ELF\0data",
                                                                    9));
    const std::string target = directory_.path() + "/b.ko";
    const Result<> copied = copy_decompressed(source, target);
    ASSERT_TRUE(copied) << copied.error().message();
    EXPECT_EQ(read_host_file(source).value(), read_host_file(target).value());
}

} // namespace
} // namespace slipway
