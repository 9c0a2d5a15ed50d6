// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/name_on_host.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <format>
#include <string_view>

#include "base/text.h"
#include "net/naming_policy.h"
#include "net/udevadm_namer.h"
#include "net/written_file.h"

namespace slipway::net {

namespace {

constexpr std::string_view kPolicyOption = "net.ifname_policy";

// Interfaces are asked for by several processes at a time, each of which writes the same: under a
// name of its own, which is not one of a .link file, and then over the others'.
Result<> write_link_file(const LinkFile &file, const std::string &folder) {
    const std::string path = folder + "/" + file.name;
    const std::string draft = std::format("{}.{}", path, ::getpid());
    if (auto written = write_file(draft, file.text, FileReaders::all); !written)
        return written;
    if (std::rename(draft.c_str(), path.c_str()) != 0) {
        const int code = errno;
        (void)::unlink(draft.c_str());
        return errno_failure("write " + path, code);
    }
    return {};
}

void write_policies(sdk::Context &context, const sdk::Pairs &options, const std::string &folder) {
    for (const std::string_view value : options.list(kPolicyOption)) {
        const auto file = link_file_of_policy(value);
        const auto written = file ? write_link_file(*file, folder) : std::unexpected(file.error());
        if (!written)
            context.log(sdk::LogLevel::warning,
                        std::format("{}={} is ignored: {}", kPolicyOption, printable(value, 200),
                                    written.error().message()));
    }
}

} // namespace

Result<std::string> name_on_host(sdk::Context &context, const sdk::Pairs &options,
                                 const std::string &syspath) {
    return name_on_host(context, options, syspath, *make_udevadm_namer(context),
                        std::string(kLinkFolder));
}

Result<std::string> name_on_host(sdk::Context &context, const sdk::Pairs &options,
                                 const std::string &syspath, InterfaceNamer &namer,
                                 const std::string &link_folder) {
    write_policies(context, options, link_folder);
    return namer.name_of(syspath);
}

} // namespace slipway::net
