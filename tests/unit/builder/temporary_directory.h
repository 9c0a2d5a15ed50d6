// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace slipway::testing {

// A directory that lives as long as the test.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "slipway-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("mkdtemp failed");
        path_ = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
    TemporaryDirectory(TemporaryDirectory &&) = delete;
    TemporaryDirectory &operator=(TemporaryDirectory &&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string &path() const noexcept { return path_; }

    // `below`: a path below the directory, with or without a slash in front.
    std::string write(std::string_view below, std::string_view text) const {
        const std::filesystem::path file = make_parents(below);
        std::ofstream(file, std::ios::binary) << text;
        return file.string();
    }
    void link(std::string_view target, std::string_view below) const {
        std::filesystem::create_symlink(target, make_parents(below));
    }
    void make_directory(std::string_view below) const {
        std::filesystem::create_directories(path_ + "/" + std::string(below));
    }
    void copy(const std::string &source, std::string_view below) const {
        std::filesystem::copy_file(source, make_parents(below));
    }

private:
    [[nodiscard]] std::filesystem::path make_parents(std::string_view below) const {
        const std::filesystem::path file = path_ + "/" + std::string(below);
        std::filesystem::create_directories(file.parent_path());
        return file;
    }

    std::string path_;
};

} // namespace slipway::testing
