// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/client_stream.h"

#include <algorithm>

namespace slipway::busport {

namespace {

constexpr char kFirstByte = '\0';
constexpr std::size_t kBodyLengthOffset = 4;
constexpr std::size_t kFieldsLengthOffset = 12;
constexpr std::size_t kAlignment = 8; // of the body

} // namespace

void ClientStream::reset() {
    state_ = State::nobody;
    line_.clear();
    in_header_ = 0;
    left_of_message_ = 0;
}

ClientStream::Piece ClientStream::next(std::string_view bytes) {
    const bool is_beginning = begins_with(bytes.front());
    std::size_t size = 0;
    if (is_beginning) {
        reset();
        state_ = State::handshake;
        size = 1;
    }
    while (size < bytes.size() && !begins_with(bytes[size]))
        size += take(bytes.substr(size));
    return {size, is_beginning};
}

bool ClientStream::begins_with(char byte) const noexcept {
    switch (state_) {
    case State::nobody:
        return true; // whatever it is, the bus process judges it
    case State::handshake:
        return byte == kFirstByte;
    case State::header:
        return in_header_ == 0 && byte == kFirstByte;
    case State::body:
    case State::unknown:
        break;
    }
    return false;
}

std::size_t ClientStream::take(std::string_view bytes) {
    switch (state_) {
    case State::handshake:
        take_of_handshake(bytes.front());
        return 1;
    case State::header:
        return take_of_header(bytes);
    case State::body: {
        const std::size_t size = std::min(bytes.size(), left_of_message_);
        left_of_message_ -= size;
        if (left_of_message_ == 0)
            state_ = State::header;
        return size;
    }
    case State::nobody:
    case State::unknown:
        break;
    }
    return bytes.size();
}

void ClientStream::take_of_handshake(char byte) {
    if (byte != '\n') {
        if (line_.size() < kMaxLineBytes)
            line_ += byte;
        return;
    }
    if (line_ == "BEGIN\r")
        state_ = State::header;
    line_.clear();
}

std::size_t ClientStream::take_of_header(std::string_view bytes) {
    const std::size_t size = std::min(bytes.size(), kHeaderBytes - in_header_);
    std::ranges::copy(bytes.substr(0, size),
                      header_.begin() + static_cast<std::ptrdiff_t>(in_header_));
    in_header_ += size;
    if (in_header_ == kHeaderBytes)
        read_header();
    return size;
}

void ClientStream::read_header() {
    in_header_ = 0;
    const std::size_t fields =
        (std::size_t{number_at(kFieldsLengthOffset)} + kAlignment - 1) / kAlignment * kAlignment;
    left_of_message_ = fields + number_at(kBodyLengthOffset);
    const bool is_message = header_[0] == 'l' || header_[0] == 'B';
    if (!is_message || left_of_message_ > kMaxMessageBytes)
        state_ = State::unknown;
    else if (left_of_message_ > 0)
        state_ = State::body;
}

std::uint32_t ClientStream::number_at(std::size_t offset) const noexcept {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < sizeof(number); ++i) {
        const std::size_t place = header_[0] == 'l' ? sizeof(number) - 1 - i : i;
        number = number << 8U | static_cast<unsigned char>(header_.at(offset + place));
    }
    return number;
}

} // namespace slipway::busport
