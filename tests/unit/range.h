/* range.h - assert_uint_in_range() of cmocka 2, which deprecates assert_in_range(), for cmocka 1. */
#ifndef RANGE_H
#define RANGE_H

#ifndef assert_uint_in_range
#define assert_uint_in_range(value, minimum, maximum) assert_in_range(value, minimum, maximum)
#endif

#endif
