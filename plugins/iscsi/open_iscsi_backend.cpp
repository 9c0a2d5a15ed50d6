// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/open_iscsi_backend.h"

#include <fcntl.h>
#include <slipway/plugin.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <format>
#include <span>

#include "base/scope_exit.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "iscsi/daemon_process.h"
#include "iscsi/limited_run.h"
#include "iscsi/login_error.h"
#include "iscsi/node_record.h"
#include "iscsi/session_removal.h"

namespace slipway::iscsi {

namespace {

constexpr const char *kDaemon = "/usr/sbin/iscsid";
constexpr const char *kAdmin = "/usr/sbin/iscsiadm";
constexpr const char *kDatabase = "/var/lib/iscsi/nodes"; // as Debian and Fedora build it
// Longer than a target may take for one answer (15 s), shorter than the time limit of the unit.
constexpr std::chrono::seconds kLoginTime(20);
constexpr std::chrono::seconds kSlowLogin(1); // a target in the same house answers at once
constexpr std::string_view kDoubts =
    "does the server know a target of this name, and does it let this initiator in?";
constexpr const char *kLockFolder = "/run/lock"; // iscsiadm makes its own folder below this one

namespace fs = std::filesystem;

// A record in the database, as long as this object lives.
class StoredRecord {
public:
    explicit StoredRecord(fs::path path) : path_(std::move(path)) {}
    StoredRecord(const StoredRecord &) = delete;
    StoredRecord &operator=(const StoredRecord &) = delete;
    StoredRecord(StoredRecord &&) = delete;
    StoredRecord &operator=(StoredRecord &&) = delete;
    ~StoredRecord() {
        wipe();
        std::error_code error;
        fs::remove(path_, error);
        // As far up as nothing else is in there.
        fs::remove(path_.parent_path(), error);
        fs::remove(path_.parent_path().parent_path(), error);
    }

    [[nodiscard]] Result<> write(std::string_view text) {
        std::error_code error;
        fs::create_directories(path_.parent_path(), error);
        if (error)
            return errno_failure("make " + path_.parent_path().string(), error.value());
        (void)::unlink(path_.c_str()); // of a try that was cut off
        const UniqueFd file(
            ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file)
            return errno_failure("make " + path_.string(), errno);
        size_ = text.size();
        if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            return errno_failure("write " + path_.string(), errno);
        return {};
    }

private:
    // The file lies in memory, whose pages would keep the passwords.
    void wipe() const noexcept {
        const UniqueFd file(::open(path_.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
        constexpr std::string_view kZeros("\0\0\0\0\0\0\0\0", 8);
        for (std::size_t done = 0; file && done < size_; done += kZeros.size()) {
            if (::write(file.get(), kZeros.data(), kZeros.size()) <= 0)
                return;
        }
    }

    fs::path path_;
    std::size_t size_ = 0;
};

class OpenIscsiBackend final : public InitiatorBackend {
public:
    OpenIscsiBackend(sdk::Context &context, std::string root, ProgramRunner run)
        : context_(context), root_(std::move(root)), run_(std::move(run)) {}

    // The configuration of the host is left out: it may hold passwords, and its settings are not
    // those of a root. In the foreground it belongs to the worker's session and ends with it.
    std::optional<Error> serve(const std::string &initiator_file, int stop,
                               const std::function<void()> &ready,
                               const std::function<void(std::string_view)> &say) override {
        make_folder(kDatabase);
        return run_daemon_process({kDaemon, "--foreground", "--no-pid-file", "--config=/dev/null",
                                   "--initiatorname=" + initiator_file},
                                  stop, ready, say);
    }

    LoginResult login(const LoginRequest &request) override {
        NodeRecord record = node_record_of(request);
        const ScopeExit wipe([&] { wipe_memory(std::as_writable_bytes(std::span(record.text))); });
        make_folder(kLockFolder);
        StoredRecord stored(fs::path(root_ + kDatabase) / record.folder / record.file);
        if (const auto written = stored.write(record.text); !written)
            return {LoginResult::End::later, written.error().message()};
        const std::string portal = portal_text(request.address, request.target->port);
        const ProgramEnd end =
            run_({kAdmin, "--mode", "node", "--targetname", request.target->name, "--portal",
                  portal, "--login"},
                 [&] {
                     context_.progress(
                         std::format("{}: the target has not let us in yet; {}", portal, kDoubts));
                 });
        for (const std::string &line : split_words(end.errors, "\n"))
            context_.log(sdk::LogLevel::debug, printable(line, 300));
        return end.exit_code ? login_result_of(*end.exit_code, end.errors) : unanswered();
    }

    Result<> remove(const Session &session) override {
        const auto transport = SessionTable(root_).transport_handle();
        const auto number = number_of(session);
        if (!transport || !number)
            return failure("sysfs does not say which session of which driver it is");
        const auto socket = open_transport_socket();
        if (!socket)
            return std::unexpected(socket.error());
        return remove_kernel_session(socket->get(), *transport, *number);
    }

private:
    // The programs make only the last folder of a path. They say themselves what is wrong.
    void make_folder(const char *path) const {
        std::error_code ignored;
        fs::create_directories(root_ + path, ignored);
    }

    // iscsid calls most refusals a reason to try again, and does so without an end, also when
    // nobody waits for it any more.
    static LoginResult unanswered() {
        return {LoginResult::End::later,
                std::format("the target has not let us in within {}; {} iscsid goes on trying, the "
                            "log has what it says",
                            kLoginTime, kDoubts)};
    }

    sdk::Context &context_;
    std::string root_;
    ProgramRunner run_;
};

} // namespace

std::unique_ptr<InitiatorBackend> make_open_iscsi_backend(sdk::Context &context, std::string root,
                                                          ProgramRunner run) {
    if (!run)
        run = [](const std::vector<std::string> &argv, const std::function<void()> &is_slow) {
            return run_limited(argv, {.slow = kSlowLogin, .total = kLoginTime}, is_slow);
        };
    return std::make_unique<OpenIscsiBackend>(context, std::move(root), std::move(run));
}

} // namespace slipway::iscsi
