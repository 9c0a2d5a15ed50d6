// SPDX-License-Identifier: LGPL-2.1-or-later
// The program that dhcpcd runs at each event, in place of its shell scripts: sends those of its
// environment variables that matter to the plugin `net`, as one datagram. It judges nothing, as it
// has no way to complain; the reader does (net/lease.h). Only libc: it runs three times before the
// first address is in use.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t kMaxVariableBytes = 4096;
constexpr std::size_t kMaxMessageBytes = 60000;

struct Message {
    char bytes[kMaxMessageBytes];
    std::size_t size = 0;

    // "name=value" with its zero byte. False: too long.
    bool add(const char *variable) {
        const std::size_t length = std::strlen(variable) + 1;
        if (length > kMaxVariableBytes || length > sizeof(bytes) - size)
            return false;
        std::memcpy(bytes + size, variable, length);
        size += length;
        return true;
    }

    void add_left_out(const char *variable) {
        char text[96];
        const int length = static_cast<int>(std::strcspn(variable, "="));
        std::snprintf(text, sizeof(text), "left_out=%.*s", length < 80 ? length : 80, variable);
        (void)add(text);
    }
};

Message message;

bool begins_with(const char *text, const char *prefix) {
    return std::strncmp(text, prefix, std::strlen(prefix)) == 0;
}

// dhcpcd-run-hooks(8); nd<n>_ are the advertisements of routers.
bool is_wanted(const char *variable) {
    if (begins_with(variable, "nd"))
        return variable[2] >= '1' && variable[2] <= '9';
    return begins_with(variable, "new_") || begins_with(variable, "reason=") ||
           begins_with(variable, "interface=");
}

// dhcpcd does not say what stands in the field siaddr. But it has written the server's message to
// its lease file before it runs this: RFC 2131, figure 1.
void add_next_server(const char *interface) {
    char text[80];
    std::snprintf(text, sizeof(text), "/var/lib/dhcpcd/%s.lease", interface);
    const int file = ::open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    constexpr int kSiaddr = 20;
    in_addr server{};
    char address[INET_ADDRSTRLEN];
    if (::pread(file, &server, sizeof(server), kSiaddr) == sizeof(server) && server.s_addr != 0 &&
        ::inet_ntop(AF_INET, &server, address, sizeof(address)) != nullptr) {
        std::snprintf(text, sizeof(text), "next_server=%s", address);
        (void)message.add(text);
    }
    ::close(file);
}

int send_to(const char *path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (std::strlen(path) >= sizeof(address.sun_path))
        return EXIT_FAILURE;
    std::memcpy(address.sun_path, path, std::strlen(path) + 1);
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        return EXIT_FAILURE;
    // dhcpcd waits for this program; a reader that hangs must not stop it for ever.
    const timeval limit{5, 0};
    (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const ssize_t sent = ::sendto(socket, message.bytes, message.size, MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr *>(&address), sizeof(address));
    return sent == static_cast<ssize_t>(message.size) ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main() {
    const char *path = std::getenv("slipway_socket");
    const char *interface = std::getenv("interface");
    if (path == nullptr || interface == nullptr || std::strchr(interface, '/') != nullptr)
        return EXIT_FAILURE;
    for (char **variable = environ; *variable != nullptr; ++variable) {
        if (is_wanted(*variable) && !message.add(*variable))
            message.add_left_out(*variable);
    }
    if (std::getenv("new_ip_address") != nullptr)
        add_next_server(interface);
    return send_to(path);
}
