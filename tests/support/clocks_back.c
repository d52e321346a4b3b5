/* A preloaded library that sets all clocks of a process and its children back by CLOCKS_BACK seconds, the monotonic one
   too, so that it may be below zero. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, id, now);
    const char *back = getenv("CLOCKS_BACK");
    if (!failed && back) now->tv_sec -= atol(back);
    return failed;
}
