// SPDX-License-Identifier: LGPL-2.1-or-later
// How people name a device. The input is a reference and, as a second part, the facts of a device
// as lines "key=value", where several lines with one key make a list.
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "unit/device_reference.h"

namespace {

using namespace slipway;
using fuzz::require;
using Kind = DeviceReference::Kind;

Facts facts_of(std::string_view text) {
    Facts facts;
    for (const auto &[key, value] : fuzz::pairs_of(text)) {
        const auto [at, is_new] = facts.emplace(key, value);
        if (!is_new)
            at->second += "\n" + value;
    }
    return facts;
}

std::string fact_of(Kind kind) {
    switch (kind) {
    case Kind::path:
        return "devnode";
    case Kind::fs_uuid:
        return "fs_uuid";
    case Kind::fs_label:
        return "fs_label";
    case Kind::part_uuid:
        return "part_uuid";
    case Kind::part_label:
        return "part_label";
    case Kind::part_offset:
        return "part_offsets";
    }
    return {};
}

void check(const DeviceReference &reference, std::string_view text, Facts facts) {
    require(reference.text() == text, "the text is kept", text);
    require(!reference.value().empty(), "a reference has a value", text);
    require(reference.kind() != Kind::path || reference.value().starts_with("/dev/"),
            "a path is below /dev", text);
    const auto again = DeviceReference::parse(reference.text());
    require(again && *again == reference && again->kind() == reference.kind() &&
                again->value() == reference.value(),
            "the same text names the same device", text);
    const bool is_match = reference.matches(facts);
    require(!is_match || fact(facts, "ready") == "1", "only a ready device answers", text);
    facts["ready"] = "1";
    facts[fact_of(reference.kind())] = reference.value();
    require(reference.matches(facts), "the device that is named answers", text);
    facts["ready"] = "0";
    require(!reference.matches(facts), "a device that is not ready does not answer", text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    std::string &text = parts[0];
    if (text.ends_with('\n'))
        text.pop_back();
    if (const auto reference = DeviceReference::parse(text))
        check(*reference, text, facts_of(parts.size() > 1 ? parts[1] : std::string()));
    return 0;
}
