/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The binary interface between slipway and its plugins, version 1. Plain C: no exceptions, no C++
 * types and no ownership cross it. C++ authors include plugin.h, which wraps all of this.
 *
 * A plugin is a shared object that exports one structure, `slipway_plugin_entry`, of type
 * slipway_plugin. slipway loads it by absolute path in a worker process (never in PID 1), checks
 * abi_version and struct_size, and calls one function per operation. A function may block: the
 * worker has a deadline and may be killed at any moment, so an interrupted operation has to be
 * harmless. Everything passed in is owned by the caller and valid until the function returns;
 * everything passed to a host function is copied before it returns.
 *
 * Compatibility: fields are only ever appended. A newer slipway loads an older plugin of the same
 * abi_version and treats fields beyond its struct_size as null.
 */
#ifndef SLIPWAY_ABI_H
#define SLIPWAY_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLIPWAY_ABI_VERSION 1u
#define SLIPWAY_ENTRY_SYMBOL "slipway_plugin_entry"

/* Not null-terminated. */
typedef struct slipway_text {
    const char *data;
    size_t size;
} slipway_text;

typedef struct slipway_pair {
    slipway_text key;
    slipway_text value; /* list-valued facts and options hold one value per line */
} slipway_pair;

typedef struct slipway_pairs {
    const slipway_pair *items;
    size_t count;
} slipway_pairs;

/* A device as PID 1 knows it: its sysfs path and all facts (docs/plugins.md lists them). */
typedef struct slipway_device {
    slipway_text syspath;
    slipway_pairs facts;
} slipway_device;

typedef enum slipway_mode {
    SLIPWAY_MODE_NORMAL = 0,
    SLIPWAY_MODE_DEGRADED = 1 /* members are missing and the policy says: start anyway */
} slipway_mode;

typedef struct slipway_request {
    uint32_t struct_size;
    uint32_t mode;         /* slipway_mode */
    slipway_text unit;     /* full unit name, for example "luks@1234-…"; empty for inspect/import */
    slipway_text key;      /* the part after '@' */
    slipway_pairs params;  /* the unit's params; of import: "file" and "text" when a file is meant,
                              "root" if other files are to be looked for in another tree than / */
    slipway_pairs options; /* the kernel command line options that the plugin's TOML declares */
    const slipway_device *devices; /* inspect: the device; activate: the members or named devices */
    size_t device_count;
    const slipway_text
        *wanted; /* device references that goals still wait for, "UUID=…", "/dev/…" */
    size_t wanted_count;
} slipway_request;

typedef enum slipway_outcome {
    SLIPWAY_DONE = 0,
    SLIPWAY_INCOMPLETE = 1, /* runs again when a member arrives; say what is missing */
    SLIPWAY_FAILED = 2,     /* for good */
    SLIPWAY_RETRY = 3       /* failed now, may work later: the unit's retries apply */
} slipway_outcome;

typedef struct slipway_membership {
    uint32_t struct_size;
    slipway_text unit;            /* the template with its key: "lvm@<vg uuid>" */
    slipway_text name;            /* for people: "vg0" */
    uint32_t expected;            /* how many members make the assembly complete; 0: not known */
    const slipway_text *provides; /* devnode links that will appear, "/dev/mapper/vg0-root" */
    size_t provides_count;        /* 0: not known, could be any */
} slipway_membership;

typedef struct slipway_question {
    uint32_t struct_size;
    slipway_text message;  /* "Passphrase for cryptroot (/dev/vda2)", without colon */
    slipway_text id;       /* stable identity of what is asked for: "luks:<uuid>" */
    uint32_t echo;         /* 0: show nothing while it is typed */
    uint64_t timeout_usec; /* 0: none */
    /* 1: a passphrase that a person typed for another question may answer this one before a person
     * is asked; each one is offered once per id. Never with echo. */
    uint32_t accept_cached;
} slipway_question;

typedef enum slipway_answer_status {
    SLIPWAY_ANSWERED = 0,
    SLIPWAY_NOT_ANSWERED = 1, /* cancelled by the person, timed out, or nobody can be asked */
    SLIPWAY_ASK_ERROR = 2     /* the connection to PID 1 is gone: give up */
} slipway_answer_status;

/* Who gave an answer. One that was not typed for this very question may well be wrong: it should
 * not count as a person's try. */
typedef enum slipway_answer_source {
    SLIPWAY_SOURCE_PERSON = 0, /* typed for this question */
    SLIPWAY_SOURCE_CACHE = 1,  /* typed for another question (accept_cached) */
    SLIPWAY_SOURCE_PLUGIN = 2  /* given by a plugin with `answer`, for example from a key file */
} slipway_answer_source;

typedef struct slipway_run_result {
    uint32_t struct_size;
    int32_t exit_code;   /* 0-255; 128 + signal if killed; -1 if it could not be started */
    slipway_text output; /* standard output, at most 1 MiB; valid until the next call of run */
    slipway_text errors; /* standard error, at most 64 KiB; valid until the next call of run */
} slipway_run_result;

typedef enum slipway_log_level {
    SLIPWAY_LOG_ERROR = 3,
    SLIPWAY_LOG_WARNING = 4,
    SLIPWAY_LOG_NOTICE = 5,
    SLIPWAY_LOG_INFO = 6,
    SLIPWAY_LOG_DEBUG = 7
} slipway_log_level;

/* What a plugin may ask of slipway while an operation runs. `ctx` is the `ctx` of this struct. */
typedef struct slipway_host {
    uint32_t abi_version;
    uint32_t struct_size;
    void *ctx;

    void (*log)(void *ctx, uint32_t level, slipway_text message);
    /* One line on what the operation is doing now; shown in status and `why`. */
    void (*progress)(void *ctx, slipway_text message);

    /* The reason for the outcome, for people: what, which device, why, what to do. Last call wins.
     */
    void (*reason)(void *ctx, slipway_text message);
    /* Of SLIPWAY_INCOMPLETE: one missing thing per call. */
    void (*missing)(void *ctx, slipway_text what);

    /* Facts about the inspected device, or (in activate) about any device by its syspath. All facts
     * that a plugin published about a device are replaced when it inspects that device again. */
    void (*publish)(void *ctx, slipway_text syspath, slipway_text key, slipway_text value);
    /* Of inspect: this device is a member of that assembly. */
    void (*member)(void *ctx, const slipway_membership *membership);
    /* Of import and activate: units in TOML (docs/units.md), added to the graph as if they were in
     * a file. */
    void (*units)(void *ctx, slipway_text toml);

    /* Asks a person; blocks. The secret is in memory of the host that is locked, and it is wiped
     * when the operation ends or at the next call of ask; the plugin must not copy it. */
    slipway_answer_status (*ask)(void *ctx, const slipway_question *question, slipway_text *secret);

    /* Runs a program without a shell and waits for it. argv[0] is an absolute path; `input` may be
     * null. The environment is slipway's: PATH, and what keeps helpers from waiting for udevd. */
    int (*run)(void *ctx, const char *const *argv, const slipway_text *input,
               slipway_run_result *result);
    /* Loads kernel modules with their dependencies; those that are built in or loaded already are
     * skipped. 0, or an errno value of the first that failed (ENOENT: not in the image). */
    int (*load_modules)(void *ctx, const char *const *names, size_t count);

    /* Takes `amount` of a resource that jobs share, and blocks until it is there: "memory" counts
     * KiB. Waiting does not count against the unit's timeout. One at a time: what was taken before
     * must be released first. Do not hold memory while a person is asked. 0, or an errno value:
     * EBUSY (something is held already), EPIPE (the connection to PID 1 is gone: give up). */
    int (*acquire)(void *ctx, slipway_text resource, uint64_t amount);
    /* Gives back what acquire took; nothing happens if there is nothing. The operation's end does
     * so as well. */
    void (*release)(void *ctx);
    /* Of services: what the unit stands for can be used from now on; the operation goes on. */
    void (*ready)(void *ctx);

    /* Answers the question with this id, whoever asks it, in place of a person: a prompt that is
     * open is withdrawn; otherwise the secret is kept, in locked memory, for the next time that
     * question comes, once. At most 4096 bytes, copied before the call returns; the plugin wipes
     * its own. What is kept is wiped at the switch and when an emergency begins. 0, or an errno
     * value: EINVAL (no id), EMSGSIZE (too long), ENOSPC (too many are kept already), EPIPE (the
     * connection to PID 1 is gone). */
    int (*answer)(void *ctx, slipway_text id, slipway_text secret);
    /* slipway_answer_source of the last ask that was SLIPWAY_ANSWERED. */
    uint32_t (*answer_source)(void *ctx);
} slipway_host;

typedef slipway_outcome (*slipway_operation)(const slipway_host *host,
                                             const slipway_request *request);

typedef struct slipway_plugin {
    uint32_t abi_version;
    uint32_t struct_size;
    const char *name; /* equals [plugin] name in the TOML */
    slipway_operation inspect;
    slipway_operation activate;
    slipway_operation deactivate;
    slipway_operation import;
} slipway_plugin;

#ifdef __cplusplus
}
#endif

#endif
