// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "nfs/server_text.h"
#include "nfs/source_text.h"

namespace slipway::nfs {
namespace {

using testing::HasSubstr;

struct Case {
    std::string_view text;
    bool is_v4;
    std::vector<std::string> servers;
    std::string_view directory;
    std::vector<std::string> options;
};

void expect_source(const Result<Source> &source, const Case &expected) {
    ASSERT_TRUE(source) << expected.text << ": " << source.error().message();
    EXPECT_EQ(source->is_v4, expected.is_v4) << expected.text;
    EXPECT_EQ(source->servers, expected.servers) << expected.text;
    EXPECT_EQ(source->directory, expected.directory) << expected.text;
    EXPECT_EQ(source->options, expected.options) << expected.text;
}

std::string why_not(std::string_view text) {
    const auto source = parse_source(text);
    return source ? "" : source.error().message();
}

std::string why_refused(std::string_view text) {
    const auto source = parse_root_path(text);
    return source ? "" : source.error().message();
}

// Each spelling is accepted in both places.
TEST(SourceText, has_every_spelling_of_a_root_path) {
    const std::vector<std::string> server = {"192.168.50.3"};
    const std::vector<std::string> options = {"wsize=4096", "vers=3"};
    for (const Case &expected : std::vector<Case>{
             {"/nfs/client", false, {}, "/nfs/client", {}},
             {"192.168.50.3:/nfs/client", false, server, "/nfs/client", {}},
             {"/nfs/client,wsize=4096,vers=3", false, {}, "/nfs/client", options},
             {"192.168.50.3:/nfs/client,wsize=4096,vers=3", false, server, "/nfs/client", options},
             {"nfs:192.168.50.3:/nfs/client", false, server, "/nfs/client", {}},
             {"nfs:192.168.50.3:/nfs/client:wsize=4096,vers=3", false, server, "/nfs/client",
              options},
             {"nfs:192.168.50.3:/nfs/client,wsize=4096,vers=3", false, server, "/nfs/client",
              options},
             {"nfs4:192.168.50.3:/client", true, server, "/client", {}},
             {"nfs4:192.168.50.3:/client:wsize=4096", true, server, "/client", {"wsize=4096"}},
             {"nfs4:192.168.50.3:/client,wsize=4096", true, server, "/client", {"wsize=4096"}},
             {"nfs:/nfs/client", false, {}, "/nfs/client", {}},
             {"nfs:[fd00::1]:/srv", false, {"fd00::1"}, "/srv", {}},
             {"[fd00::1]:/srv:ro", false, {"fd00::1"}, "/srv", {"ro"}},
             {"nfs:fd00::1:/srv", false, {"fd00::1"}, "/srv", {}},
             {"nfs:[fe80::1%eth0]:/srv", false, {"fe80::1%eth0"}, "/srv", {}},
             {"nas.example.org:/", false, {"nas.example.org"}, "/", {}},
             {"nfs:a,b,[fd00::1],a:/srv,ro", false, {"a", "b", "fd00::1"}, "/srv", {"ro"}},
             {"nfs://nas/srv/root", false, {"nas"}, "/srv/root", {}},
             {"nfs4:", true, {}, "", {}},
             {"192.168.50.3:", false, server, "", {}},
             {"/srv::", false, {}, "/srv", {}},
             {"/tftpboot/%s", false, {}, "/tftpboot/%s", {}},
         }) {
        expect_source(parse_source(expected.text), expected);
        expect_source(parse_root_path(expected.text), expected);
    }
}

TEST(SourceText, says_what_is_wrong) {
    EXPECT_THAT(why_not("nfs:server"), HasSubstr("no directory"));
    EXPECT_THAT(why_not("nfs:server:dir"), HasSubstr("no directory"));
    EXPECT_THAT(why_not(""), HasSubstr("no directory"));
    EXPECT_THAT(why_not("nfs://server"), HasSubstr("no directory behind"));
    EXPECT_THAT(why_not("nfs:-o:/srv"), HasSubstr("neither a host name nor an address"));
    EXPECT_THAT(why_not("nfs:[server]:/srv"), HasSubstr("neither a host name nor an address"));
    EXPECT_THAT(why_not(":/srv"), HasSubstr("one to 8 servers"));
    EXPECT_THAT(why_not("a,b,c,d,e,f,g,h,i:/srv"), HasSubstr("one to 8 servers"));
    EXPECT_THAT(why_not("server:/a/../b"), HasSubstr("\"..\""));
    EXPECT_THAT(why_not("server:/a\nb"), HasSubstr("control characters"));
    EXPECT_THAT(why_not("/" + std::string(1024, 'a')), HasSubstr("longer than 1024 bytes"));
    EXPECT_THAT(why_not(std::string(5000, 'a')), HasSubstr("longer than 4096 bytes"));
}

TEST(SourceText, leaves_options_of_the_command_line_to_the_kernel) {
    expect_source(parse_source("server:/srv,brandnew=1"),
                  {"…", false, {"server"}, "/srv", {"brandnew=1"}});
    EXPECT_EQ(why_not("server:/My Files"), "");
}

TEST(RootPath, is_not_trusted) {
    for (const std::string_view text :
         {"server:/srv;reboot", "server:/$(reboot)", "server:/`id`", "/srv|sh", "/srv&", "/a b",
          "/srv\n[[unit]]", "/srv\"", "/srv\\", "/\xC3\xA4", "/srv<x", "/a*", "/srv#"})
        EXPECT_THAT(why_refused(text), HasSubstr("which no root-path needs")) << text;
    EXPECT_THAT(why_refused(std::string_view("/srv\0x", 6)), HasSubstr("character \"?\""));
    EXPECT_THAT(why_refused("/" + std::string(1100, 'a')), HasSubstr("longer than 1024"));
    EXPECT_THAT(why_refused("/srv/../../etc"), HasSubstr("\"..\""));
    EXPECT_THAT(why_refused("/srv,brandnew=1"), HasSubstr("\"brandnew=1\" is no mount option"));
    EXPECT_THAT(why_refused("/srv,wsize=big"), HasSubstr("\"wsize=big\""));
    EXPECT_THAT(why_refused("/srv,proto=udp,sec=sys:evil"), HasSubstr("\"sec=sys:evil\""));
    EXPECT_THAT(why_refused("/srv,source=x:/y"), HasSubstr("\"source=x:/y\""));
    EXPECT_THAT(why_refused("/srv,addr=192.0.2.1"), HasSubstr("\"addr=192.0.2.1\""));
}

TEST(RootPath, of_another_protocol_is_no_mistake) {
    for (const std::string_view text : {"iscsi:192.168.50.1:::1:iqn.2009-06.dracut:target0",
                                        "http://server/root.img", "nbd:server:1:ext4:ro"}) {
        const auto source = parse_root_path(text);
        ASSERT_FALSE(source) << text;
        EXPECT_EQ(source.error().code(), ENOMSG) << text;
    }
    EXPECT_EQ(parse_root_path("").error().code(), ENOMSG);
    EXPECT_NE(parse_root_path("nonsense").error().code(), ENOMSG);
    EXPECT_EQ(why_refused("http:/srv"), ""); // a server with an odd name
}

TEST(RootPath, may_hold_the_options_of_nfs) {
    for (const std::string_view option : {"ro",
                                          "rw",
                                          "hard",
                                          "softerr",
                                          "vers=4.2",
                                          "nfsvers=3",
                                          "v4.1",
                                          "v3",
                                          "proto=tcp6",
                                          "tcp",
                                          "udp",
                                          "timeo=600",
                                          "retrans=10",
                                          "sec=sys:krb5",
                                          "lookupcache=none",
                                          "nolock",
                                          "local_lock=all",
                                          "noatime",
                                          "nodev",
                                          "clientaddr=fd00::2",
                                          "port=20490",
                                          "nconnect=4",
                                          "retry=2",
                                          "bg",
                                          "actimeo=60",
                                          "_netdev",
                                          "minorversion=1",
                                          "fsc"})
        EXPECT_EQ(why_refused("server:/srv," + std::string(option)), "") << option;
}

TEST(ServerText, knows_addresses) {
    EXPECT_TRUE(is_address("192.0.2.1"));
    EXPECT_TRUE(is_address("fd00::1"));
    EXPECT_TRUE(is_address("fe80::1%enp1s0"));
    EXPECT_FALSE(is_address("fe80::1%"));
    EXPECT_FALSE(is_address("fe80::1%a b"));
    EXPECT_FALSE(is_address("server"));
    EXPECT_FALSE(is_address(""));
    EXPECT_FALSE(is_address(std::string_view("192.0.2.1\0x", 11)));
    EXPECT_EQ(with_brackets("fd00::1"), "[fd00::1]");
    EXPECT_EQ(with_brackets("nas"), "nas");
}

} // namespace
} // namespace slipway::nfs
