// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/elf_needs.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <memory>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/unique_fd.h"

namespace slipway {

namespace {

constexpr std::uint32_t kDlopenNoteType = 0x407c0c0a; // the specification's number
constexpr std::size_t kMaxDynamicEntries = 4096;      // real files have some dozens

struct ElfEnd {
    void operator()(Elf *elf) const noexcept { ::elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfEnd>;

std::unexpected<Error> damaged(const std::string &file) {
    const char *why = ::elf_errmsg(-1);
    return failure(std::format("read {}: damaged ELF file ({}); reinstall the package that it "
                               "belongs to",
                               file, why != nullptr ? why : "no details"),
                   EINVAL);
}

void append_directories(std::vector<std::string> &list, const char *text) {
    for (std::string &word : split_words(text, ":"))
        list.push_back(std::move(word));
}

void read_dynamic(Elf *elf, Elf_Scn *section, const GElf_Shdr &header, ElfNeeds &needs) {
    Elf_Data *data = ::elf_getdata(section, nullptr);
    if (data == nullptr || header.sh_entsize == 0)
        return;
    const std::size_t count =
        std::min<std::size_t>(header.sh_size / header.sh_entsize, kMaxDynamicEntries);
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Dyn entry{};
        if (::gelf_getdyn(data, static_cast<int>(i), &entry) == nullptr || entry.d_tag == DT_NULL)
            return;
        if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH)
            continue;
        const char *text = ::elf_strptr(elf, header.sh_link, entry.d_un.d_val);
        if (text == nullptr)
            continue;
        if (entry.d_tag == DT_NEEDED)
            needs.needed.emplace_back(text);
        else
            append_directories(entry.d_tag == DT_RPATH ? needs.rpath : needs.runpath, text);
    }
}

void read_notes(Elf_Scn *section, ElfNeeds &needs) {
    Elf_Data *data = ::elf_getdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr)
        return;
    const char *bytes = static_cast<const char *>(data->d_buf);
    std::size_t offset = 0;
    std::size_t name = 0;
    std::size_t text = 0;
    GElf_Nhdr header{};
    while ((offset = ::gelf_getnote(data, offset, &header, &name, &text)) > 0) {
        if (header.n_type != kDlopenNoteType || header.n_namesz != 4 ||
            std::memcmp(bytes + name, "FDO", 4) != 0)
            continue;
        std::string_view json(bytes + text, header.n_descsz);
        json = json.substr(0, json.find('\0'));
        for (DlopenNote &note : parse_dlopen_note(json))
            needs.dlopen_notes.push_back(std::move(note));
    }
}

void read_sections(Elf *elf, ElfNeeds &needs) {
    std::size_t names = 0;
    if (::elf_getshdrstrndx(elf, &names) != 0)
        return;
    for (Elf_Scn *section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
        GElf_Shdr header{};
        if (::gelf_getshdr(section, &header) == nullptr)
            continue;
        if (header.sh_type == SHT_DYNAMIC)
            read_dynamic(elf, section, header, needs);
        const char *name = ::elf_strptr(elf, names, header.sh_name);
        if (header.sh_type == SHT_NOTE && name != nullptr &&
            std::string_view(name) == ".note.dlopen")
            read_notes(section, needs);
    }
}

void read_interpreter(Elf *elf, ElfNeeds &needs) {
    std::size_t count = 0;
    std::size_t size = 0;
    const char *bytes = ::elf_rawfile(elf, &size);
    if (bytes == nullptr || ::elf_getphdrnum(elf, &count) != 0)
        return;
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr header{};
        if (::gelf_getphdr(elf, static_cast<int>(i), &header) == nullptr ||
            header.p_type != PT_INTERP || header.p_offset > size ||
            header.p_filesz > size - header.p_offset)
            continue;
        const std::string_view text(bytes + header.p_offset, header.p_filesz);
        needs.interpreter = text.substr(0, text.find('\0'));
        return;
    }
}

bool has_elf_magic(int fd) {
    std::array<char, SELFMAG> magic{};
    return ::pread(fd, magic.data(), magic.size(), 0) == SELFMAG &&
           std::memcmp(magic.data(), ELFMAG, SELFMAG) == 0;
}

} // namespace

std::vector<DlopenNote> parse_dlopen_note(std::string_view json) {
    std::vector<DlopenNote> notes;
    const nlohmann::json list = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!list.is_array())
        return notes;
    for (const nlohmann::json &item : list) {
        if (!item.is_object())
            continue;
        DlopenNote note;
        const auto text = [&item](const char *key, const char *otherwise) -> std::string {
            const auto found = item.find(key);
            return found != item.end() && found->is_string() ? found->get<std::string>()
                                                             : otherwise;
        };
        note.feature = text("feature", "");
        note.description = text("description", "");
        note.priority = text("priority", "recommended"); // the specification's default
        if (const auto sonames = item.find("soname"); sonames != item.end()) {
            for (const nlohmann::json &soname : *sonames)
                if (soname.is_string())
                    note.sonames.push_back(soname.get<std::string>());
        }
        if (!note.sonames.empty())
            notes.push_back(std::move(note));
    }
    return notes;
}

Result<std::optional<ElfNeeds>> read_elf_needs(const std::string &file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd)
        return errno_failure("open " + file, errno);
    if (!has_elf_magic(fd.get()))
        return std::nullopt;
    if (::elf_version(EV_CURRENT) == EV_NONE)
        return failure("libelf does not know the current ELF version");
    const ElfHandle elf(::elf_begin(fd.get(), ELF_C_READ_MMAP, nullptr));
    GElf_Ehdr header{};
    if (!elf || ::gelf_getehdr(elf.get(), &header) == nullptr)
        return damaged(file);
    ElfNeeds needs;
    needs.machine = header.e_machine;
    needs.is_64bit = ::gelf_getclass(elf.get()) == ELFCLASS64;
    read_interpreter(elf.get(), needs);
    read_sections(elf.get(), needs);
    return needs;
}

bool is_elf_for(const std::string &file, std::uint16_t machine, bool is_64bit) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    // e_machine stands at the same place in both classes, elf(5).
    std::array<unsigned char, EI_NIDENT + 4> bytes{};
    if (!fd ||
        ::pread(fd.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()) ||
        std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0)
        return false;
    const bool big_endian = bytes[EI_DATA] == ELFDATA2MSB;
    const unsigned high = bytes[EI_NIDENT + (big_endian ? 2 : 3)];
    const unsigned low = bytes[EI_NIDENT + (big_endian ? 3 : 2)];
    return ((high << 8U) | low) == machine && (bytes[EI_CLASS] == ELFCLASS64) == is_64bit;
}

} // namespace slipway
