// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/volumes.h"

#include <algorithm>
#include <format>
#include <functional>
#include <set>
#include <utility>

#include "base/secret.h"
#include "base/text.h"
#include "luks/crypt_options.h"

namespace slipway::luks {

namespace {

constexpr std::string_view kTpmTimeout = "10s"; // it is there, or the prompt is better

bool is_random_source(std::string_view device) {
    return device == "/dev/urandom" || device == "/dev/random" || device == "/dev/hwrng" ||
           device == "/dev/hw_random";
}

std::string joined(std::string first, std::string_view second) {
    if (!first.empty() && !second.empty())
        first += ',';
    return first += second;
}

class Collector {
public:
    Collector(const LuksCommandLine &line, const Crypttab &crypttab, std::string_view file)
        : line_(line), crypttab_(crypttab), file_(file) {}
    Volumes collect();

private:
    [[nodiscard]] const CrypttabEntry *find_entry(const std::string &uuid) const;
    void add_named(const std::string &uuid);
    void add_prefix(const std::string &prefix);
    void add_entry(const CrypttabEntry &entry, const std::string &where);
    void add_crypttab();
    void add_or_leave(const CrypttabEntry &entry, const CryptOptions &options, bool is_any_marked);
    void add_cryptopts();
    void name_unused();
    void finish(Volume volume, const std::string &where);
    void place_key(Volume &volume, const CryptOptions &options, const std::string &where);
    void place_header(Volume &volume, const CryptOptions &options, const std::string &where);
    [[nodiscard]] std::string key_of(const Volume &volume, const std::string &otherwise) const;
    void complain(std::string_view where, std::string_view what) {
        found_.problems.push_back(std::format("{}: {}", where, what));
    }
    [[nodiscard]] std::string where(const CrypttabEntry &entry) const {
        return std::format("{}:{}", file_, entry.line);
    }

    const LuksCommandLine &line_;
    const Crypttab &crypttab_;
    std::string_view file_;
    Volumes found_;
};

const CrypttabEntry *Collector::find_entry(const std::string &uuid) const {
    for (const CrypttabEntry &entry : crypttab_.entries) {
        if (uuid_of_device(entry.source) == uuid)
            return &entry;
    }
    return nullptr;
}

// Reads the options once, here, so that what is not honoured is said at boot's start, with its
// place.
void Collector::finish(Volume volume, const std::string &where) {
    volume.options = options_of(line_, volume.key, volume.options);
    CryptOptions options;
    read_crypt_options(volume.options, options);
    for (const std::string &complaint : options.complaints)
        complain(where, complaint);
    if (!options.not_ours.empty()) {
        complain(where, options.not_ours);
        return;
    }
    if (options.is_plain && is_random_source(volume.keyfile)) {
        complain(where, "a volume with a random key is left to the host");
        return;
    }
    place_key(volume, options, where);
    place_header(volume, options, where);
    if (options.has_tpm && line_.waits_for_tpm && !options.is_plain)
        volume.tpm_timeout = options.token_timeout.value_or(std::string(kTpmTimeout));
    volume.device_timeout = options.device_timeout.value_or("");
    volume.may_fail = options.may_fail;
    const bool is_known = std::ranges::any_of(found_.volumes, [&](const Volume &other) {
        return other.key == volume.key || (!volume.name.empty() && other.name == volume.name);
    });
    if (is_known)
        complain(where,
                 std::format("a volume with the name {} or the same UUID was named before; this "
                             "one is left out",
                             volume.name));
    else
        found_.volumes.push_back(std::move(volume));
}

// A key in the image is read by the volume itself, any other by a unit of its own.
void Collector::place_key(Volume &volume, const CryptOptions &options, const std::string &where) {
    if (volume.keyfile.empty())
        return;
    const auto place = parse_place(std::exchange(volume.keyfile, {}));
    if (!place)
        return complain(where, "key file " + place.error().message());
    if (place->device.empty()) {
        volume.keyfile = place->path;
        return;
    }
    if (is_random_source(place->device))
        return complain(where, place->device + " is no key of a volume that exists already");
    Volume::KeyDevice key{*place, options.keyfile_timeout.value_or(line_.key_timeout),
                          options.keyfile_offset,
                          options.is_plain ? options.key_bits / 8 : options.keyfile_size};
    if (key.size > Secret::kMaxBytes)
        return complain(where, std::format("a key on a device may have {} bytes, not {}; put it "
                                           "into the image",
                                           Secret::kMaxBytes, key.size));
    if (place->path.empty() && key.size == 0)
        return complain(where, std::format("how much of {} is the key is not said; add "
                                           "keyfile-size=<bytes>",
                                           printable(place->device, 200)));
    volume.key_device = std::move(key);
}

// The data of a volume whose header is elsewhere has no signature that a claim could find.
void Collector::place_header(Volume &volume, const CryptOptions &options,
                             const std::string &where) {
    const auto data = line_.data.find(volume.key);
    if (options.is_plain) {
        if (volume.device.empty())
            volume.device = "UUID=" + volume.key;
        if (!options.header.empty())
            complain(where, "header= is ignored: a plain volume has none");
        return;
    }
    if (options.header.empty()) {
        if (data != line_.data.end())
            complain(where, "rd.luks.data= is ignored: the header of the volume is not named; add "
                            "rd.luks.options=<uuid>=header=<path>[:<device>]");
        return;
    }
    auto place = parse_place(options.header);
    if (!place)
        return complain(where, "header " + place.error().message());
    volume.header = *std::move(place);
    if (data != line_.data.end())
        volume.device = data->second;
}

// The command line has the last word; what is said of this volume wins over what is said of all.
std::string Collector::key_of(const Volume &volume, const std::string &otherwise) const {
    if (const auto own = line_.keyfiles.by_uuid.find(volume.key);
        own != line_.keyfiles.by_uuid.end())
        return own->second;
    const auto data = line_.data.find(volume.key);
    const std::string &device = data == line_.data.end() ? volume.device : data->second;
    if (const auto own = line_.keyfiles_by_device.find(device);
        !device.empty() && own != line_.keyfiles_by_device.end())
        return own->second;
    return line_.keyfiles.for_all.empty() ? otherwise : line_.keyfiles.for_all;
}

void Collector::add_named(const std::string &uuid) {
    Volume volume;
    volume.key = uuid;
    volume.name = "luks-" + uuid;
    std::string where = "rd.luks.uuid=" + uuid;
    if (const CrypttabEntry *entry = find_entry(uuid)) {
        volume.name = entry->name;
        volume.keyfile = entry->keyfile;
        volume.options = entry->options;
        where = this->where(*entry);
    }
    if (const auto name = line_.names.find(uuid); name != line_.names.end())
        volume.name = name->second;
    volume.keyfile = key_of(volume, volume.keyfile);
    finish(std::move(volume), where);
}

// The claim knows whole UUIDs only, so such a unit waits for its device by itself; two devices that
// answer are an error of the engine's, which names both.
void Collector::add_prefix(const std::string &prefix) {
    std::set<std::string, std::less<>> candidates = known_uuids(line_);
    for (const CrypttabEntry &entry : crypttab_.entries)
        candidates.insert(uuid_of_device(entry.source));
    std::erase_if(candidates, [&](const std::string &uuid) { return !uuid.starts_with(prefix); });
    if (candidates.size() > 1)
        return complain("rd.luks.uuid=" + prefix,
                        std::format("more than one volume begins so: {}; write more of the UUID",
                                    join({candidates.begin(), candidates.end()}, ", ")));
    if (!candidates.empty()) {
        if (!std::ranges::contains(line_.uuids, *candidates.begin()))
            add_named(*candidates.begin());
        return;
    }
    Volume volume;
    volume.key = prefix;
    volume.device = "UUID=" + prefix + "*";
    volume.keyfile = key_of(volume, {});
    finish(std::move(volume), "rd.luks.uuid=" + prefix);
}

void Collector::add_entry(const CrypttabEntry &entry, const std::string &where) {
    Volume volume;
    volume.name = entry.name;
    CryptOptions options;
    read_crypt_options(entry.options, options);
    if (!options.is_plain) // what is found by a UUID there is not the volume
        volume.key = uuid_of_device(entry.source);
    if (volume.key.empty()) {
        volume.key = entry.name;
        volume.device = entry.source;
        if (!is_device_reference(entry.source)) {
            complain(where, std::format("{} is no device: use UUID=, LABEL=, PARTUUID=, "
                                        "PARTLABEL= or a path below /dev",
                                        printable(entry.source, 200)));
            return;
        }
        if (entry.name.ends_with('@')) {
            // It would be the key of the unit, and a unit whose name ends so is a template.
            complain(where, "a name that ends in '@' needs a device by its UUID=<uuid>");
            return;
        }
    }
    volume.keyfile = key_of(volume, entry.keyfile);
    volume.options = entry.options;
    finish(std::move(volume), where);
}

void Collector::add_crypttab() {
    std::vector<std::pair<const CrypttabEntry *, CryptOptions>> entries;
    bool is_any_marked = false;
    for (const CrypttabEntry &entry : crypttab_.entries) {
        CryptOptions options;
        read_crypt_options(entry.options, options);
        is_any_marked = is_any_marked || options.is_for_initrd;
        entries.emplace_back(&entry, std::move(options));
    }
    for (const auto &[entry, options] : entries)
        add_or_leave(*entry, options, is_any_marked);
}

// systemd attaches in the initrd what is marked for it, and what the root and /usr lie on.
void Collector::add_or_leave(const CrypttabEntry &entry, const CryptOptions &options,
                             bool is_any_marked) {
    const bool is_implied = entry.name == "root" || entry.name == "usr";
    std::string_view why;
    if (options.is_manual)
        why = "noauto";
    else if (is_any_marked && !options.is_for_initrd && !is_implied)
        why = "other entries have x-initrd.attach, this one has not";
    if (why.empty())
        add_entry(entry, where(entry));
    else
        found_.notes.push_back(std::format("{}: {} is left to the host: {}", where(entry),
                                           printable(entry.name, 140), why));
}

void Collector::add_cryptopts() {
    for (const std::string &value : *line_.cryptopts) {
        if (const auto entry = parse_cryptopts(value))
            add_entry(*entry, "cryptopts=" + printable(value, 200));
        else
            found_.problems.push_back(entry.error().message());
    }
}

// What is said of a volume that is not unlocked here is most likely misspelt. A key in the image
// may be for one of the plan, or one that rd.auto= finds.
void Collector::name_unused() {
    const auto is_found = [&](const std::string &name) {
        return std::ranges::any_of(found_.volumes, [&](const Volume &volume) {
            return volume.key == name || volume.device == name;
        });
    };
    for (const auto &[uuid, key] : line_.keyfiles.by_uuid) {
        const auto place = parse_place(key);
        if (!is_found(uuid) && place && !place->device.empty())
            complain(std::format("rd.luks.key={}={} is ignored", uuid, printable(key, 200)),
                     "no volume with this UUID is named; name it with rd.luks.uuid=");
    }
    for (const auto &[device, key] : line_.keyfiles_by_device) {
        if (!is_found(device))
            complain(std::format("rd.luks.key={}:{} is ignored", printable(key, 200),
                                 printable(device, 200)),
                     "no volume is named by this device; write rd.luks.key=<uuid>=<path>:<device>");
    }
    for (const auto &[uuid, device] : line_.data) {
        if (!is_found(uuid))
            complain(std::format("rd.luks.data={}={} is ignored", uuid, printable(device, 200)),
                     "no volume with this UUID is named; name it with rd.luks.uuid=");
    }
}

Volumes Collector::collect() {
    found_.problems = crypttab_.problems;
    for (const std::string &uuid : line_.uuids)
        add_named(uuid);
    for (const std::string &prefix : line_.prefixes)
        add_prefix(prefix);
    if (line_.cryptopts)
        add_cryptopts();
    else if (!line_.names_volumes())
        add_crypttab();
    name_unused();
    return std::move(found_);
}

} // namespace

std::string options_of(const LuksCommandLine &line, std::string_view key,
                       std::string_view crypttab) {
    // A line of crypttab gives the defaults, the command line has the last word.
    std::string options = joined(std::string(crypttab), line.options.of(key));
    if (line.discards_everywhere || line.discards.contains(key))
        options = joined(std::move(options), "discard");
    return line.timeout.empty() ? options : joined("timeout=" + line.timeout, options);
}

Volumes collect_volumes(const LuksCommandLine &line, const Crypttab &crypttab,
                        std::string_view file) {
    return Collector(line, crypttab, file).collect();
}

} // namespace slipway::luks
