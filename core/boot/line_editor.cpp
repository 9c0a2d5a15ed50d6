// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/line_editor.h"

#include <utility>

namespace slipway {

namespace {

constexpr char kCtrlC = 0x03;
constexpr char kCtrlD = 0x04;
constexpr char kBackspace = 0x08;
constexpr char kCtrlU = 0x15;
constexpr char kCtrlW = 0x17;
constexpr char kEscape = 0x1B;
constexpr char kDelete = 0x7F;

// Longer than any key's sequence; what follows is text again.
constexpr std::size_t kMaxEscapeBytes = 32;

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == kDelete;
}

// A final byte of a control sequence: ECMA-48, 5.4.
bool ends_control_sequence(char byte) {
    return byte >= 0x40 && byte <= 0x7E;
}

} // namespace

LineEditor::Step LineEditor::feed(char byte) {
    if (state_ != State::editing || is_part_of_escape(byte))
        return {state_, {}};
    if (byte == '\r' || byte == '\n') {
        state_ = State::finished;
    } else if (byte == kCtrlC || (byte == kCtrlD && line_.size() == 0)) {
        state_ = State::cancelled;
        line_.wipe();
    } else {
        return {state_, edit(byte)};
    }
    return {state_, {}};
}

std::string LineEditor::visible() const {
    return echo_ ? std::string(line_.view()) : std::string();
}

Secret LineEditor::take() {
    state_ = State::editing;
    escape_ = Escape::none;
    return std::exchange(line_, Secret());
}

// A lone ESC is dropped and what follows counts as text: people press Escape to see behind a
// splash, and then type.
bool LineEditor::is_part_of_escape(char byte) {
    if (byte == kEscape) {
        escape_ = Escape::start;
        escape_bytes_ = 0;
        return true;
    }
    if (escape_ == Escape::none)
        return false;
    const Escape before = std::exchange(escape_, Escape::none);
    // A control character never belongs to a sequence: enter must not be lost.
    if (is_control(byte) || ++escape_bytes_ > kMaxEscapeBytes)
        return false;
    switch (before) {
    case Escape::start:
        if (byte == '[')
            escape_ = Escape::control_sequence;
        else if (byte == 'O')
            escape_ = Escape::single_shift;
        return escape_ != Escape::none;
    case Escape::control_sequence:
        if (byte == '[' && escape_bytes_ == 2)
            escape_ = Escape::linux_function_key;
        else if (!ends_control_sequence(byte))
            escape_ = Escape::control_sequence;
        return true;
    case Escape::single_shift:
    case Escape::linux_function_key:
        return true;
    case Escape::none:
        break;
    }
    return false;
}

std::string LineEditor::edit(char byte) {
    switch (byte) {
    case kBackspace:
    case kDelete:
        return erase_character();
    case kCtrlU:
        return erase_all();
    case kCtrlW:
        return erase_word();
    default:
        return is_control(byte) ? std::string() : type(byte);
    }
}

std::string LineEditor::type(char byte) {
    // A bell, because a passphrase that is cut without a word would only be "wrong".
    if (!line_.append(byte))
        return "\a";
    return echo_ ? std::string(1, byte) : std::string();
}

std::string LineEditor::erase_character() {
    if (line_.size() == 0)
        return {};
    line_.remove_last();
    return echo_ ? "\b \b" : "";
}

std::string LineEditor::erase_word() {
    std::string output;
    while (line_.view().ends_with(' '))
        output += erase_character();
    while (line_.size() > 0 && !line_.view().ends_with(' '))
        output += erase_character();
    return output;
}

std::string LineEditor::erase_all() {
    std::string output;
    while (line_.size() > 0)
        output += erase_character();
    return output;
}

} // namespace slipway
