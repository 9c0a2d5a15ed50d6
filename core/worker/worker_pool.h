// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.h"
#include "engine/events.h"
#include "event/event_loop.h"
#include "unit/unit.h"
#include "worker/channel.h"
#include "worker/shared_secret.h"

namespace slipway {

// What the pool tells its owner. Called from the event loop, never from inside a call of the pool.
class WorkerListener {
public:
    WorkerListener() = default;
    WorkerListener(const WorkerListener &) = delete;
    WorkerListener &operator=(const WorkerListener &) = delete;
    WorkerListener(WorkerListener &&) = delete;
    WorkerListener &operator=(WorkerListener &&) = delete;
    virtual ~WorkerListener() = default;

    // Once per started job, whatever happens to its worker.
    virtual void job_finished(JobFinished finished) = 0;
    virtual void job_logged(JobId job, LogLevel level, const std::string &text) = 0;
    virtual void job_progressed(JobId job, const std::string &text) = 0;
    virtual void job_asks(const AskMessage &question) = 0;
    // The job stands still until grant() is called.
    virtual void job_acquires(JobId job, const std::string &resource, std::uint64_t amount) = 0;
    virtual void job_releases(JobId job) = 0;
    // Of a service: it can be used.
    virtual void job_ready(JobId job, std::map<std::string, Facts> published) = 0;
    // A job answers another one's question. 0, or an errno value for the plugin.
    [[nodiscard]] virtual int job_answers(JobId job, const std::string &question,
                                          Secret secret) = 0;
};

// How a plugin's jobs are served.
struct PluginService {
    std::string library; // absolute path
    bool reuse = false;  // keep the worker for the plugin's next job
    TextPairs options;   // what the kernel command line says to this plugin
};

// Starts, supervises and ends workers. Lives in PID 1; nothing here waits. A worker that dies,
// breaks the protocol or outlives its cancellation becomes a finished job with a reason.
class WorkerPool {
public:
    // Forks a process that serves the given end. Replaced in tests.
    using Spawn = std::function<Result<pid_t>(Channel worker_end)>;

    WorkerPool(EventLoop &loop, WorkerListener &listener, Spawn spawn = fork_worker);
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;
    WorkerPool(WorkerPool &&) = delete;
    WorkerPool &operator=(WorkerPool &&) = delete;
    ~WorkerPool();

    void add_plugin(std::string name, PluginService service);

    // Error: the plugin is unknown, or no process could be made; then job_finished does not follow.
    [[nodiscard]] Result<> start(const StartJob &request);
    // SIGTERM to the worker's session, SIGKILL after kTermGrace; job_finished follows within
    // kTermGrace + kKillGrace even if the worker hangs in the kernel.
    void cancel(JobId job);
    // Answers the question that the job asked last. The pool wipes its copy when the job goes on.
    // `source`: slipway_answer_source.
    void answer(JobId job, bool is_answered, const Secret &secret, std::uint8_t source = 0);
    // The job may go on with the resource that it asked for.
    void grant(JobId job);
    // Of the worker whose session this is (its programs belong to it); 0 if there is none.
    [[nodiscard]] JobId job_of_session(pid_t session) const;
    // Ends all workers (before the switch); `done` is called once, when none is left or the graces
    // are over.
    void end_all(std::function<void()> done);

    [[nodiscard]] std::size_t size() const noexcept { return workers_.size(); }

    static constexpr Duration kTermGrace = std::chrono::seconds(2);
    static constexpr Duration kKillGrace = std::chrono::seconds(2);

    // Of an image without udevd.
    [[nodiscard]] static Result<pid_t> fork_worker(Channel worker_end);
    // Of one with that back end.
    [[nodiscard]] static Spawn forker_for(DeviceBackend backend);

private:
    struct Worker {
        std::string plugin;
        pid_t pid = -1;
        Channel channel;
        EventSourcePtr on_packet;
        EventSourcePtr on_exit;
        EventSourcePtr on_grace;
        JobFinished result; // of the running job; result.job is 0 when idle
        std::size_t result_bytes = 0;
        SharedSecret secret;
        bool is_ending = false;
        bool is_killed = false;
    };
    using Iterator = std::list<Worker>::iterator;

    [[nodiscard]] Result<Iterator> spawn_worker(const std::string &plugin);
    [[nodiscard]] Result<> watch(Iterator worker);
    void read_packets(Iterator worker);
    void take(Iterator worker, Channel::Received received);
    void take_answer(Iterator worker, const Channel::Received &received);
    void take_collected(Iterator worker, Message message);
    void take_result(Iterator worker, const ResultMessage &message);
    [[nodiscard]] bool is_within_bounds(Iterator worker, std::size_t bytes);
    void break_off(Iterator worker, std::string reason);
    void exited(Iterator worker, const ChildExit &exit);
    void finish_job(Iterator worker);
    void end(Iterator worker);
    void terminate(Iterator worker);
    void grace_over(Iterator worker);
    void drop(Iterator worker);
    [[nodiscard]] Iterator find_idle(const std::string &plugin);
    [[nodiscard]] Iterator find_job(JobId job);

    EventLoop &loop_;
    WorkerListener &listener_;
    Spawn spawn_;
    std::map<std::string, PluginService, std::less<>> plugins_;
    std::list<Worker> workers_;
    std::function<void()> all_ended_;
};

} // namespace slipway
