// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/prompt_agent.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

#include "base/unique_fd.h"
#include "boot/ask_file.h"

namespace slipway {

namespace {

// A question of the engine is published with the keys that answer it.
constexpr std::string_view kYesOrNo = " [y/N]";

bool is_same(std::string_view published, std::string_view text) {
    if (published.ends_with(kYesOrNo) && !text.ends_with(kYesOrNo))
        published.remove_suffix(kYesOrNo.size());
    return !text.empty() && published == text;
}

Result<> send_to(const std::string &path, std::string_view datagram) {
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return errno_failure("make a socket for the answer", errno);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return errno_failure("send the answer to " + path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    if (::sendto(fd.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr *>(&address), sizeof(address)) < 0)
        return errno_failure("send the answer to " + path, errno);
    return {};
}

} // namespace

Result<> PromptAgent::answer(const OpenPrompt &prompt, const Secret &secret) {
    const auto socket = socket_of(prompt);
    if (!socket)
        return std::unexpected(socket.error());
    const Secret datagram = agent_datagram(true, secret);
    return send_to(*socket, datagram.view());
}

Result<std::string> PromptAgent::socket_of(const OpenPrompt &prompt) {
    if (prompt.file.empty() || prompt.file.contains('/'))
        return failure("the record of this boot does not say where this is asked; answer it on a "
                       "console",
                       ENOENT);
    const auto content = system_.read_file(directory_ + "/" + prompt.file, AskFile::kMaxBytes);
    const auto question = content ? parse_ask_file(*content) : std::unexpected(content.error());
    if (!question || !is_same(question->message, prompt.text))
        return failure("nobody asks this any more", ENOENT);
    return question->socket;
}

} // namespace slipway
