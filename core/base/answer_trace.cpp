// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/answer_trace.h"

namespace slipway {

namespace {

constexpr std::string_view kAddress = "slipway-port/";
constexpr std::string_view kFreedMemory = "/freed-memory";
constexpr std::string_view kBuffers = "/buffers";

} // namespace

std::string_view refusal_of(AnswerTrace trace) noexcept {
    switch (trace) {
    case AnswerTrace::freed_memory:
        return "no answer is taken through this port: it would stay in the memory of the machine, "
               "because the kernel does not wipe what it frees; boot with init_on_free=1 on the "
               "kernel command line, or answer at a console";
    case AnswerTrace::buffers:
        break;
    }
    return "no answer is taken through this port: it would stay in the memory of the machine, "
           "because the driver keeps what came in while its device has other ports; give the port "
           "a device of its own (virtio-serial-pci), or answer at a console";
}

std::string address_of_client(AnswerTrace trace, pid_t process) {
    std::string address(kAddress);
    address += std::to_string(process);
    return address += trace == AnswerTrace::freed_memory ? kFreedMemory : kBuffers;
}

std::optional<AnswerTrace> trace_of_client(std::string_view address) noexcept {
    if (!address.starts_with(kAddress))
        return std::nullopt;
    return address.ends_with(kFreedMemory) ? AnswerTrace::freed_memory : AnswerTrace::buffers;
}

} // namespace slipway
