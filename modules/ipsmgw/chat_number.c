/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The pool of numbers as ranges, filled before fork and read only after it. */

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "chat_number.h"

enum { RANGES_MAX = 64, DIGITS_MAX = 18 };

static struct range {
	bool plus;
	int digits;
	uint64_t first, last;
} ranges[RANGES_MAX];

static unsigned n_ranges;

struct parsed {
	bool plus;
	int digits;
	uint64_t value;
};

/* One number off the front. */
static bool number_read(const char **p, struct parsed *out)
{
	*out = (struct parsed){.plus = **p == '+'};
	*p += out->plus;
	for(; isdigit((unsigned char)**p) && out->digits <= DIGITS_MAX; (*p)++) {
		out->value = out->value * 10 + (uint64_t)(**p - '0');
		out->digits++;
	}
	return out->digits > 0 && out->digits <= DIGITS_MAX;
}

static bool range_read(const char **p, struct range *r)
{
	struct parsed from, to;

	*p += strspn(*p, " ");
	if(!number_read(p, &from))
		return false;
	to = from;
	if(**p == '-') {
		++*p;
		if(!number_read(p, &to))
			return false;
	}
	*p += strspn(*p, " ");
	*r = (struct range){from.plus, from.digits, from.value, to.value};
	return from.plus == to.plus && from.digits == to.digits
			&& from.value <= to.value && (!**p || **p == ',');
}

int chat_number_init(const char *list)
{
	const char *p = list;

	n_ranges = 0;
	while(*p) {
		if(n_ranges == RANGES_MAX || !range_read(&p, &ranges[n_ranges])) {
			LM_ERR("parameter chat_numbers=%s: use up to %d numbers and ranges "
				   "like +1555000-+1555099, separated by commas\n",
					list, RANGES_MAX);
			return -1;
		}
		n_ranges++;
		p += *p == ',';
	}
	return 0;
}

uint64_t chat_number_count(void)
{
	uint64_t n = 0;

	for(unsigned i = 0; i < n_ranges; i++)
		n += ranges[i].last - ranges[i].first + 1;
	return n;
}

void chat_number_at(uint64_t i, char out[CHAT_NUMBER_MAX])
{
	const struct range *r = ranges;

	for(; i > r->last - r->first; r++)
		i -= r->last - r->first + 1;
	snprintf(out, CHAT_NUMBER_MAX, "%s%0*" PRIu64, r->plus ? "+" : "",
			r->digits, r->first + i);
}

bool chat_number_in_pool(const char *number)
{
	struct parsed n;
	const char *p = number;

	if(!number_read(&p, &n) || *p)
		return false;
	for(unsigned i = 0; i < n_ranges; i++) {
		if(ranges[i].plus == n.plus && ranges[i].digits == n.digits
				&& n.value >= ranges[i].first && n.value <= ranges[i].last)
			return true;
	}
	return false;
}
