// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/object_path.h"

#include <format>

namespace slipway {

namespace {

bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

} // namespace

std::string path_element(std::string_view name) {
    std::string element;
    for (const char character : name) {
        if (is_letter(character) || (is_digit(character) && !element.empty()))
            element += character;
        else
            element += std::format("_{:02x}", static_cast<unsigned char>(character));
    }
    return element.empty() ? "_" : element;
}

std::string object_path(std::string_view parent, std::string_view name) {
    return std::string(parent) + "/" + path_element(name);
}

} // namespace slipway
