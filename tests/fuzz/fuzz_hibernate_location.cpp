// SPDX-License-Identifier: LGPL-2.1-or-later
// The EFI variable HibernateLocation, and files of the image that say where to resume from.
#include "base/settings.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "resume/location.h"

using namespace slipway;
using fuzz::require;

namespace {

void check(const resume::EfiLocation &efi) {
    require(efi.location.device.starts_with("UUID=") || efi.location.device.starts_with("/dev/"),
            "a device is named", efi.location.device);
    require(efi.location.device.find('\n') == std::string::npos, "in one line");
    // Whichever it is, the question has an answer.
    (void)resume::is_of_this_system(efi, "ID=debian\nIMAGE_ID=x\n");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    if (const auto efi = resume::parse_efi_location(text))
        check(*efi);
    else
        require(!efi.error().message().empty(), "what is wrong is said");
    for (const Setting &setting : parse_settings(text)) {
        require(setting.name.find('\n') == std::string::npos, "a name is in one line");
        require(setting.name.find('=') == std::string::npos, "a name ends at the first =");
    }
    require(resume::parse_resume_conf(text).find('\n') == std::string::npos, "one value");
    return 0;
}
