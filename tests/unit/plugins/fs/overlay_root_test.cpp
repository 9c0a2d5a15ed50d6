// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/overlay_root.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <map>
#include <set>

#include "unit/plugins/fake_host.h"

namespace slipway::fs {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *kMemory = "/run/initramfs/overlay";

// Both back ends and the mounts that they make: what happens, in order.
class FakeMounts final : public MountBackend, public OverlayBackend {
public:
    bool is_type_known(std::string_view) override { return is_known; }
    MountResult mount(const std::string &source, const std::string &target, const std::string &type,
                      const std::string &options) override {
        calls.push_back("mount " + source + " " + target + " " + type + " " + options);
        if (type == refused_type)
            return {.code = EINVAL, .detail = "bad \x1b[2J option"};
        EXPECT_TRUE(mounted.insert(target).second) << target << " is mounted twice";
        return {.code = 0, .detail = {}};
    }
    Result<std::string> resolve(const std::string &, const std::string &) override {
        return unused();
    }
    Result<std::string> read_file(const std::string &, const std::string &, std::size_t) override {
        return unused();
    }
    Result<HeldDevice> hold(const std::string &, std::string_view) override {
        return failure("not used here");
    }

    bool is_mounted(const std::string &path) override { return mounted.contains(path); }
    Result<> move(const std::string &from, const std::string &to) override {
        calls.push_back("move " + from + " " + to);
        EXPECT_EQ(mounted.erase(from), 1U);
        mounted.insert(to);
        return {};
    }
    Result<> protect(const std::string &path) override {
        calls.push_back("protect " + path);
        EXPECT_TRUE(mounted.contains(path));
        return {};
    }
    Result<> make_directory(const std::string &path) override {
        if (path.starts_with(std::string(kMemory) + "/")) {
            EXPECT_TRUE(mounted.contains(kMemory)) << path << " would lie in /run";
            if (is_full)
                return errno_failure("make the directory " + path, ENOSPC);
        }
        return {};
    }
    Result<> copy_access(const std::string &from, const std::string &to) override {
        calls.push_back("access " + from + " " + to);
        return {};
    }
    Result<> link(const std::string &target, const std::string &path) override {
        if (path == bad_link)
            return errno_failure("make the link " + path, EROFS);
        links.push_back(path + " -> " + target);
        return {};
    }
    Result<> write(const std::string &path, const std::string &text) override {
        files[path] = text;
        return {};
    }
    std::optional<std::string> device_below(const std::string &path) override {
        EXPECT_EQ(path, "/run/rootfsbase");
        return device;
    }

    bool is_known = true;
    bool is_full = false;
    std::string refused_type;
    std::string bad_link;
    std::optional<std::string> device = "254:2";
    std::set<std::string> mounted = {"/sysroot"};
    std::vector<std::string> calls;
    std::vector<std::string> links;
    std::map<std::string, std::string> files;

private:
    static Result<std::string> unused() { return failure("not used here"); }
};

class OverlayRoot : public ::testing::Test {
protected:
    OverlayRoot() { request.unit = "sysroot"; }
    Outcome run() {
        sdk::Context context(host.raw());
        return overlay_root(context, sdk::Request(request.raw()), mounts, mounts);
    }

    FakeHost host;
    FakeRequest request;
    FakeMounts mounts;
};

TEST_F(OverlayRoot, TheRootGoesBelowAndCanOnlyBeRead) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(
        mounts.calls,
        ElementsAre("move /sysroot /run/rootfsbase", "protect /run/rootfsbase",
                    "mount tmpfs /run/initramfs/overlay tmpfs mode=0755,nosuid,nodev",
                    "access /run/rootfsbase /run/initramfs/overlay/overlayfs",
                    "mount overlay /sysroot overlay lowerdir=/run/rootfsbase,"
                    "upperdir=/run/initramfs/overlay/overlayfs,workdir=/run/initramfs/overlay/"
                    "ovlwork"));
    EXPECT_THAT(host.modules, IsEmpty());
    EXPECT_THAT(host.logged, IsEmpty());
    EXPECT_THAT(host.reason, HasSubstr("lost at power-off"));
}

TEST_F(OverlayRoot, TheMemoryHasTheLimitsOfTheCommandLine) {
    request.params = {{"limits", "size=32M,nr_inodes=100000"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(mounts.calls.at(2), HasSubstr(" mode=0755,nosuid,nodev,size=32M,nr_inodes=100000"));
    EXPECT_THAT(host.reason, HasSubstr("size=32M"));
}

TEST_F(OverlayRoot, TheHostFindsTheUpperLayerAndTheDiskOfTheRoot) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(mounts.links, ElementsAre("/run/overlayfs -> /run/initramfs/overlay/overlayfs",
                                          "/run/systemd/volatile-root -> /dev/block/254:2"));
}

// The line for / in fstab has options of the file system below.
TEST_F(OverlayRoot, TheHostDoesNotFailToRemountIt) {
    EXPECT_EQ(run(), Outcome::done);
    ASSERT_EQ(mounts.files.size(), 1U);
    const auto &[path, text] = *mounts.files.begin();
    EXPECT_THAT(path, HasSubstr("/systemd-remount-fs.service.d/"));
    EXPECT_EQ(path.find("/run/systemd/system/"), std::string::npos)
        << "would look like a running systemd";
    EXPECT_THAT(text, HasSubstr("[Service]\nEnvironment=LIBMOUNT_FORCE_MOUNT2=always\n"));
}

TEST_F(OverlayRoot, ARootOnNoDiskHasNoLinkToOne) {
    mounts.device = std::nullopt;
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(mounts.links, ElementsAre(HasSubstr("/run/overlayfs")));
}

TEST_F(OverlayRoot, ALinkThatCannotBeMadeIsNoReasonToFail) {
    mounts.bad_link = "/run/systemd/volatile-root";
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("/run/systemd/volatile-root"));
}

TEST_F(OverlayRoot, LoadsTheDriverBeforeAnythingIsMoved) {
    mounts.is_known = false;
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("overlay"));
}

TEST_F(OverlayRoot, WithoutTheDriverTheRootStaysWhereItIs) {
    mounts.is_known = false;
    host.module_errors["overlay"] = ENOENT;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("slipway build --modules overlay"));
    EXPECT_THAT(mounts.calls, IsEmpty());
    EXPECT_THAT(mounts.mounted, ElementsAre("/sysroot"));
}

TEST_F(OverlayRoot, WithoutARootThereIsNothingToLayItOver) {
    mounts.mounted.clear();
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("nothing is mounted on /sysroot"));
}

// The bare root must not be entered by mistake: somebody wanted it to stay as it is.
TEST_F(OverlayRoot, WhenItFailsNothingIsLeftOnSysrootAndTheNextTryGoesOn) {
    mounts.refused_type = "overlay";
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("mounting overlay on /sysroot failed: Invalid argument "
                                       "(bad ?[2J option)"));
    EXPECT_THAT(mounts.mounted, ElementsAre(kMemory, "/run/rootfsbase"));
    EXPECT_THAT(mounts.links, IsEmpty());
    mounts.refused_type = "";
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_TRUE(mounts.mounted.contains("/sysroot"));
}

TEST_F(OverlayRoot, LimitsThatDoNotWorkAreNamed) {
    mounts.refused_type = "tmpfs";
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("rd.overlay=tmpfs:"));
    mounts.refused_type = "";
    mounts.is_full = true;
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("rd.overlay=tmpfs:"));
    EXPECT_THAT(mounts.mounted, ElementsAre(kMemory, "/run/rootfsbase"));
}

TEST_F(OverlayRoot, WhatIsDoneIsNotDoneAgain) {
    EXPECT_EQ(run(), Outcome::done);
    mounts.calls.clear();
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(mounts.calls, IsEmpty());
}

} // namespace
} // namespace slipway::fs
