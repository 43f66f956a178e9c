/* clock.c - monotonic and wall time, and their text form (XEP-0082). */
#include "core/clock.h"

#include <stdatomic.h>
#include <stdio.h>

static struct {
	atomic_bool on;
	_Atomic uint64_t mono_ns;
	_Atomic int64_t wall_us;
} fake;

uint64_t rt_clock_ns(void)
{
	struct timespec t;

	if (atomic_load_explicit(&fake.on, memory_order_relaxed))
		return atomic_load_explicit(&fake.mono_ns, memory_order_relaxed);
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t rt_clock_ms(void)
{
	return rt_clock_ns() / 1000000u;
}

int64_t rt_clock_wall_us(void)
{
	struct timespec t;

	if (atomic_load_explicit(&fake.on, memory_order_relaxed))
		return atomic_load_explicit(&fake.wall_us, memory_order_relaxed);
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void rt_clock_fake(bool on, uint64_t mono_ns, int64_t wall_us)
{
	atomic_store(&fake.mono_ns, mono_ns);
	atomic_store(&fake.wall_us, wall_us);
	atomic_store(&fake.on, on);
}

size_t rt_clock_stamp(char *out, size_t size, int64_t wall_us, int digits)
{
	int64_t us = wall_us % 1000000, s = wall_us / 1000000;
	char fraction[16] = "";
	struct tm tm;
	time_t t;
	int n;

	if (us < 0) {
		us += 1000000;
		s--;
	}
	t = (time_t)s;
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099) {
		t = 0; /* no four-digit year: nothing that XEP-0082 could write */
		gmtime_r(&t, &tm);
	}
	if (digits == 3)
		snprintf(fraction, sizeof(fraction), ".%03d", (int)(us / 1000));
	else if (digits == 6)
		snprintf(fraction, sizeof(fraction), ".%06d", (int)us);
	n = snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900,
		     tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
	RT_ASSERT(n > 0 && (size_t)n < size);
	return (size_t)n;
}

/* Exactly n digits at *p; moves it past them. */
static bool take_digits(const char **p, const char *end, int n, int *value)
{
	*value = 0;
	for (; n > 0; n--, (*p)++) {
		if (*p == end || **p < '0' || **p > '9')
			return false;
		*value = *value * 10 + (**p - '0');
	}
	return true;
}

static bool take_char(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/* Any number of digits after the point; those beyond microseconds are dropped. */
static bool take_fraction(const char **p, const char *end, int *us)
{
	int weight = 100000;
	const char *start;

	*us = 0;
	if (!take_char(p, end, '.'))
		return true;
	start = *p;
	for (; *p != end && **p >= '0' && **p <= '9'; (*p)++, weight /= 10)
		*us += (**p - '0') * weight;
	return *p != start;
}

/* "Z" or "+hh:mm"; the offset in seconds east of UTC. */
static bool take_zone(const char **p, const char *end, int *east_s)
{
	int sign, hours, minutes;

	*east_s = 0;
	if (take_char(p, end, 'Z'))
		return true;
	if (take_char(p, end, '+'))
		sign = 1;
	else if (take_char(p, end, '-'))
		sign = -1;
	else
		return false;
	if (!take_digits(p, end, 2, &hours) || !take_char(p, end, ':') ||
	    !take_digits(p, end, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*east_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool rt_clock_parse_stamp(struct rt_str text, int64_t *wall_us)
{
	const char *p = text.p, *end = p != NULL ? p + text.n : p;
	int year, month, day, hour, minute, second, us, east_s;
	struct tm tm = {0};

	if (p == NULL || !take_digits(&p, end, 4, &year) || !take_char(&p, end, '-') ||
	    !take_digits(&p, end, 2, &month) || !take_char(&p, end, '-') ||
	    !take_digits(&p, end, 2, &day) || !take_char(&p, end, 'T') ||
	    !take_digits(&p, end, 2, &hour) || !take_char(&p, end, ':') ||
	    !take_digits(&p, end, 2, &minute) || !take_char(&p, end, ':') ||
	    !take_digits(&p, end, 2, &second) || !take_fraction(&p, end, &us) ||
	    !take_zone(&p, end, &east_s) || p != end)
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of(year, month) || hour > 23 ||
	    minute > 59 || second > 60) /* a leap second */
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*wall_us = ((int64_t)timegm(&tm) - east_s) * 1000000 + us;
	return true;
}
