// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes the place of the real init in the benchmark: says when it started, hands the kernel's log
// to the second serial port and powers off. Static, so that its own start costs nothing.
#include <fcntl.h>
#include <linux/reboot.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void say(const char *text) {
    int log = open("/dev/kmsg", O_WRONLY);
    if (log >= 0) {
        (void)!write(log, text, strlen(text));
        close(log);
    }
}

// Each read of /dev/kmsg returns one record, which carries its time in microseconds.
static void copy_log(void) {
    static char record[8192];
    int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
    int port = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);
    for (ssize_t size; log >= 0 && port >= 0 && (size = read(log, record, sizeof record)) > 0;) {
        (void)!write(port, record, (size_t)size);
    }
    (void)!write(port, "@@complete\n", 11);
    // Closing waits until the last byte has left.
    close(port);
}

int main(void) {
    say("slipway-bench: real init\n");
    copy_log();
    sync();
    return (int)syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
                        LINUX_REBOOT_CMD_POWER_OFF, 0);
}
