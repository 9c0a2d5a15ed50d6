// SPDX-License-Identifier: LGPL-2.1-or-later
// A portal that means ill: takes connections as an iSCSI target does and answers the login with
// what no target may send.
//
//   hostile-portal PORT ANSWER
//
// Static, so that it runs in the server machine, which has neither compiler nor interpreter.
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 48, LOGIN_RESPONSE = 0x23, MOVED = 1, MANY = 1 << 20 };

// What a redirected client would look up, type, or show.
static const char kWords[] = "TargetAddress=`echo owned-$((6*7))>/dev/console`;"
                             "$(reboot)\033[31m\r\n../../../etc/passwd:3260,1";

static unsigned char answer[HEADER + MANY];

static void send_all(int peer, const void *data, size_t size) {
    const unsigned char *at = data;
    for (ssize_t done; size > 0; at += done, size -= (size_t)done) {
        done = write(peer, at, size);
        if (done <= 0) {
            return;
        }
    }
}

// The header of a login response that fits the request, with a data segment of this size.
static void begin_answer(const unsigned char *request, uint32_t size, unsigned char status) {
    memset(answer, 0, HEADER);
    answer[0] = LOGIN_RESPONSE;
    answer[1] = request[1]; // stages
    answer[5] = (unsigned char)(size >> 16);
    answer[6] = (unsigned char)(size >> 8);
    answer[7] = (unsigned char)size;
    memcpy(answer + 8, request + 8, 6);   // ISID
    memcpy(answer + 16, request + 16, 4); // tag of the task
    memcpy(answer + 28, request + 24, 4); // next number of a command
    memcpy(answer + 32, request + 24, 4); // highest number
    answer[36] = status;
    answer[37] = status == MOVED;
}

static void give(int peer, const char *kind, const unsigned char *request) {
    unsigned char *data = answer + HEADER;
    if (strcmp(kind, "garbage") == 0) {
        for (size_t i = 0; i < 4096; i++) {
            answer[i] = (unsigned char)((i + 7) * 2654435761U >> 13);
        }
        send_all(peer, answer, 4096);
    } else if (strcmp(kind, "overlong") == 0) {
        // More than the client has said it takes, and more of it than it can be.
        begin_answer(request, 0xffffff, 0);
        memset(data, 'A', MANY);
        for (int i = 0; i < 17; i++) {
            send_all(peer, i == 0 ? answer : data, i == 0 ? HEADER : MANY);
        }
    } else if (strcmp(kind, "malformed") == 0) {
        // Neither an assignment nor an end of one.
        begin_answer(request, 8000, 0);
        memset(data, 'A', 8000);
        send_all(peer, answer, HEADER + 8000);
    } else if (strcmp(kind, "words") == 0) {
        begin_answer(request, sizeof kWords, MOVED);
        memset(data, 0, sizeof kWords + 4);
        memcpy(data, kWords, sizeof kWords);
        send_all(peer, answer, HEADER + (sizeof kWords + 3) / 4 * 4);
    }
}

static void serve(int peer, const char *kind) {
    static unsigned char request[HEADER];
    size_t got = 0;
    while (got < sizeof request) {
        const ssize_t more = read(peer, request + got, sizeof request - got);
        if (more <= 0) {
            return; // only a look at whether somebody listens
        }
        got += (size_t)more;
    }
    printf("hostile-portal: %s for a login\n", kind);
    fflush(stdout);
    give(peer, kind, request);
    // The client ends the connection, not the portal.
    while (read(peer, answer, sizeof answer) > 0) {
    }
}

int main(int count, char **words) {
    if (count != 3) {
        return 2;
    }
    const int yes = 1;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)atoi(words[1]))};
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 8) != 0) {
        perror("hostile-portal");
        return 1;
    }
    (void)signal(SIGCHLD, SIG_IGN);
    for (;;) {
        const int peer = accept(listener, NULL, NULL);
        if (peer >= 0 && fork() == 0) {
            close(listener);
            serve(peer, words[2]);
            _exit(0);
        }
        close(peer);
    }
}
