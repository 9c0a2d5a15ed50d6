// SPDX-License-Identifier: LGPL-2.1-or-later
// What mdadm says of a member, in words and as KEY=value: names in it come from the disk.
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "mdraid/examine.h"

using namespace slipway;
using fuzz::require;

namespace {

void check(const Result<mdraid::Superblock> &found) {
    if (!found) {
        require(!found.error().message().empty(), "what is wrong is said");
        return;
    }
    require(!found->uuid.empty(), "an array has a key");
    require(mdraid::is_same_uuid(found->uuid, found->uuid), "a UUID is itself", found->uuid);
    require(found->uuid.find('\n') == std::string::npos, "a key is one line", found->uuid);
    require(found->active <= 4096, "members can be counted");
    require(found->slots.size() <= 4096, "slots can be counted");
    require(!found->slot || *found->slot <= 4096, "a slot is one of those that can be counted");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check(mdraid::parse_examine(text));
    check(mdraid::container_of(mdraid::parse_exported(text)));
    return 0;
}
