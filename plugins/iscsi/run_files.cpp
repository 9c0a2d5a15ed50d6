// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/run_files.h"

#include <charconv>
#include <filesystem>
#include <format>
#include <fstream>

#include "base/settings.h"
#include "system/small_file.h"

namespace slipway::iscsi {

namespace {

constexpr const char *kRootDiskFile = "/run/slipway/iscsi-root";
constexpr const char *kInterfaceFile = "/run/initramfs/open-iscsi.interface";
constexpr std::size_t kMaxFileBytes = 64U << 10U;

} // namespace

std::optional<std::string> RunFiles::read(const std::string &path) const {
    return sdk::read_small_file(root_ + path, kMaxFileBytes);
}

// A reader sees the old text or the new one, never a part.
Result<> RunFiles::write(const std::string &path, std::string_view text) const {
    const std::filesystem::path place = root_ + path;
    const std::filesystem::path draft = place.string() + ".new";
    std::error_code error;
    std::filesystem::create_directories(place.parent_path(), error);
    if (error)
        return errno_failure("make " + place.parent_path().string(), error.value());
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << text << std::flush;
    if (!file)
        return failure(std::format("{} cannot be written", draft.string()));
    std::filesystem::rename(draft, place, error);
    if (error)
        return errno_failure("rename " + draft.string(), error.value());
    return {};
}

Result<> RunFiles::write_root_disk(const RootDisk &disk) const {
    return write(kRootDiskFile, std::format("TARGET={}\nLUN={}\n", disk.target, disk.lun));
}

std::optional<RootDisk> RunFiles::read_root_disk() const {
    const auto text = read(kRootDiskFile);
    if (!text)
        return std::nullopt;
    RootDisk disk{setting_of(*text, "TARGET"), 0};
    const std::string lun = setting_of(*text, "LUN");
    const auto [end, error] = std::from_chars(lun.data(), lun.data() + lun.size(), disk.lun);
    if (disk.target.empty() || error != std::errc() || end != lun.data() + lun.size())
        return std::nullopt;
    return disk;
}

Result<> RunFiles::write_interface(std::string_view interface_name, bool is_root) const {
    if (!is_root && read(kInterfaceFile))
        return {};
    return write(kInterfaceFile, std::format("{}\n", interface_name));
}

Result<> RunFiles::write_initiator(std::string_view name) const {
    return write(kInitiatorFile, std::format("InitiatorName={}\n", name));
}

} // namespace slipway::iscsi
