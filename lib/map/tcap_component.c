/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Components of TCAP (Q.773 3.3, table 17).
 *
 *   A1 Invoke        02 invoke id | [80 linked id] | 02 operation | [parameter]
 *   A2, A7 Result    02 invoke id | [30 | 02 operation | [parameter]]
 *   A3 Error         02 invoke id | 02 error | [parameter]
 *   A4 Reject        02 invoke id or 05 00 | 80..83 problem
 *
 * A component that cannot be read comes out as what its Reject will say (Q.774 table 2): the invoke id
 * as far as it was read, and whether its type, an element or the coding was wrong.
 */

#include "tcap_private.h"

enum {
	TAG_LINKED_ID = 0x80,
	TAG_PROBLEM = 0x80,
	PROBLEM_TYPE_MASK = 3,
};

/* ---- decode: the functions answer 0 or the general problem plus one ---- */

enum fault {
	FAULT_NONE,
	FAULT_UNRECOGNIZED = TCAP_GENERAL_UNRECOGNIZED_COMPONENT + 1,
	FAULT_MISTYPED = TCAP_GENERAL_MISTYPED_COMPONENT + 1,
	FAULT_STRUCTURE = TCAP_GENERAL_BADLY_STRUCTURED + 1,
};

static enum fault get_invoke_id(struct view value, int8_t *id)
{
	int32_t x;

	if (ber_integer_decode(value, &x) || x < INT8_MIN || x > INT8_MAX)
		return FAULT_MISTYPED;
	*id = (int8_t)x;
	return FAULT_NONE;
}

static enum fault get_code(const struct ber_element *e, struct tcap_component *c)
{
	if (e->tag == BER_OID)
		return FAULT_NONE;
	if (e->tag != BER_INTEGER || ber_integer_decode(e->value, &c->code))
		return FAULT_MISTYPED;
	c->has_code = true;
	return FAULT_NONE;
}

/* Operation or error, and the parameter, up to the end. */
static enum fault get_code_and_parameter(struct rbuf *r, struct tcap_component *c)
{
	struct ber_element e;
	enum fault fault;

	if (!ber_next(r, &e))
		return r->err ? FAULT_STRUCTURE : FAULT_MISTYPED;
	fault = get_code(&e, c);
	if (ber_next(r, &e))
		c->parameter = e.whole;
	return fault ? fault : rbuf_end(r) ? FAULT_STRUCTURE : FAULT_NONE;
}

static enum fault get_invoke(struct rbuf *r, struct tcap_component *c)
{
	struct rbuf ahead = *r;
	struct ber_element e;
	enum fault fault = FAULT_NONE;

	if (ber_next(&ahead, &e) && e.tag == TAG_LINKED_ID) {
		fault = get_invoke_id(e.value, &c->linked_id);
		c->has_linked_id = true;
		*r = ahead;
	}
	return fault ? fault : get_code_and_parameter(r, c);
}

static enum fault get_result(struct rbuf *r, struct tcap_component *c)
{
	struct rbuf content;
	struct ber_element e;

	if (!ber_next(r, &e))
		return r->err ? FAULT_STRUCTURE : FAULT_NONE;
	if (rbuf_end(r))
		return FAULT_STRUCTURE;
	if (e.tag != BER_SEQUENCE)
		return FAULT_MISTYPED;
	content = rbuf_of(e.value);
	return e.value.len ? get_code_and_parameter(&content, c) : FAULT_NONE;
}

static enum fault get_reject(struct rbuf *r, struct tcap_component *c)
{
	struct ber_element e;

	if (!ber_next(r, &e))
		return r->err ? FAULT_STRUCTURE : FAULT_MISTYPED;
	if ((e.tag & ~(uint32_t)PROBLEM_TYPE_MASK) != TAG_PROBLEM ||
	    tcap_octet_decode(e.value, &c->problem))
		return FAULT_MISTYPED;
	c->problem_type = e.tag & PROBLEM_TYPE_MASK;
	return rbuf_end(r) ? FAULT_STRUCTURE : FAULT_NONE;
}

static enum fault get_id(struct rbuf *r, struct tcap_component *c)
{
	struct ber_element e;
	enum fault fault;

	if (!ber_next(r, &e))
		return r->err ? FAULT_STRUCTURE : FAULT_MISTYPED;
	if (e.tag == BER_NULL && c->type == TCAP_REJECT)
		return FAULT_NONE;
	fault = e.tag == BER_INTEGER ? get_invoke_id(e.value, &c->invoke_id) : FAULT_MISTYPED;
	c->has_invoke_id = !fault;
	return fault;
}

static enum fault get_component(const struct ber_element *e, struct tcap_component *c)
{
	struct rbuf r = rbuf_of(e->value);
	enum fault fault;

	c->type = (enum tcap_component_type)e->tag;
	switch (c->type) {
	case TCAP_INVOKE:
		fault = get_id(&r, c);
		return fault ? fault : get_invoke(&r, c);
	case TCAP_RESULT_LAST:
	case TCAP_RESULT_NOT_LAST:
		fault = get_id(&r, c);
		return fault ? fault : get_result(&r, c);
	case TCAP_ERROR:
		fault = get_id(&r, c);
		return fault ? fault : get_code_and_parameter(&r, c);
	case TCAP_REJECT:
		fault = get_id(&r, c);
		return fault ? fault : get_reject(&r, c);
	case TCAP_MALFORMED:
		break;
	}
	return FAULT_UNRECOGNIZED;
}

bool tcap_component_next(struct rbuf *r, struct tcap_component *c)
{
	struct ber_element e;
	enum fault fault;

	*c = (struct tcap_component){0};
	if (ber_next(r, &e))
		fault = get_component(&e, c);
	else if (r->err)
		fault = FAULT_STRUCTURE;
	else
		return false;
	if (fault)
		*c = (struct tcap_component){
			.type = TCAP_MALFORMED,
			.has_invoke_id = c->has_invoke_id,
			.invoke_id = c->invoke_id,
			.problem_type = TCAP_PROBLEM_GENERAL,
			.problem = (uint8_t)(fault - 1),
		};
	return true;
}

/* ---- encode ---- */

bool tcap_component_valid(const struct tcap_component *c)
{
	struct rbuf r = rbuf_of(c->parameter);
	struct ber_element e;

	if (c->parameter.len && (!ber_next(&r, &e) || rbuf_end(&r)))
		return false;
	switch (c->type) {
	case TCAP_INVOKE:
	case TCAP_ERROR:
		return c->has_invoke_id && c->has_code;
	case TCAP_RESULT_LAST:
	case TCAP_RESULT_NOT_LAST:
		return c->has_invoke_id && (c->has_code || !c->parameter.len);
	case TCAP_REJECT:
		return c->problem_type <= TCAP_PROBLEM_ERROR;
	case TCAP_MALFORMED:
		break;
	}
	return false;
}

static void put_code_and_parameter(struct wbuf *w, const struct tcap_component *c)
{
	if (c->has_code)
		ber_put_integer(w, BER_INTEGER, c->code);
	wbuf_view(w, c->parameter);
}

static void put_result(struct wbuf *w, const struct tcap_component *c)
{
	size_t mark;

	if (!c->has_code)
		return;
	mark = ber_open(w, BER_SEQUENCE);
	put_code_and_parameter(w, c);
	ber_close(w, mark);
}

void tcap_component_encode(struct wbuf *w, const struct tcap_component *c)
{
	size_t mark = ber_open(w, c->type);

	if (c->has_invoke_id)
		ber_put_integer(w, BER_INTEGER, c->invoke_id);
	else
		ber_put(w, BER_NULL, (struct view){0});
	if (c->type == TCAP_INVOKE && c->has_linked_id)
		ber_put_integer(w, TAG_LINKED_ID, c->linked_id);
	if (c->type == TCAP_REJECT)
		ber_put_integer(w, TAG_PROBLEM | c->problem_type, c->problem);
	else if (c->type == TCAP_RESULT_LAST || c->type == TCAP_RESULT_NOT_LAST)
		put_result(w, c);
	else
		put_code_and_parameter(w, c);
	ber_close(w, mark);
}
