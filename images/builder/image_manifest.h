// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "builder/problems.h"

namespace slipway {

// What a table of `[image…]` adds, docs/units.md. Entries keep their trailing "?".
struct ImageNeeds {
    std::vector<std::string> modules;
    std::vector<std::string> load; // modules that the plan loads at once
    std::vector<std::string> drivers;
    std::vector<std::string> programs;
    std::vector<std::string> libraries;
    std::vector<std::string> files;
    std::vector<std::string> directories;
    std::vector<std::pair<std::string, std::string>> links; // path in the image → target
};

// Evidence about the machine: every key must hold. A key holds if one of its patterns matches; a
// pattern that begins with "!" excludes.
struct Condition {
    std::vector<std::pair<std::string, std::vector<std::string>>> keys;
};

struct ConditionalNeeds {
    std::vector<Condition> needed; // any one must hold
    ImageNeeds needs;
};

// The part of a unit file that the image builder reads. The rest belongs to the unit loader.
struct ImageManifest {
    std::string name;      // file name without ".toml"
    std::string file;      // where it was read
    std::string text;      // the whole file, copied to the image
    std::string library;   // [plugin] library; "" for a file without a plugin
    std::string plan_unit; // "modules@{group}"
    // [devices] backend; "": the file is for any. `chooses_devices`: the administrator's own file,
    // which says what the image gets.
    std::string devices;
    bool chooses_devices = false;
    ImageNeeds always;
    ImageNeeds host;
    ImageNeeds generic;
    std::vector<Condition> host_needed; // empty: always included
    std::vector<ConditionalNeeds> when;
    std::vector<ImageNeeds> first; // alternatives, the first complete one counts
};

// Unknown keys and bad values are problems that name file, line, key and remedy; what is good is
// returned all the same, so that one pass reports everything.
[[nodiscard]] ImageManifest read_image_manifest(const std::string &file, std::string text,
                                                Problems &problems);

} // namespace slipway
