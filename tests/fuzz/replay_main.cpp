// SPDX-License-Identifier: LGPL-2.1-or-later
// The main() of a fuzz target where there is no libFuzzer: runs it once with every file given, and
// with every file of the folders given. A defect aborts.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/input.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path &path) {
    if (!fs::is_directory(path))
        return {path};
    std::vector<fs::path> files;
    for (const auto &entry : fs::directory_iterator(path))
        files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

bool replay(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return false;
    }
    const std::string content(std::istreambuf_iterator<char>(file), {});
    // Named first: if the target aborts, this is the input that did it. A vector of the exact size,
    // so that AddressSanitizer sees the first byte beyond.
    std::fprintf(stderr, "%s\n", path.c_str());
    const std::vector<std::uint8_t> bytes(content.begin(), content.end());
    return LLVMFuzzerTestOneInput(bytes.data(), bytes.size()) == 0;
}

} // namespace

int main(int argc, char **argv) {
    std::vector<fs::path> files;
    for (int i = 1; i < argc; ++i)
        std::ranges::move(files_of(argv[i]), std::back_inserter(files));
    if (files.empty()) {
        std::fprintf(stderr, "usage: %s FILE|FOLDER…: there is no input\n", argv[0]);
        return 1;
    }
    return std::ranges::all_of(files, replay) ? 0 : 1;
}
