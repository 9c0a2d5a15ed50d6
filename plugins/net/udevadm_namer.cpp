// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/udevadm_namer.h"

#include <format>
#include <string>

#include "base/text.h"
#include "net/udevadm_output.h"

namespace slipway::net {

namespace {

constexpr const char *kProgram = "/usr/bin/udevadm";

class UdevadmNamer final : public InterfaceNamer {
public:
    explicit UdevadmNamer(sdk::Context &context) : context_(context) {}

    // `udevadm test` runs the rules as udevd does, without renaming, writing or configuring
    // anything, and needs no udevd. `test-builtin net_setup_link` is not enough: it does not know
    // the names that another rule finds out (net_id), so it keeps the kernel's.
    Result<std::string> name_of(const std::string &syspath) override {
        if (!syspath.starts_with("/sys/"))
            return failure(std::format("{} is no device; it must be a path below /sys",
                                       printable(syspath, 300)));
        const sdk::RunResult result = context_.run({kProgram, "test", "--action=add", syspath});
        if (result.exit_code == -1)
            return failure(std::format("{} could not be started; build the image with udev "
                                       "installed, or name the interface by its MAC address",
                                       kProgram));
        if (!result.is_success())
            return failure(std::format("udevadm test {}: {}", printable(syspath, 300),
                                       udevadm_reason(result.errors)));
        return parse_udevadm_test(result.output);
    }

private:
    sdk::Context &context_;
};

} // namespace

std::unique_ptr<InterfaceNamer> make_udevadm_namer(sdk::Context &context) {
    return std::make_unique<UdevadmNamer>(context);
}

} // namespace slipway::net
