// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/location.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/device_text.h"
#include "base/settings.h"
#include "base/text.h"
#include "resume/utf16.h"

namespace slipway::resume {

namespace {

using nlohmann::json;

// What is resumed from was there when the machine was switched off, and a wrong name must not cost
// more than this. It counts from the end of the coldplug, and not while a person is asked.
constexpr std::string_view kDeviceTimeout = "10s";
constexpr std::string_view kDeviceTimeoutWord = "x-systemd.device-timeout=";
constexpr std::size_t kAttributeBytes = 4;
constexpr std::size_t kMaxVariableBytes = 8192; // systemd writes some 300
constexpr std::size_t kMaxWordBytes = 200;      // of a value in a message

class CommandLineReader {
public:
    explicit CommandLineReader(const sdk::Pairs &options) : options_(options) {}
    CommandLine read();

private:
    void read_switches();
    void read_device();
    void read_offset();
    void read_timeout();
    void refuse(std::string_view key, std::string_view value, std::string_view reason) {
        line_.problems.push_back(
            std::format("{}={}: {}", key, printable(value, kMaxWordBytes), reason));
    }

    const sdk::Pairs &options_;
    CommandLine line_;
};

void CommandLineReader::read_switches() {
    if (const auto value = options_.find("noresume"); value && parse_boolean(*value).value_or(true))
        line_.switched_off_by = "noresume";
    else if (options_.has("nohibernate"))
        line_.switched_off_by = "nohibernate";
    else if (const auto mode = options_.get("hibernate"); mode == "no" || mode == "noresume")
        line_.switched_off_by = std::format("hibernate={}", mode);
    else if (options_.get("resume") == "none")
        line_.switched_off_by = "resume=none";
}

void CommandLineReader::read_device() {
    const auto value = options_.find("resume");
    line_.names_device = value.has_value();
    if (!value || *value == "none")
        return;
    if (auto device = parse_device(*value))
        line_.device = *std::move(device);
    else
        refuse("resume", *value,
               "names no device; accepted are UUID=, LABEL=, PARTUUID=, PARTLABEL=, /dev/…, "
               "<major>:<minor> and none");
}

void CommandLineReader::read_offset() {
    const auto value = options_.find("resume_offset");
    if (!value)
        return;
    line_.offset = parse_offset(*value);
    if (!line_.offset)
        refuse("resume_offset", *value, "must be a number of pages");
}

void CommandLineReader::read_timeout() {
    line_.device_timeout = kDeviceTimeout;
    // Said of buses that are slow.
    const std::string_view delay = options_.get("rootdelay");
    if (parse_duration(delay).value_or(Duration(0)) > *parse_duration(kDeviceTimeout))
        line_.device_timeout = delay;
    for (const std::string &word : split_words(options_.get("resumeflags"), ",")) {
        const std::string value = word.substr(std::min(word.size(), kDeviceTimeoutWord.size()));
        if (!word.starts_with(kDeviceTimeoutWord))
            refuse("resumeflags", word,
                   std::format("only {} has a meaning here", kDeviceTimeoutWord));
        else if (const auto wait = parse_duration(value); wait && *wait > Duration(0))
            line_.device_timeout = value;
        else
            refuse("resumeflags", word,
                   "must be a time like 30s; a boot does not wait for it without limit");
    }
}

CommandLine CommandLineReader::read() {
    read_switches();
    read_device();
    read_offset();
    read_timeout();
    return std::move(line_);
}

std::string text_of(const json &object, const char *key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_uuid(std::string_view text) {
    return text.size() == 36 && std::ranges::all_of(text, [](unsigned char c) {
               return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
                      (c >= 'A' && c <= 'F');
           });
}

} // namespace

std::optional<std::uint64_t> parse_offset(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    return is_whole ? std::optional(value) : std::nullopt;
}

CommandLine read_command_line(const sdk::Pairs &options) {
    return CommandLineReader(options).read();
}

Result<EfiLocation> parse_efi_location(std::string_view file) {
    if (file.size() <= kAttributeBytes || file.size() > kMaxVariableBytes)
        return failure(std::format("it has {} bytes", file.size()));
    const auto text = utf8_of_utf16(file.substr(kAttributeBytes));
    if (!text)
        return failure("it is not UTF-16");
    const json object = json::parse(*text, nullptr, false);
    if (!object.is_object())
        return failure("it is not a JSON object");
    const std::string uuid = text_of(object, "uuid");
    const auto offset = object.find("offset");
    if (!is_uuid(uuid))
        return failure("its uuid is no UUID");
    if (offset == object.end() || !offset->is_number_unsigned())
        return failure("its offset is no number");
    return EfiLocation{{"UUID=" + uuid, offset->get<std::uint64_t>()},
                       text_of(object, "osReleaseId"),
                       text_of(object, "osReleaseImageId")};
}

bool is_of_this_system(const EfiLocation &efi, std::string_view os_release) {
    const std::string id = setting_of(os_release, "ID");
    return id.empty() || (id == efi.os_id && setting_of(os_release, "IMAGE_ID") == efi.image_id);
}

std::string parse_resume_conf(std::string_view text) {
    return setting_of(text, "RESUME");
}

} // namespace slipway::resume
