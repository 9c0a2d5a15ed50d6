// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/base_tree.h"

#include <array>
#include <format>

#include "base/text.h"

namespace slipway {

namespace {

struct Link {
    std::string_view path;
    std::string_view target;
};

constexpr std::array kMergedUsr = {
    Link{"/bin", "usr/bin"},
    Link{"/lib", "usr/lib"},
    Link{"/lib64", "usr/lib64"},
    Link{"/sbin", "usr/sbin"},
};

constexpr std::array<std::string_view, 7> kDirectories = {"/dev", "/proc",    "/run",    "/sys",
                                                          "/tmp", "/sysroot", "/var/lib"};

// Programs write locks and process ids below /var; the initrd has one writable place, /run.
constexpr std::array kRunLinks = {Link{"/var/lock", "../run/lock"}, Link{"/var/run", "../run"}};

struct Node {
    std::string_view path;
    unsigned major;
    unsigned minor;
    unsigned mode;
};

// Numbers: Documentation/admin-guide/devices.txt. The kernel opens /dev/console for PID 1 before
// anything is mounted.
constexpr std::array kNodes = {
    Node{"/dev/console", 5, 1, 0600},
    Node{"/dev/kmsg", 1, 11, 0600},
    Node{"/dev/null", 1, 3, 0666},
};

} // namespace

std::string initrd_release(std::string_view os_release) {
    std::string text;
    std::string pretty = "Linux";
    for (const std::string &line : split_words(os_release, "\n")) {
        if (line.starts_with("PRETTY_NAME="))
            pretty = without_quotes(std::string_view(line).substr(12));
        else if (!line.starts_with("VARIANT=") && !line.starts_with("VARIANT_ID="))
            text += line + "\n";
    }
    return std::format("PRETTY_NAME=\"{} (slipway initrd)\"\n{}VARIANT=\"slipway initrd\"\n"
                       "VARIANT_ID=initrd\n",
                       pretty, text);
}

void add_base_tree(ImageTree &image, const RootTree &root, Problems &problems) {
    for (const Link &link : kMergedUsr)
        problems.check(image.add_link(link.path, link.target, "merged /usr"));
    for (const std::string_view path : kDirectories)
        problems.check(image.add_directory(path, "base tree"));
    for (const Link &link : kRunLinks)
        problems.check(image.add_link(link.path, link.target, "base tree"));
    for (const Node &node : kNodes)
        problems.check(image.add_character_device(node.path, node.major, node.minor, node.mode,
                                                  "needed before devtmpfs is mounted"));
    Result<std::string> release = root.read_file("/etc/os-release");
    if (!release)
        release = root.read_file("/usr/lib/os-release");
    problems.check(image.add_text("/etc/initrd-release", initrd_release(release.value_or("")),
                                  "marks an initrd, os-release(5)"));
    problems.check(image.add_link("/etc/os-release", "initrd-release", "os-release(5)"));
}

void add_programs_of_the_base(ImageTree &image, FileCollector &files, Problems &problems) {
    const std::string init = "/usr/lib/slipway/slipway-init";
    if (files.add_file_of_any_root(init, {"PID 1"}))
        problems.check(image.add_link("/init", init.substr(1), "what the kernel starts"));
    files.add_program("modprobe", {"run by the kernel for modules that it misses"});
    for (const std::string_view directory : {"/usr/lib/modprobe.d", "/etc/modprobe.d"})
        files.add_directory(directory, {"options of kernel modules", true});
}

void add_status_programs(ImageTree &image, FileCollector &files, Problems &problems) {
    (void)files.add_file_of_any_root("/usr/lib/slipway/slipway-bus",
                                     {"shows the boot over D-Bus", true});
    const std::string program = "/usr/lib/slipway/slipway-live";
    if (files.add_file_of_any_root(program, {"shows the boot to people", true}))
        problems.check(image.add_link("/usr/bin/slipway", "../lib/slipway/slipway-live",
                                      "shows the boot to people"));
}

} // namespace slipway
