// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/worker_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>

#include <slipway/abi.h>

#include "worker/plugin_host.h"
#include "worker/plugin_library.h"

namespace slipway {

namespace {

void reset_signals() {
    for (int number = 1; number < NSIG; ++number)
        (void)::signal(number, SIG_DFL); // EINVAL for SIGKILL, SIGSTOP and the C library's own
    (void)::signal(SIGPIPE, SIG_IGN);
    sigset_t none;
    ::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_inherited(int keep) {
    const auto kept = static_cast<unsigned>(keep);
    if (kept > 3)
        (void)::close_range(3, kept - 1, 0);
    (void)::close_range(kept + 1, ~0U, 0);
}

// Libraries write to standard error; that belongs into the log, not over a prompt.
void redirect_standard_streams() {
    const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const UniqueFd log(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
    if (null)
        (void)::dup2(null.get(), STDIN_FILENO);
    const int sink = log ? log.get() : null.get();
    if (sink >= 0) {
        (void)::dup2(sink, STDOUT_FILENO);
        (void)::dup2(sink, STDERR_FILENO);
    }
}

void become_worker(int channel_fd, DeviceBackend backend) {
    reset_signals();
    (void)::setsid(); // one kill(2) then reaches the programs that the plugin starts, too
    close_inherited(channel_fd);
    redirect_standard_streams();
    // Secrets pass through this process: no core dump, no ptrace(2) by others.
    (void)::prctl(PR_SET_DUMPABLE, 0);
    const rlimit no_core{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &no_core);
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    // Where udevd runs, device-mapper and md tools must wait for it.
    if (backend == DeviceBackend::udevd)
        return;
    (void)::setenv("DM_DISABLE_UDEV", "1", 1);
    (void)::setenv("MDADM_NO_UDEV", "1", 1);
}

slipway_text borrowed(const std::string &text) noexcept {
    return {text.data(), text.size()};
}

// The C view of a request; borrows from the message.
class RequestView {
public:
    explicit RequestView(const RequestMessage &message)
        : params_(pairs(message.params)), options_(pairs(message.options)) {
        facts_.reserve(message.devices.size());
        for (const auto &[syspath, facts] : message.devices) {
            facts_.push_back(pairs(facts));
            devices_.push_back({borrowed(syspath), {facts_.back().data(), facts_.back().size()}});
        }
        for (const std::string &reference : message.wanted)
            wanted_.push_back(borrowed(reference));
        request_.struct_size = sizeof(request_);
        request_.mode = message.mode;
        request_.unit = borrowed(message.unit);
        request_.key = request_.unit;
        const std::size_t at = message.unit.find('@');
        const std::size_t skip = at == std::string::npos ? message.unit.size() : at + 1;
        request_.key = {message.unit.data() + skip, message.unit.size() - skip};
        request_.params = {params_.data(), params_.size()};
        request_.options = {options_.data(), options_.size()};
        request_.devices = devices_.data();
        request_.device_count = devices_.size();
        request_.wanted = wanted_.data();
        request_.wanted_count = wanted_.size();
    }

    [[nodiscard]] const slipway_request *get() const noexcept { return &request_; }

private:
    static std::vector<slipway_pair> pairs(const TextPairs &from) {
        std::vector<slipway_pair> to;
        to.reserve(from.size());
        for (const auto &[key, value] : from)
            to.push_back({borrowed(key), borrowed(value)});
        return to;
    }

    std::vector<slipway_pair> params_;
    std::vector<slipway_pair> options_;
    std::vector<std::vector<slipway_pair>> facts_;
    std::vector<slipway_device> devices_;
    std::vector<slipway_text> wanted_;
    slipway_request request_{};
};

slipway_operation operation_of(const slipway_plugin &plugin, std::uint8_t operation) {
    switch (static_cast<Operation>(operation)) {
    case Operation::inspect:
        return plugin.inspect;
    case Operation::activate:
        return plugin.activate;
    case Operation::deactivate:
        return plugin.deactivate;
    case Operation::import:
        return plugin.import;
    }
    return nullptr;
}

// Serves requests for the one plugin that this process has loaded.
class Worker {
public:
    explicit Worker(Channel channel) : channel_(std::move(channel)) {}

    void serve() {
        while (true) {
            auto received = channel_.receive();
            if (!received || !*received)
                return;
            const auto *request = std::get_if<RequestMessage>(&(*received)->message);
            if (request == nullptr || !answer(*request))
                return;
        }
    }

private:
    [[nodiscard]] bool answer(const RequestMessage &request) {
        PluginHost host(channel_, request.job);
        if (auto loaded = load(request); !loaded) {
            const std::string reason = loaded.error().message();
            host.table().reason(host.table().ctx, borrowed(reason));
            return host.finish(SLIPWAY_FAILED).has_value();
        }
        const slipway_operation operation = operation_of(plugin_->entry(), request.operation);
        if (operation == nullptr) {
            const std::string reason = "plugin " + request.plugin + " does not have this operation";
            host.table().reason(host.table().ctx, borrowed(reason));
            return host.finish(SLIPWAY_FAILED).has_value();
        }
        const RequestView view(request);
        return host.finish(operation(&host.table(), view.get())).has_value();
    }

    [[nodiscard]] Result<> load(const RequestMessage &request) {
        if (plugin_)
            return {};
        (void)::prctl(PR_SET_NAME, ("slipway:" + request.plugin).substr(0, 15).c_str());
        auto library = PluginLibrary::load(request.library, request.plugin);
        if (!library)
            return std::unexpected(std::move(library).error());
        plugin_ = std::move(*library);
        return {};
    }

    Channel channel_;
    std::optional<PluginLibrary> plugin_;
};

} // namespace

void worker_main(Channel channel, DeviceBackend backend) {
    become_worker(channel.fd(), backend);
    Worker worker(std::move(channel));
    worker.serve();
    ::_exit(0);
}

} // namespace slipway
