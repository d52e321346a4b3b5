/* A preloaded library that sets the clocks of a process and its children back by CLOCKS_BACK seconds, so that they may
   be below zero; all but the wall clock, which a crawl compares with what publishers say.

   A wait until a moment of such a clock, as of Python's locks, is told to the kernel by the kernel's clock: else every
   wait would end at once, and its thread would spin. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long back_of(clockid_t id) {
    const char *back = getenv("CLOCKS_BACK");
    return back && id != CLOCK_REALTIME ? atol(back) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, id, now);
    if (!failed) now->tv_sec -= back_of(id);
    return failed;
}

int sem_clockwait(sem_t *lock, clockid_t id, const struct timespec *until) {
    int (*wait)(sem_t *, clockid_t, const struct timespec *) = dlsym(RTLD_NEXT, "sem_clockwait");
    struct timespec moved = {until->tv_sec + back_of(id), until->tv_nsec};
    return wait(lock, id, &moved);
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t id,
                           const struct timespec *until) {
    int (*wait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) =
        dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    struct timespec moved = {until->tv_sec + back_of(id), until->tv_nsec};
    return wait(condition, mutex, id, &moved);
}
