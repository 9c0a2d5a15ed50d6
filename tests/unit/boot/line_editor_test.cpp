// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/line_editor.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace slipway {
namespace {

using State = LineEditor::State;

// Everything that the editor put out.
std::string type(LineEditor &editor, std::string_view keys) {
    std::string output;
    for (const char key : keys)
        output += editor.feed(key).output;
    return output;
}

std::string line_of(std::string_view keys) {
    LineEditor editor;
    (void)type(editor, keys);
    return std::string(editor.take().view());
}

TEST(LineEditor, enter_finishes_the_line_and_is_not_part_of_it) {
    LineEditor editor;
    (void)type(editor, "pass word");
    EXPECT_EQ(editor.feed('\r').state, State::finished);
    EXPECT_EQ(editor.take().view(), "pass word");
}

TEST(LineEditor, newline_finishes_as_well_and_an_empty_line_is_a_line) {
    LineEditor editor;
    EXPECT_EQ(editor.feed('\n').state, State::finished);
    EXPECT_EQ(editor.take().size(), 0U);
}

TEST(LineEditor, bytes_after_the_end_are_ignored) {
    LineEditor editor;
    (void)type(editor, "a\rb");
    EXPECT_EQ(editor.take().view(), "a");
}

TEST(LineEditor, without_echo_nothing_is_shown) {
    LineEditor editor;
    EXPECT_EQ(type(editor, "secret\x7f\x15words\x17"), "");
    EXPECT_EQ(editor.visible(), "");
}

TEST(LineEditor, with_echo_characters_and_erasures_are_shown) {
    LineEditor editor(true);
    EXPECT_EQ(type(editor, "ab\x7f"), "ab\b \b");
    EXPECT_EQ(editor.visible(), "a");
}

TEST(LineEditor, backspace_removes_a_whole_utf8_character) {
    EXPECT_EQ(line_of("gr\xC3\xBC\x7f\xC3\xB6n"), "gr\xC3\xB6n");
    EXPECT_EQ(line_of("ab\x08"), "a");
    EXPECT_EQ(line_of("\x7f\x7fx"), "x");
}

TEST(LineEditor, ctrl_u_erases_the_line) {
    EXPECT_EQ(line_of("wrong words\x15right"), "right");
}

TEST(LineEditor, ctrl_w_erases_the_last_word_with_the_blanks_behind_it) {
    EXPECT_EQ(line_of("one two  \x17"), "one ");
    EXPECT_EQ(line_of("one\x17"), "");
}

TEST(LineEditor, ctrl_c_cancels_and_forgets) {
    LineEditor editor;
    (void)type(editor, "secret");
    EXPECT_EQ(editor.feed('\x03').state, State::cancelled);
    EXPECT_EQ(editor.take().size(), 0U);
}

TEST(LineEditor, ctrl_d_cancels_only_an_empty_line) {
    LineEditor editor;
    EXPECT_EQ(editor.feed('\x04').state, State::cancelled);
    LineEditor filled;
    (void)type(filled, "x");
    EXPECT_EQ(filled.feed('\x04').state, State::editing);
    EXPECT_EQ(filled.take().view(), "x");
}

TEST(LineEditor, arrow_and_function_keys_leave_nothing_behind) {
    EXPECT_EQ(line_of("a\x1b[Ab"), "ab");           // up
    EXPECT_EQ(line_of("a\x1b[1;5Cb"), "ab");        // ctrl-right
    EXPECT_EQ(line_of("a\x1b[3~b"), "ab");          // delete
    EXPECT_EQ(line_of("a\x1bOPb"), "ab");           // F1 of a vt220
    EXPECT_EQ(line_of("a\x1b[[Ab"), "ab");          // F1 of the Linux console
    EXPECT_EQ(line_of("\x1b[200~a\x1b[201~"), "a"); // a bracketed paste
}

TEST(LineEditor, text_after_a_lone_escape_is_kept) {
    EXPECT_EQ(line_of("\x1bsecret"), "secret");
    EXPECT_EQ(line_of("\x1b\x1b[Asecret"), "secret");
}

TEST(LineEditor, enter_inside_an_escape_sequence_still_finishes) {
    LineEditor editor;
    (void)type(editor, "a\x1b[");
    EXPECT_EQ(editor.feed('\r').state, State::finished);
}

TEST(LineEditor, an_endless_escape_sequence_ends) {
    LineEditor editor;
    (void)type(editor, "\x1b[" + std::string(100, '1'));
    EXPECT_GT(editor.take().size(), 0U);
}

TEST(LineEditor, other_control_characters_are_dropped) {
    EXPECT_EQ(line_of(std::string_view("a\0b\tc\x01", 6)), "abc");
}

TEST(LineEditor, a_full_line_rings_the_bell_and_keeps_what_it_has) {
    LineEditor editor;
    EXPECT_EQ(type(editor, std::string(Secret::kMaxBytes, 'x')), "");
    EXPECT_EQ(editor.feed('y').output, "\a");
    EXPECT_EQ(editor.take().size(), Secret::kMaxBytes);
}

TEST(LineEditor, is_as_new_after_the_line_was_taken) {
    LineEditor editor;
    (void)type(editor, "a\r");
    (void)editor.take();
    (void)type(editor, "b");
    EXPECT_EQ(editor.take().view(), "b");
}

} // namespace
} // namespace slipway
