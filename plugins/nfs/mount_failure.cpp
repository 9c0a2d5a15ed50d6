// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/mount_failure.h"

#include <cerrno>
#include <cstring>
#include <format>

#include "base/text.h"

namespace slipway::nfs {

namespace {

constexpr int kNotSupported = 524; // ENOTSUPP of the kernel, which is no errno value of user space

bool is_version_4(std::string_view version) {
    return version.starts_with('4');
}

std::string server_of(std::string_view source) {
    return std::string(source.substr(0, source.rfind(":/")));
}

std::string advice(const MountFailure &failure) {
    const std::string server = server_of(failure.source);
    switch (failure.result.code) {
    case EACCES:
    case EPERM:
        return std::format("the server does not export this directory to this machine: look at "
                           "/etc/exports on {}, and at exportfs -v for the address that is allowed",
                           server);
    case ENOENT:
        return is_version_4(failure.version)
                   ? "the server has no such directory: check the path; for version 4 it begins at "
                     "the export with fsid=0, if there is one"
                   : "the server has no such directory: check the path";
    case ENOTDIR:
        return "what the server has there is no directory: check the path";
    case ESTALE:
        return std::format("the export has been replaced on the server: run exportfs -ra on {}",
                           server);
    case ETIMEDOUT:
        return std::format("the server does not answer in time: is the NFS service of {} running?",
                           server);
    case ECONNREFUSED:
        return is_version_4(failure.version)
                   ? std::format("no NFS service runs on {}: start it", server)
                   : std::format("rpcbind or mountd does not run on {}: start them, or use vers=4",
                                 server);
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
        return "there is no way to the server: check its address, the gateway and the cable";
    case EPROTONOSUPPORT:
    case EOPNOTSUPP:
    case kNotSupported:
        return std::format("the server or this kernel does not speak version {}: allow it in "
                           "nfs.conf of {}, ask for another with vers=, or rebuild the image with "
                           "the module {}",
                           failure.version, server,
                           is_version_4(failure.version) ? "nfsv4" : "nfsv3");
    case ENODEV:
        return "the kernel does not know NFS: rebuild the image, slipway build --with nfs";
    case EINVAL:
        return "an option does not suit the server or this kernel: check the options behind the "
               "directory and rootflags=";
    case EIO:
        return "the server gave an answer that makes no sense: look at its log";
    case EADDRINUSE:
    case EADDRNOTAVAIL:
        return "there is no free port below 1024: use noresvport";
    default:
        return "see the kernel log";
    }
}

std::string reason(const MountResult &result) {
    std::string text =
        result.code == kNotSupported ? "operation is not supported" : std::strerror(result.code);
    if (!result.detail.empty())
        text += std::format(" ({})", printable(result.detail, 200));
    return text;
}

} // namespace

std::string describe(const MountFailure &failure) {
    const std::string source = printable(failure.source, 300);
    if (!failure.result.option.empty())
        return std::format(
            "{} cannot be mounted: the kernel refuses the option \"{}\": {}; correct "
            "it where it is written",
            source, printable(failure.result.option, 120), reason(failure.result));
    const std::string server = server_of(source);
    const bool is_named = !server.contains(failure.address);
    return std::format("{} cannot be mounted (NFS {}{}): {}: {}", source, failure.version,
                       is_named ? ", " + failure.address : "", reason(failure.result),
                       advice(failure));
}

std::string describe_unreachable(std::string_view server, std::string_view address, unsigned port,
                                 int code) {
    const std::string place = server == address
                                  ? std::string(server)
                                  : std::format("{} ({})", printable(server), address);
    if (code == ECONNREFUSED)
        return std::format("{} refuses connections to port {}: {} does not run there, or a "
                           "firewall rejects it",
                           place, port, port == 111 ? "rpcbind" : "the NFS service");
    if (code == ETIMEDOUT)
        return std::format("{} does not answer on port {}: is the server up, and is its address "
                           "right?",
                           place, port);
    return std::format("{} cannot be reached: {}; check its address, the gateway and the cable",
                       place, std::strerror(code));
}

NextVersion next_version(const MountResult &result, std::string_view version) {
    if (!result.option.empty() || !is_version_4(version))
        return NextVersion::none;
    switch (result.code) {
    case EPROTONOSUPPORT:
    case EINVAL: // a version that was not built into this kernel
    case EOPNOTSUPP:
    case kNotSupported:
        return NextVersion::next;
    case EACCES:
    case EPERM:
    case ENOENT:
    case ECONNREFUSED:
        return NextVersion::three;
    default:
        return NextVersion::none;
    }
}

} // namespace slipway::nfs
