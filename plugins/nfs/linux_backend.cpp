// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/linux_backend.h"

#include <linux/magic.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <format>
#include <memory>

#include "nfs/client_identity.h"
#include "nfs/connection_race.h"

namespace slipway::nfs {

namespace {

using std::chrono::milliseconds;

struct AddressListDeleter {
    void operator()(addrinfo *list) const noexcept { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

// In numbers; nothing if it has none.
std::string text_of(const addrinfo &entry) {
    std::array<char, NI_MAXHOST> text{};
    const int result = ::getnameinfo(entry.ai_addr, entry.ai_addrlen, text.data(), text.size(),
                                     nullptr, 0, NI_NUMERICHOST);
    return result == 0 ? text.data() : std::string();
}

std::string advice_on_name(int code) {
    if (code == EAI_NONAME)
        return "no name server knows it: check its spelling, or write its address";
    if (code == EAI_AGAIN)
        return "no name server answers: give one with nameserver=, or write the server's address";
    return "write its address";
}

class LinuxBackend final : public NfsBackend {
public:
    milliseconds now() override {
        return std::chrono::duration_cast<milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }

    bool is_mounted(const std::string &target) override {
        struct statfs status{};
        return ::statfs(target.c_str(), &status) == 0 && status.f_type == NFS_SUPER_MAGIC;
    }

    Result<> identify(const std::string &identity) override {
        return identify_client("/sys", identity);
    }

    Result<std::vector<Address>> resolve(const std::string &server) override {
        // A name server that is silent is asked again in the next round; resolver(5) would wait
        // for minutes here. What the file says beyond that stays.
        ::setenv("RES_OPTIONS", "timeout:2 attempts:2", 1);
        addrinfo hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM; // one entry per address
        addrinfo *raw = nullptr;
        const int code = ::getaddrinfo(server.c_str(), nullptr, &hints, &raw);
        const AddressList list(raw);
        if (code != 0)
            return failure(
                std::format("the server \"{}\" has no address ({}); {}", server,
                            code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code),
                            advice_on_name(code)));
        std::vector<Address> addresses;
        for (const addrinfo *entry = raw; entry != nullptr; entry = entry->ai_next) {
            const std::string text = text_of(*entry);
            if (!text.empty() && !std::ranges::contains(addresses, text, &Address::text) &&
                addresses.size() < kMaxAddresses)
                addresses.push_back({text, entry->ai_family == AF_INET6});
        }
        if (addresses.empty())
            return failure(std::format("the server \"{}\" has no address", server));
        return addresses;
    }

    std::vector<int> connect(const std::vector<Address> &addresses, std::uint16_t port,
                             milliseconds limit) override {
        ConnectionRace race;
        for (const Address &address : addresses)
            race.start(address, port);
        return race.wait(limit);
    }

    MountResult mount(const MountRequest &request, milliseconds limit) override {
        if (::mkdir(request.target.c_str(), 0755) != 0 && errno != EEXIST)
            return {.code = errno,
                    .option = {},
                    .detail = "cannot make the mount point " + request.target};
        // A server that has accepted a connection and says nothing is waited for as long as timeo=
        // and retrans= of the running system allow.
        MountResult result = sdk::mount_within(request, limit);
        // Not the person's mistake: the version is not built into the kernel.
        if (result.option.starts_with("vers="))
            result.option.clear();
        return result;
    }

private:
    static constexpr std::size_t kMaxAddresses = 16;
};

} // namespace

std::unique_ptr<NfsBackend> make_linux_backend() {
    return std::make_unique<LinuxBackend>();
}

} // namespace slipway::nfs
