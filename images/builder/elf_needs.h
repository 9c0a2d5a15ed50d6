// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway {

// One entry of a .note.dlopen section: a library that is loaded at run time
// (https://uapi-group.org/specifications/specs/elf_dlopen_metadata/).
struct DlopenNote {
    std::string feature;
    std::string description;
    std::string priority;             // "required", "recommended", "suggested"
    std::vector<std::string> sonames; // any one of them serves; the best first
};

// What an ELF file asks of the dynamic loader, elf(5).
struct ElfNeeds {
    std::uint16_t machine = 0; // EM_*
    bool is_64bit = false;
    std::string interpreter; // PT_INTERP; "" for libraries and static programs
    std::vector<std::string> needed;
    std::vector<std::string> rpath;
    std::vector<std::string> runpath;
    std::vector<DlopenNote> dlopen_notes;
};

// Nothing if the file is no ELF file. Errors: unreadable, or damaged (EINVAL).
[[nodiscard]] Result<std::optional<ElfNeeds>> read_elf_needs(const std::string &file);

// Whether `file` is an ELF file for this machine and word size; only its header is read.
[[nodiscard]] bool is_elf_for(const std::string &file, std::uint16_t machine, bool is_64bit);

// The text of one note as JSON; what does not fit the specification is left out.
[[nodiscard]] std::vector<DlopenNote> parse_dlopen_note(std::string_view json);

} // namespace slipway
