// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include <slipway/abi.h>

#include "worker/channel.h"
#include "worker/program_runner.h"
#include "worker/shared_secret.h"

namespace slipway {

// The host side of one operation, in a worker: turns the plugin's calls into messages to PID 1.
// Lives as long as the operation; secrets it holds are wiped with it.
class PluginHost {
public:
    PluginHost(Channel &channel, JobId job);
    PluginHost(const PluginHost &) = delete;
    PluginHost &operator=(const PluginHost &) = delete;
    PluginHost(PluginHost &&) = delete;
    PluginHost &operator=(PluginHost &&) = delete;
    ~PluginHost() = default;

    // The table of functions for the plugin; valid as long as this object.
    [[nodiscard]] const slipway_host &table() const noexcept { return table_; }

    // Sends the collected facts and the result. Error: PID 1 is gone.
    [[nodiscard]] Result<> finish(slipway_outcome outcome);

private:
    static PluginHost &self(void *ctx) noexcept { return *static_cast<PluginHost *>(ctx); }
    void send(const Message &message);
    void send_facts(); // those that were collected since the last time
    [[nodiscard]] slipway_answer_status ask(const slipway_question &question, slipway_text &secret);
    [[nodiscard]] int run(const char *const *argv, const slipway_text *input,
                          slipway_run_result &result);
    [[nodiscard]] int load_modules(const char *const *names, std::size_t count);
    [[nodiscard]] int acquire(slipway_text resource, std::uint64_t amount);
    void release();
    [[nodiscard]] int give_answer(slipway_text id, slipway_text secret);

    Channel &channel_;
    JobId job_;
    slipway_host table_;
    bool is_connected_ = true;
    bool holds_resource_ = false;
    std::string reason_;
    std::vector<std::string> missing_;
    std::map<std::string, TextPairs> facts_; // by syspath
    SharedSecret secret_;
    std::uint32_t answer_source_ = SLIPWAY_SOURCE_PERSON;
    ProgramResult program_;
};

} // namespace slipway
