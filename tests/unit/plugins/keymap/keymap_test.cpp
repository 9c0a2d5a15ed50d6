// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "keymap/keymap_choice.h"
#include "keymap/load_keymap.h"
#include "unit/plugins/fake_host.h"

namespace slipway::keymap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConsoleSettings, are_read_as_a_shell_would) {
    const ConsoleSettings settings =
        parse_console_settings("# KEYMAP=no\n KEYMAP = \"de-latin1\" "
                               "\r\nKEYMAP_TOGGLE='us'\nFONT=eurlatgr\nXKBLAYOUT=de\n");
    EXPECT_EQ(settings.keymap, "de-latin1");
    EXPECT_EQ(settings.toggle, "us");
    EXPECT_EQ(settings.font, "eurlatgr");
    EXPECT_EQ(parse_console_settings("nonsense\n=\n\"\n").keymap, "");
}

TEST(Choice, the_command_line_wins_and_the_cached_map_comes_last) {
    const ConsoleSettings settings{"fr", "ru", ""};
    const CommandLine none{std::nullopt, std::nullopt, std::nullopt};
    EXPECT_THAT(choose_maps(settings, none, "/cached").maps, ElementsAre("fr", "ru"));
    EXPECT_THAT(choose_maps(settings, {"de", "us", "a,b"}, "/cached").maps,
                ElementsAre("de", "us", "a", "b"));
    EXPECT_THAT(choose_maps({"", "", ""}, none, "/cached").maps, ElementsAre("/cached"));
    EXPECT_THAT(choose_maps({"", "ru", ""}, none, "").maps, IsEmpty());
    EXPECT_THAT(choose_maps(settings, {"@kernel", std::nullopt, std::nullopt}, "/cached").maps,
                IsEmpty());
}

TEST(Choice, a_name_is_neither_an_option_nor_a_path) {
    const ConsoleSettings none{"", "", ""};
    for (const char *name : {"-c", "../../etc/shadow", "/etc/shadow", "a b", ".hidden"}) {
        const Choice choice = choose_maps(none, {name, std::nullopt, std::nullopt}, "/cached");
        EXPECT_THAT(choice.maps, IsEmpty()) << name;
        EXPECT_EQ(choice.problems.size(), 1U) << name;
    }
}

class LoadKeymapTest : public testing::Test {
protected:
    LoadKeymapTest() {
        std::string name = (std::filesystem::temp_directory_path() / "keymap-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
        write("/dev/tty0", "");
        host_.on_run = [this](const std::vector<std::string> &) { return result_; };
    }
    ~LoadKeymapTest() override {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    void write(const std::string &path, const std::string &text) {
        std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << text;
    }
    sdk::Outcome load() {
        sdk::Context context(host_.raw());
        return load_keymap(context, sdk::Request(request_.raw()), root_);
    }

    std::string root_;
    test::FakeHost host_;
    test::FakeRequest request_;
    sdk::RunResult result_{0, "", ""};
};

TEST_F(LoadKeymapTest, runs_loadkeys_for_the_configured_map) {
    write("/etc/vconsole.conf", "KEYMAP=de-latin1\n");
    EXPECT_EQ(load(), sdk::Outcome::done);
    EXPECT_THAT(host_.programs, ElementsAre(ElementsAre("/usr/bin/loadkeys", "-q", "-u", "-C",
                                                        "/dev/tty0", "de-latin1")));
}

TEST_F(LoadKeymapTest, the_options_reach_it) {
    write("/etc/vconsole.conf", "KEYMAP=de-latin1\n");
    request_.options = {{"KEYMAP", "fr"}};
    EXPECT_EQ(load(), sdk::Outcome::done);
    request_.options = {{"KEYMAP", "fr"}, {"rd.vconsole.keymap", "it"}};
    EXPECT_EQ(load(), sdk::Outcome::done);
    EXPECT_EQ(host_.programs.at(0).back(), "fr");
    EXPECT_EQ(host_.programs.at(1).back(), "it");
}

TEST_F(LoadKeymapTest, takes_the_map_that_keyboard_configuration_has_made) {
    write("/etc/console-setup/cached_UTF-8_del.kmap.gz", "");
    EXPECT_EQ(load(), sdk::Outcome::done);
    EXPECT_EQ(host_.programs.at(0).back(), "/etc/console-setup/cached_UTF-8_del.kmap.gz");
}

TEST_F(LoadKeymapTest, without_a_map_or_a_screen_there_is_nothing_to_do) {
    EXPECT_EQ(load(), sdk::Outcome::done);
    write("/etc/vconsole.conf", "KEYMAP=de\n");
    std::filesystem::remove(root_ + "/dev/tty0");
    EXPECT_EQ(load(), sdk::Outcome::done);
    EXPECT_THAT(host_.programs, IsEmpty());
}

TEST_F(LoadKeymapTest, says_which_map_failed_and_what_to_do) {
    write("/etc/vconsole.conf", "KEYMAP=klingon\n");
    result_ = {1, "", "cannot open file klingon"};
    EXPECT_EQ(load(), sdk::Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("klingon cannot be loaded: cannot open file klingon"));
    EXPECT_THAT(host_.reason, HasSubstr("rebuild the image"));
}

} // namespace
} // namespace slipway::keymap
