// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace slipway::coldplug {

namespace {

constexpr std::size_t kMaxAttributeBytes = 4096;

class LinuxSysfs final : public Sysfs {
public:
    std::string read(const std::string &path) const override {
        std::string text = read_binary(path);
        text.erase(text.find_last_not_of(" \t\n") + 1);
        return text;
    }

    std::string read_binary(const std::string &path) const override {
        const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        std::string text(kMaxAttributeBytes, '\0');
        const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
        text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return text;
    }

    bool exists(const std::string &path) const override {
        return ::access(path.c_str(), F_OK) == 0;
    }

    std::string link_name(const std::string &path) const override {
        std::array<char, 4096> target{};
        const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
        return size < 0
                   ? std::string()
                   : base_name(std::string_view(target.data(), static_cast<std::size_t>(size)));
    }

    std::vector<std::string> list(const std::string &path) const override {
        std::vector<std::string> names;
        const std::unique_ptr<DIR, int (*)(DIR *)> directory(::opendir(path.c_str()), ::closedir);
        while (directory) {
            const dirent *entry = ::readdir(directory.get());
            if (entry == nullptr)
                break;
            if (std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..")
                names.emplace_back(entry->d_name);
        }
        return names;
    }
};

} // namespace

std::unique_ptr<Sysfs> make_linux_sysfs() {
    return std::make_unique<LinuxSysfs>();
}

std::string parent_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const std::string_view parent = slash == std::string_view::npos ? "" : path.substr(0, slash);
    return parent.size() <= std::string_view("/sys/devices").size() ? std::string()
                                                                    : std::string(parent);
}

std::string base_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

} // namespace slipway::coldplug
