// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/record.h"
#include "unit/unit_catalog.h"

namespace slipway::test {

// An engine with its recorder: what PID 1 has, without the world around it.
class RecordedBoot {
public:
    static std::vector<UnitSource> units() {
        return {{"boot.toml", "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\n"
                              "wanted = \"never\"\nrequires = [\"root\"]\n"},
                {"fs.toml", "[plugin]\nname = \"fs\"\nlibrary = \"fs.so\"\nabi = 1\n"
                            "[[unit]]\nname = \"root\"\nkind = \"mount\"\nplugin = \"fs\"\n"
                            "device = \"/dev/vda2\"\n"}};
    }
    static EngineConfig config() {
        EngineConfig config;
        config.device_timeout = std::chrono::seconds(20);
        return config;
    }

    RecordedBoot() : engine_(make_catalog(units()).set, config()), recorder_(config(), units()) {
        recorder_.started(Duration(100), engine_.start(Duration(100)));
    }
    void handle(std::int64_t when, const Event &event) {
        recorder_.handled(Duration(when), event, engine_.handle(Duration(when), event));
    }
    void disk_appears(std::int64_t when) {
        handle(when,
               DeviceChanged{"/sys/devices/vda2",
                             {{"devnode", "/dev/vda2"}, {"ready", "1"}, {"subsystem", "block"}}});
    }
    // A boot with a passphrase and a failure.
    void go_wrong() {
        disk_appears(1'000);
        handle(2'000, PromptOpened{1, "Passphrase for root (/dev/vda2)"});
        handle(5'000, PromptClosed{1});
        JobFinished failed;
        failed.job = 1;
        failed.reason = "wrong";
        handle(6'000, failed);
    }

    [[nodiscard]] const std::string &text() const { return recorder_.text(); }
    [[nodiscard]] const Engine &engine() const { return engine_; }

private:
    Engine engine_;
    Recorder recorder_;
};

} // namespace slipway::test
