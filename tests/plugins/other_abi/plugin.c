/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plugin for an interface that does not exist yet: slipway has to refuse it, naming both
 * versions. In C, which also shows that the interface needs nothing of C++. Only for tests.
 */
#include <slipway/abi.h>

static slipway_outcome never(const slipway_host *host, const slipway_request *request) {
    (void)host;
    (void)request;
    __builtin_trap();
}

__attribute__((visibility("default"))) const slipway_plugin slipway_plugin_entry = {
    .abi_version = 99,
    .struct_size = sizeof(slipway_plugin),
    .name = "other_abi",
    .inspect = never,
    .activate = never,
    .deactivate = never,
    .import = never,
};
