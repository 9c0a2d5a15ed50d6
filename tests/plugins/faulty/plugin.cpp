// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Does everything that a plugin must not do, on request, to show that PID 1 lives on: the unit's
// key names the fault. Only for tests.
#include <slipway/plugin.h>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace {

using namespace slipway::sdk;

void write_through_null() {
    volatile int *volatile nowhere = nullptr;
    *nowhere = 1;
}

class Faulty final : public Plugin {
public:
    Outcome inspect(Context &, const Request &) override {
        write_through_null();
        return Outcome::done;
    }

    Outcome activate(Context &context, const Request &request) override {
        const std::string_view fault = request.key();
        if (fault == "null")
            write_through_null();
        else if (fault == "exit")
            ::_exit(7);
        else if (fault == "throw")
            throw std::runtime_error("thrown on purpose");
        else if (fault == "deaf")
            (void)::signal(SIGTERM, SIG_IGN);
        if (fault == "hang" || fault == "deaf")
            while (true)
                ::pause();
        if (fault == "ask")
            return answer(context);
        if (fault == "ask-cache")
            return ask_the_cache(context);
        if (fault == "answer")
            return context.done("answer: " + std::to_string(context.answer("magic", "please")));
        if (fault == "answer-badly")
            return context.done("answers: " + std::to_string(context.answer("", "please")) + " " +
                                std::to_string(context.answer("magic", std::string(4097, 'x'))));
        if (fault == "resource")
            return hold_memory(context);
        if (fault == "service") {
            context.publish("/sys/devices/eth0", "online", "1");
            context.ready();
        }
        if (fault == "units")
            context.units("[[unit]]\nname = \"new\"\n");
        if (fault == "facts")
            for (const Device &device : request.devices())
                context.publish(device.syspath(), "seen", device.fact("devnode"));
        if (fault == "environment")
            return context.done(std::getenv("DM_DISABLE_UDEV") == nullptr ? "with udev"
                                                                          : "without udev");
        return context.done("no fault named " + std::string(fault));
    }

private:
    static Outcome hold_memory(Context &context) {
        const Resource memory(context, "memory", 4096);
        return memory.is_held() ? Outcome::done : context.fail("no memory was granted");
    }

    static Outcome ask_the_cache(Context &context) {
        const Answer answer =
            context.ask({.message = "Magic word", .id = "magic", .accept_cached = true});
        if (answer.status != SLIPWAY_ANSWERED)
            return context.fail("nobody answered");
        return context.done("source " + std::to_string(static_cast<int>(answer.source)));
    }

    static Outcome answer(Context &context) {
        const Answer answer = context.ask({.message = "Magic word", .id = "magic"});
        if (answer.status != SLIPWAY_ANSWERED)
            return context.fail("nobody answered");
        return answer.secret == "please" ? Outcome::done : context.fail("wrong word");
    }
};

} // namespace

SLIPWAY_PLUGIN("faulty", Faulty)
