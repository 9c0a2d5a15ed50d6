// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/boot_timeline.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <format>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace slipway::report {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxSteps = 65536;
constexpr std::int64_t kLongest = std::int64_t{1} << 50U; // µs: 35 years
constexpr std::array kOutcomes = {
    std::pair{"done", StepOutcome::done}, std::pair{"failed", StepOutcome::failed},
    std::pair{"incomplete", StepOutcome::incomplete}, std::pair{"running", StepOutcome::running}};

std::unexpected<Error> wrong(std::string text) {
    return failure("this is no timeline of a boot: " + std::move(text), EINVAL);
}

std::optional<Duration> time_of(const Json &object, const char *key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer())
        return std::nullopt;
    // An unsigned number beyond the signed ones would turn negative, and is refused with them.
    const auto value = found->get<std::int64_t>();
    if (value < 0 || value > kLongest)
        return std::nullopt;
    return Duration(value);
}

std::optional<std::string> text_of(const Json &object, const char *key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        return std::nullopt;
    return printable(found->get_ref<const std::string &>(), kMaxNameBytes);
}

std::optional<StepOutcome> outcome_of(const Json &object) {
    const auto word = text_of(object, "outcome");
    for (const auto &[name, outcome] : kOutcomes)
        if (word == name)
            return outcome;
    return std::nullopt;
}

Result<Step> read_step(const Json &object, Duration begin, Duration end) {
    const auto unit = text_of(object, "unit");
    const auto plugin = text_of(object, "plugin");
    const auto operation = text_of(object, "operation");
    const auto from = time_of(object, "start_us");
    const auto to = time_of(object, "end_us");
    const auto prompt = time_of(object, "prompt_us");
    const auto outcome = outcome_of(object);
    if (!unit || !plugin || !operation || !from || !to || !outcome)
        return wrong("a value is missing or of a wrong kind");
    if (*from < begin || *to < *from || *to > end)
        return wrong(std::format("{} lies outside of the boot", *unit));
    const Duration length = *to - *from;
    return Step{.unit = *unit,
                .plugin = *plugin,
                .operation = *operation,
                .start = *from - begin,
                .length = length,
                .prompt = std::min(prompt.value_or(Duration(0)), length),
                .outcome = *outcome};
}

} // namespace

Result<BootTimeline> parse_timeline(std::string_view json) {
    if (json.size() > kMaxTimelineBytes)
        return wrong("it is too long");
    // What is nested deeper is none of ours, and is not even kept.
    const auto is_shallow = [](int depth, Json::parse_event_t, const Json &) { return depth < 4; };
    const Json file = Json::parse(json, is_shallow, false);
    if (!file.is_object())
        return wrong("it is not JSON, or cut off");
    if (const auto version = time_of(file, "version"); version != Duration(1))
        return wrong("its version is not 1; read it with the slipway that wrote it");
    const auto begin = time_of(file, "init_start_us");
    const auto end = time_of(file, "switch_root_us");
    const auto steps = file.find("steps");
    if (!begin || !end || *end <= *begin || steps == file.end() || !steps->is_array() ||
        steps->size() > kMaxSteps)
        return wrong("init_start_us, switch_root_us or steps is missing or wrong");
    BootTimeline timeline;
    timeline.kernel = *begin;
    timeline.total = *end - *begin;
    timeline.dropped =
        static_cast<std::size_t>(time_of(file, "dropped_steps").value_or(Duration(0)).count());
    timeline.steps.reserve(steps->size());
    for (const Json &object : *steps) {
        auto step = read_step(object, *begin, *end);
        if (!step)
            return std::unexpected(std::move(step).error().with_context(
                std::format("step {}", timeline.steps.size() + 1)));
        timeline.steps.push_back(std::move(*step));
    }
    return timeline;
}

std::string_view outcome_word(StepOutcome outcome) noexcept {
    for (const auto &[name, value] : kOutcomes)
        if (value == outcome)
            return name;
    return "?";
}

} // namespace slipway::report
