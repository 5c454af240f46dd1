#include "sandbox.h"

#include <seccomp.h>
#include <sys/prctl.h>

#include <cerrno>
#include <memory>

namespace conclave::relay_program {
namespace {

/// Sockets, waiting and time, memory, threads' ends, and files by name: the configuration is read again, the key is not.
constexpr const char* needed[] = {
    "recvmmsg", "sendmmsg", "recvmsg", "sendmsg", "recvfrom", "sendto", "accept4", "accept", "shutdown", "getsockopt", "setsockopt",
    "getsockname", "getpeername", "epoll_wait", "epoll_pwait", "epoll_ctl", "poll", "ppoll", "ioctl", "timerfd_settime", "futex",
    "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom", "read", "write", "readv", "writev", "pread64",
    "pwrite64", "close", "openat", "fstat", "newfstatat", "stat", "lstat", "lseek", "fcntl", "fsync", "fdatasync", "ftruncate", "unlink",
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "sigaltstack", "restart_syscall", "sched_yield", "sched_getaffinity", "getpid", "gettid", "tgkill", "exit", "exit_group", "rseq",
    "set_robust_list", "prlimit64", "sysinfo", "access", "faccessat", "geteuid", "getcwd", "readlink", "unlinkat", "fallocate", "fchmod"};

/// What only somebody who took the process over would ask for.
constexpr const char* fatal[] = {"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "socket",
                                 "connect", "bind", "mount", "setuid", "setgid", "init_module", "bpf", "kexec_load", "unshare", "setns"};

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};

bool add_all(scmp_filter_ctx filter) {
  for (const char* name : needed) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number >= 0 && seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) != 0) return false;
  }
  for (const char* name : fatal) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number >= 0 && seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, number, 0) != 0) return false;
  }
  return true;
}

}  // namespace

bool enter_sandbox() {
  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter || !add_all(filter.get())) return false;
  if (seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0) return false;
  return seccomp_load(filter.get()) == 0;
}

}  // namespace conclave::relay_program
