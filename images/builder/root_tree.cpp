// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/root_tree.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <filesystem>
#include <format>
#include <system_error>

#include "base/text.h"
#include "base/unique_fd.h"

namespace slipway {

namespace {

void put_in_front(std::deque<std::string> &rest, std::string_view path) {
    const std::vector<std::string> words = split_words(path, "/");
    rest.insert(rest.begin(), words.begin(), words.end());
}

Result<std::string> read_link(const std::string &path) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t length = ::readlink(path.c_str(), buffer.data(), buffer.size());
    if (length < 0)
        return errno_failure("read the link " + path, errno);
    return std::string(buffer.data(), static_cast<std::size_t>(length));
}

std::string absolute(const std::vector<std::string> &words) {
    return "/" + join(words, "/");
}

} // namespace

RootTree::RootTree(std::string_view directory) : directory_(directory) {
    while (directory_.ends_with('/'))
        directory_.pop_back();
}

std::string RootTree::host_path(std::string_view path) const {
    return directory_ + std::string(path);
}

Result<RootFile> RootTree::resolve(std::string_view path) const {
    RootFile file;
    std::deque<std::string> rest;
    put_in_front(rest, path);
    std::vector<std::string> done;
    file.mode = S_IFDIR;
    while (!rest.empty()) {
        const std::string word = rest.front();
        rest.pop_front();
        if (word == "." || word == "..") {
            if (word == ".." && !done.empty())
                done.pop_back();
            continue;
        }
        done.push_back(word);
        const std::string here = absolute(done);
        struct stat status{};
        if (::lstat(host_path(here).c_str(), &status) != 0)
            return errno_failure(std::format("find {} in {}", path, name()), errno);
        file.mode = status.st_mode;
        if (!S_ISLNK(status.st_mode))
            continue;
        const Result<std::string> target = read_link(host_path(here));
        if (!target)
            return std::unexpected(target.error());
        file.links.push_back({here, *target});
        if (file.links.size() > kMaxLinks)
            return errno_failure(std::format("find {} in {}", path, name()), ELOOP);
        done.pop_back();
        if (target->starts_with('/'))
            done.clear();
        put_in_front(rest, *target);
        file.mode = S_IFDIR;
    }
    file.path = absolute(done);
    struct stat status{};
    if (::lstat(host_path(file.path).c_str(), &status) != 0)
        return errno_failure(std::format("find {} in {}", path, name()), errno);
    file.mode = status.st_mode;
    return file;
}

std::optional<RootFile> RootTree::find(std::string_view path) const {
    Result<RootFile> file = resolve(path);
    if (!file)
        return std::nullopt;
    return std::move(*file);
}

std::optional<RootFile> RootTree::find_file(std::string_view path) const {
    std::optional<RootFile> file = find(path);
    if (file && !S_ISREG(file->mode))
        return std::nullopt;
    return file;
}

std::vector<std::string> RootTree::list(std::string_view path) const {
    const std::optional<RootFile> directory = find(path);
    std::vector<std::string> names;
    if (!directory || !S_ISDIR(directory->mode))
        return names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(host_path(directory->path), error), end;
         !error && entry != end; entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    return names;
}

Result<std::string> RootTree::read_file(std::string_view path, std::size_t max_bytes) const {
    const Result<RootFile> file = resolve(path);
    if (!file)
        return std::unexpected(file.error());
    return read_host_file(host_path(file->path), max_bytes);
}

std::vector<std::string> RootTree::matching(std::string_view pattern) const {
    std::vector<std::string> paths = {""};
    for (const std::string &word : split_words(pattern, "/")) {
        std::vector<std::string> longer;
        const bool is_pattern = word.find_first_of("*?[") != std::string::npos;
        for (const std::string &path : paths) {
            if (!is_pattern) {
                longer.push_back(path + "/" + word);
                continue;
            }
            for (const std::string &name : list(path + "/")) {
                if (::fnmatch(word.c_str(), name.c_str(), FNM_PERIOD) == 0)
                    longer.push_back(path + "/" + name);
            }
        }
        paths = std::move(longer);
    }
    std::erase_if(paths, [this](const std::string &path) { return !find(path); });
    return paths;
}

Result<std::string> read_host_file(const std::string &path, std::size_t max_bytes) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd)
        return errno_failure("open " + path, errno);
    std::string text;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno_failure("read " + path, errno);
        if (count == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > max_bytes)
            return errno_failure("read " + path, EFBIG);
    }
}

} // namespace slipway
