// SPDX-License-Identifier: LGPL-2.1-or-later
#include "keymap/load_keymap.h"

namespace {

using namespace slipway;

class Keymap final : public sdk::Plugin {
public:
    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return keymap::load_keymap(context, request);
    }
};

} // namespace

SLIPWAY_PLUGIN("keymap", Keymap)
