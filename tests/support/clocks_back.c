/* A preloaded library that sets the clocks of a process and its children back by CLOCKS_BACK seconds, so that they may
   be below zero; all but the wall clock, which a crawl compares with what publishers say. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, id, now);
    const char *back = getenv("CLOCKS_BACK");
    if (!failed && back && id != CLOCK_REALTIME) now->tv_sec -= atol(back);
    return failed;
}
