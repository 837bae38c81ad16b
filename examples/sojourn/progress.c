/* The progress bar.  The library calls back now and then; drawing is limited to ten times a second.
 */
#define _POSIX_C_SOURCE 200809L
#include "program.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double progress_now(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_begin(progress *bar, const char *doing)
{
    bar->doing = doing;
    bar->began = progress_now();
    bar->shown = 0;
    bar->terminal = isatty(STDERR_FILENO);
    bar->drawn = 0;
}

int32_t progress_step(void *user, uint64_t done, uint64_t total)
{
    static const char FULL[] = "##############################";
    static const char EMPTY[] = "..............................";
    progress *bar = user;
    const double now = progress_now();
    double share;
    int filled;

    if (!bar->terminal || total == 0 || now - bar->began < 0.5 || now - bar->shown < 0.1)
        return 0;
    share = done < total ? (double)done / (double)total : 1;
    filled = (int)(share * 30);
    fprintf(stderr, "\r[%.*s%.*s] %3.0f %%  %s\033[K", filled, FULL, 30 - filled, EMPTY,
            100 * share, bar->doing);
    bar->shown = now;
    bar->drawn = 1;
    return 0;
}

void progress_end(progress *bar)
{
    if (bar->drawn)
        fputs("\r\033[K", stderr);
    bar->drawn = 0;
}
