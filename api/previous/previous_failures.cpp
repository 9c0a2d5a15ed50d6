// SPDX-License-Identifier: LGPL-2.1-or-later
#include "previous/previous_failures.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/text.h"
#include "boot/failure_text.h"
#include "boot/last_failure.h"

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnd = "end";
constexpr std::size_t kMaxFileBytes = 1U << 20U; // ramoops keeps some pages
constexpr std::size_t kMaxLines = 2000;

std::optional<std::string> read_file(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return std::nullopt;
    std::string bytes(kMaxFileBytes, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

// Files of a directory and of those below it, the newest first.
std::vector<fs::path> pmsg_files(const fs::path &directory) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().filename().string().starts_with("pmsg-") && entry->is_regular_file(error))
            found.push_back(entry->path());
    }
    std::ranges::sort(found, std::ranges::greater{}, [](const fs::path &path) {
        std::error_code unknown;
        return fs::last_write_time(path, unknown);
    });
    return found;
}

// The EFI system partition, where distributions mount it. Whoever can write to the disk has written
// these, so nothing but a regular file is opened.
std::vector<fs::path> files_of_system_partition(const std::string &root) {
    std::vector<fs::path> found;
    for (const char *place : {"/efi", "/boot/efi", "/boot"}) {
        for (unsigned number = 1; number <= kFailureFiles; ++number) {
            const fs::path path = root + place + "/" + kFailureDirectory + "/" + kFailureFile +
                                  "-" + std::to_string(number) + ".txt";
            std::error_code absent;
            if (fs::is_regular_file(fs::symlink_status(path, absent)))
                found.push_back(path);
        }
    }
    return found;
}

} // namespace

std::optional<PreviousFailure> find_failure(std::string_view bytes) {
    const std::size_t begin = bytes.rfind(kFailureMagic);
    if (begin == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = bytes.substr(begin + kFailureMagic.size());
    PreviousFailure failure;
    failure.is_whole = false;
    for (std::size_t lines = 0; !rest.empty() && lines < kMaxLines; ++lines) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line == kEnd) {
            failure.is_whole = true;
            break;
        }
        failure.text += printable(line) + "\n";
    }
    return failure;
}

std::vector<PreviousFailure> read_previous_failures(const std::string &root) {
    std::vector<fs::path> paths = pmsg_files(root + "/sys/fs/pstore");
    std::ranges::move(pmsg_files(root + "/var/lib/systemd/pstore"), std::back_inserter(paths));
    paths.emplace_back(root + kEfiVariables + "/" + kFailureVariable);
    std::ranges::move(files_of_system_partition(root), std::back_inserter(paths));
    std::vector<PreviousFailure> failures;
    for (const fs::path &path : paths) {
        const auto bytes = read_file(path);
        auto failure = bytes ? find_failure(*bytes) : std::nullopt;
        if (!failure)
            continue;
        failure->source = path.string();
        failures.push_back(*std::move(failure));
    }
    return failures;
}

} // namespace slipway
