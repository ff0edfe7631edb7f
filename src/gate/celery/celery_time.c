/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See celery_time.h.  Python writes what datetime.isoformat() gives: six digits of a fraction or none, an offset or
 * none; people who write eta themselves may end it on Z.  Nothing else is taken.
 */
#include "gate/celery/celery_time.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define FRACTION_DIGITS 6

double celery_time_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *read_fraction(const char *s, double *ret)
{
	double unit = 0.1;

	*ret = 0;
	if (*s != '.')
		return s;
	for (s++; isdigit((unsigned char)*s); s++, unit /= 10)
		*ret += (*s - '0') * unit;
	return s;
}

/* "+05:30", "Z" or nothing, up to the end of the text. */
static int read_offset(const char *s, long *ret_sec)
{
	unsigned hours, minutes;
	int used = 0;

	*ret_sec = 0;
	if (*s == '\0' || !strcmp(s, "Z"))
		return 0;
	if ((*s != '+' && *s != '-') || !isdigit((unsigned char)s[1]) || strlen(s) != 6)
		return -EINVAL;
	if (sscanf(s + 1, "%2u:%2u%n", &hours, &minutes, &used) != 2 || used != 5)
		return -EINVAL;
	if (hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_sec = (long)(hours * 3600 + minutes * 60) * (*s == '-' ? -1 : 1);
	return 0;
}

int celery_time_parse(const char *text, double *ret)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction;
	long offset;

	if (!rest)
		return -EINVAL;
	rest = read_fraction(rest, &fraction);
	if (read_offset(rest, &offset) < 0)
		return -EINVAL;
	*ret = (double)timegm(&tm) - (double)offset + fraction;
	return 0;
}

void celery_time_print(double when, char text[static CELERY_TIME_BYTES])
{
	time_t sec = (time_t)when;
	unsigned usec = (unsigned)((when - (double)sec) * 1e6);
	struct tm tm;
	size_t n;

	gmtime_r(&sec, &tm);
	n = strftime(text, CELERY_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, CELERY_TIME_BYTES - n, ".%0*u+00:00", FRACTION_DIGITS, usec % 1000000);
}

int celery_uuid_make(char text[static CELERY_UUID_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	char *to = text;

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -EIO;
	b[6] = (unsigned char)(0x40 | (b[6] & 15));
	b[8] = (unsigned char)(0x80 | (b[8] & 63));
	for (size_t i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = hex[b[i] >> 4];
		*to++ = hex[b[i] & 15];
	}
	*to = '\0';
	return 0;
}
