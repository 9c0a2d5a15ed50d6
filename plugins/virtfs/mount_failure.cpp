// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/mount_failure.h"

#include <cerrno>
#include <cstring>
#include <format>

#include "base/text.h"

namespace slipway::virtfs {

namespace {

std::string advice(const MountFailure &failure) {
    if (!failure.result.option.empty())
        return "correct rootflags= on the kernel command line";
    if (says_no_such_tag(failure.share.type, failure.result))
        return "the host does not share a folder under this tag any more";
    switch (failure.result.code) {
    case ENODEV:
        return "the kernel does not know this type: rebuild the image, slipway build --with virtfs";
    case EBUSY:
        return "the share is in use by another mount: give the virtual machine one for each";
    case EACCES:
    case EPERM:
        return "the host refuses it: look at the rights of the folder there, and at its security "
               "model";
    case EINVAL:
        return "an option does not suit this kernel: check rootflags=, and the kernel log";
    case ENOTCONN:
    case ECONNABORTED:
    case EIO:
        return "the program that serves the folder on the host has ended: start it, and the "
               "virtual machine once more";
    default:
        return "see the kernel log";
    }
}

} // namespace

bool says_no_such_tag(ShareType type, const MountResult &result) noexcept {
    return result.option.empty() && result.code == (type == ShareType::ninep ? ENOENT : EINVAL);
}

std::string describe(const MountFailure &failure) {
    const MountResult &result = failure.result;
    std::string text = std::format("the {} share {} cannot be mounted", name_of(failure.share.type),
                                   printable(failure.share.tag, 80));
    if (!result.option.empty())
        text += std::format(": the kernel refuses the option {}", printable(result.option, 80));
    text += std::format(": {}", std::strerror(result.code));
    if (!result.detail.empty())
        text += std::format(" ({})", printable(result.detail, 300));
    return text + "; " + advice(failure);
}

} // namespace slipway::virtfs
