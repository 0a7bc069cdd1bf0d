#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Wraps `prctl(PR_SET_DUMPABLE, 0)`: prctl is variadic, which Swift cannot call.
static inline int clinux_forbid_dumping(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// Sets both limits of core files to 0: the type of setrlimit's first parameter differs between C libraries.
static inline int clinux_forbid_core_files(void) {
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none);
}

/// Wraps the system call of Linux 5.3 (close-on-exec by definition): glibc has no function for it before 2.36.
static inline int clinux_pidfd_open(pid_t pid) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    return -1;
#endif
}

// The C library has these, but declares them only under _GNU_SOURCE, which cannot be set for a module of the system.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int pipe2(int ends[2], int flags);

#endif
