// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/carry_over.h"

namespace slipway::net {

// ifupdown knows nothing of what was there before it: it would ask for another lease, and at the
// end take the interface down before the root is unmounted. Both units look at the hardware
// address, as the host may have renamed the interface. systemd reads the file behind ExecStartPre=.
std::string networking_text() {
    return R"unit(# Written by slipway: the root comes over the interfaces in /run/slipway/carried.
[Service]
EnvironmentFile=-/run/slipway/ifupdown
ExecStartPre=/bin/sh -c 'names=$$EXCLUDE_INTERFACES; for net in /sys/class/net/*; do \
    [ ! -e "/run/slipway/carried/$$(cat "$$net/address")" ] || names="$$names $${net##*/}"; done; \
    echo "EXCLUDE_INTERFACES=$$names" >/run/slipway/ifupdown'
)unit";
}

std::string ifup_text() {
    return R"unit(# Written by slipway: the root comes over the interfaces in /run/slipway/carried.
[Service]
ExecCondition=/bin/sh -c '[ ! -e "/run/slipway/carried/$$(cat "/sys/class/net/$$1/address")" ]' ifup %I
)unit";
}

} // namespace slipway::net
