// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include <optional>
#include <string>

#include "resume/import_location.h"
#include "resume/resume_system.h"
#include "resume/sysfs_backend.h"
#include "system/small_file.h"

namespace slipway::resume {

namespace {

constexpr std::size_t kMaxFileBytes = 64U << 10U;

std::optional<std::string> read_file(const std::string &path) {
    return sdk::read_small_file(path, kMaxFileBytes);
}

} // namespace

class ResumePlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_location(context, request, read_file);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return resume_system(context, request, *make_sysfs_backend());
    }
};

} // namespace slipway::resume

SLIPWAY_PLUGIN("resume", slipway::resume::ResumePlugin)
