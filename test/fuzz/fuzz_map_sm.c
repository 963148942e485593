/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Parameters of MAP short message operations: kind and version (1), code (1), octets. What is read can be
 * written, and stays as it is then.
 */

#include <stdlib.h>

#include "map/map_sm.h"

enum kind { ARGUMENT, RESULT, ERROR, ADDRESS, KINDS };

struct parameter {
	enum kind kind;
	union {
		struct map_argument argument;
		struct map_result result;
		struct map_error error;
		struct sms_address address;
	};
};

static int decode(struct view in, struct parameter *p)
{
	switch (p->kind) {
	case ARGUMENT:
		return map_argument_decode(in, &p->argument);
	case RESULT:
		return map_result_decode(in, &p->result);
	case ERROR:
		return map_error_decode(in, &p->error);
	default:
		return map_address_decode(in, &p->address);
	}
}

static int encode(struct wbuf *w, const struct parameter *p)
{
	switch (p->kind) {
	case ARGUMENT:
		return map_argument_encode(w, &p->argument);
	case RESULT:
		return map_result_encode(w, &p->result);
	case ERROR:
		return map_error_encode(w, &p->error);
	default:
		return map_address_encode(w, &p->address);
	}
}

static struct parameter prepare(const uint8_t head[2])
{
	struct parameter p = {.kind = (enum kind)((head[0] >> 4) % KINDS)};
	uint8_t version = head[0] & 3;

	if (p.kind == ARGUMENT)
		p.argument = (struct map_argument){.operation = (enum map_operation)head[1],
						   .version = version};
	if (p.kind == RESULT)
		p.result = (struct map_result){.operation = (enum map_operation)head[1],
					       .version = version};
	if (p.kind == ERROR)
		p.error = (struct map_error){.code = head[1], .version = version};
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t once[8192], twice[8192];
	struct wbuf a = wbuf_of(once, sizeof(once)), b = wbuf_of(twice, sizeof(twice));
	struct parameter p, back;

	if (size < 2)
		return 0;
	p = prepare(data);
	back = prepare(data);
	if (decode((struct view){data + 2, size - 2}, &p))
		return 0;
	if (encode(&a, &p) || decode(wbuf_written(&a), &back) || encode(&b, &back) ||
	    !view_eq(wbuf_written(&a), wbuf_written(&b)))
		abort();
	return 0;
}
