// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/unit_text.h"

#include <slipway/toml.h>

#include "base/text.h"

namespace slipway::fs {

using sdk::toml_string;

UnitText::UnitText(std::string_view name, std::string_view kind, std::string_view description)
    : toml_("[[unit]]\n") {
    text("name", name).text("kind", kind).text("plugin", "fs").text("description", description);
}

UnitText &UnitText::text(std::string_view key, std::string_view value) {
    toml_.append(key).append(" = ").append(toml_string(value)).append("\n");
    return *this;
}

UnitText &UnitText::list(std::string_view key, const std::vector<std::string> &values) {
    if (values.empty())
        return *this;
    std::vector<std::string> quoted;
    quoted.reserve(values.size());
    for (const std::string &value : values)
        quoted.push_back(toml_string(value));
    toml_.append(key).append(" = [").append(join(quoted, ", ")).append("]\n");
    return *this;
}

UnitText &UnitText::flag(std::string_view key) {
    toml_.append(key).append(" = true\n");
    return *this;
}

UnitText &UnitText::retry_while_busy() {
    toml_.append("retries = 5\nbackoff = \"200ms\"\n"); // 6 s in all
    return *this;
}

std::string
UnitText::params(std::initializer_list<std::pair<std::string_view, std::string_view>> params) && {
    std::vector<std::string> pairs;
    for (const auto &[key, value] : params) {
        if (!value.empty())
            pairs.push_back(std::string(key) + " = " + toml_string(value));
    }
    return std::move(toml_) + "params = { " + join(pairs, ", ") + " }\n\n";
}

} // namespace slipway::fs
