// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/host_stack.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <format>

#include "base/text.h"
#include "builder/setting.h"

namespace slipway {

namespace {

// Without a device below: nothing to find out about them but their type.
constexpr std::array<std::string_view, 3> kTypesWithoutDevice = {"tmpfs", "ramfs", "virtiofs"};

// What somebody else keeps: there are no devices here, and nobody else mounts such a root.
constexpr std::array<std::string_view, 4> kTypesOfServers = {"nfs", "nfs4", "virtiofs", "9p"};

constexpr const char *kOverlay = "overlay";

// A file system that the initrd mounts: /, /usr, and what fstab or the command line adds.
struct EarlyMount {
    std::string spec;
    std::string target;
    std::vector<std::string> types; // empty: not known
    bool may_fail = false;
    bool is_bind = false;
};

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

std::vector<std::string> read_types(std::string_view text) {
    return text == "auto" ? std::vector<std::string>() : split_words(text, ",");
}

EarlyMount &find_or_add(std::vector<EarlyMount> &mounts, std::string_view target) {
    const auto found = std::ranges::find(mounts, target, &EarlyMount::target);
    if (found != mounts.end())
        return *found;
    mounts.emplace_back().target = target;
    return mounts.back();
}

void read_fstab(const RootTree &root, std::vector<EarlyMount> &mounts) {
    const Result<std::string> text = root.read_file("/etc/fstab");
    if (!text)
        return;
    for (const std::string &line : split_words(*text, "\n")) {
        const std::vector<std::string> words = split_words(line);
        if (words.size() < 3 || words[0].starts_with('#'))
            continue;
        const std::vector<std::string> options =
            words.size() > 3 ? split_words(words[3], ",") : std::vector<std::string>();
        const auto has = [&](std::string_view word) {
            return std::ranges::contains(options, word);
        };
        const std::string target = unescape(words[1]);
        const bool is_system = target == "/" || target == "/usr";
        if (!is_system && !has("x-initrd.mount"))
            continue;
        EarlyMount &mount = find_or_add(mounts, target);
        mount = {unescape(words[0]), target, read_types(words[2]), !is_system && has("nofail"),
                 has("bind") || has("rbind")};
    }
}

void read_cmdline(std::string_view cmdline, std::vector<EarlyMount> &mounts) {
    for (const std::string &word : split_words(cmdline)) {
        const std::string value = word.substr(std::min(word.size(), word.find('=') + 1));
        if (word.starts_with("root="))
            find_or_add(mounts, "/").spec = value;
        else if (word.starts_with("rootfstype="))
            find_or_add(mounts, "/").types = read_types(value);
        else if (word.starts_with("mount.usr="))
            find_or_add(mounts, "/usr").spec = value;
        else if (word.starts_with("mount.usrfstype="))
            find_or_add(mounts, "/usr").types = read_types(value);
    }
}

std::set<std::string> words_of(std::string_view cmdline) {
    const std::vector<std::string> words = split_words(cmdline);
    return {words.begin(), words.end()};
}

// Nothing is known unless something is known of /; and one type that is not known makes all
// possible.
HostStack offline_stack(const std::vector<EarlyMount> &mounts) {
    HostStack stack;
    const auto top = std::ranges::find(mounts, "/", &EarlyMount::target);
    if (top == mounts.end())
        return stack;
    if (!top->spec.empty())
        stack.root_specs.emplace();
    stack.fs_types.emplace();
    for (const EarlyMount &mount : mounts) {
        if (mount.is_bind)
            continue;
        if (stack.root_specs && !mount.spec.empty())
            stack.root_specs->insert(mount.spec);
        if (mount.types.empty())
            stack.fs_types.reset();
        else if (stack.fs_types)
            stack.fs_types->insert(mount.types.begin(), mount.types.end());
    }
    return stack;
}

struct LiveMount {
    std::string target;
    std::string device; // "major:minor"
    std::string type;
    std::string source;
    bool is_writable = false; // the mount and the file system
};

std::vector<LiveMount> live_mounts(std::string_view mountinfo) {
    std::vector<LiveMount> mounts;
    for (const std::string &line : split_words(mountinfo, "\n")) {
        const std::vector<std::string> words = split_words(line);
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 10 || words.end() - dash < 3)
            continue;
        const bool is_writable = words[5].starts_with("rw") && words.back().starts_with("rw");
        mounts.push_back({unescape(words[4]), words[2], dash[1], unescape(dash[2]), is_writable});
    }
    return mounts;
}

// With rd.overlay the root lies below an overlay and has a mount of its own. That one takes the
// place of the overlay here; true if it is so.
bool uncover_root(std::vector<LiveMount> &mounts) {
    const auto top = std::ranges::find(mounts, "/", &LiveMount::target);
    const auto lower = std::ranges::find(mounts, "/run/rootfsbase", &LiveMount::target);
    if (top == mounts.end() || top->type != kOverlay || lower == mounts.end())
        return false;
    lower->target = "/";
    mounts.erase(top);
    return true;
}

// What a root is mounted from tells more than fstab, where it often has no line or a dummy.
void read_servers(const std::vector<LiveMount> &live, std::vector<EarlyMount> &mounts) {
    for (const LiveMount &mount : live) {
        if (mount.target != "/" || !std::ranges::contains(kTypesOfServers, mount.type))
            continue;
        EarlyMount &top = find_or_add(mounts, mount.target);
        top.spec = mount.source;
        top.types = {mount.type};
    }
}

std::string what_keeps(const std::vector<LiveMount> &mounts, const RootTree &sysfs) {
    if (!sysfs.list("/class/pmsg").empty())
        return "memory";
    const bool has_variables = std::ranges::any_of(mounts, [](const LiveMount &mount) {
        return mount.type == "efivarfs" && mount.is_writable;
    });
    return has_variables ? "variables" : "nothing";
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
        visit_fellows(directory->path.substr(directory->path.rfind('/') + 1));
        return true;
    }

private:
    // A btrfs lies on more devices than the one that its mount names.
    void visit_fellows(const std::string &name) {
        for (const std::string &fs : sysfs_.list("/fs/btrfs")) {
            const std::string devices = "/fs/btrfs/" + fs + "/devices/";
            if (!sysfs_.find(devices + name))
                continue;
            for (const std::string &fellow : sysfs_.list(devices))
                if (const auto device = sysfs_.find(devices + fellow))
                    visit(device->path);
        }
    }

    void visit(const std::string &top) {
        std::vector<std::string> queue = {top};
        while (!queue.empty()) {
            const std::string path = queue.back();
            queue.pop_back();
            if (!stack_.devices.insert(path.substr(path.rfind('/') + 1)).second)
                continue;
            stack_.device_paths.insert(path);
            if (const auto uuid = sysfs_.read_file(path + "/dm/uuid"))
                for (const std::string &word : split_words(*uuid))
                    stack_.dm_uuids.insert(word);
            if (const auto name = sysfs_.read_file(path + "/dm/name"))
                for (const std::string &word : split_words(*name, "\n"))
                    stack_.dm_names.insert(word);
            collect_drivers(path);
            if (!hangs_on_hardware(path))
                collect_drivers_of_interfaces();
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

    // A device of a bus says what driver it wants. What the SCSI layer makes of a session does so,
    // too, but stands for a disk and not for what the disk hangs on.
    bool hangs_on_hardware(std::string path) const {
        if (path.starts_with("/devices/virtual/block/")) // made of others, which are asked
            return true;
        for (; path.size() > 1; path.erase(path.rfind('/'))) {
            const auto modalias = sysfs_.read_file(path + "/modalias");
            if (modalias && !modalias->starts_with("scsi:"))
                return true;
        }
        return false;
    }

    // Any of them may lead to a disk that the network brings.
    void collect_drivers_of_interfaces() {
        for (const std::string &name : sysfs_.list("/class/net"))
            if (const auto device = sysfs_.find("/class/net/" + name + "/device"))
                collect_drivers(device->path);
    }

    const RootTree &sysfs_;
    HostStack &stack_;
};

// False if the devices below this mount cannot be told, and the boot depends on them.
bool add_live(const EarlyMount &wanted, const std::vector<LiveMount> &mounts, const RootTree &sysfs,
              HostStack &stack) {
    stack.fs_types->insert(wanted.types.begin(), wanted.types.end());
    if (wanted.is_bind)
        return true;
    bool is_found = wanted.may_fail;
    for (const LiveMount &mount : mounts) {
        if (mount.target != wanted.target)
            continue;
        stack.fs_types->insert(mount.type);
        is_found =
            (wanted.target != "/" && std::ranges::contains(kTypesWithoutDevice, mount.type)) ||
            SysfsWalk(sysfs, stack).start(mount);
        if (!is_found)
            return false;
    }
    return is_found;
}

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

// `condition` is "PATHS:TEXT": has one of these files a line, neither blank nor a comment, that
// matches TEXT? Its words are compared with one blank between them.
bool holds_line(const RootTree &root, const std::string &condition) {
    const std::size_t colon = condition.find(':');
    if (colon == std::string::npos)
        return false;
    const std::string wanted = join(split_words(condition.substr(colon + 1), " "), " ");
    return std::ranges::any_of(root.matching(condition.substr(0, colon)), [&](const auto &path) {
        const Result<std::string> text = root.read_file(path);
        if (!text)
            return text.error().code() != ENOENT; // unreadable is not without it
        return std::ranges::any_of(split_words(*text, "\n"), [&](const std::string &line) {
            const std::string content = join(split_words(line, " \t\r"), " ");
            return !content.empty() && content.front() != '#' && matches_pattern(wanted, content);
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
    if (key == "cmdline")
        return matches_any(patterns, stack.cmdline);
    if (key == "dm_uuid")
        return matches_any(patterns, stack.dm_uuids);
    if (key == "dm_name")
        return matches_any(patterns, stack.dm_names);
    if (key == "device")
        return matches_any(patterns, stack.devices);
    if (key == "device_path")
        return matches_any(patterns, stack.device_paths);
    if (key == "stack")
        return matches_any(patterns, {stack.is_live ? "known" : "unknown"});
    if (key == "keeps")
        return matches_any(patterns, {stack.keeps});
    if (key == "line")
        return std::ranges::any_of(
            patterns, [&](const std::string &pattern) { return holds_line(root, pattern); });
    if (key == "setting")
        return std::ranges::any_of(
            patterns, [&](const std::string &pattern) { return holds_setting(root, pattern); });
    return std::ranges::any_of(
        patterns, [&](const std::string &pattern) { return has_content(root, pattern); });
}

} // namespace

HostStack read_offline_stack(const RootTree &root, std::string_view cmdline) {
    std::vector<EarlyMount> mounts;
    read_fstab(root, mounts);
    read_cmdline(cmdline, mounts);
    HostStack stack = offline_stack(mounts);
    stack.cmdline = words_of(cmdline);
    return stack;
}

HostStack read_live_stack(const RootTree &root, std::string_view mountinfo, const RootTree &sysfs,
                          std::string_view cmdline) {
    std::vector<LiveMount> mounts = live_mounts(mountinfo);
    const bool has_overlay = uncover_root(mounts);
    std::vector<EarlyMount> early;
    read_fstab(root, early);
    read_servers(mounts, early);
    read_cmdline(cmdline, early);
    HostStack offline = offline_stack(early);
    offline.cmdline = words_of(cmdline);
    if (has_overlay && offline.fs_types)
        offline.fs_types->insert(kOverlay);
    offline.keeps = what_keeps(mounts, sysfs);
    for (const char *target : {"/", "/usr"}) // mounted or not, named in fstab or not
        if (!std::ranges::contains(early, target, &EarlyMount::target))
            early.push_back({.spec = {}, .target = target, .types = {}, .may_fail = true});
    HostStack live = offline;
    live.fs_types.emplace();
    if (has_overlay)
        live.fs_types->insert(kOverlay);
    bool good = std::ranges::contains(mounts, "/", &LiveMount::target);
    for (const EarlyMount &wanted : early)
        good = add_live(wanted, mounts, sysfs, live) && good;
    if (!good)
        return offline;
    live.is_live = true;
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
