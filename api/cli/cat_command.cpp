// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "builder/archive_file.h"
#include "cli/command.h"

namespace slipway::cli {

namespace {

struct CatOptions {
    std::string image;
    std::string path;
};

int run_cat(const CatOptions &options) {
    Result<> read =
        read_archived_file(options.image, options.path, [](std::string_view bytes) -> Result<> {
            if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
                return errno_failure("write to standard output", errno);
            return {};
        });
    if (read && std::fflush(stdout) != 0)
        read = errno_failure("write to standard output", errno);
    return read ? kExitOk : report_failure(read.error().message());
}

} // namespace

Run declare_cat(CLI::App &app) {
    auto options = std::make_shared<CatOptions>();
    app.add_option("IMAGE", options->image, "an initrd")->required();
    app.add_option("PATH", options->path, "a file in it; links are followed")->required();
    app.footer("Example:\n  slipway cat /boot/initrd.img /usr/share/slipway/units/plan.toml");
    return [options] { return run_cat(*options); };
}

} // namespace slipway::cli
