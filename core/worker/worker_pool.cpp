// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/worker_pool.h"

#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include <slipway/abi.h>

#include "worker/worker_process.h"

namespace slipway {

namespace {

// What one job may send in all before it counts as broken.
constexpr std::size_t kMaxResultBytes = 4U << 20U;

TextPairs to_pairs(const Params &params) {
    return {params.begin(), params.end()};
}

RequestMessage to_message(const StartJob &job, const PluginService &service) {
    RequestMessage message;
    message.job = job.job;
    message.operation = static_cast<std::uint8_t>(job.operation);
    message.mode = static_cast<std::uint8_t>(job.mode);
    message.plugin = job.plugin;
    message.library = service.library;
    message.unit = job.unit;
    message.params = to_pairs(job.params);
    message.options = service.options;
    for (const DeviceView &device : job.devices)
        message.devices.emplace_back(device.syspath, to_pairs(device.facts));
    message.wanted = job.wanted;
    return message;
}

JobOutcome to_outcome(std::uint8_t outcome) {
    switch (outcome) {
    case SLIPWAY_DONE:
        return JobOutcome::done;
    case SLIPWAY_INCOMPLETE:
        return JobOutcome::incomplete;
    case SLIPWAY_RETRY:
        return JobOutcome::retry;
    default:
        return JobOutcome::failed;
    }
}

std::string describe_exit(const ChildExit &exit) {
    if (exit.code == CLD_EXITED)
        return "exited with status " + std::to_string(exit.status) + " in the middle of it";
    const char *name = ::sigabbrev_np(exit.status);
    return "was killed by signal " + std::to_string(exit.status) + " (SIG" +
           (name == nullptr ? "?" : name) + ")";
}

// A worker that did not reach setsid(2) yet has no session of its own.
void signal_session(pid_t pid, int number) {
    if (::kill(-pid, number) != 0)
        (void)::kill(pid, number);
}

LogLevel to_level(std::uint8_t level) {
    return static_cast<LogLevel>(std::clamp<int>(level, static_cast<int>(LogLevel::error),
                                                 static_cast<int>(LogLevel::debug)));
}

} // namespace

Result<pid_t> WorkerPool::fork_worker(Channel worker_end) {
    return forker_for(DeviceBackend::native)(std::move(worker_end));
}

WorkerPool::Spawn WorkerPool::forker_for(DeviceBackend backend) {
    return [backend](Channel worker_end) -> Result<pid_t> {
        const pid_t pid = ::fork();
        if (pid < 0)
            return errno_failure("fork a worker", errno);
        if (pid == 0)
            worker_main(std::move(worker_end), backend);
        return pid;
    };
}

WorkerPool::WorkerPool(EventLoop &loop, WorkerListener &listener, Spawn spawn)
    : loop_(loop), listener_(listener), spawn_(std::move(spawn)) {}

WorkerPool::~WorkerPool() {
    for (const Worker &worker : workers_)
        signal_session(worker.pid, SIGKILL);
}

void WorkerPool::add_plugin(std::string name, PluginService service) {
    plugins_.insert_or_assign(std::move(name), std::move(service));
}

// ---- starting -----------------------------------------------------------------------------------

Result<> WorkerPool::start(const StartJob &request) {
    const auto service = plugins_.find(request.plugin);
    if (service == plugins_.end())
        return failure("there is no plugin " + request.plugin + " in this image");
    Iterator worker = find_idle(request.plugin);
    if (worker == workers_.end()) {
        auto spawned = spawn_worker(request.plugin);
        if (!spawned)
            return std::unexpected(std::move(spawned).error());
        worker = *spawned;
    }
    worker->result = JobFinished{};
    worker->result.job = request.job;
    worker->result_bytes = 0;
    auto sent = worker->channel.send(to_message(request, service->second));
    if (!sent) {
        worker->result.job = 0;
        terminate(worker);
    }
    return sent;
}

Result<WorkerPool::Iterator> WorkerPool::spawn_worker(const std::string &plugin) {
    auto ends = Channel::create_pair();
    if (!ends)
        return std::unexpected(std::move(ends).error());
    auto pid = spawn_(std::move(ends->second));
    if (!pid)
        return std::unexpected(std::move(pid).error());
    workers_.push_back(Worker{plugin, *pid, std::move(ends->first), {}, {}, {}, {}, 0, {}});
    const Iterator worker = std::prev(workers_.end());
    if (auto watched = watch(worker); !watched) {
        signal_session(*pid, SIGKILL);
        drop(worker);
        return std::unexpected(std::move(watched).error());
    }
    return worker;
}

Result<> WorkerPool::watch(Iterator worker) {
    auto on_packet = loop_.watch_fd(worker->channel.fd(), EPOLLIN,
                                    [this, worker](std::uint32_t) { read_packets(worker); });
    if (!on_packet)
        return std::unexpected(std::move(on_packet).error());
    auto on_exit = loop_.watch_child(
        worker->pid, [this, worker](const ChildExit &exit) { exited(worker, exit); });
    if (!on_exit)
        return std::unexpected(std::move(on_exit).error());
    worker->on_packet = std::move(*on_packet);
    worker->on_exit = std::move(*on_exit);
    return {};
}

WorkerPool::Iterator WorkerPool::find_idle(const std::string &plugin) {
    return std::ranges::find_if(workers_, [&plugin](const Worker &worker) {
        return worker.plugin == plugin && worker.result.job == 0 && !worker.is_ending;
    });
}

WorkerPool::Iterator WorkerPool::find_job(JobId job) {
    return std::ranges::find_if(
        workers_, [job](const Worker &worker) { return job != 0 && worker.result.job == job; });
}

JobId WorkerPool::job_of_session(pid_t session) const {
    const auto worker = std::ranges::find(workers_, session, &Worker::pid);
    return worker == workers_.end() ? 0 : worker->result.job;
}

// ---- what workers say ---------------------------------------------------------------------------

void WorkerPool::read_packets(Iterator worker) {
    while (true) {
        auto received = worker->channel.receive();
        if (!received) {
            break_off(worker, "sent something that is not a message");
            return;
        }
        if (!*received) {
            // End of stream: the exit that follows tells why.
            if (worker->channel.is_closed())
                worker->on_packet.reset();
            return;
        }
        take(worker, std::move(**received));
        if (worker->is_ending)
            return;
    }
}

void WorkerPool::take(Iterator worker, Channel::Received received) {
    const JobId job = worker->result.job;
    Message &message = received.message;
    if (job == 0) {
        break_off(worker, "spoke without having a job");
    } else if (const auto *log = std::get_if<WorkerLogMessage>(&message)) {
        listener_.job_logged(job, to_level(log->level), log->text);
    } else if (const auto *progress = std::get_if<ProgressMessage>(&message)) {
        listener_.job_progressed(job, progress->text);
    } else if (auto *ask = std::get_if<AskMessage>(&message)) {
        ask->job = job;
        worker->secret.wipe();
        listener_.job_asks(*ask);
    } else if (const auto *acquire = std::get_if<AcquireMessage>(&message)) {
        listener_.job_acquires(job, acquire->resource, acquire->amount);
    } else if (std::holds_alternative<ReleaseMessage>(message)) {
        listener_.job_releases(job);
    } else if (std::holds_alternative<ReadyMessage>(message)) {
        // The process may go on for as long as the boot: its facts do not add up.
        worker->result_bytes = 0;
        listener_.job_ready(job, std::exchange(worker->result.published, {}));
    } else if (std::holds_alternative<GiveAnswerMessage>(message)) {
        take_answer(worker, received);
    } else if (const auto *result = std::get_if<ResultMessage>(&message)) {
        take_result(worker, *result);
    } else {
        take_collected(worker, std::move(message));
    }
}

void WorkerPool::take_answer(Iterator worker, const Channel::Received &received) {
    const auto &message = std::get<GiveAnswerMessage>(received.message);
    auto secret = SharedSecret::take(received.fd, message.size);
    if (!secret) {
        break_off(worker, "answered a question without a secret");
        return;
    }
    const JobId job = worker->result.job;
    const int code = listener_.job_answers(job, message.id, std::move(*secret));
    if (!worker->channel.send(AnswerTakenMessage{job, static_cast<std::uint32_t>(code)}))
        break_off(worker, "does not listen to what became of its answer");
}

// What counts only when the job has ended.
void WorkerPool::take_collected(Iterator worker, Message message) {
    if (auto *facts = std::get_if<FactsMessage>(&message)) {
        if (!is_within_bounds(worker, encode(message).size()))
            return;
        Facts &known = worker->result.published[facts->syspath];
        for (auto &[key, value] : facts->facts)
            known.insert_or_assign(std::move(key), std::move(value));
    } else if (const auto *member = std::get_if<MemberMessage>(&message)) {
        if (is_within_bounds(worker, encode(message).size()))
            worker->result.memberships.push_back(
                {member->unit, member->name, member->expected, member->provides});
    } else if (auto *units = std::get_if<UnitsMessage>(&message)) {
        if (is_within_bounds(worker, units->toml.size()))
            worker->result.units.push_back(std::move(units->toml));
    } else {
        break_off(worker, "sent a message that only PID 1 may send");
    }
}

bool WorkerPool::is_within_bounds(Iterator worker, std::size_t bytes) {
    worker->result_bytes += bytes;
    if (worker->result_bytes <= kMaxResultBytes)
        return true;
    break_off(worker, "sent more than 4 MiB about one job");
    return false;
}

void WorkerPool::take_result(Iterator worker, const ResultMessage &message) {
    worker->result.outcome = to_outcome(message.outcome);
    worker->result.reason = message.reason;
    worker->result.missing = message.missing;
    if (worker->result.outcome != JobOutcome::done && worker->result.reason.empty())
        worker->result.reason = "plugin " + worker->plugin + " gave no reason";
    worker->secret.wipe();
    // First, so that the next job of the plugin does not go to a worker that is about to exit.
    if (!plugins_.at(worker->plugin).reuse)
        end(worker);
    finish_job(worker);
}

// A lying or broken worker: its job fails, the process ends.
void WorkerPool::break_off(Iterator worker, std::string reason) {
    worker->result.outcome = JobOutcome::failed;
    worker->result.reason = "the worker of plugin " + worker->plugin + " " + std::move(reason) +
                            "; this is an error in the plugin or in slipway";
    finish_job(worker);
    terminate(worker);
}

void WorkerPool::finish_job(Iterator worker) {
    if (worker->result.job == 0)
        return;
    listener_.job_finished(std::exchange(worker->result, {}));
}

// ---- answers and ends ---------------------------------------------------------------------------

void WorkerPool::answer(JobId job, bool is_answered, const Secret &secret, std::uint8_t source) {
    const Iterator worker = find_job(job);
    if (worker == workers_.end())
        return;
    AnswerMessage message{job, SLIPWAY_NOT_ANSWERED, 0, source};
    int fd = -1;
    if (is_answered) {
        if (auto shared = SharedSecret::create(secret)) {
            worker->secret = std::move(*shared);
            message.status = SLIPWAY_ANSWERED;
            message.size = static_cast<std::uint32_t>(secret.size());
            fd = worker->secret.fd();
        }
    }
    if (!worker->channel.send(message, fd))
        break_off(worker, "does not take the answer that it asked for");
}

void WorkerPool::grant(JobId job) {
    const Iterator worker = find_job(job);
    if (worker != workers_.end() && !worker->is_ending && !worker->channel.send(GrantMessage{job}))
        break_off(worker, "does not take the resource that it asked for");
}

void WorkerPool::cancel(JobId job) {
    if (const Iterator worker = find_job(job); worker != workers_.end())
        terminate(worker);
}

// Closing our end makes an idle worker return from receive() and exit by itself.
void WorkerPool::end(Iterator worker) {
    if (std::exchange(worker->is_ending, true))
        return;
    worker->on_packet.reset();
    worker->channel = Channel(UniqueFd());
    if (auto timer = loop_.at(loop_.now() + kTermGrace, [this, worker] { grace_over(worker); }))
        worker->on_grace = std::move(*timer);
}

void WorkerPool::terminate(Iterator worker) {
    signal_session(worker->pid, SIGTERM);
    worker->is_ending = true;
    if (auto timer = loop_.at(loop_.now() + kTermGrace, [this, worker] { grace_over(worker); }))
        worker->on_grace = std::move(*timer);
}

void WorkerPool::grace_over(Iterator worker) {
    if (!std::exchange(worker->is_killed, true)) {
        signal_session(worker->pid, SIGKILL);
        if (auto timer = loop_.at(loop_.now() + kKillGrace, [this, worker] { grace_over(worker); }))
            worker->on_grace = std::move(*timer);
        return;
    }
    worker->result.reason = "the worker of plugin " + worker->plugin + " (process " +
                            std::to_string(worker->pid) +
                            ") cannot be ended: it hangs in the kernel; see dmesg";
    finish_job(worker);
    drop(worker);
}

void WorkerPool::exited(Iterator worker, const ChildExit &exit) {
    // The last messages may still be in the socket.
    if (worker->on_packet && !worker->is_ending)
        read_packets(worker);
    // Programs that the plugin started and did not wait for.
    (void)::kill(-worker->pid, SIGKILL);
    if (worker->result.job != 0) {
        worker->result.outcome = JobOutcome::failed;
        worker->result.reason =
            "the worker of plugin " + worker->plugin + " " + describe_exit(exit) +
            "; slipway goes on without this job; report it to the plugin's maintainers";
        finish_job(worker);
    }
    drop(worker);
}

void WorkerPool::drop(Iterator worker) {
    workers_.erase(worker);
    if (workers_.empty() && all_ended_)
        std::exchange(all_ended_, nullptr)();
}

void WorkerPool::end_all(std::function<void()> done) {
    all_ended_ = std::move(done);
    if (workers_.empty()) {
        std::exchange(all_ended_, nullptr)();
        return;
    }
    for (auto worker = workers_.begin(); worker != workers_.end(); ++worker) {
        // One that has no job holds nothing that it could put in order.
        if (worker->result.job == 0)
            signal_session(worker->pid, SIGKILL);
        terminate(worker);
    }
}

} // namespace slipway
