// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Who takes resources: a job before it starts, a job for one of its steps, a job's prompt (which
// takes the console), a question of the engine, a program that asks on its own.
struct ResourceTicket {
    enum class Kind : std::uint8_t { job, step, prompt, question, foreign };
    Kind kind = Kind::job;
    std::uint32_t id = 0; // JobId, QuestionId or the number of a ForeignPromptOpened

    [[nodiscard]] auto operator<=>(const ResourceTicket &) const = default;
};

// Counted things that jobs share: memory for key derivation, the console, CPUs. First come, first
// served, and all that a ticket needs at once, so that nobody holds one thing while waiting for
// another. A ticket that cannot be served yet keeps later ones from what it waits for: nobody
// starves. Who needs more than there is gets it when nobody else holds any. Owned by the engine.
class ResourceTable {
public:
    using Amounts = std::map<std::string, std::uint64_t, std::less<>>;

    // What is not named has a capacity of 1.
    explicit ResourceTable(Amounts capacities) : capacities_(std::move(capacities)) {}

    // Queues the ticket; it must not be known already.
    void request(ResourceTicket ticket, Amounts needs);
    // Gives back what the ticket holds, or takes it out of the queue.
    void release(ResourceTicket ticket);
    // Tickets that can be served now; they hold what they asked for from now on.
    [[nodiscard]] std::vector<ResourceTicket> take_granted();

    [[nodiscard]] bool is_known(ResourceTicket ticket) const;
    [[nodiscard]] bool is_waiting(ResourceTicket ticket) const;
    // What a waiting ticket asks for, as "memory 1048576", for why().
    [[nodiscard]] std::string describe_need(ResourceTicket ticket) const;
    [[nodiscard]] std::uint64_t capacity(std::string_view resource) const;
    [[nodiscard]] std::uint64_t used(std::string_view resource) const;

private:
    struct Entry {
        ResourceTicket ticket;
        Amounts needs;
    };

    [[nodiscard]] bool fits(const Amounts &needs, const Amounts &reserved) const;

    Amounts capacities_;
    Amounts used_;
    std::list<Entry> queue_;
    std::map<ResourceTicket, Amounts> held_;
    bool has_changed_ = false; // something was queued or given back since the last look
};

} // namespace slipway
