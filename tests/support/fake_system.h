// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/system.h"

namespace slipway::test {

// A System in memory. Strict: a path that the test did not put there is ENOENT, a file below a
// directory that does not exist cannot be made, and a mount needs its mount point. What was asked
// is kept in `calls` ("mount tmpfs /run", "write /dev/kmsg"); reads are not recorded.
class FakeSystem final : public System {
public:
    struct Node {
        mode_t mode = 0;     // with the S_IF* bits
        std::string content; // of files; the target of links
        std::uint64_t device_number = 0;
    };

    FakeSystem() { nodes_["/"] = Node{S_IFDIR | 0755, "", 0}; }

    // --- what the test sets up; parents are made on the way -------------------------------------
    void add_directory(const std::string &path, mode_t mode = 0755) {
        put(path, Node{S_IFDIR | mode, "", 0});
    }
    void add_file(const std::string &path, std::string content, mode_t mode = 0644) {
        put(path, Node{S_IFREG | mode, std::move(content), 0});
    }
    void add_symlink(const std::string &link, std::string target) {
        put(link, Node{S_IFLNK | 0777, std::move(target), 0});
    }
    // `type`: S_IFBLK or S_IFCHR; `number` as of makedev(3).
    void add_node(const std::string &path, mode_t type, std::uint64_t number) {
        put(path, Node{type | 0600, "", number});
    }
    // The next open() of `path` hands out this descriptor (one end of a pipe, of a socket pair).
    void add_descriptor(const std::string &path, UniqueFd fd) {
        descriptors_[path] = std::move(fd);
    }
    // Every later call named `call` ("mount", "write", "replace", "symlink", "read", …, or "*") on
    // `path` ("*": any) fails with this errno.
    void fail(const std::string &call, const std::string &path, int code) {
        failures_[call + " " + path] = code;
    }
    void succeed_again(const std::string &call, const std::string &path) {
        failures_.erase(call + " " + path);
    }

    bool can_sync = true; // no disk hangs
    std::int64_t monotonic = 1'000'000;
    std::int64_t realtime = 1'700'000'000'000'000;

    // --- what the test looks at -----------------------------------------------------------------
    std::vector<std::string> calls;
    std::vector<MountRequest> mounts;  // those that are there, in order
    std::vector<Program> executed;     // by execute() and the spawn functions
    std::vector<UniqueFd> handed_over; // by the last spawn_with_descriptors()
    std::vector<std::pair<std::string, std::string>> written_by_children; // path, content
    std::vector<PartitionFile> written_on_partitions;                     // by children
    std::vector<std::string> memory_files; // contents of memory_file(), in order

    [[nodiscard]] bool exists(const std::string &path) const { return nodes_.contains(path); }
    // Of a file; links are not followed.
    [[nodiscard]] std::optional<std::string> content(const std::string &path) const {
        return text_of(path, S_IFREG);
    }
    // The target of a link.
    [[nodiscard]] std::optional<std::string> link(const std::string &path) const {
        return text_of(path, S_IFLNK);
    }
    [[nodiscard]] const std::map<std::string, Node> &nodes() const { return nodes_; }

    // --- System ---------------------------------------------------------------------------------
    [[nodiscard]] Result<> mount(const MountRequest &request) override {
        record("mount " + (request.source.empty() ? "-" : request.source) + " " + request.target);
        if (const int code = injected("mount", request.target))
            return errno_failure("mount " + request.target, code);
        if (!find(request.target))
            return errno_failure("mount " + request.target, ENOENT);
        mounts.push_back(request);
        return {};
    }

    [[nodiscard]] Result<> unmount(const std::string &target, int) override {
        record("unmount " + target);
        if (const int code = injected("unmount", target))
            return errno_failure("unmount " + target, code);
        const auto newest = std::find_if(mounts.rbegin(), mounts.rend(),
                                         [&](const auto &m) { return m.target == target; });
        if (newest == mounts.rend())
            return errno_failure("unmount " + target, EINVAL);
        mounts.erase(std::next(newest).base());
        return {};
    }

    [[nodiscard]] Result<std::string> read_file(const std::string &path,
                                                std::size_t max_bytes = 1U << 20U) override {
        const auto node = lookup("read", path);
        if (!node)
            return std::unexpected(node.error());
        if (S_ISDIR((*node)->mode))
            return errno_failure("read " + path, EISDIR);
        if ((*node)->content.size() > max_bytes)
            return errno_failure("read " + path, EFBIG);
        return (*node)->content;
    }

    [[nodiscard]] Result<> write_file(const std::string &path, std::string_view content,
                                      mode_t mode = 0644) override {
        record("write " + path);
        return store("write", path, content, mode, true);
    }

    [[nodiscard]] Result<> replace_file(const std::string &path, std::string_view content,
                                        mode_t mode = 0644) override {
        record("replace " + path);
        return store("replace", path, content, mode, false);
    }

    [[nodiscard]] Result<> make_directories(const std::string &path, mode_t mode = 0755) override {
        record("mkdir " + path);
        if (const int code = injected("mkdir", path))
            return errno_failure("mkdir " + path, code);
        for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
            const std::string part = path.substr(0, end);
            const Node *node = find(part);
            if (node != nullptr && !S_ISDIR(node->mode))
                return errno_failure("mkdir " + part, ENOTDIR);
            if (node == nullptr)
                nodes_[real_name(part).value_or(part)] = Node{S_IFDIR | mode, "", 0};
            if (end == std::string::npos)
                return {};
        }
    }

    [[nodiscard]] Result<> replace_symlink(const std::string &target,
                                           const std::string &link) override {
        record("symlink " + link + " -> " + target);
        if (const int code = injected("symlink", link))
            return errno_failure("symlink " + link, code);
        const auto name = real_name(link);
        if (!name)
            return errno_failure("symlink " + link, ENOENT);
        const auto old = nodes_.find(*name);
        if (old != nodes_.end() && S_ISDIR(old->second.mode))
            return errno_failure("symlink " + link, EISDIR);
        nodes_[*name] = Node{S_IFLNK | 0777, target, 0};
        return {};
    }

    [[nodiscard]] Result<std::string> read_symlink(const std::string &path) override {
        if (const int code = injected("readlink", path))
            return errno_failure("readlink " + path, code);
        const auto name = real_name(path);
        const auto node = name ? nodes_.find(*name) : nodes_.end();
        if (node == nodes_.end())
            return errno_failure("readlink " + path, ENOENT);
        if (!S_ISLNK(node->second.mode))
            return errno_failure("readlink " + path, EINVAL);
        return node->second.content;
    }

    [[nodiscard]] Result<> remove_file(const std::string &path) override {
        record("remove " + path);
        if (const int code = injected("remove", path))
            return errno_failure("remove " + path, code);
        const auto name = real_name(path);
        const auto node = name ? nodes_.find(*name) : nodes_.end();
        if (node == nodes_.end())
            return {};
        if (S_ISDIR(node->second.mode))
            return errno_failure("remove " + path, EISDIR);
        nodes_.erase(node);
        return {};
    }

    [[nodiscard]] Result<std::vector<std::string>>
    list_directory(const std::string &path) override {
        const auto node = lookup("list", path);
        if (!node)
            return std::unexpected(node.error());
        if (!S_ISDIR((*node)->mode))
            return errno_failure("list " + path, ENOTDIR);
        const std::string directory = resolve(path).value_or(path);
        const std::string prefix = directory == "/" ? "/" : directory + "/";
        std::vector<std::string> names;
        for (const auto &[name, unused] : nodes_) {
            if (name.size() > prefix.size() && name.starts_with(prefix) &&
                name.find('/', prefix.size()) == std::string::npos)
                names.push_back(name.substr(prefix.size()));
        }
        std::ranges::sort(names);
        return names;
    }

    [[nodiscard]] Result<FileStatus> status(const std::string &path) override {
        const auto node = lookup("status", path);
        if (!node)
            return std::unexpected(node.error());
        return FileStatus{.device = device_of(path),
                          .device_number = (*node)->device_number,
                          .mode = (*node)->mode};
    }

    [[nodiscard]] bool is_executable(const std::string &path) override {
        const Node *node = find(path);
        return node != nullptr && S_ISREG(node->mode) && (node->mode & 0111U) != 0;
    }

    // A descriptor from add_descriptor(), or a copy of the file: what is written to it is lost.
    [[nodiscard]] Result<UniqueFd> open(const std::string &path, int, mode_t = 0) override {
        record("open " + path);
        if (const int code = injected("open", path))
            return errno_failure("open " + path, code);
        if (auto prepared = descriptors_.extract(path))
            return std::move(prepared.mapped());
        const Node *node = find(path);
        if (node == nullptr)
            return errno_failure("open " + path, ENOENT);
        UniqueFd fd(::memfd_create("fake", MFD_CLOEXEC));
        const std::string &content = node->content;
        if (!fd || ::write(fd.get(), content.data(), content.size()) < 0)
            return errno_failure("open " + path, errno);
        (void)::lseek(fd.get(), 0, SEEK_SET);
        return fd;
    }

    [[nodiscard]] Result<> change_directory(const std::string &path) override {
        return plain_call("chdir", path);
    }
    [[nodiscard]] Result<> change_root(const std::string &path) override {
        return plain_call("chroot", path);
    }
    [[nodiscard]] Result<std::size_t> delete_contents(UniqueFd) override {
        record("delete contents");
        return 1;
    }
    [[nodiscard]] Result<UniqueFd> memory_file(const std::string &name,
                                               std::string_view content) override {
        if (auto created = plain_call("memfd", name); !created)
            return std::unexpected(created.error());
        memory_files.emplace_back(content);
        return UniqueFd(::memfd_create("fake", MFD_CLOEXEC));
    }
    [[nodiscard]] Error execute(const Program &program, const std::string &, int) override {
        record("exec " + program.path);
        executed.push_back(program);
        return Error::from_errno("execute " + program.path, injected("exec", program.path));
    }
    // Children are numbered from 1001.
    [[nodiscard]] Result<pid_t> spawn_on_terminal(const Program &program,
                                                  const std::string &terminal) override {
        if (auto spawned = plain_call("spawn", terminal); !spawned)
            return std::unexpected(spawned.error());
        executed.push_back(program);
        return 1000 + static_cast<pid_t>(executed.size());
    }
    // The file has its content at once; the child is the test's to end.
    [[nodiscard]] Result<pid_t> write_in_child(const std::string &path,
                                               const std::string &content) override {
        record("write in child " + path);
        if (const int code = injected("child", path))
            return errno_failure("write " + path, code);
        written_by_children.emplace_back(path, content);
        return 2000 + static_cast<pid_t>(written_by_children.size());
    }
    [[nodiscard]] Result<pid_t> write_on_partition_in_child(const PartitionFile &file) override {
        record("write in child on " + file.device);
        if (const int code = injected("child", file.device))
            return errno_failure("write to " + file.device, code);
        written_on_partitions.push_back(file);
        return 3000 + static_cast<pid_t>(written_on_partitions.size());
    }
    // Copies of the descriptors are kept in `handed_over`.
    [[nodiscard]] Result<pid_t>
    spawn_with_descriptors(const Program &program, const std::vector<int> &descriptors) override {
        if (auto spawned = plain_call("spawn", program.path); !spawned)
            return std::unexpected(spawned.error());
        handed_over.clear();
        for (const int fd : descriptors)
            handed_over.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        executed.push_back(program);
        return 1000 + static_cast<pid_t>(executed.size());
    }
    [[nodiscard]] Result<> send_signal(pid_t process, int signal) override {
        return plain_call("kill", std::to_string(process) + " " + std::to_string(signal));
    }
    [[nodiscard]] bool sync_file_systems(Duration) override {
        record("sync");
        return can_sync;
    }
    [[nodiscard]] Error end_machine(PowerAction action) override {
        constexpr const char *kNames[] = {"reboot", "poweroff", "halt"};
        const std::string name = kNames[static_cast<int>(action)];
        record(name);
        return Error::from_errno(name, injected("end", name));
    }

    [[nodiscard]] std::int64_t monotonic_usec() override { return monotonic; }
    [[nodiscard]] std::int64_t realtime_usec() override { return realtime; }

private:
    static constexpr int kMaxLinks = 40; // as in the kernel: path_resolution(7)

    void record(std::string call) { calls.push_back(std::move(call)); }

    Result<> plain_call(const std::string &call, const std::string &object) {
        record(call + " " + object);
        if (const int code = injected(call, object))
            return errno_failure(call + " " + object, code);
        return {};
    }

    // 1 for the root, and another number below each mount.
    [[nodiscard]] std::uint64_t device_of(const std::string &path) const {
        for (std::size_t i = mounts.size(); i-- > 0;) {
            const std::string &target = mounts[i].target;
            if (target != "/" && (path == target || path.starts_with(target + "/")))
                return i + 2;
        }
        return 1;
    }

    [[nodiscard]] int injected(const std::string &call, const std::string &path) const {
        for (const std::string &key : {call + " " + path, call + " *", "* " + path}) {
            if (const auto failure = failures_.find(key); failure != failures_.end())
                return failure->second;
        }
        return 0;
    }

    void put(const std::string &path, Node node) {
        for (std::size_t end = path.find('/', 1); end != std::string::npos;
             end = path.find('/', end + 1))
            nodes_.try_emplace(path.substr(0, end), Node{S_IFDIR | 0755, "", 0});
        nodes_[path] = std::move(node);
    }

    [[nodiscard]] std::optional<std::string> text_of(const std::string &path, mode_t type) const {
        const auto node = nodes_.find(path);
        if (node == nodes_.end() || (node->second.mode & S_IFMT) != type)
            return std::nullopt;
        return node->second.content;
    }

    // The name without links, ".", and ".."; nothing if a part is missing.
    [[nodiscard]] std::optional<std::string> resolve(const std::string &path, int links = 0) const {
        if (links > kMaxLinks || !path.starts_with('/'))
            return std::nullopt;
        std::string name;
        std::size_t begin = 1;
        while (begin <= path.size()) {
            const std::size_t end = std::min(path.find('/', begin), path.size());
            const std::string part = path.substr(begin, end - begin);
            begin = end + 1;
            if (part.empty() || part == ".")
                continue;
            if (part == "..") {
                name.resize(name.empty() ? 0 : name.rfind('/'));
                continue;
            }
            const auto node = nodes_.find(name + "/" + part);
            if (node == nodes_.end())
                return std::nullopt;
            if (S_ISLNK(node->second.mode)) {
                const std::string &target = node->second.content;
                const std::string start = target.starts_with('/') ? target : name + "/" + target;
                const std::string rest = begin <= path.size() ? "/" + path.substr(begin) : "";
                return resolve(start + rest, links + 1);
            }
            name = node->first;
        }
        return name.empty() ? "/" : name;
    }

    // Where a file called `path` is or would be: links of the directory are followed, not the
    // last one. Nothing if the directory is missing.
    [[nodiscard]] std::optional<std::string> real_name(const std::string &path) const {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string::npos)
            return std::nullopt;
        const auto directory = resolve(slash == 0 ? "/" : path.substr(0, slash));
        if (!directory || !S_ISDIR(nodes_.at(*directory).mode))
            return std::nullopt;
        return (*directory == "/" ? "" : *directory) + path.substr(slash);
    }

    [[nodiscard]] const Node *find(const std::string &path) const {
        const auto name = resolve(path);
        return name ? &nodes_.at(*name) : nullptr;
    }

    [[nodiscard]] Result<const Node *> lookup(const std::string &call,
                                              const std::string &path) const {
        if (const int code = injected(call, path))
            return errno_failure(call + " " + path, code);
        const Node *node = find(path);
        if (node == nullptr)
            return errno_failure(call + " " + path, ENOENT);
        return node;
    }

    Result<> store(const std::string &call, const std::string &path, std::string_view content,
                   mode_t mode, bool follow) {
        if (const int code = injected(call, path))
            return errno_failure(call + " " + path, code);
        const auto name = follow && find(path) != nullptr ? resolve(path) : real_name(path);
        if (!name)
            return errno_failure(call + " " + path, ENOENT);
        Node &node = nodes_[*name];
        if (S_ISDIR(node.mode))
            return errno_failure(call + " " + path, EISDIR);
        // An existing file keeps its mode when it is written, as with O_TRUNC.
        if (node.mode == 0 || !follow)
            node.mode = S_IFREG | mode;
        node.content = std::string(content);
        return {};
    }

    std::map<std::string, Node> nodes_;
    std::map<std::string, UniqueFd> descriptors_;
    std::map<std::string, int> failures_;
};

} // namespace slipway::test
