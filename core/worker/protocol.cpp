// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/protocol.h"

#include <array>
#include <concepts>
#include <type_traits>

namespace slipway {

namespace {

class Encoder {
public:
    template <std::unsigned_integral T>
    void field(const T &number) {
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bytes_.push_back(static_cast<std::byte>((number >> (8 * i)) & 0xFFU));
    }
    void field(const std::string &text) {
        field(static_cast<std::uint32_t>(text.size()));
        const auto bytes = std::as_bytes(std::span(text));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    template <class A, class B>
    void field(const std::pair<A, B> &pair) {
        field(pair.first);
        field(pair.second);
    }
    template <class T>
    void field(const std::vector<T> &items) {
        field(static_cast<std::uint32_t>(items.size()));
        for (const T &item : items)
            field(item);
    }
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

// Every read checks what is left; after the first failure all further reads fail.
class Decoder {
public:
    explicit Decoder(std::span<const std::byte> bytes) : rest_(bytes) {}

    template <std::unsigned_integral T>
    void field(T &number) {
        number = 0;
        if (!has(sizeof(T)))
            return;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            number = static_cast<T>(number | (static_cast<T>(rest_[i]) << (8 * i)));
        rest_ = rest_.subspan(sizeof(T));
    }
    void field(std::string &text) {
        std::uint32_t size = 0;
        field(size);
        if (!has(size))
            return;
        text.resize(size);
        for (std::size_t i = 0; i < size; ++i)
            text[i] = static_cast<char>(rest_[i]);
        rest_ = rest_.subspan(size);
    }
    template <class A, class B>
    void field(std::pair<A, B> &pair) {
        field(pair.first);
        field(pair.second);
    }
    template <class T>
    void field(std::vector<T> &items) {
        std::uint32_t count = 0;
        field(count);
        // Every item takes at least one byte, so a count beyond the rest is a lie.
        if (!has(count))
            return;
        for (std::uint32_t i = 0; i < count && is_good_; ++i)
            field(items.emplace_back());
    }
    [[nodiscard]] bool is_complete() const noexcept { return is_good_ && rest_.empty(); }

private:
    bool has(std::size_t bytes) {
        is_good_ = is_good_ && rest_.size() >= bytes;
        return is_good_;
    }

    std::span<const std::byte> rest_;
    bool is_good_ = true;
};

// One schema per message, for both directions.
template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, RequestMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.operation);
    coder.field(m.mode);
    coder.field(m.plugin);
    coder.field(m.library);
    coder.field(m.unit);
    coder.field(m.params);
    coder.field(m.options);
    coder.field(m.devices);
    coder.field(m.wanted);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, AnswerMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.status);
    coder.field(m.size);
    coder.field(m.source);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, WorkerLogMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.level);
    coder.field(m.text);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, ProgressMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.text);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, AskMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.message);
    coder.field(m.id);
    coder.field(m.echo);
    coder.field(m.timeout_usec);
    coder.field(m.accept_cached);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, FactsMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.syspath);
    coder.field(m.facts);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, MemberMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.unit);
    coder.field(m.name);
    coder.field(m.expected);
    coder.field(m.provides);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, UnitsMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.toml);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, ResultMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.outcome);
    coder.field(m.reason);
    coder.field(m.missing);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, AcquireMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.resource);
    coder.field(m.amount);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, GiveAnswerMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.id);
    coder.field(m.size);
}

template <class Coder, class M>
    requires std::same_as<std::remove_const_t<M>, AnswerTakenMessage>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
    coder.field(m.code);
}

template <class M>
concept NamesAJobOnly = std::same_as<std::remove_const_t<M>, ReleaseMessage> ||
                        std::same_as<std::remove_const_t<M>, ReadyMessage> ||
                        std::same_as<std::remove_const_t<M>, GrantMessage>;

template <class Coder, NamesAJobOnly M>
void describe(Coder &coder, M &m) {
    coder.field(m.job);
}

template <std::size_t I>
std::optional<Message> decode_as(Decoder &decoder) {
    std::variant_alternative_t<I, Message> message;
    describe(decoder, message);
    if (!decoder.is_complete())
        return std::nullopt;
    return message;
}

using DecodeFunction = std::optional<Message> (*)(Decoder &);

template <std::size_t... I>
constexpr std::array<DecodeFunction, sizeof...(I)> decode_table(std::index_sequence<I...>) {
    return {&decode_as<I>...};
}

constexpr auto kDecode = decode_table(std::make_index_sequence<std::variant_size_v<Message>>());

} // namespace

std::vector<std::byte> encode(const Message &message) {
    Encoder encoder;
    encoder.field(kProtocolVersion);
    encoder.field(static_cast<std::uint8_t>(message.index()));
    std::visit([&encoder](const auto &value) { describe(encoder, value); }, message);
    return encoder.take();
}

std::optional<Message> decode(std::span<const std::byte> packet) {
    if (packet.size() < 2 || packet.size() > kMaxPacketBytes ||
        packet[0] != static_cast<std::byte>(kProtocolVersion))
        return std::nullopt;
    const auto type = static_cast<std::size_t>(packet[1]);
    if (type >= kDecode.size())
        return std::nullopt;
    Decoder decoder(packet.subspan(2));
    return kDecode.at(type)(decoder);
}

} // namespace slipway
