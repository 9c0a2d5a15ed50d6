// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preview/boot_preview.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "unit/unit_catalog.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string read(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The shipped unit files, with the real plugins fs and luks.
class BootPreview : public ::testing::Test {
protected:
    BootPreview() {
        for (const auto &entry : std::filesystem::directory_iterator(SLIPWAY_UNITS)) {
            if (entry.path().filename() == "options.toml")
                sources.known_options = {"options.toml", read(entry.path())};
            else if (entry.path().extension() == ".toml")
                sources.units.push_back({entry.path().filename(), read(entry.path())});
        }
        keep_device_backend(sources.units, "native");
        sources.find_plugin = [this](const std::string &library) { return plugins[library]; };
        sources.read_image_file = [this](const std::string &path) { return find(image, path); };
        sources.read_root_file = [this](const std::string &path) { return find(root, path); };
    }
    using Files = std::map<std::string, std::string>;
    static std::optional<std::string> find(const Files &files, const std::string &path) {
        const auto found = files.find(path);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<std::string> preview(const std::string &cmdline) {
        sources.cmdline = cmdline;
        return preview_boot(sources);
    }

    PreviewSources sources;
    Files plugins = {{"fs.so", FS_PLUGIN}, {"luks.so", LUKS_PLUGIN}};
    Files image;
    Files root;
};

TEST_F(BootPreview, AGoodLineGivesNoMessage) {
    root["/etc/fstab"] = "UUID=1 / ext4 rw 0 1\nUUID=2 /usr ext4 rw 0 2\n";
    image["/etc/crypttab"] = "cryptroot UUID=3 none luks\n";
    EXPECT_THAT(preview("root=UUID=1 ro quiet rd.auto mount.usrflags=noatime rootfallback=LABEL=b "
                        "systemd.mount-extra=LABEL=c:/c rd.lvm.conf=0"),
                IsEmpty());
}

TEST_F(BootPreview, SaysWhichWordsAreNotRead) {
    EXPECT_THAT(preview("root=UUID=1 rd.overlay.reset=1 rd.typo=1"),
                ElementsAre(HasSubstr("\"rd.overlay.reset=…\" is not supported"),
                            HasSubstr("unknown option \"rd.typo=…\"")));
}

TEST_F(BootPreview, ThePluginsSayWhichValuesAreNotHonoured) {
    EXPECT_THAT(preview("root=nbd:/x"), ElementsAre(HasSubstr("root=nbd:/x is not supported yet")));
    EXPECT_THAT(preview("root=UUID=1 rd.overlay"), IsEmpty());
    EXPECT_THAT(preview("root=UUID=1 rd.overlay=/dev/x"),
                ElementsAre(HasSubstr("not kept on a device")));
    EXPECT_THAT(preview("root=UUID=1 rd.luks.uuid=3 rd.luks.options=keyfile-erase fsck.mode=never"),
                UnorderedElementsAre(HasSubstr("fsck.mode=never"),
                                     HasSubstr("keyfile-erase is not honoured")));
}

TEST_F(BootPreview, SaysWhatIsNotHonouredInFilesEvenIfTheLineIsNotKnown) {
    root["/etc/fstab"] = "nas:/x /x nfs x-initrd.mount 0 0\n";
    image["/etc/crypttab"] = "\ncryptroot UUID=3 none keyfile-erase\n";
    EXPECT_THAT(preview(""), UnorderedElementsAre(HasSubstr("/etc/fstab:1: /x: "),
                                                  HasSubstr("/etc/crypttab:2: keyfile-erase")));
}

TEST_F(BootPreview, FilesOfAnotherRootAreLookedForThere) {
    sources.root = "/nonexistent";
    EXPECT_THAT(preview("root=UUID=1 rd.luks.uuid=3"), IsEmpty());
}

TEST_F(BootPreview, APluginThatCannotBeLoadedHereIsNamed) {
    plugins["fs.so"] = "/nonexistent/fs.so";
    EXPECT_THAT(preview("root=UUID=1"), ElementsAre(HasSubstr("plugin fs")));
    plugins["fs.so"] = ""; // not known where: the words are reported all the same
    EXPECT_THAT(preview("root=UUID=1 rd.overlay.reset"),
                ElementsAre(HasSubstr("rd.overlay.reset")));
}

} // namespace
} // namespace slipway
