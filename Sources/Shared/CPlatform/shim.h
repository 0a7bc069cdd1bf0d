// What differs between Linux and macOS, and what Swift cannot call. The macOS half follows Apple's manual pages; it is
// compiled where there is a Mac (CONTRIBUTING.md).
#ifndef CPLATFORM_SHIM_H
#define CPLATFORM_SHIM_H
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
// The C library has these, but declares them only under _GNU_SOURCE, which cannot be set for a module of the system.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int pipe2(int ends[2], int flags);
#else
#include <mach-o/dyld.h>
#endif

/// Keeps other processes of the user away from this one's memory. macOS has no such state: there, reading another
/// process's memory takes a right of its own.
static inline int cplatform_forbid_dumping(void) {
#ifdef __linux__
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
    return 0;
#endif
}

/// Sets both limits of core files to 0: the type of setrlimit's first parameter differs between C libraries.
static inline int cplatform_forbid_core_files(void) {
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none);
}

/// Has all threads allocate from one heap (mallopt(3), M_ARENA_MAX): glibc's threads have one each, and each keeps what
/// it once needed. Nothing where the C library is another.
static inline void cplatform_keep_one_heap(void) {
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

/// A descriptor that can be read from when the process has ended; -1 where there is none. That is the system call of
/// Linux 5.3 (close-on-exec by definition): glibc has no function for it before 2.36.
static inline int cplatform_watch_end(pid_t pid) {
#if defined(__linux__) && defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    return -1;
#endif
}

/// A pipe that is close-on-exec and does not block.
static inline int cplatform_pipe(int ends[2]) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK);
#else
    if (pipe(ends) != 0) return -1;
    for (int end = 0; end < 2; end++) {
        if (fcntl(ends[end], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[end], F_SETFL, O_NONBLOCK) == 0) continue;
        int code = errno;
        close(ends[0]);
        close(ends[1]);
        errno = code;
        return -1;
    }
    return 0;
#endif
}

/// Writes a file's content to the disk itself: on macOS fsync(2) leaves it in the drive's memory.
static inline int cplatform_sync(int descriptor) {
#ifdef F_FULLFSYNC
    if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
    if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY) return -1;
#endif
    return fsync(descriptor);
}

/// The size of the terminal; TIOCGWINSZ is a macro that Swift cannot read on macOS.
static inline int cplatform_window_size(int descriptor, struct winsize *size) {
    return ioctl(descriptor, TIOCGWINSZ, size);
}

/// The path of the program that runs, with its symbolic links resolved, in PATH_MAX bytes; -1 where it is not known.
static inline int cplatform_program_path(char *path) {
#ifdef __linux__
    ssize_t count = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (count < 0) return -1;
    path[count] = 0;
    return 0;
#else
    char given[PATH_MAX];
    uint32_t size = sizeof given;
    return _NSGetExecutablePath(given, &size) == 0 && realpath(given, path) != NULL ? 0 : -1;
#endif
}

enum {
    /// The child has our own descriptor.
    CPLATFORM_INHERIT = -1,
    /// The child reads /dev/null.
    CPLATFORM_NOTHING = -2,
};

/// Adds one of the child's standard descriptors.
static inline int cplatform_give(posix_spawn_file_actions_t *actions, int ours, int theirs) {
    if (ours >= 0) return posix_spawn_file_actions_adddup2(actions, ours, theirs);
    if (ours == CPLATFORM_NOTHING) return posix_spawn_file_actions_addopen(actions, theirs, "/dev/null", O_RDONLY, 0);
#ifdef __linux__
    return 0;
#else
    return posix_spawn_file_actions_addinherit_np(actions, theirs);
#endif
}

/// posix_spawn(3): the child has three descriptors and no other, no signal blocked or ignored.
///
/// Libraries open sockets and files without asking us, not all of them close-on-exec.
///
/// @param own_group whether it leads a process group of its own.
/// @return 0 or the number of the error.
static inline int cplatform_spawn(
    pid_t *process, const char *executable, char *const *arguments, char *const *environment, int input, int output,
    int errors, int own_group) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0) return code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    sigemptyset(&none);
    sigfillset(&all);
    if (own_group) flags |= POSIX_SPAWN_SETPGROUP;
    code = cplatform_give(&actions, input, 0);
    if (code == 0) code = cplatform_give(&actions, output, 1);
    if (code == 0) code = cplatform_give(&actions, errors, 2);
#ifdef __linux__
    if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#else
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    if (code == 0) code = posix_spawnattr_setsigmask(&attributes, &none);
    if (code == 0) code = posix_spawnattr_setsigdefault(&attributes, &all);
    if (code == 0 && own_group) code = posix_spawnattr_setpgroup(&attributes, 0);
    if (code == 0) code = posix_spawnattr_setflags(&attributes, flags);
    if (code == 0) code = posix_spawn(process, executable, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

#endif
