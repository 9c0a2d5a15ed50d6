// SPDX-License-Identifier: LGPL-2.1-or-later
// The floor of the benchmark: the least that an initrd can do for a plain ext4 root. As /init it
// mounts the API file systems, loads exactly the modules listed in /modules/order, waits for the
// root's device through kernel uevents, mounts it read-only and executes the real init. It knows
// nothing, checks nothing and tells nobody why it failed: slipway's time is given as a multiple of
// this.
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    _exit(1); // PID 1 ends: the kernel panics, and the benchmark sees it
}

static void attach(const char *type, const char *target, unsigned long flags) {
    mkdir(target, 0755);
    if (mount(type, target, type, flags, NULL) != 0) {
        die(target);
    }
}

static int uevents(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        die("uevent socket");
    }
    return fd;
}

static void load_modules(void) {
    char path[256] = "/modules/";
    char *name = path + strlen(path);
    FILE *order = fopen("/modules/order", "re");
    if (order == NULL) {
        die("/modules/order");
    }
    while (fgets(name, (int)(sizeof path - strlen("/modules/")), order) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0) {
            die(path);
        }
        close(fd);
    }
    fclose(order);
}

// The value of a word KEY=VALUE of the kernel command line.
static const char *option(char *cmdline, const char *key, const char *otherwise) {
    const char *found = otherwise;
    for (char *rest = cmdline, *word; (word = strtok_r(rest, " \n", &rest)) != NULL;) {
        if (strncmp(word, key, strlen(key)) == 0) {
            found = word + strlen(key);
        }
    }
    return found;
}

static void read_cmdline(char *text, size_t size) {
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    if (got < 0) {
        die("/proc/cmdline");
    }
    text[got] = '\0';
    close(fd);
}

int main(void) {
    static char first[4096];
    static char second[4096];
    static char event[8192];
    attach("devtmpfs", "/dev", MS_NOSUID);
    attach("proc", "/proc", MS_NOSUID | MS_NOEXEC | MS_NODEV);
    attach("sysfs", "/sys", MS_NOSUID | MS_NOEXEC | MS_NODEV);
    attach("tmpfs", "/run", MS_NOSUID | MS_NODEV);
    read_cmdline(first, sizeof first);
    memcpy(second, first, sizeof second);
    const char *root = option(first, "root=", "/dev/vda2");
    const char *init = option(second, "init=", "/sbin/init");

    int socket = uevents();
    load_modules();
    while (access(root, F_OK) != 0) {
        if (recv(socket, event, sizeof event, 0) < 0 && errno != EINTR && errno != ENOBUFS) {
            die("uevents");
        }
    }
    mkdir("/sysroot", 0755);
    if (mount(root, "/sysroot", "ext4", MS_RDONLY, NULL) != 0) {
        die(root);
    }
    const char *moved[][2] = {{"/dev", "/sysroot/dev"},
                              {"/proc", "/sysroot/proc"},
                              {"/sys", "/sysroot/sys"},
                              {"/run", "/sysroot/run"}};
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        if (mount(moved[i][0], moved[i][1], NULL, MS_MOVE, NULL) != 0) {
            die(moved[i][1]);
        }
    }
    if (chdir("/sysroot") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 ||
        chdir("/") != 0) {
        die("switch root");
    }
    execl(init, init, (char *)NULL);
    die(init);
}
