// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/host_stack.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <format>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::array<std::string_view, 2> kMountPoints = {"/", "/usr"};

bool is_early_mount(std::string_view path) {
    return std::ranges::find(kMountPoints, path) != kMountPoints.end();
}

// "\040" and the like, as fstab(5) and proc_pid_mountinfo(5) write blanks.
std::string unescape(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) {
            return i + at < text.size() && text[i + at] >= '0' && text[i + at] <= '7';
        };
        if (text[i] == '\\' && digit(1) && digit(2) && digit(3)) {
            result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                        (text[i + 3] - '0'));
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

void read_fstab(const RootTree &root, HostStack &stack) {
    const Result<std::string> text = root.read_file("/etc/fstab");
    if (!text)
        return;
    for (const std::string &line : split_words(*text, "\n")) {
        const std::vector<std::string> words = split_words(line);
        if (words.size() < 3 || words[0].starts_with('#') || !is_early_mount(unescape(words[1])))
            continue;
        if (!stack.root_specs)
            stack.root_specs.emplace();
        stack.root_specs->insert(unescape(words[0]));
        if (words[2] == "auto")
            continue;
        if (!stack.fs_types)
            stack.fs_types.emplace();
        for (const std::string &type : split_words(words[2], ","))
            stack.fs_types->insert(type);
    }
}

void read_cmdline(std::string_view cmdline, HostStack &stack) {
    for (const std::string &word : split_words(cmdline)) {
        if (word.starts_with("root="))
            stack.root_specs = std::set{word.substr(5)};
        if (word.starts_with("rootfstype=")) {
            const std::vector<std::string> types = split_words(word.substr(11), ",");
            stack.fs_types = std::set(types.begin(), types.end());
        }
    }
}

struct LiveMount {
    std::string device; // "major:minor"
    std::string type;
    std::string source;
};

std::vector<LiveMount> live_mounts(std::string_view mountinfo) {
    std::vector<LiveMount> mounts;
    for (const std::string &line : split_words(mountinfo, "\n")) {
        const std::vector<std::string> words = split_words(line);
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 10 || words.end() - dash < 3 || !is_early_mount(unescape(words[4])))
            continue;
        mounts.push_back({words[2], dash[1], unescape(dash[2])});
    }
    return mounts;
}

// Walks the devices of a sysfs downwards from a file system to the hardware.
class SysfsWalk {
public:
    SysfsWalk(const RootTree &sysfs, HostStack &stack) : sysfs_(sysfs), stack_(stack) {}

    bool start(const LiveMount &mount) {
        std::string device = mount.device;
        if (device.starts_with("0:")) { // btrfs and the like have numbers of their own
            struct stat status{};
            if (::stat(mount.source.c_str(), &status) != 0 || !S_ISBLK(status.st_mode))
                return false;
            device = std::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
        }
        const auto directory = sysfs_.find("/dev/block/" + device);
        if (!directory)
            return false;
        visit(directory->path);
        return true;
    }

private:
    void visit(const std::string &top) {
        std::vector<std::string> queue = {top};
        while (!queue.empty()) {
            const std::string path = queue.back();
            queue.pop_back();
            if (!stack_.devices.insert(path.substr(path.rfind('/') + 1)).second)
                continue;
            if (const auto uuid = sysfs_.read_file(path + "/dm/uuid"))
                for (const std::string &word : split_words(*uuid))
                    stack_.dm_uuids.insert(word);
            collect_drivers(path);
            // A partition's members are those of its disk.
            const bool is_partition = sysfs_.find(path + "/partition").has_value();
            const std::string disk = is_partition ? path.substr(0, path.rfind('/')) : path;
            if (is_partition)
                queue.push_back(disk);
            for (const std::string &member : sysfs_.list(disk + "/slaves"))
                if (const auto device = sysfs_.find(disk + "/slaves/" + member))
                    queue.push_back(device->path);
        }
    }

    void collect_drivers(std::string path) {
        while (path.size() > 1) {
            if (const auto module = sysfs_.find(path + "/driver/module"))
                stack_.drivers.insert(module->path.substr(module->path.rfind('/') + 1));
            path.erase(path.rfind('/'));
        }
    }

    const RootTree &sysfs_;
    HostStack &stack_;
};

// A file with something in it besides comments.
bool has_content(const RootTree &root, const std::string &pattern) {
    return std::ranges::any_of(root.matching(pattern), [&](const std::string &path) {
        const Result<std::string> text = root.read_file(path);
        if (!text)
            return text.error().code() != ENOENT; // unreadable is not empty
        return std::ranges::any_of(split_words(*text, "\n"), [](const std::string &line) {
            const std::size_t start = line.find_first_not_of(" \t\r");
            return start != std::string::npos && line[start] != '#';
        });
    });
}

bool matches_any(const std::vector<std::string> &patterns, const std::set<std::string> &values) {
    const auto matches = [&](const std::string &value) {
        bool wanted = false;
        for (const std::string &pattern : patterns) {
            if (pattern.starts_with('!') && matches_pattern(pattern.substr(1), value))
                return false;
            wanted = wanted || (!pattern.starts_with('!') && matches_pattern(pattern, value));
        }
        return wanted;
    };
    return std::ranges::any_of(values, matches);
}

bool holds(const std::string &key, const std::vector<std::string> &patterns, const HostStack &stack,
           const RootTree &root) {
    if (key == "fstab_root")
        return !stack.root_specs || matches_any(patterns, *stack.root_specs);
    if (key == "fs_type")
        return !stack.fs_types || matches_any(patterns, *stack.fs_types);
    if (key == "dm_uuid")
        return matches_any(patterns, stack.dm_uuids);
    if (key == "device")
        return matches_any(patterns, stack.devices);
    if (key == "stack")
        return matches_any(patterns, {stack.is_live ? "known" : "unknown"});
    return std::ranges::any_of(
        patterns, [&](const std::string &pattern) { return has_content(root, pattern); });
}

} // namespace

HostStack read_offline_stack(const RootTree &root, std::string_view cmdline) {
    HostStack stack;
    read_fstab(root, stack);
    read_cmdline(cmdline, stack);
    return stack;
}

HostStack read_live_stack(const RootTree &root, std::string_view mountinfo, const RootTree &sysfs,
                          std::string_view cmdline) {
    HostStack stack = read_offline_stack(root, cmdline);
    HostStack live = stack;
    const std::vector<LiveMount> mounts = live_mounts(mountinfo);
    bool good = !mounts.empty();
    std::set<std::string> types;
    for (const LiveMount &mount : mounts) {
        types.insert(mount.type);
        good = good && SysfsWalk(sysfs, live).start(mount);
    }
    if (!good)
        return stack;
    live.is_live = true;
    live.fs_types = std::move(types);
    read_cmdline(cmdline, live);
    return live;
}

bool holds_any(const std::vector<Condition> &conditions, const HostStack &stack,
               const RootTree &root) {
    return conditions.empty() || std::ranges::any_of(conditions, [&](const Condition &condition) {
               return std::ranges::all_of(condition.keys, [&](const auto &key) {
                   return holds(key.first, key.second, stack, root);
               });
           });
}

} // namespace slipway
