// SPDX-License-Identifier: LGPL-2.1-or-later
#include <format>

#include "net/carry_over.h"

namespace slipway::net {

// Behind 80-net-setup-link.rules, which has the name. A udevd of the initrd reads the rule as well,
// but its names are those of the host already.
std::string rename_rule(const InterfaceState &state) {
    if (state.is_virtual || state.mac.empty() || state.index <= 0 || state.addresses.empty() ||
        simple_name(state.name, '_') != state.name)
        return {};
    return std::format("# Written by slipway: the host may call this interface otherwise.\n"
                       "ACTION==\"add|move\", SUBSYSTEM==\"net\", ATTR{{ifindex}}==\"{}\", "
                       "ATTR{{address}}==\"{}\", TEST!=\"/etc/initrd-release\", "
                       "RUN+=\"/bin/sh {} {} $name\"\n",
                       state.index, state.mac, kRenameScript, state.name);
}

std::string rename_script() {
    return R"sh(# Written by slipway, for udev: the interface that the initrd knew as $1 is called $2 here.
set -e
[ "$1" != "$2" ] || exit 0
for kind in net net6; do
    old=/run/$kind-$1.conf
    [ -e "$old" ] || continue
    sed "s/^\(DEVICE6*\)=.*/\1='$2'/" "$old" >"/run/$kind-$2.conf.new"
    mv "/run/$kind-$2.conf.new" "/run/$kind-$2.conf"
    rm "$old"
done
kept=/run/initramfs/open-iscsi.interface
[ ! -e "$kept" ] || [ "$(cat "$kept")" != "$1" ] || echo "$2" >"$kept"
)sh";
}

} // namespace slipway::net
