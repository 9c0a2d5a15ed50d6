// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "engine/member_places.h"

// Prompts, questions, and the resources that jobs share. The console is one of them: a prompt is
// shown when it is free.
namespace slipway {

namespace {

constexpr const char *kConsole = "console";

} // namespace

void Engine::on(const PromptOpened &event) {
    last_question_ = std::max(last_question_, event.question);
    Job *job = jobs_.find(event.job);
    if (job == nullptr || job->is_cancelled || job->prompt)
        return;
    job->prompt = event.text;
    hold_clock();
    pause(*job);
    request_resources({ResourceTicket::Kind::prompt, event.job}, {{kConsole, 1}});
}

void Engine::on(const PromptClosed &event) {
    Job *job = jobs_.find(event.job);
    if (job == nullptr || !job->prompt)
        return;
    job->prompt.reset();
    release_clock();
    resume(*job);
    release_resources({ResourceTicket::Kind::prompt, event.job});
}

// ---- programs that ask on their own -------------------------------------------------------------

void Engine::on(const ForeignPromptOpened &event) {
    last_question_ = std::max(last_question_, event.question);
    Job *job = jobs_.find(event.job);
    const bool is_of_job = job != nullptr && !job->is_cancelled;
    if (!foreign_prompts_.emplace(event.number, is_of_job ? event.job : 0).second)
        return;
    hold_clock();
    if (is_of_job)
        pause(*job);
    request_resources({ResourceTicket::Kind::foreign, event.number}, {{kConsole, 1}});
}

void Engine::on(const ForeignPromptClosed &event) {
    const auto closed = foreign_prompts_.extract(event.number);
    if (closed.empty())
        return;
    release_clock();
    if (Job *job = jobs_.find(closed.mapped()); job != nullptr && !job->is_cancelled)
        resume(*job);
    release_resources({ResourceTicket::Kind::foreign, event.number});
}

void Engine::forget_prompt(Job &job) {
    if (!job.prompt)
        return;
    job.prompt.reset();
    release_clock();
    release_resources({ResourceTicket::Kind::prompt, job.request.job});
}

// ---- questions ----------------------------------------------------------------------------------

void Engine::ask_whether_to_start(Graph::Index index) {
    Node &node = graph_.at(index);
    node.question = ++last_question_;
    questions_.emplace(node.question, index);
    hold_clock();
    const ResourceTicket ticket{ResourceTicket::Kind::question, node.question};
    request_resources(ticket, {{kConsole, 1}});
    resource_waits_.set(ticket, now_ + config_.question_timeout);
}

// Nobody is there: a machine that asks for ever does not boot, nor does it say why.
void Engine::question_expired(QuestionId id) {
    const Graph::Index index = questions_.at(id);
    fail(index, "members are missing, and nobody answered within " +
                    format_duration(config_.question_timeout) + " whether to start without them");
}

void Engine::withdraw_question(Node &node) {
    const QuestionId id = std::exchange(node.question, 0);
    if (id == 0)
        return;
    questions_.erase(id);
    release_clock();
    const ResourceTicket ticket{ResourceTicket::Kind::question, id};
    if (!resources_.is_waiting(ticket))
        actions_.emplace_back(WithdrawQuestion{id});
    release_resources(ticket);
}

void Engine::on(const QuestionAnswered &event) {
    const auto asked = questions_.extract(event.question);
    if (asked.empty())
        return;
    const Graph::Index index = asked.mapped();
    Node &node = graph_.at(index);
    node.question = 0;
    release_clock();
    release_resources({ResourceTicket::Kind::question, event.question});
    if (event.is_yes) {
        node.may_start_degraded = true;
        touch(index);
    } else {
        fail(index, "members are missing, and the answer was not to start without them");
    }
}

// ---- resources ----------------------------------------------------------------------------------

void Engine::on(const ResourceRequested &event) {
    Job *job = jobs_.find(event.job);
    if (job == nullptr || job->is_cancelled)
        return;
    const ResourceTicket ticket{ResourceTicket::Kind::step, event.job};
    if (resources_.is_known(ticket)) {
        cancel(*job, "it asked for " + event.resource + " while it held a resource already");
        return;
    }
    pause(*job);
    request_resources(ticket, {{event.resource, event.amount}});
}

void Engine::on(const ResourceReleased &event) {
    Job *job = jobs_.find(event.job);
    const ResourceTicket ticket{ResourceTicket::Kind::step, event.job};
    if (job == nullptr || !resources_.is_known(ticket))
        return;
    if (resources_.is_waiting(ticket))
        resume(*job);
    release_resources(ticket);
}

void Engine::request_resources(ResourceTicket ticket, ResourceTable::Amounts needs) {
    const bool is_of_job =
        ticket.kind == ResourceTicket::Kind::job || ticket.kind == ResourceTicket::Kind::step;
    // Whoever holds the console waits for a person, who may take any time.
    if (is_of_job && !needs.contains(kConsole))
        resource_waits_.set(ticket, now_ + config_.resource_timeout);
    resources_.request(ticket, std::move(needs));
}

void Engine::release_resources(ResourceTicket ticket) {
    resource_waits_.clear(ticket);
    resources_.release(ticket);
}

void Engine::grant_resources() {
    for (const ResourceTicket ticket : resources_.take_granted()) {
        // A question has one limit, from when it was asked to its answer.
        if (ticket.kind != ResourceTicket::Kind::question)
            resource_waits_.clear(ticket);
        granted(ticket);
    }
}

void Engine::granted(ResourceTicket ticket) {
    switch (ticket.kind) {
    case ResourceTicket::Kind::job:
        jobs_.unhold(ticket.id);
        return;
    case ResourceTicket::Kind::step:
        if (Job *job = jobs_.find(ticket.id))
            resume(*job);
        actions_.emplace_back(ResourceGranted{ticket.id});
        return;
    case ResourceTicket::Kind::prompt:
        actions_.emplace_back(ShowPrompt{ticket.id});
        return;
    case ResourceTicket::Kind::foreign:
        actions_.emplace_back(ShowForeignPrompt{ticket.id});
        return;
    case ResourceTicket::Kind::question:
        break;
    }
    const Node &node = graph_.at(questions_.at(ticket.id));
    const std::string name = node.display_name.empty() ? node.unit.name : node.display_name;
    actions_.emplace_back(AskQuestion{ticket.id, "Only " + std::to_string(node.members.size()) +
                                                     " of " + std::to_string(node.expected) +
                                                     " members of " + name + " are there" +
                                                     places_of(node, devices_).missing_clause() +
                                                     ". Start it without the others?"});
}

// What an ended job held or asked for.
void Engine::forget_needs(const Job &job) {
    const JobId id = job.request.job;
    if (job.prompt)
        release_clock();
    if (job.node && graph_.at(*job.node).is_assembly())
        release_clock();
    for (const auto kind :
         {ResourceTicket::Kind::job, ResourceTicket::Kind::step, ResourceTicket::Kind::prompt})
        release_resources({kind, id});
}

} // namespace slipway
