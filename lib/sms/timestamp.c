/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Times as short messages carry them (TS 23.040 9.2.3.11, 9.2.3.12.1) and as CPIM writes them (RFC 3339).
 *
 *   year | month | day | hour | minute | second | zone      each octet: low nibble tens, high nibble units
 *
 * The clock fields are local time. Zone: quarter hours; bit 3 of the octet (the top bit of
 * the tens, sent in the low nibble) is set for west of Greenwich.
 */

#include "timestamp.h"

enum {
	DAY_S = 86400,
	EPOCH_DAY = 719162, /* 1970-01-01, counted from 0001-01-01 */
	YEAR_MAX = 9999,
	ZONE_WEST = 0x08,
	ZONE_QUARTERS_MAX = 79, /* three bits of tens, a digit of units */
	ZONE_MINUTES_MAX = 23 * 60 + 59,
};

/* ---- calendar ---- */

struct civil {
	int year, month, day, hour, minute, second;
};

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const uint8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return DAYS[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0001-01-01 to the first of January of year. */
static int64_t days_before(int year)
{
	int64_t y = year - 1;

	return 365 * y + y / 4 - y / 100 + y / 400;
}

static bool civil_is_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 &&
	       c->day >= 1 && c->day <= days_in_month(c->year, c->month) && c->hour < 24 &&
	       c->minute < 60 && c->second < 60;
}

static int64_t civil_to_seconds(const struct civil *c)
{
	int64_t day = days_before(c->year) - EPOCH_DAY + c->day - 1;

	for (int m = 1; m < c->month; m++)
		day += days_in_month(c->year, m);
	return day * DAY_S + c->hour * 3600 + c->minute * 60 + c->second;
}

/* day counts from 0001-01-01, second from midnight */
static struct civil civil_of(int64_t day, int second)
{
	struct civil c = {.year = (int)(day / 366) + 1, .month = 1};

	while (days_before(c.year + 1) <= day)
		c.year++;
	day -= days_before(c.year);
	while (day >= days_in_month(c.year, c.month))
		day -= days_in_month(c.year, c.month++);
	c.day = (int)day + 1;
	c.hour = second / 3600;
	c.minute = second / 60 % 60;
	c.second = second % 60;
	return c;
}

static int local_time(const struct sms_time *t, struct civil *c)
{
	const int64_t first = -(int64_t)EPOCH_DAY * DAY_S;
	const int64_t end = (days_before(YEAR_MAX + 1) - EPOCH_DAY) * DAY_S;
	int64_t local_s;

	if (t->zone_minutes > ZONE_MINUTES_MAX || t->zone_minutes < -ZONE_MINUTES_MAX ||
	    t->utc_s < first - DAY_S || t->utc_s > end + DAY_S)
		return -EINVAL;
	local_s = t->utc_s + t->zone_minutes * 60 - first;
	if (local_s < 0 || local_s >= end - first)
		return -EINVAL;
	*c = civil_of(local_s / DAY_S, (int)(local_s % DAY_S));
	return 0;
}

/* ---- TP-SCTS ---- */

static void put_swapped(struct wbuf *w, int value)
{
	wbuf_u8(w, (uint8_t)(value % 10 << 4 | value / 10));
}

int scts_encode(struct wbuf *w, const struct sms_time *t)
{
	int zone = t->zone_minutes < 0 ? -t->zone_minutes : t->zone_minutes;
	size_t mark = w->len;
	struct civil c;

	if (zone % 15 || zone / 15 > ZONE_QUARTERS_MAX || local_time(t, &c) || c.year < 2000 ||
	    c.year > 2089)
		return -EINVAL;
	put_swapped(w, c.year % 100);
	put_swapped(w, c.month);
	put_swapped(w, c.day);
	put_swapped(w, c.hour);
	put_swapped(w, c.minute);
	put_swapped(w, c.second);
	zone /= 15;
	wbuf_u8(w, (uint8_t)(zone % 10 << 4 | zone / 10 | (t->zone_minutes < 0 ? ZONE_WEST : 0)));
	return wbuf_end(w, mark);
}

static int get_swapped(struct rbuf *r)
{
	uint8_t octet = rbuf_u8(r);

	if (octet >> 4 > 9 || (octet & 15) > 9)
		rbuf_fail(r);
	return (octet & 15) * 10 + (octet >> 4);
}

static int16_t get_zone(struct rbuf *r)
{
	uint8_t octet = rbuf_u8(r);
	int minutes = ((octet & 7) * 10 + (octet >> 4)) * 15;

	if (octet >> 4 > 9)
		rbuf_fail(r);
	return (int16_t)(octet & ZONE_WEST ? -minutes : minutes);
}

void scts_decode(struct rbuf *r, struct sms_time *t)
{
	struct civil c;
	int16_t zone;

	c.year = get_swapped(r);
	c.year += c.year < 90 ? 2000 : 1900;
	c.month = get_swapped(r);
	c.day = get_swapped(r);
	c.hour = get_swapped(r);
	c.minute = get_swapped(r);
	c.second = get_swapped(r);
	zone = get_zone(r);
	*t = (struct sms_time){0};
	if (r->err || !civil_is_valid(&c)) {
		rbuf_fail(r);
		return;
	}
	t->zone_minutes = zone;
	t->utc_s = civil_to_seconds(&c) - zone * 60;
}

/* ---- RFC 3339 ---- */

static void put_decimal(struct wbuf *w, int value, size_t digits)
{
	uint8_t *at = wbuf_room(w, digits);

	for (size_t i = digits; at && i-- > 0; value /= 10)
		at[i] = (uint8_t)('0' + value % 10);
}

static void put_zone(struct wbuf *w, int minutes)
{
	int size = minutes < 0 ? -minutes : minutes;

	if (!minutes) {
		wbuf_str(w, "Z");
		return;
	}
	wbuf_str(w, minutes < 0 ? "-" : "+");
	put_decimal(w, size / 60, 2);
	wbuf_str(w, ":");
	put_decimal(w, size % 60, 2);
}

int sms_time_to_rfc3339(const struct sms_time *t, char out[RFC3339_MAX])
{
	struct wbuf w = wbuf_of(out, RFC3339_MAX);
	struct civil c;

	if (local_time(t, &c))
		return -EINVAL;
	put_decimal(&w, c.year, 4);
	wbuf_str(&w, "-");
	put_decimal(&w, c.month, 2);
	wbuf_str(&w, "-");
	put_decimal(&w, c.day, 2);
	wbuf_str(&w, "T");
	put_decimal(&w, c.hour, 2);
	wbuf_str(&w, ":");
	put_decimal(&w, c.minute, 2);
	wbuf_str(&w, ":");
	put_decimal(&w, c.second, 2);
	put_zone(&w, t->zone_minutes);
	wbuf_u8(&w, 0);
	return w.err ? -EINVAL : 0;
}

static int get_decimal(struct rbuf *r, size_t digits)
{
	struct view v = rbuf_view(r, digits);
	int value = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			rbuf_fail(r);
		value = value * 10 + (v.p[i] - '0');
	}
	return value;
}

/* One character out of set, which it answers. */
static char get_one_of(struct rbuf *r, const char *set)
{
	char c = (char)rbuf_u8(r);

	if (!octet_in((uint8_t)c, set))
		rbuf_fail(r);
	return c;
}

static void skip_fraction(struct rbuf *r)
{
	if (!rbuf_left(r) || r->p[r->pos] != '.')
		return;
	r->pos++;
	get_decimal(r, 1);
	while (rbuf_left(r) && r->p[r->pos] >= '0' && r->p[r->pos] <= '9')
		r->pos++;
}

static int get_offset_minutes(struct rbuf *r)
{
	char sign = get_one_of(r, "Zz+-");
	int hours, minutes;

	if (sign != '+' && sign != '-')
		return 0;
	hours = get_decimal(r, 2);
	get_one_of(r, ":");
	minutes = get_decimal(r, 2);
	if (hours > 23 || minutes > 59)
		rbuf_fail(r);
	return (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
}

int sms_time_from_rfc3339(struct view text, struct sms_time *t)
{
	struct rbuf r = rbuf_of(text);
	struct civil c;
	int offset, leap_second;

	c.year = get_decimal(&r, 4);
	get_one_of(&r, "-");
	c.month = get_decimal(&r, 2);
	get_one_of(&r, "-");
	c.day = get_decimal(&r, 2);
	get_one_of(&r, "Tt ");
	c.hour = get_decimal(&r, 2);
	get_one_of(&r, ":");
	c.minute = get_decimal(&r, 2);
	get_one_of(&r, ":");
	c.second = get_decimal(&r, 2);
	leap_second = c.second == 60;
	c.second -= leap_second;
	skip_fraction(&r);
	offset = get_offset_minutes(&r);
	if (rbuf_end(&r) || !civil_is_valid(&c))
		return -EBADMSG;
	t->utc_s = civil_to_seconds(&c) + leap_second - offset * 60;
	t->zone_minutes = (int16_t)(offset - offset % 15);
	return 0;
}

/* ---- relative TP-VP ---- */

int64_t vp_relative_to_seconds(uint8_t tp_vp)
{
	/* TS 23.040 9.2.3.12.1: base + (value - less) * unit */
	static const struct {
		uint8_t last, less;
		int32_t base_s, unit_s;
	} RANGES[] = {
		{143, 0, 5 * 60, 5 * 60},
		{167, 143, DAY_S / 2, 30 * 60},
		{196, 166, 0, DAY_S},
		{255, 192, 0, 7 * DAY_S},
	};
	size_t i = 0;

	while (tp_vp > RANGES[i].last)
		i++;
	return RANGES[i].base_s + (int64_t)(tp_vp - RANGES[i].less) * RANGES[i].unit_s;
}

uint8_t vp_relative_from_seconds(int64_t seconds)
{
	uint8_t tp_vp = 255;

	while (tp_vp && vp_relative_to_seconds(tp_vp) > seconds)
		tp_vp--;
	return tp_vp;
}
