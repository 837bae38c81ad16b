/* Numbers as text and back. */
#include <float.h>
#include <string.h>

#include "base/number.h"
#include "near.h"

static void check_integer(const char *s, int status, int64_t expected)
{
    int64_t v = 77;

    assert_int_equal(sj__read_integer(s, strlen(s), &v), status);
    assert_true(v == (status == SJ__READ_OK ? expected : 77));
}

static void integers_are_read(void **state)
{
    (void)state;
    check_integer("0", SJ__READ_OK, 0);
    check_integer("-0", SJ__READ_OK, 0);
    check_integer("+12", SJ__READ_OK, 12);
    check_integer("0000000000000000000000012", SJ__READ_OK, 12);
    check_integer("9223372036854775807", SJ__READ_OK, INT64_MAX);
    check_integer("-9223372036854775808", SJ__READ_OK, INT64_MIN);
    check_integer("9223372036854775808", SJ__READ_RANGE, 0);
    check_integer("-9223372036854775809", SJ__READ_RANGE, 0);
    check_integer("99999999999999999999999999", SJ__READ_RANGE, 0);
}

static void what_is_no_integer_is_bad(void **state)
{
    const char *bad[] = {
        "", "-", "+", " 1", "1 ", "1.0", "1e3", "0x1", "--1", "a", "99999999999999999999x"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_integer(bad[i], SJ__READ_BAD, 0);
}

static void check_i128(sj__i128 v, const char *text)
{
    char to[40];
    sj__i128 back = 0;

    assert_int_equal(sj__write_i128(to, v), strlen(text));
    assert_memory_equal(to, text, strlen(text));
    assert_int_equal(sj__read_i128(text, strlen(text), &back), SJ__READ_OK);
    assert_true(back == v);
}

static void great_integers_go_both_ways(void **state)
{
    const sj__i128 most = (sj__i128)(~(sj__u128)0 >> 1);
    const char *above = "170141183460469231731687303715884105728";
    const char *below = "-170141183460469231731687303715884105729";
    sj__i128 v;

    (void)state;
    check_i128(0, "0");
    check_i128(-1, "-1");
    check_i128((sj__i128)UINT64_MAX, "18446744073709551615");
    check_i128((sj__i128)UINT64_C(10000000000000000000), "10000000000000000000");
    check_i128((sj__i128)UINT64_C(10000000000000000000) * 10 + 7, "100000000000000000007");
    check_i128(most, "170141183460469231731687303715884105727");
    check_i128(-most - 1, "-170141183460469231731687303715884105728");
    assert_int_equal(sj__read_i128(above, strlen(above), &v), SJ__READ_RANGE);
    assert_int_equal(sj__read_i128(below, strlen(below), &v), SJ__READ_RANGE);
    assert_int_equal(sj__read_i128("", 0, &v), SJ__READ_BAD);
    assert_int_equal(sj__read_i128("+", 1, &v), SJ__READ_BAD);
    assert_int_equal(sj__read_i128("1.", 2, &v), SJ__READ_BAD);
}

static void integers_are_written(void **state)
{
    char to[20];

    (void)state;
    assert_int_equal(sj__write_integer(to, INT64_MIN), 20);
    assert_memory_equal(to, "-9223372036854775808", 20);
    assert_int_equal(sj__write_integer(to, INT64_MAX), 19);
    assert_memory_equal(to, "9223372036854775807", 19);
    assert_int_equal(sj__write_integer(to, 0), 1);
    assert_memory_equal(to, "0", 1);
    assert_int_equal(sj__write_unsigned(to, UINT64_MAX), 20);
    assert_memory_equal(to, "18446744073709551615", 20);
}

static void check_fixed6(const char *s, int status, int64_t expected)
{
    int64_t v = 77;

    assert_int_equal(sj__read_fixed6(s, strlen(s), &v), status);
    assert_true(v == (status == SJ__READ_OK ? expected : 77));
}

static void decimals_become_millionths(void **state)
{
    (void)state;
    check_fixed6("12.5", SJ__READ_OK, 12500000);
    check_fixed6("-12.50", SJ__READ_OK, -12500000);
    check_fixed6("+0.000001", SJ__READ_OK, 1);
    check_fixed6(".5", SJ__READ_OK, 500000);
    check_fixed6("5.", SJ__READ_OK, 5000000);
    check_fixed6("007", SJ__READ_OK, 7000000);
    check_fixed6("0", SJ__READ_OK, 0);
    check_fixed6("-0.0e5", SJ__READ_OK, 0);
    check_fixed6("1.5e3", SJ__READ_OK, 1500000000);
    check_fixed6("15E-1", SJ__READ_OK, 1500000);
    check_fixed6("1234567e-6", SJ__READ_OK, 1234567);
    check_fixed6("0.000000000000000000000000000012e+30", SJ__READ_OK, 12000000);
}

static void halves_of_millionths_go_to_even(void **state)
{
    (void)state;
    check_fixed6("0.0000005", SJ__READ_OK, 0);
    check_fixed6("0.0000015", SJ__READ_OK, 2);
    check_fixed6("0.0000025", SJ__READ_OK, 2);
    check_fixed6("-0.0000015", SJ__READ_OK, -2);
    check_fixed6("0.00000050000000000000000000000000001", SJ__READ_OK, 1);
    check_fixed6("0.00000049999999999999999999999999999", SJ__READ_OK, 0);
    check_fixed6("0.00000250", SJ__READ_OK, 2);
    check_fixed6("0.0000001", SJ__READ_OK, 0);
    check_fixed6("1e-7", SJ__READ_OK, 0);
    check_fixed6("9e-7", SJ__READ_OK, 1);
    check_fixed6("1e-99999999999999999999", SJ__READ_OK, 0);
}

static void great_decimals_are_out_of_range(void **state)
{
    (void)state;
    check_fixed6("9200000000000", SJ__READ_OK, INT64_C(9200000000000000000));
    check_fixed6("-9.2e12", SJ__READ_OK, INT64_C(-9200000000000000000));
    check_fixed6("9200000000000.0000005", SJ__READ_OK, INT64_C(9200000000000000000));
    check_fixed6("9200000000000.000001", SJ__READ_RANGE, 0);
    check_fixed6("9300000000000", SJ__READ_RANGE, 0);
    check_fixed6("10000000000000", SJ__READ_RANGE, 0);
    check_fixed6("1e99999999999999999999", SJ__READ_RANGE, 0);
    check_fixed6("0e99999999999999999999", SJ__READ_OK, 0);
}

static void what_is_no_decimal_is_bad(void **state)
{
    const char *bad[] = {"",    ".",   "-",   "+.",  "e5",   "1e",  "1e+", "1.2.3", " 1", "1 ",
                         "1,5", "inf", "nan", "0x1", "1e5.", "1_0", "-+1", ".e1",   "1f"};
    int64_t v;
    double real;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(sj__read_fixed6(bad[i], strlen(bad[i]), &v), SJ__READ_BAD);
        assert_int_equal(sj__read_real(bad[i], strlen(bad[i]), &real), SJ__READ_BAD);
    }
}

static void check_from_real(double real, int status, int64_t expected)
{
    int64_t v = 77;

    assert_int_equal(sj__fixed6_from_real(real, &v), status);
    assert_true(v == (status == SJ__READ_OK ? expected : 77));
}

static void doubles_become_millionths(void **state)
{
    (void)state;
    check_from_real(12.5, SJ__READ_OK, 12500000);
    check_from_real(0.1, SJ__READ_OK, 100000);
    check_from_real(-0.0, SJ__READ_OK, 0);
    check_from_real(DBL_TRUE_MIN, SJ__READ_OK, 0);
    /* 1/128 = 0.0078125, 3/128 = 0.0234375: 7812.5 and 23437.5 millionths. */
    check_from_real(1.0 / 128, SJ__READ_OK, 7812);
    check_from_real(3.0 / 128, SJ__READ_OK, 23438);
    check_from_real(-3.0 / 128, SJ__READ_OK, -23438);
    /* No ties: the doubles nearest to 0.5 and 3.5 millionths lie below them, that of 2.5 above. */
    check_from_real(0.0000005, SJ__READ_OK, 0);
    check_from_real(0.0000035, SJ__READ_OK, 3);
    check_from_real(0.0000025, SJ__READ_OK, 3);
    check_from_real(9.2e12, SJ__READ_OK, INT64_C(9200000000000000000));
    check_from_real(nextafter(9.2e12, 1e13), SJ__READ_RANGE, 0);
    check_from_real(-1e300, SJ__READ_RANGE, 0);
    check_from_real((double)INFINITY, SJ__READ_RANGE, 0);
    check_from_real((double)NAN, SJ__READ_BAD, 0);
}

static void millionths_become_doubles(void **state)
{
    const sj__i128 million = 1000000;
    const sj__i128 odd = (INT64_C(1) << 53) + 1; /* halfway between two doubles */
    const double below = 9007199254740992.0;

    (void)state;
    assert_true(sj__fixed6_to_real(0) == 0.0);
    assert_true(sj__fixed6_to_real(100000) == 0.1);
    assert_true(sj__fixed6_to_real(-12500000) == -12.5);
    assert_true(sj__fixed6_to_real(odd * million) == below);
    assert_true(sj__fixed6_to_real(odd * million - 1) == below);
    assert_true(sj__fixed6_to_real(odd * million + 1) == below + 2);
    assert_true(sj__fixed6_to_real(-(odd * million + 1)) == -below - 2);
    assert_true(sj__fixed6_to_real((odd + 2) * million) == below + 4);
    assert_true(sj__fixed6_to_real((sj__i128)1 << 126) == 0x1p126 / 1e6);
}

static void check_read(const char *s, double expected)
{
    double v = 77;

    assert_int_equal(sj__read_real(s, strlen(s), &v), SJ__READ_OK);
    assert_true(v == expected);
    assert_true(signbit(v) == signbit(expected));
}

static void the_nearest_double_is_read(void **state)
{
    (void)state;
    check_read("0", 0.0);
    check_read("-0", -0.0);
    check_read("0.1", 0x1.999999999999ap-4);
    check_read("1e23", 0x1.52d02c7e14af6p+76);
    check_read("123456789012345678901234567890", 0x1.8ee90ff6c373ep+96);
    check_read("1.7976931348623157e308", DBL_MAX);
    check_read("2.2250738585072014e-308", DBL_MIN);
    check_read("5e-324", DBL_TRUE_MIN);
    check_read("1e22", 1e22);
}

static void halfway_goes_to_even(void **state)
{
    (void)state;
    check_read("9007199254740993", 9007199254740992.0);
    check_read("9007199254740993.0000000000000000000000000000000001", 9007199254740994.0);
    check_read("9007199254740992.9999999999999999999999999999999999", 9007199254740992.0);
    check_read("9007199254740995", 9007199254740996.0);
    /* Half of the least double, and a little more. */
    check_read("2.4703282292062327e-324", 0.0);
    check_read("2.4703282292062328e-324", DBL_TRUE_MIN);
    /* Just below the least normal number. */
    check_read("2.2250738585072011e-308", 0x0.fffffffffffffp-1022);
    check_read("2.2250738585072012e-308", 0x1p-1022);
}

/* Digits far behind the point at which a double is decided still decide a tie. */
static void a_very_long_text_is_read_exactly(void **state)
{
    static char s[6000];

    (void)state;
    memset(s, '0', sizeof s);
    memcpy(s, "9007199254740993.", 17);
    s[5998] = '1';
    s[5999] = '\0';
    check_read(s, 9007199254740994.0);
    s[5998] = '0';
    check_read(s, 9007199254740992.0);
    memset(s, '0', sizeof s);
    s[1] = '.';
    memcpy(s + 5990, "1e5989", 7);
    check_read(s, 1.0);
}

static void what_rounds_to_infinity_is_out_of_range(void **state)
{
    const char *over[] = {"1e309", "-1e400", "1.7976931348623159e308", "1e99999999999999999999"};
    double v = 77;

    (void)state;
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        assert_int_equal(sj__read_real(over[i], strlen(over[i]), &v), SJ__READ_RANGE);
    assert_true(v == 77);
    check_read("1.7976931348623158e308", DBL_MAX);
    check_read("1e-99999999999999999999", 0.0);
    check_read("-1e-400", -0.0);
    check_read("0e400", 0.0);
}

static void check_write(double v, const char *expected)
{
    char to[32];
    size_t n = sj__write_real(to, v);

    assert_int_equal(n, strlen(expected));
    assert_memory_equal(to, expected, n);
}

static void the_shortest_text_is_written(void **state)
{
    (void)state;
    check_write(0.1, "0.1");
    check_write(0.3, "0.3");
    check_write(0.1 + 0.2, "0.30000000000000004");
    check_write(1.0 / 3, "0.3333333333333333");
    check_write(1e23, "1e+23");
    check_write(nextafter(1e23, 1e24), "1.0000000000000001e+23");
    check_write(5e-324, "5e-324");
    check_write(1e-323, "1e-323");
    check_write(DBL_MAX, "1.7976931348623157e+308");
    check_write(DBL_MIN, "2.2250738585072014e-308");
    check_write(9007199254740991.0, "9007199254740991");
    check_write(9007199254740992.0, "9007199254740992");
    check_write(9007199254740994.0, "9007199254740994");
    /* 2^-44: its neighbour below is nearer than the one above; 16 digits are enough, but only
     * rounded up. */
    check_write(0x1p-44, "5.684341886080802e-14");
    /* 2^-25 = 2.98023223876953125e-8: of two texts as near the even one. */
    check_write(0x1p-25, "2.9802322387695312e-8");
}

static void small_and_great_have_exponents(void **state)
{
    (void)state;
    check_write(0.0, "0");
    check_write(-0.0, "0");
    check_write(12, "12");
    check_write(-1200, "-1200");
    check_write(1234.5, "1234.5");
    check_write(1e15, "1000000000000000");
    check_write(9999999999999998.0, "9999999999999998");
    check_write(1e16, "1e+16");
    check_write(-1.5e16, "-1.5e+16");
    check_write(1e300, "1e+300");
    check_write(0.000001, "0.000001");
    check_write(0.0000123, "0.0000123");
    check_write(1.25e-7, "1.25e-7");
    check_write(-1.2345678901234567e-6, "-0.0000012345678901234567");
    check_write((double)INFINITY, "inf");
    check_write(-(double)INFINITY, "-inf");
    check_write((double)NAN, "nan");
}

static void check_round_trip(uint64_t bits)
{
    char to[32];
    double v;
    double back = 0;
    size_t n;

    memcpy(&v, &bits, sizeof v);
    if (!isfinite(v))
        return;
    n = sj__write_real(to, v);
    assert_true(n <= 32);
    assert_int_equal(sj__read_real(to, n, &back), SJ__READ_OK);
    assert_true(back == v);
}

static void what_is_written_reads_back(void **state)
{
    uint64_t x = 1;

    (void)state;
    for (uint64_t e = 0; e < 2047; e++) {
        check_round_trip(e << 52);
        check_round_trip((e << 52) + 1);
        check_round_trip((e << 52) | ((UINT64_C(1) << 52) - 1));
    }
    for (int i = 0; i < 5000; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        check_round_trip(x ^ x >> 29);
    }
}

static void a_mean_is_the_nearest_double(void **state)
{
    const sj__u128 whole = (sj__u128)1 << 100;

    (void)state;
    assert_true(sj__mean(0, 7) == 0);
    assert_true(sj__mean(10, 4) == 2.5);
    assert_true(sj__mean(1, 3) == 1.0 / 3);
    assert_true(sj__mean(whole, 1) == 1267650600228229401496703205376.0);
    /* 2^53 + 1 lies between two doubles: to even, and what is a little more goes up */
    assert_true(sj__mean(((sj__u128)1 << 54) + 2, 2) == 9007199254740992.0);
    assert_true(sj__mean(((sj__u128)1 << 54) + 3, 2) == 9007199254740994.0);
    assert_true(sj__mean(((sj__u128)1 << 54) + 6, 2) == 9007199254740996.0);
    assert_true(sj__mean(whole * 3, UINT64_C(1) << 63) == 412316860416.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read),
        cmocka_unit_test(what_is_no_integer_is_bad),
        cmocka_unit_test(great_integers_go_both_ways),
        cmocka_unit_test(integers_are_written),
        cmocka_unit_test(decimals_become_millionths),
        cmocka_unit_test(halves_of_millionths_go_to_even),
        cmocka_unit_test(great_decimals_are_out_of_range),
        cmocka_unit_test(what_is_no_decimal_is_bad),
        cmocka_unit_test(doubles_become_millionths),
        cmocka_unit_test(millionths_become_doubles),
        cmocka_unit_test(the_nearest_double_is_read),
        cmocka_unit_test(halfway_goes_to_even),
        cmocka_unit_test(a_very_long_text_is_read_exactly),
        cmocka_unit_test(what_rounds_to_infinity_is_out_of_range),
        cmocka_unit_test(the_shortest_text_is_written),
        cmocka_unit_test(small_and_great_have_exponents),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(a_mean_is_the_nearest_double),
    };

    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
