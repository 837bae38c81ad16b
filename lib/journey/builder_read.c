/* From what a caller says to what is staged: keys to numbers, texts and doubles to words of 64
 * bits. */
#include <string.h>

#include "base/number.h"
#include "journey/builder_state.h"

sj_status sj__builder_customer(sj_builder *builder, const char *key, size_t n, uint32_t *out,
                               sj_error *error)
{
    return sj__builder_customer_hashed(builder, sj__hash_key(key, n), key, n, out, error);
}

sj_status sj__builder_customer_hashed(sj_builder *builder, uint64_t hash, const char *key, size_t n,
                                      uint32_t *out, sj_error *error)
{
    const sj_allocator *a = &builder->allocator;
    sj_status status;
    *out = sj__intern_find_hashed(&builder->customers, hash, key, n);
    if (*out != SJ__ABSENT) {
        return SJ_OK;
    }
    status = sj__map_check_name("customer", key, n, error);
    if (!status) {
        status = sj__grow(a, &builder->part, &builder->part_capacity,
                          (size_t)builder->customers.count + 1, error);
    }
    if (!status) {
        status = sj__intern_add(&builder->customers, key, n, out, error);
    }
    if (!status) {
        builder->part[*out] = (uint8_t)(hash >> 56);
    }
    return status;
}

sj_status sj__builder_customer_number(sj_builder *builder, int64_t key, uint32_t *out,
                                      sj_error *error)
{
    int small = key >= 0 && key <= UINT32_MAX;
    char digits[24];
    sj_status status;
    *out = small ? sj__keycache_find(&builder->keys, (uint32_t)key) : SJ__ABSENT;
    if (*out != SJ__ABSENT) {
        return SJ_OK;
    }
    status = sj__builder_customer(builder, digits, sj__write_integer(digits, key), out, error);
    return !status && small ? sj__keycache_add(&builder->keys, (uint32_t)key, *out, error) : status;
}

sj_status sj__builder_check_time(const sj_builder *builder, int64_t time, sj_error *error)
{
    if (builder->from.given && time < builder->from.time) {
        return sj__fail(error, SJ_ERR_TIME, "an event is earlier than observed_from");
    }
    if (builder->until.given && time > builder->until.time) {
        return sj__fail(error, SJ_ERR_TIME, "an event is later than observed_until");
    }
    return SJ_OK;
}

sj_status sj__builder_set(sj_builder *builder, sj__setting setting, sj_error *error)
{
    sj_status status = sj__grow(&builder->allocator, &builder->settings,
                                &builder->settings_capacity, builder->n_settings + 1, error);
    if (!status) {
        builder->settings[builder->n_settings++] = setting;
    }
    return status;
}

sj_status sj__builder_value(double v, int64_t *out, sj_error *error)
{
    if (sj__fixed6_from_real(v, out) != SJ__READ_OK) {
        return sj__fail(error, SJ_ERR_VALUE, "a value must be a number from -9.2e12 to 9.2e12");
    }
    return SJ_OK;
}

sj_status sj__builder_real(double v, uint64_t *word, sj_error *error)
{
    if (v - v != 0) {
        return sj__fail(error, SJ_ERR_VALUE, "a real attribute must be finite");
    }
    if (v == 0) {
        v = 0; /* -0 is 0 */
    }
    memcpy(word, &v, sizeof v);
    return SJ_OK;
}

static sj_status builder_read_category(sj_builder *builder, uint32_t attribute, const char *text,
                                       size_t n, uint64_t *word, sj_error *error)
{
    uint32_t category = sj__intern_find(&builder->map.attribute[attribute].values, text, n);
    sj_status status = SJ_OK;
    if (category == SJ__ABSENT) {
        status = sj__map_see_category(&builder->map, attribute, text, n, &category, error);
    }
    *word = (uint64_t)category + 1;
    return status;
}

sj_status sj__builder_read_text(sj_builder *builder, uint32_t attribute, const char *text, size_t n,
                                int *present, uint64_t *word, sj_error *error)
{
    int64_t whole;
    double real;
    *word = 0;
    *present = n > 0;
    if (n == 0) {
        return SJ_OK;
    }
    switch (builder->map.attribute[attribute].type) {
    case SJ_ATTRIBUTE_INTEGER:
        if (sj__read_integer(text, n, &whole) != SJ__READ_OK) {
            return sj__fail(error, SJ_ERR_VALUE, "the attribute %q takes whole numbers of 64 bits",
                            sj__intern_name(&builder->map.attributes, attribute, NULL));
        }
        *word = (uint64_t)whole;
        return SJ_OK;
    case SJ_ATTRIBUTE_REAL:
        if (sj__read_real(text, n, &real) != SJ__READ_OK) {
            return sj__fail(error, SJ_ERR_VALUE, "the attribute %q takes finite numbers",
                            sj__intern_name(&builder->map.attributes, attribute, NULL));
        }
        return sj__builder_real(real, word, error);
    default:
        return builder_read_category(builder, attribute, text, n, word, error);
    }
}
