// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/file_collector.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TemporaryDirectory;

// A small root that holds the system's `true` program and, when asked, its libraries.
class FileCollectorTest : public ::testing::Test {
protected:
    // Copies one file of this system with the links that lead to it.
    void copy_with_links(const std::string &path) const {
        const RootTree host("/");
        const Result<RootFile> file = host.resolve(path);
        ASSERT_TRUE(file) << file.error().message();
        for (const RootLink &link : file->links)
            if (!std::filesystem::is_symlink(directory_.path() + link.path))
                directory_.link(link.target, link.path);
        if (!std::filesystem::exists(directory_.path() + file->path))
            directory_.copy(file->path, file->path);
    }

    void copy_true() const {
        copy_with_links("/usr/bin/true");
        const auto needs = read_elf_needs("/usr/bin/true");
        ASSERT_TRUE(needs && needs->has_value());
        copy_with_links((*needs)->interpreter);
    }

    void copy_libraries() const {
        const RootTree host("/");
        const LibraryFinder finder(host);
        const auto needs = read_elf_needs("/usr/bin/true");
        for (const std::string &soname : (*needs)->needed) {
            const auto library = finder.find(soname, **needs, "");
            ASSERT_TRUE(library) << soname;
            copy_with_links(library->file.path);
        }
    }

    TemporaryDirectory directory_;
    Problems problems_;
    ImageTree image_;
};

TEST_F(FileCollectorTest, BringsTheLibrariesAndTheInterpreterOfAProgram) {
    copy_true();
    copy_libraries();
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    EXPECT_TRUE(files.add_program("true", {"test"}));
    files.finish();

    EXPECT_THAT(problems_.problems(), IsEmpty());
    EXPECT_THAT(problems_.notices(), IsEmpty());
    const auto needs = read_elf_needs("/usr/bin/true");
    const Result<std::string> interpreter = image_.place((*needs)->interpreter, true);
    ASSERT_TRUE(interpreter);
    ASSERT_NE(image_.find(*interpreter), nullptr) << *interpreter;
    EXPECT_EQ(image_.find(*interpreter)->kind, ImageEntryKind::file);
    const auto libc = std::ranges::find_if(
        image_.entries(), [](const auto &entry) { return entry.first.ends_with("/libc.so.6"); });
    ASSERT_NE(libc, image_.entries().end());
    EXPECT_THAT(libc->second.source, HasSubstr(directory_.path()));
    EXPECT_EQ(libc->second.reason, "needed by /usr/bin/true");
}

TEST_F(FileCollectorTest, TakesAMissingLibraryFromThisSystemWithANotice) {
    copy_true();
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    files.add_program("true", {"test"});
    files.finish();
    EXPECT_THAT(problems_.problems(), IsEmpty());
    EXPECT_THAT(problems_.notices(), ElementsAre(HasSubstr("libc.so.6")));
}

TEST_F(FileCollectorTest, ReportsAllMissingProgramsWithWhoWantsThem) {
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    files.add_program("mdadm", {"mdraid.toml"});
    files.add_program("vi", {"shell.toml", true});
    files.add_program("lvm", {"lvm.toml"});
    EXPECT_THAT(problems_.problems(),
                ElementsAre(HasSubstr("mdadm (mdraid.toml)"), HasSubstr("lvm (lvm.toml)")));
}

TEST_F(FileCollectorTest, BringsTheInterpreterOfAScript) {
    directory_.write("usr/bin/sh", "not really a shell");
    directory_.write("usr/sbin/tool", "#! /usr/bin/sh -e\n");
    std::filesystem::permissions(directory_.path() + "/usr/sbin/tool",
                                 std::filesystem::perms::owner_all);
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    files.add_program("tool", {"test"});
    files.finish();
    EXPECT_THAT(problems_.problems(), IsEmpty());
    ASSERT_NE(image_.find("usr/bin/sh"), nullptr);
    EXPECT_EQ(image_.find("usr/bin/sh")->reason, "interpreter of /usr/sbin/tool");
}

TEST_F(FileCollectorTest, CopiesADirectoryWithoutFollowingLinksToOtherDirectories) {
    directory_.write("etc/app/a.conf", "");
    directory_.write("var/big/file", "");
    directory_.link("/var/big", "etc/app/big");
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    files.add_directory("/etc/app", {"test"});
    files.finish();
    EXPECT_NE(image_.find("etc/app/a.conf"), nullptr);
    ASSERT_NE(image_.find("etc/app/big"), nullptr);
    EXPECT_EQ(image_.find("etc/app/big")->kind, ImageEntryKind::link);
    EXPECT_EQ(image_.find("var/big/file"), nullptr);
}

TEST_F(FileCollectorTest, NeverTakesAFileFromOutsideTheRoot) {
    const TemporaryDirectory outside;
    outside.write("key", "secret");
    directory_.link(outside.path() + "/key", "etc/key");
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    files.add_files("/etc/key", {"test"});
    files.finish();
    EXPECT_THAT(problems_.problems(), ElementsAre(HasSubstr("/etc/key")));
    EXPECT_THAT(image_.entries(), IsEmpty());
}

TEST_F(FileCollectorTest, LinksALibraryThatOnlyTheConfigurationFinds) {
    copy_true();
    copy_libraries();
    const RootTree host("/");
    const auto needs = read_elf_needs("/usr/bin/true");
    const auto library = LibraryFinder(host).find((*needs)->needed.at(0), **needs, "");
    ASSERT_TRUE(library);
    directory_.copy(library->file.path, "opt/lib/libspecial.so.1");
    directory_.write("etc/ld.so.conf", "include ld.so.conf.d/*.conf\n");
    directory_.write("etc/ld.so.conf.d/opt.conf", "# ours\n/opt/lib\n");
    const RootTree root(directory_.path());
    FileCollector files(image_, {&root}, problems_);
    EXPECT_TRUE(files.add_library("libspecial.so.1", {"test"}));
    EXPECT_NE(image_.find("opt/lib/libspecial.so.1"), nullptr);
    const bool linked = std::ranges::any_of(image_.entries(), [](const auto &entry) {
        return entry.first.ends_with("/libspecial.so.1") && entry.first.starts_with("usr/lib") &&
               entry.second.target == "/opt/lib/libspecial.so.1";
    });
    EXPECT_TRUE(linked);
}

} // namespace
} // namespace slipway
