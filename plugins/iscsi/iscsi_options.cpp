// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/iscsi_options.h"

#include <algorithm>
#include <charconv>
#include <format>

#include "base/text.h"

namespace slipway::iscsi {

namespace {

constexpr std::string_view kPrefix = "iscsi:";
constexpr std::size_t kMaxTargets = 64;

bool is_lease_word(std::string_view text) {
    return text == "dhcp" || text == "dhcp6";
}

// "node.session.timeo.replacement_timeout": no character that could begin another line or key.
bool is_param_name(std::string_view text) {
    return (text.starts_with("node.") || text.starts_with("iface.")) && text.size() <= 128 &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '[' || c == ']' || c == '-';
           });
}

bool is_param_value(std::string_view text) {
    return !text.empty() && text.size() <= 255 && trimmed(text) == text &&
           std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c < 0x7F; });
}

class OptionReader {
public:
    explicit OptionReader(const sdk::Pairs &options) : options_(options) {}
    IscsiOptions read();

private:
    // The prefixed spelling wins over Debian's.
    [[nodiscard]] std::string_view either(std::string_view key, std::string_view debian) const {
        return options_.has(key) ? options_.get(key) : options_.get(debian);
    }
    [[nodiscard]] bool is_on(std::string_view key) const {
        const auto value = options_.find(key);
        return value && parse_boolean(*value).value_or(true);
    }
    void refuse(std::string_view key, std::string_view reason) {
        line_.problems.push_back(std::format("{}=: {}", key, reason));
    }
    void read_chap();
    void read_initiator();
    void read_params();
    void read_retries();
    void read_pieces();
    void read_roots();
    void read_netroots();
    void choose_root();
    // The key of the target, which may be known already; empty if it is refused.
    std::string add(std::string_view key, std::string_view text);
    std::string add(Target target);

    const sdk::Pairs &options_;
    IscsiOptions line_;
    std::string root_; // the last root=
    std::string last_root_key_;
    std::string first_netroot_key_;
    std::string pieces_key_;
};

std::string OptionReader::add(Target target) {
    if (!target.chap.is_used())
        target.chap = line_.chap;
    const auto known = std::ranges::find(line_.targets, target, &ConfiguredTarget::target);
    if (known != line_.targets.end())
        return known->key;
    if (line_.targets.size() == kMaxTargets) {
        line_.problems.push_back(std::format("more than {} iSCSI targets", kMaxTargets));
        return {};
    }
    line_.targets.push_back({std::to_string(line_.targets.size() + 1), std::move(target)});
    return line_.targets.back().key;
}

std::string OptionReader::add(std::string_view key, std::string_view text) {
    auto target = parse_target(text);
    if (target)
        return add(*std::move(target));
    refuse(key, target.error().message());
    return {};
}

void OptionReader::read_chap() {
    Chap chap{.user = std::string(either("rd.iscsi.username", "iscsi_username")),
              .password = std::string(either("rd.iscsi.password", "iscsi_password")),
              .user_in = std::string(either("rd.iscsi.in.username", "iscsi_in_username")),
              .password_in = std::string(either("rd.iscsi.in.password", "iscsi_in_password"))};
    if (const auto good = check_chap(chap); !good)
        refuse("rd.iscsi.username", good.error().message());
    else
        line_.chap = std::move(chap);
}

void OptionReader::read_initiator() {
    const std::string_view name = either("rd.iscsi.initiator", "iscsi_initiator");
    if (name.empty())
        return;
    if (const auto good = check_target_name(name); !good)
        refuse("rd.iscsi.initiator", good.error().message());
    else
        line_.initiator = name;
}

void OptionReader::read_params() {
    for (const std::string_view value : options_.list("rd.iscsi.param")) {
        const std::size_t equals = value.find('=');
        const std::string_view name = value.substr(0, equals);
        const std::string_view setting =
            equals == std::string_view::npos ? std::string_view() : value.substr(equals + 1);
        if (is_param_name(name) && is_param_value(setting))
            line_.params.emplace_back(name, setting);
        else
            refuse("rd.iscsi.param",
                   std::format("\"{}\" is not of the form node.<name>=<value>, see iscsid.conf",
                               printable(name, 120)));
    }
}

void OptionReader::read_retries() {
    const std::string_view text = options_.get("rd.iscsi.login_retry_max");
    if (text.empty())
        return;
    constexpr unsigned kMost = 1000;
    unsigned count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc() && end == text.data() + text.size() && count <= kMost)
        line_.login_retries = count;
    else
        refuse("rd.iscsi.login_retry_max", std::format("must be a number up to {}", kMost));
}

// rd.iscsi.target.name and its companions.
void OptionReader::read_pieces() {
    const std::string_view name = either("rd.iscsi.target.name", "iscsi_target_name");
    if (name.empty())
        return;
    Target target;
    target.name = name;
    std::string_view server = either("rd.iscsi.target.ip", "iscsi_target_ip");
    if (server.starts_with('[') && server.ends_with(']'))
        server = server.substr(1, server.size() - 2);
    target.server = server;
    const auto good = check_target_name(name);
    const auto port = parse_port(either("rd.iscsi.target.port", "iscsi_target_port"));
    const std::string_view group = either("rd.iscsi.target.group", "iscsi_target_group");
    if (!good)
        return refuse("rd.iscsi.target.name", good.error().message());
    if (!server.empty() && !is_server(server))
        return refuse("rd.iscsi.target.ip",
                      std::format("\"{}\" is no server", printable(server, 80)));
    if (!port)
        return refuse("rd.iscsi.target.port", port.error().message());
    target.port = *port;
    if (!group.empty()) {
        const auto number = parse_port(group); // the same range
        if (!number)
            return refuse("rd.iscsi.target.group", "must be a number from 1 to 65535");
        target.group = *number;
    }
    pieces_key_ = add(std::move(target));
}

// An earlier root=iscsi:… is a target, too, when a later root= says what on it is mounted.
void OptionReader::read_roots() {
    for (const std::string_view value : options_.list("root")) {
        root_ = value;
        last_root_key_.clear();
        if (value.starts_with(kPrefix))
            last_root_key_ = add("root", value.substr(kPrefix.size()));
    }
}

void OptionReader::read_netroots() {
    for (const std::string_view value : options_.list("netroot")) {
        if (is_lease_word(value)) {
            line_.uses_lease = true;
        } else if (value.starts_with(kPrefix)) {
            const std::string key = add("netroot", value.substr(kPrefix.size()));
            if (first_netroot_key_.empty())
                first_netroot_key_ = key;
        } else if (value == "iscsi" && !line_.uses_firmware && pieces_key_.empty()) {
            refuse("netroot", "\"iscsi\" names no target; use netroot=iscsi:…, or "
                              "rd.iscsi.firmware for the target that the firmware knows");
        }
    }
}

void OptionReader::choose_root() {
    line_.uses_lease = line_.uses_lease || is_lease_word(root_);
    if (is_lease_word(root_)) {
        line_.root_key = kLeaseKey;
        return;
    }
    if (root_.starts_with(kPrefix))
        line_.root_key = last_root_key_;
    else if (!root_.empty() && root_ != "/dev/root")
        line_.root_key.clear();
    else if (!first_netroot_key_.empty())
        line_.root_key = first_netroot_key_;
    else if (!pieces_key_.empty())
        line_.root_key = pieces_key_;
    else if (line_.uses_lease)
        line_.root_key = kLeaseKey;
    else if (line_.uses_firmware)
        line_.root_key = kFirmwareKey;
}

IscsiOptions OptionReader::read() {
    read_chap();
    read_initiator();
    read_params();
    read_retries();
    line_.uses_firmware = is_on("rd.iscsi.firmware") || is_on("iscsi_auto");
    if (options_.has("rd.iscsi.transport"))
        refuse("rd.iscsi.transport", "offload adapters are not supported; the kernel's own "
                                     "connections (tcp) are used");
    read_pieces();
    read_roots();
    read_netroots();
    choose_root();
    return std::move(line_);
}

} // namespace

const Target *IscsiOptions::find(std::string_view key) const noexcept {
    const auto found = std::ranges::find(targets, key, &ConfiguredTarget::key);
    return found == targets.end() ? nullptr : &found->target;
}

IscsiOptions read_options(const sdk::Pairs &options) {
    return OptionReader(options).read();
}

bool is_iscsi_root_path(std::string_view root_path) noexcept {
    return root_path.starts_with(kPrefix);
}

Result<Target> parse_root_path(std::string_view root_path) {
    return parse_target(root_path.substr(std::min(root_path.size(), kPrefix.size())))
        .transform_error([](Error error) {
            return std::move(error).with_context("the root-path of the lease is refused");
        });
}

} // namespace slipway::iscsi
