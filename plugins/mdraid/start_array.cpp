// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>
#include <cstring>
#include <format>
#include <string>
#include <utility>
#include <vector>

#include "base/places.h"
#include "base/text.h"
#include "mdraid/array_operations.h"
#include "mdraid/md_options.h"

namespace slipway::mdraid {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

struct Personality {
    std::string_view level;
    const char *module;
};
constexpr std::array kPersonalities = {
    Personality{"raid0", "raid0"},      Personality{"raid1", "raid1"},
    Personality{"raid4", "raid456"},    Personality{"raid5", "raid456"},
    Personality{"raid6", "raid456"},    Personality{"raid10", "raid10"},
    Personality{"linear", "md-linear"}, // linear.ko of older kernels has that as an alias
};

bool is_running_state(std::string_view state) {
    return !state.empty() && state != "clear" && state != "inactive";
}

// While it lives, arrays start read-only and change to writable at the first write: nothing is
// written to a disk before it is decided whether a hibernated system is resumed, although its swap
// may lie on the array. The host's own arrays are none of our business, so the setting is put back.
class ReadOnlyStarts {
public:
    explicit ReadOnlyStarts(MdadmBackend &backend) : backend_(backend) {
        const auto before = backend_.set_starts_read_only(true);
        is_set_ = before.has_value();
        was_on_ = before.value_or(false);
    }
    ReadOnlyStarts(const ReadOnlyStarts &) = delete;
    ReadOnlyStarts &operator=(const ReadOnlyStarts &) = delete;
    ReadOnlyStarts(ReadOnlyStarts &&) = delete;
    ReadOnlyStarts &operator=(ReadOnlyStarts &&) = delete;
    ~ReadOnlyStarts() {
        if (is_set_)
            (void)backend_.set_starts_read_only(was_on_);
    }
    [[nodiscard]] bool is_set() const noexcept { return is_set_; }

private:
    MdadmBackend &backend_;
    bool is_set_ = false;
    bool was_on_ = false;
};

// One run of activate. mdadm --incremental, member by member, is how udev's rules assemble on the
// host: names, mdadm.conf and members that missed changes are treated as they will be there. It is
// harmless to be interrupted in it, and what was begun is gone on with.
class Start {
public:
    Start(sdk::Context &context, const sdk::Request &request, MdadmBackend &backend)
        : context_(context), request_(request), backend_(backend), devices_(request.devices()) {}

    Outcome run();

private:
    [[nodiscard]] bool is_container() const { return request_.unit().starts_with("mdcontainer@"); }
    [[nodiscard]] std::string load_modules();
    void add_members();
    void note_array(const Exported &said);
    [[nodiscard]] Outcome judge();
    [[nodiscard]] Outcome start_degraded();
    [[nodiscard]] Outcome start_arrays_of_container();
    [[nodiscard]] std::string missing() const;
    [[nodiscard]] Places places() const;
    void name_missing();
    [[nodiscard]] std::string nodes() const;
    [[nodiscard]] std::string array_node() const { return "/dev/" + array_; }

    sdk::Context &context_;
    const sdk::Request &request_;
    MdadmBackend &backend_;
    std::vector<sdk::Device> devices_;
    std::string array_;               // "md127", as soon as it is known
    std::vector<std::string> errors_; // what mdadm said of single members
};

Outcome Start::run() {
    const MdOptions options = options_of(request_);
    if (const std::string why = options.refusal(is_container() ? "" : request_.key());
        !why.empty() && !is_container())
        return context_.fail(std::format("{} is not started: {}", request_.unit(), why));
    if (devices_.empty())
        return context_.fail(std::format("unit {} was started without a member", request_.unit()));
    if (const std::string why = load_modules(); !why.empty())
        return context_.fail(why);
    // The kernel has one such setting for all arrays: one that is put back must not be another's.
    const sdk::Resource turn(context_, "md_start_ro", 1);
    const ReadOnlyStarts read_only(backend_);
    if (!read_only.is_set() && !is_container())
        return context_.fail(std::format("array {} is not started: the kernel cannot be told to "
                                         "start it without a write; see the log",
                                         request_.key()));
    context_.progress("assembling from " + nodes());
    add_members();
    return judge();
}

// The kernel asks modprobe for a personality that it lacks, but only once it is too late to say
// which is missing in the image.
std::string Start::load_modules() {
    std::vector<std::string> modules = {"md_mod"};
    for (const sdk::Device &device : devices_) {
        const std::string_view level = device.fact("md_level");
        const auto found = std::ranges::find(kPersonalities, level, &Personality::level);
        if (found != kPersonalities.end() && !std::ranges::contains(modules, found->module))
            modules.emplace_back(found->module);
    }
    for (const std::string &module : modules) {
        if (const int code = context_.load_modules({module}); code != 0)
            return std::format("{}: the kernel module {} cannot be loaded: {}; rebuild the image "
                               "with it, or with a kernel that has it",
                               nodes(), module, std::strerror(code));
    }
    return {};
}

void Start::note_array(const Exported &said) {
    const auto device = said.find("MD_DEVICE");
    if (device != said.end() && device->second.starts_with("md") && !device->second.contains('/'))
        array_ = device->second;
}

void Start::add_members() {
    for (const sdk::Device &device : devices_) {
        if (const auto array = backend_.array_of(device.syspath())) {
            array_ = *array;
            continue;
        }
        // A member that comes after a degraded start is the host's to bring back.
        if (is_running_state(array_.empty() ? "" : backend_.state_of(array_)) && !is_container()) {
            context_.log(LogLevel::notice,
                         std::format("{} is left out: {} runs already; the host decides about it",
                                     device.devnode(), array_node()));
            continue;
        }
        const auto said = backend_.add(device.devnode());
        if (said)
            note_array(*said);
        else
            errors_.push_back(said.error().message());
    }
    for (const std::string &error : errors_)
        context_.log(LogLevel::warning, error);
}

std::string Start::nodes() const {
    std::vector<std::string> names;
    for (const sdk::Device &device : devices_)
        names.push_back(device.devnode());
    return join(names, ", ");
}

std::string Start::missing() const {
    const auto spares = std::ranges::count_if(
        devices_, [](const sdk::Device &device) { return device.fact("md_role") == "spare"; });
    std::string text = std::format("only {} is there", nodes());
    if (spares > 0)
        text += std::format(", of which {} is a spare", spares);
    return text;
}

Places Start::places() const {
    Places places;
    for (const sdk::Device &device : devices_)
        places.add(device.fact("place"), device.fact("places"));
    return places;
}

void Start::name_missing() {
    constexpr std::size_t kMostNamed = 16;
    const auto names = places().missing(kMostNamed);
    for (const std::string &name : names)
        context_.missing(name);
    if (names.empty())
        context_.missing("members of array " + std::string(request_.key()));
}

Outcome Start::judge() {
    if (array_.empty())
        return context_.fail(
            std::format("{}: mdadm made no array of it: {}; look at it with mdadm --examine",
                        nodes(), errors_.empty() ? "it gave no reason" : errors_.back()));
    if (is_container())
        return start_arrays_of_container();
    if (is_running_state(backend_.state_of(array_)))
        return context_.done(std::format("{} started from {}", array_node(), nodes()));
    if (request_.mode() == sdk::Mode::degraded)
        return start_degraded();
    name_missing();
    return context_.incomplete(
        std::format("array {} is not complete: {}", request_.key(), missing()));
}

// Never more than mdadm does without --force: what cannot run without a member that is away waits
// for it.
Outcome Start::start_degraded() {
    const auto started = backend_.run(array_node());
    if (is_running_state(backend_.state_of(array_))) {
        context_.log(LogLevel::warning,
                     std::format("{} was started degraded: members are missing, {}{}", array_node(),
                                 missing(), places().missing_clause()));
        return context_.done(std::format("{} started degraded", array_node()));
    }
    name_missing();
    return context_.incomplete(
        std::format("array {} cannot run with the members that are there: {}; {}", request_.key(),
                    missing(), started ? "mdadm gave no reason" : started.error().message()));
}

// The arrays in a container are started when the container itself is handed to mdadm. It does not
// say whether one runs afterwards.
Outcome Start::start_arrays_of_container() {
    const bool is_degraded = request_.mode() == sdk::Mode::degraded;
    const auto said = backend_.start_arrays_in(array_node(), is_degraded);
    const auto arrays = backend_.arrays_in(array_);
    const auto running = std::ranges::count_if(arrays, [this](const std::string &array) {
        return is_running_state(backend_.state_of(array));
    });
    const bool is_complete = std::cmp_equal(running, arrays.size());
    if (running == 0 || (!is_complete && !is_degraded)) {
        context_.missing("members of container " + std::string(request_.key()));
        return context_.incomplete(std::format(
            "{} of {} arrays in the container {} run: {}; {}", running, arrays.size(), array_node(),
            missing(), said ? "mdadm gave no reason" : said.error().message()));
    }
    if (is_degraded)
        context_.log(LogLevel::warning,
                     std::format("arrays in the container {} were started with members missing: "
                                 "{} of {} run, {}",
                                 array_node(), running, arrays.size(), missing()));
    return context_.done(std::format("container {} assembled from {}", array_node(), nodes()));
}

} // namespace

Outcome start_array(sdk::Context &context, const sdk::Request &request, MdadmBackend &backend) {
    return Start(context, request, backend).run();
}

} // namespace slipway::mdraid
