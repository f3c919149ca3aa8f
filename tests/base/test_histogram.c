#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "base/rng.h"

static struct histogram h;

/* Values of all magnitudes. */
static int64_t value_of(uint32_t n) {
    uint64_t bits = rng_draw(2, RNG_WORK, 0, n);
    return (int64_t)(bits >> (2 + rng_below(rng_draw(2, RNG_WORK, 1, n), 62)));
}

Test(histogram, a_bucket_stands_for_its_lowest_value) {
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        int64_t lowest = histogram_value(i);
        cr_assert_eq(histogram_index(lowest), i);
        cr_assert(i == 0 || histogram_index(lowest - 1) == i - 1);
        cr_assert(i >= 256 || lowest == i, "values below 256 are exact");
    }
    cr_assert_eq(histogram_index((INT64_C(1) << 62) - 1), HISTOGRAM_BUCKETS - 1);
}

Test(histogram, the_error_is_below_a_128th) {
    for (uint32_t n = 0; n < 100000; n++) {
        int64_t value = value_of(n);
        int64_t shown = histogram_value(histogram_index(value));
        cr_assert_leq(shown, value);
        cr_assert(shown == value || value - shown < value / 128 + 1);
    }
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

Test(histogram, percentiles_are_nearest_rank) {
    enum { MOST = 3000 };
    static int64_t sorted[MOST];
    static const uint32_t counts[] = {1, 2, 3, 10, 99, 100, 101, 1000, MOST};
    static const uint32_t shares[] = {0, 1, 10000, 500000, 900000, 990000, 999000, 999999, 1000000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        uint32_t count = counts[c];
        histogram_clear(&h);
        for (uint32_t n = 0; n < count; n++) {
            sorted[n] = value_of(n);
            histogram_record(&h, sorted[n], 1);
        }
        qsort(sorted, count, sizeof *sorted, compare);
        for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
            uint64_t rank = ((uint64_t)count * shares[s] + 999999) / 1000000;
            int64_t exact = sorted[rank > 0 ? rank - 1 : 0];
            cr_assert_eq(histogram_percentile(&h, shares[s]),
                         histogram_value(histogram_index(exact)), "%u ppm of %u", shares[s], count);
        }
        cr_assert_eq(h.max, sorted[count - 1]);
    }
}

Test(histogram, sums_and_means_are_exact) {
    histogram_clear(&h);
    cr_expect_eq(histogram_percentile(&h, 500000), -1);
    cr_expect_eq(histogram_mean_millionths(&h), -1);
    histogram_record(&h, 1000, 2);
    histogram_record(&h, 2000, 1);
    cr_expect_eq(h.count, 3);
    cr_expect_eq(histogram_mean_millionths(&h), 1333333333);
    histogram_clear(&h);
    histogram_record(&h, INT64_C(1) << 61, 1000);
    cr_expect(h.sum == (uint128)1000 << 61);
}

Test(histogram, merging_is_recording_in_one) {
    static struct histogram parts[3];
    static struct histogram whole;
    static struct histogram merged;
    for (uint32_t n = 0; n < 5000; n++) {
        histogram_record(&parts[n % 3], value_of(n), n % 4);
        histogram_record(&whole, value_of(n), n % 4);
    }
    histogram_merge(&merged, &parts[2]);
    histogram_merge(&merged, &parts[0]);
    histogram_merge(&merged, &parts[1]);
    cr_expect_eq(memcmp(merged.bucket, whole.bucket, sizeof whole.bucket), 0);
    cr_expect(merged.count == whole.count && merged.sum == whole.sum && merged.max == whole.max);
}
