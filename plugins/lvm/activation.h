// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>
#include <vector>

#include "lvm/lvm_backend.h"
#include "lvm/volume_choice.h"

namespace slipway::lvm {

// rd.lvm=, rd.lvm.vg=, rd.lvm.lv=, rd.auto=
[[nodiscard]] LvmOptions options_of(const sdk::Request &request);

// One run of activate for a volume group. Its members need not be complete: what can come up does,
// and the run is incomplete if something that was chosen lacks physical volumes.
class Activation {
public:
    // All must outlive it.
    Activation(sdk::Context &context, const sdk::Request &request, LvmBackend &backend)
        : context_(context), request_(request), backend_(backend),
          is_degraded_(request.mode() == sdk::Mode::degraded) {}

    [[nodiscard]] sdk::Outcome run();

private:
    [[nodiscard]] Result<> take_devices();
    [[nodiscard]] Result<VolumeGroup> find_group();
    [[nodiscard]] Result<VolumeGroup> read_group();
    [[nodiscard]] bool add_unclaimed(const VolumeGroup &group);
    [[nodiscard]] bool is_nothing_missed(const LvmOptions &options) const;
    [[nodiscard]] sdk::Outcome bring_up(const VolumeGroup &group, const Choice &choice);
    [[nodiscard]] Result<> activate(const VolumeGroup &group, const Choice &choice);
    void load_modules(const VolumeGroup &group, const std::vector<std::string> &names);
    [[nodiscard]] std::string system_id_for(const VolumeGroup &group);
    [[nodiscard]] sdk::Outcome judge(const VolumeGroup &group, const Choice &choice,
                                     const Result<> &result);
    [[nodiscard]] sdk::Outcome lacks_devices(const VolumeGroup &group,
                                             const std::vector<std::string> &volumes);
    [[nodiscard]] std::string why_down(const Result<> &result) const;
    void tell_degraded(const VolumeGroup &group, const Choice &choice);

    sdk::Context &context_;
    const sdk::Request &request_;
    LvmBackend &backend_;
    bool is_degraded_;
    std::vector<std::string> devices_; // nodes
    std::string module_problems_;
};

} // namespace slipway::lvm
