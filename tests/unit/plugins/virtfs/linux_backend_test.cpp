// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/linux_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "unit/builder/temporary_directory.h"

namespace slipway::virtfs {
namespace {

using slipway::testing::TemporaryDirectory;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A sysfs with a virtiofs and two 9p devices, as Linux 6.12 shows them.
class LinuxBackendTest : public ::testing::Test {
protected:
    LinuxBackendTest() {
        sysfs_.write("devices/pci0/virtio0/uevent", "");
        sysfs_.write("devices/pci0/virtio1/uevent", "");
        sysfs_.write("devices/pci0/virtio1/mount_tag", std::string("rootfs\0", 7));
        sysfs_.write("module/9pnet_virtio/refcnt", "1");
        sysfs_.link("../../../../devices/pci0/virtio0", "bus/virtio/drivers/virtiofs/virtio0");
        sysfs_.link("../../../../devices/pci0/virtio1", "bus/virtio/drivers/9pnet_virtio/virtio1");
        sysfs_.link("../../../../module/9pnet_virtio", "bus/virtio/drivers/9pnet_virtio/module");
        sysfs_.write("bus/virtio/drivers/9pnet_virtio/uevent", "");
        sysfs_.write("fs/virtiofs/0/tag", "home\n");
        sysfs_.link("../../../devices/pci0/virtio0", "fs/virtiofs/0/device");
    }
    [[nodiscard]] std::string device(const std::string &name) const {
        return sysfs_.path() + "/devices/pci0/" + name;
    }

    TemporaryDirectory sysfs_;
    std::unique_ptr<VirtfsBackend> backend_ = make_linux_backend(sysfs_.path(), sysfs_.path());
};

TEST_F(LinuxBackendTest, ListsTheDevicesOfADriverAndNothingElse) {
    EXPECT_THAT(backend_->devices_of("virtiofs"), UnorderedElementsAre(device("virtio0")));
    EXPECT_THAT(backend_->devices_of("9pnet_virtio"), UnorderedElementsAre(device("virtio1")));
    EXPECT_THAT(backend_->devices_of("absent"), IsEmpty());
}

TEST_F(LinuxBackendTest, ReadsTheTagsOfBothTypes) {
    EXPECT_EQ(backend_->tag_of(device("virtio0")), "home");
    EXPECT_EQ(backend_->tag_of(device("virtio1")), "rootfs");
}

TEST_F(LinuxBackendTest, OfAKernelThatDoesNotTellNothingIsKnown) {
    sysfs_.write("devices/pci0/virtio2/uevent", "");
    EXPECT_EQ(backend_->tag_of(device("virtio2")), "");
    EXPECT_EQ(backend_->tag_of(device("gone")), "");
}

TEST_F(LinuxBackendTest, ATagThatHasNoEndIsCut) {
    sysfs_.write("devices/pci0/virtio1/mount_tag", std::string(100000, 'x'));
    EXPECT_EQ(backend_->tag_of(device("virtio1")).size(), 1024U);
}

TEST_F(LinuxBackendTest, AnnouncesADeviceOnceMore) {
    ASSERT_TRUE(backend_->announce(device("virtio0")));
    std::ifstream file(device("virtio0") + "/uevent");
    std::string text;
    EXPECT_TRUE(std::getline(file, text));
    EXPECT_EQ(text, "add");
    const auto gone = backend_->announce(device("gone"));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), ENOENT);
}

TEST_F(LinuxBackendTest, KnowsTheTypesOfTheKernel) {
    sysfs_.write("filesystems", "nodev\tvirtiofs\n\text4\n");
    EXPECT_TRUE(backend_->is_type_known("virtiofs"));
    EXPECT_TRUE(backend_->is_type_known("ext4"));
    EXPECT_FALSE(backend_->is_type_known("9p"));
    EXPECT_FALSE(backend_->is_type_known("virtio"));
}

TEST_F(LinuxBackendTest, NothingIsMountedInAnOrdinaryFolder) {
    EXPECT_FALSE(backend_->is_mounted(sysfs_.path()));
    EXPECT_FALSE(backend_->is_mounted(sysfs_.path() + "/absent"));
}

TEST_F(LinuxBackendTest, ATypeThatTheKernelDoesNotKnowFailsAsSuch) {
    const MountResult result = backend_->mount({.source = "rootfs",
                                                .type = "no-such-type",
                                                .target = sysfs_.path() + "/target",
                                                .options = {"ro"},
                                                .attributes = {}});
    EXPECT_NE(result.code, 0);
    EXPECT_FALSE(backend_->is_mounted(sysfs_.path() + "/target"));
}

TEST_F(LinuxBackendTest, AMountPointThatCannotBeMadeIsNamed) {
    const MountResult result = backend_->mount({.source = "rootfs",
                                                .type = "virtiofs",
                                                .target = sysfs_.path() + "/absent/target",
                                                .options = {},
                                                .attributes = {}});
    EXPECT_EQ(result.code, ENOENT);
    EXPECT_NE(result.detail.find("mount point"), std::string::npos);
}

} // namespace
} // namespace slipway::virtfs
