/* Work in items, on one thread and on several. */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/threads.h"
#include "failing.h"

enum { ITEMS = 2000, WORKERS = 4 };

typedef struct work {
    _Atomic int done[ITEMS];
    _Atomic int busy[SJ__THREADS_MOST]; /* by worker */
    uint64_t n_items;
    uint64_t fail_from; /* items from here on fail with their own number; 0: none */
    uint64_t calls;     /* of progress */
    uint64_t last;      /* done of the last one */
    uint64_t cancel_at; /* the call that asks to stop; 0: none */
    uint64_t total;
    pthread_t caller;
    _Atomic int wrong;
} work;

static sj_status do_item(void *user, size_t worker, uint64_t item, sj_error *error)
{
    work *w = user;

    if (worker >= SJ__THREADS_MOST || item >= w->n_items) {
        w->wrong = 1;
        return SJ_OK;
    }
    if (w->busy[worker]++ != 0 || (worker == 0) != (pthread_equal(pthread_self(), w->caller) != 0))
        w->wrong = 1;
    w->done[item]++;
    w->busy[worker]--;
    if (w->fail_from > 0 && item >= w->fail_from)
        return sj__fail_at(error, SJ_ERR_VALUE, (sj__place){.index = (int64_t)item}, "item %u",
                           item);
    return SJ_OK;
}

static int32_t watch(void *user, uint64_t done, uint64_t total)
{
    work *w = user;

    w->calls++;
    if (total != w->total || done > total || done < w->last ||
        !pthread_equal(pthread_self(), w->caller))
        w->wrong = 1;
    w->last = done;
    return w->calls == w->cancel_at;
}

static sj_status run(work *w, int64_t threads, uint64_t n_items, int progress, sj_error *error)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    sj_run given = {.struct_size = sizeof given, .threads = threads, .user = w};
    sj_run loaded;
    sj_status status;

    if (progress)
        given.progress = watch;
    assert_int_equal(sj__run_load(&given, &loaded, error), SJ_OK);
    w->n_items = n_items;
    w->total = n_items * 3;
    w->caller = pthread_self();
    status = sj__run_items(&loaded, &a, n_items, w->total, do_item, w, error);
    failing_check(&memory);
    assert_int_equal(w->wrong, 0);
    return status;
}

static void no_run_is_one_silent_thread(void **state)
{
    sj_run loaded;

    (void)state;
    assert_int_equal(sj__run_load(NULL, &loaded, NULL), SJ_OK);
    assert_int_equal(loaded.threads, 1);
    assert_null(loaded.progress);
    assert_int_equal(loaded.struct_size, sizeof loaded);
}

static void a_run_is_checked(void **state)
{
    sj_run given = {.struct_size = sizeof given, .threads = -1};
    sj_run loaded;
    sj_error error;

    (void)state;
    assert_int_equal(sj__run_load(&given, &loaded, &error), SJ_ERR_OPTIONS);
    assert_non_null(strstr(error.message, "threads"));
    given.threads = 0;
    given.struct_size = 0;
    assert_int_equal(sj__run_load(&given, &loaded, &error), SJ_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "struct_size"));
    given.struct_size = sizeof given;
    assert_int_equal(sj__run_load(&given, &loaded, &error), SJ_OK);
    assert_int_equal(loaded.threads, 1);
    given.threads = INT64_MAX;
    assert_int_equal(sj__run_load(&given, &loaded, &error), SJ_OK);
    assert_int_equal(loaded.threads, SJ__THREADS_MOST);
}

static void every_item_is_done_once(void **state)
{
    (void)state;
    for (int64_t threads = 1; threads <= WORKERS; threads++) {
        const uint64_t sizes[] = {0, 1, 2, 3, ITEMS};

        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            work w = {.n_items = 0};

            assert_int_equal(run(&w, threads, sizes[i], 0, NULL), SJ_OK);
            for (uint64_t item = 0; item < ITEMS; item++)
                assert_int_equal(w.done[item], item < sizes[i]);
        }
    }
}

static void the_lowest_failure_is_returned(void **state)
{
    (void)state;
    for (int64_t threads = 1; threads <= WORKERS; threads++) {
        work w = {.fail_from = 700};
        sj_error error;

        assert_int_equal(run(&w, threads, ITEMS, 1, &error), SJ_ERR_VALUE);
        assert_int_equal(error.code, SJ_ERR_VALUE);
        assert_int_equal(error.index, 700);
        assert_string_equal(error.message, "item 700");
        for (uint64_t item = 0; item <= 700; item++)
            assert_int_equal(w.done[item], 1);
        for (uint64_t item = 700 + WORKERS; item < ITEMS; item++)
            assert_int_equal(w.done[item], 0);
    }
}

/* Both items fail, at the same time where there are two threads. */
static sj_status fail_together(void *user, size_t worker, uint64_t item, sj_error *error)
{
    _Atomic int *begun = user;

    (void)worker;
    ++*begun;
    for (int i = 0; i < 1000000 && *begun < 2; i++)
        sched_yield();
    return sj__fail(error, SJ_ERR_VALUE, "item %u", item);
}

static void of_two_failures_the_lower_is_returned(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj_run loaded = {.struct_size = sizeof loaded, .threads = 2};

    (void)state;
    for (int i = 0; i < 20; i++) {
        _Atomic int begun = 0;
        sj_error error;

        assert_int_equal(sj__run_items(&loaded, &a, 2, 2, fail_together, &begun, &error),
                         SJ_ERR_VALUE);
        assert_int_equal(begun, 2);
        assert_string_equal(error.message, "item 0");
    }
}

/* Item 0 fails once another one has begun; the others take their time. */
static sj_status fail_first(void *user, size_t worker, uint64_t item, sj_error *error)
{
    _Atomic int *begun = user;

    (void)worker;
    ++*begun;
    if (item == 0) {
        for (int i = 0; i < 1000000 && *begun < 2; i++)
            sched_yield();
        return sj__fail(error, SJ_ERR_VALUE, "first");
    }
    for (int i = 0; i < 100; i++)
        sched_yield();
    return SJ_OK;
}

static void after_a_failure_no_item_begins(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj_run loaded = {.struct_size = sizeof loaded, .threads = 2};
    _Atomic int begun = 0;

    (void)state;
    assert_int_equal(sj__run_items(&loaded, &a, 10000, 1, fail_first, &begun, NULL), SJ_ERR_VALUE);
    assert_true(begun >= 2);
    assert_true(begun < 5000);
}

static void a_failure_needs_no_error(void **state)
{
    work w = {.fail_from = 1};

    (void)state;
    assert_int_equal(run(&w, 2, 10, 0, NULL), SJ_ERR_VALUE);
}

static void progress_begins_with_nothing_and_ends_with_all(void **state)
{
    (void)state;
    for (int64_t threads = 1; threads <= WORKERS; threads++) {
        work w = {.n_items = 0};

        assert_int_equal(run(&w, threads, ITEMS, 1, NULL), SJ_OK);
        assert_int_equal(w.last, w.total);
        if (threads == 1)
            assert_int_equal(w.calls, ITEMS + 1); /* the start, between the items, the end */
        assert_true(w.calls >= 2);
    }
}

static void progress_can_stop(void **state)
{
    (void)state;
    for (int64_t threads = 1; threads <= WORKERS; threads++) {
        work w = {.cancel_at = 1};
        sj_error error;

        assert_int_equal(run(&w, threads, ITEMS, 1, &error), SJ_ERR_CANCELLED);
        assert_int_equal(error.code, SJ_ERR_CANCELLED);
        assert_int_equal(w.calls, 1);
        for (uint64_t item = 0; item < ITEMS; item++)
            assert_int_equal(w.done[item], 0);
    }
}

static void progress_can_stop_between_items(void **state)
{
    work w = {.cancel_at = 11};

    (void)state;
    assert_int_equal(run(&w, 1, ITEMS, 1, NULL), SJ_ERR_CANCELLED);
    for (uint64_t item = 0; item < ITEMS; item++)
        assert_int_equal(w.done[item], item < 10);
}

static void progress_can_stop_at_the_end(void **state)
{
    work w = {.cancel_at = 6};

    (void)state;
    assert_int_equal(run(&w, 1, 5, 1, NULL), SJ_ERR_CANCELLED);
    assert_int_equal(w.done[4], 1);
}

static void great_totals_do_not_overflow(void **state)
{
    work w = {.total = UINT64_MAX, .caller = pthread_self(), .n_items = 3};
    sj_allocator a = sj__allocator(NULL);
    sj_run loaded = {.struct_size = sizeof loaded, .threads = 1, .progress = watch, .user = &w};

    (void)state;
    assert_int_equal(sj__run_items(&loaded, &a, 3, UINT64_MAX, do_item, &w, NULL), SJ_OK);
    assert_int_equal(w.wrong, 0);
    assert_true(w.last == UINT64_MAX);
}

static void without_memory_one_thread_does_the_work(void **state)
{
    failing memory = {.fail_from = 1};
    sj_allocator a = failing_allocator(&memory);
    sj_run loaded = {.struct_size = sizeof loaded, .threads = 3};
    work w = {.n_items = 100, .caller = pthread_self()};

    (void)state;
    assert_int_equal(sj__run_items(&loaded, &a, 100, 100, do_item, &w, NULL), SJ_OK);
    for (uint64_t item = 0; item < 100; item++)
        assert_int_equal(w.done[item], 1);
    assert_int_equal(w.wrong, 0);
    failing_check(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_run_is_one_silent_thread),
        cmocka_unit_test(a_run_is_checked),
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(the_lowest_failure_is_returned),
        cmocka_unit_test(of_two_failures_the_lower_is_returned),
        cmocka_unit_test(after_a_failure_no_item_begins),
        cmocka_unit_test(a_failure_needs_no_error),
        cmocka_unit_test(progress_begins_with_nothing_and_ends_with_all),
        cmocka_unit_test(progress_can_stop),
        cmocka_unit_test(progress_can_stop_between_items),
        cmocka_unit_test(progress_can_stop_at_the_end),
        cmocka_unit_test(great_totals_do_not_overflow),
        cmocka_unit_test(without_memory_one_thread_does_the_work),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
