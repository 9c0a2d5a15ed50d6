// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "nfs/root_choice.h"

namespace slipway::nfs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RootChoice choice_of(const RootWords &words) {
    const auto choice = choose_root(words);
    EXPECT_TRUE(choice) << choice.error().message();
    EXPECT_TRUE(choice && *choice) << "no NFS root: " << words.root;
    return choice && *choice ? **choice : RootChoice{};
}

bool is_nfs(const RootWords &words) {
    const auto choice = choose_root(words);
    return !choice || choice->has_value();
}

TEST(ChooseRoot, knows_an_nfs_root_by_every_word) {
    for (const char *root : {"nfs:192.168.50.1:/nfs/client", "nfs4:192.168.50.1:/client",
                             "192.168.50.1:/nfs/client", "[fd00::1]:/srv", "nas:/srv,ro"}) {
        const RootChoice choice = choice_of({.root = root});
        EXPECT_EQ(choice.source.servers.size(), 1U) << root;
        EXPECT_FALSE(choice.source.directory.empty()) << root;
        EXPECT_FALSE(choice.may_be_a_disk) << root;
    }
    EXPECT_TRUE(choice_of({.root = "nfs4:192.168.50.1:/client"}).source.is_v4);
    EXPECT_TRUE(choice_of({.root = "nas:/srv", .types = {"nfs4"}}).source.is_v4);
    EXPECT_TRUE(choice_of({.root = "dhcp"}).may_be_a_disk);
    EXPECT_TRUE(choice_of({.root = "dhcp6"}).may_be_a_disk);
    EXPECT_FALSE(choice_of({.root = "dhcp", .types = {"nfs"}}).may_be_a_disk);
    EXPECT_TRUE(choice_of({.netroot = "dhcp"}).may_be_a_disk);
    EXPECT_TRUE(choice_of({.root = "/dev/root", .netroot = "dhcp"}).may_be_a_disk);
    EXPECT_EQ(choice_of({.netroot = "nfs:nas:/srv"}).source.directory, "/srv");
}

TEST(ChooseRoot, knows_the_kernels_form) {
    const auto source = [](std::string nfsroot) {
        return choice_of({.root = "/dev/nfs", .nfsroot = std::move(nfsroot)}).source;
    };
    EXPECT_THAT(source("192.168.50.1:/nfs/client").servers, ElementsAre("192.168.50.1"));
    EXPECT_EQ(source("/nfs/client,vers=3").directory, "/nfs/client");
    EXPECT_EQ(source("").directory, "");
    EXPECT_EQ(source("auto").directory, "");
    EXPECT_EQ(choice_of({.nfsroot = "nas:/srv", .boot = "nfs"}).source.directory, "/srv");
    EXPECT_EQ(choice_of({.boot = "nfs"}).source.directory, "");
    EXPECT_EQ(choice_of({.nfsroot = "nas:/srv"}).source.directory, "/srv");
}

TEST(ChooseRoot, leaves_other_roots_alone) {
    for (const char *root : {"", "UUID=1234", "/dev/vda1", "8:1", "LABEL=a:/b", "gpt-auto",
                             "iscsi:192.168.50.1:::1:iqn.x", "http://server/image", "/dev/root"})
        EXPECT_FALSE(is_nfs({.root = root})) << root;
    EXPECT_FALSE(is_nfs({.root = "UUID=1", .netroot = "iscsi:192.168.50.1::::iqn.x"}));
    EXPECT_FALSE(is_nfs({.root = "LABEL=x", .boot = "nfs"}));
}

TEST(ChooseRoot, names_the_word_that_is_wrong) {
    const auto wrong = choose_root({.root = "nfs:nas:srv"});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message(),
                HasSubstr("root=nfs:nas:srv on the kernel command line: it has no directory"));
    const auto kernels = choose_root({.root = "/dev/nfs", .nfsroot = "nas"});
    ASSERT_FALSE(kernels);
    EXPECT_THAT(kernels.error().message(), HasSubstr("nfsroot=nas on"));
}

// The lines v3-* and v4-* of dracut's NFS test: command line, root-path, server, options.
struct BootCase {
    RootWords words;
    std::string root_path;
    std::string server;
    std::string directory;
    std::vector<std::string> options;
    bool is_v4 = false;
};

TEST(Complete, mounts_what_dracuts_test_expects) {
    const std::vector<std::string> wsize = {"wsize=4096"};
    for (const BootCase &boot : std::vector<BootCase>{
             {{.root = "dhcp"}, "/nfs/client", "192.168.50.1", "/nfs/client", {}},
             {{.root = "/dev/nfs", .nfsroot = "192.168.50.1:/nfs/client"},
              "192.168.50.2:/nfs/client",
              "192.168.50.1",
              "/nfs/client",
              {}},
             {{.root = "/dev/nfs"}, "/nfs/client", "192.168.50.1", "/nfs/client", {}},
             {{.root = "/dev/nfs"}, "192.168.50.2:/nfs/client", "192.168.50.2", "/nfs/client", {}},
             {{.root = "dhcp"}, "192.168.50.2:/nfs/client", "192.168.50.2", "/nfs/client", {}},
             {{.root = "dhcp"}, "nfs:192.168.50.3:/nfs/client", "192.168.50.3", "/nfs/client", {}},
             {{.root = "dhcp"},
              "nfs:192.168.50.3:/nfs/client:wsize=4096",
              "192.168.50.3",
              "/nfs/client",
              wsize},
             {{.root = "nfs:192.168.50.1:/nfs/client"}, "", "192.168.50.1", "/nfs/client", {}},
             {{.root = "192.168.50.1:/nfs/client"}, "", "192.168.50.1", "/nfs/client", {}},
             {{.root = "dhcp"}, "/nfs/client,wsize=4096", "192.168.50.1", "/nfs/client", wsize},
             {{.root = "dhcp"},
              "192.168.50.2:/nfs/client,wsize=4096",
              "192.168.50.2",
              "/nfs/client",
              wsize},
             {{.root = "dhcp"},
              "nfs:192.168.50.3:/nfs/client,wsize=4096",
              "192.168.50.3",
              "/nfs/client",
              wsize},
             {{.root = "dhcp"}, "nfs4:192.168.50.3:/client", "192.168.50.3", "/client", {}, true},
             {{.root = "dhcp"},
              "nfs4:192.168.50.3:/client:wsize=4096",
              "192.168.50.3",
              "/client",
              wsize,
              true},
             {{.root = "nfs4:192.168.50.1:/client"}, "", "192.168.50.1", "/client", {}, true},
             {{.root = "dhcp"},
              "nfs4:192.168.50.3:/client,wsize=4096",
              "192.168.50.3",
              "/client",
              wsize,
              true},
         }) {
        const auto target = complete(choice_of(boot.words), {.interface = "eth0",
                                                             .root_path = boot.root_path,
                                                             .root_path_refusal = "",
                                                             .next_server = "192.168.50.1",
                                                             .dhcp_server = "192.168.50.9",
                                                             .host_name = "",
                                                             .addresses = "192.168.50.101/24"});
        ASSERT_TRUE(target) << boot.words.root << ' ' << boot.root_path;
        EXPECT_THAT(target->servers, ElementsAre(boot.server)) << boot.root_path;
        EXPECT_EQ(target->directory, boot.directory) << boot.root_path;
        EXPECT_EQ(target->options, boot.options) << boot.root_path;
        EXPECT_EQ(target->is_v4, boot.is_v4) << boot.root_path;
    }
}

Lease lease(std::string root_path) {
    return {.interface = "eth0",
            .root_path = std::move(root_path),
            .root_path_refusal = "",
            .next_server = "",
            .dhcp_server = "",
            .host_name = "",
            .addresses = "192.168.50.101/24\nfd00::5/64"};
}

TEST(Complete, takes_the_server_that_is_nearest) {
    Lease from = lease("/srv");
    const auto server = [&] {
        const auto target = complete(choice_of({.root = "dhcp"}), from);
        return target ? target->servers.front() : target.error().message();
    };
    EXPECT_THAT(server(), HasSubstr("no server is named"));
    from.dhcp_server = "192.168.50.9";
    EXPECT_EQ(server(), "192.168.50.9");
    from.next_server = "$(reboot)";
    EXPECT_EQ(server(), "192.168.50.9") << "what is no address is none";
    from.next_server = "192.168.50.8";
    EXPECT_EQ(server(), "192.168.50.8");
    from.root_path = "192.168.50.7:/srv";
    EXPECT_EQ(server(), "192.168.50.7");
    const auto named = complete(choice_of({.root = "nfs:192.168.50.6:"}), from);
    ASSERT_TRUE(named);
    EXPECT_THAT(named->servers, ElementsAre("192.168.50.6")) << "the command line wins";
    EXPECT_EQ(named->directory, "/srv");
}

TEST(Complete, tells_silence_from_nonsense) {
    const RootChoice choice = choice_of({.root = "dhcp"});
    for (const char *path : {"", "iscsi:192.168.50.1::::iqn.x"})
        EXPECT_EQ(complete(choice, lease(path)).error().code(), ENOMSG) << path;
    const Error refused = complete(choice, lease("nas:/srv;reboot")).error();
    EXPECT_EQ(refused.code(), EBADMSG);
    EXPECT_THAT(refused.message(), HasSubstr("eth0: the root-path \"nas:/srv;reboot\" is refused"));
    EXPECT_THAT(refused.message(), HasSubstr("option 17"));
}

TEST(Complete, says_why_the_dhcp_client_kept_a_root_path_back) {
    const RootChoice choice = choice_of({.root = "dhcp"});
    Lease from = lease("");
    from.root_path_refusal = "control characters\033[31m";
    const Error refused = complete(choice, from).error();
    EXPECT_EQ(refused.code(), EBADMSG);
    EXPECT_THAT(refused.message(),
                HasSubstr("eth0: the root-path of the lease is refused: control"));
    EXPECT_THAT(refused.message(), ::testing::Not(HasSubstr("\033")));
    from.root_path = "nas:/srv"; // of a later lease
    EXPECT_TRUE(complete(choice, from));
}

TEST(Complete, puts_the_words_of_the_user_last) {
    const RootChoice choice =
        choice_of({.root = "dhcp", .flags = {"vers=3", "ro"}, .writable = true});
    const auto target = complete(choice, lease("nas:/srv,vers=4,rsize=8192"));
    ASSERT_TRUE(target);
    EXPECT_THAT(target->options, ElementsAre("vers=4", "rsize=8192", "vers=3", "ro", "rw"));
}

TEST(Complete, puts_this_machine_into_the_directory) {
    const RootChoice choice = choice_of({.root = "nas:/tftpboot/%s"});
    Lease from = lease("");
    EXPECT_EQ(complete(choice, from)->directory, "/tftpboot/192.168.50.101");
    from.host_name = "client-7";
    EXPECT_EQ(complete(choice, from)->directory, "/tftpboot/client-7");
    from.host_name = "../../etc";
    EXPECT_EQ(complete(choice, from)->directory, "/tftpboot/192.168.50.101");
    from.addresses.clear();
    EXPECT_FALSE(complete(choice, from));
}

} // namespace
} // namespace slipway::nfs
