/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Answers without a transaction, as module sl makes them, in two steps: a SIP
 * worker writes the answer that it expects and goes on to its next request;
 * when the outcome is known the spool process sends it, with another status
 * line if need be. Over TCP and TLS an async worker does, because the core may
 * make it wait there.
 */

#include "core/dprint.h"
#include "core/forward.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/msg_translator.h"
#include "modules/sl/sl.h"

#include "ipsmgw.h"
#include "rp_sip.h"
#include "sip_answer.h"
#include "work.h"

struct sip_answer {
	struct work work; /* first */
	struct dest_info to;
	int code;
	str octets, headers; /* headers: behind the status line, to the end */
};

static sl_api_t sl;

int sip_answer_init(void)
{
	return sl_load_api(&sl) < 0 ? -1 : 0;
}

/* ---- in a SIP worker ---- */

static int destination(sip_msg_t *msg, struct dest_info *to)
{
	init_dest_info(to);
	if(!reply_to_via)
		update_sock_struct_from_ip(&to->to, msg);
	else if(update_sock_struct_from_via(&to->to, msg, msg->via1) == -1)
		return -1;
	to->proto = msg->rcv.proto;
	to->send_sock = msg->rcv.bind_address;
	to->id = msg->rcv.proto_reserved1;
	to->send_flags = msg->rpl_send_flags;
	return 0;
}

static char *build(sip_msg_t *msg, int code, unsigned *len)
{
	str reason = str_of_text(sip_reason(code)), tag;
	struct bookmark none;

	if(msg->msg_flags & FL_MSG_NOREPLY || sl.get_reply_totag(msg, &tag) < 0)
		return NULL;
	return build_res_buf_from_sip_req(code, &reason, &tag, msg, len, &none);
}

static void run(struct work *w);

struct sip_answer *sip_answer_new(sip_msg_t *msg, int code)
{
	unsigned len;
	char *octets = build(msg, code, &len), *line_end;
	struct sip_answer *a = octets ? shm_malloc(sizeof(*a) + len) : NULL;

	if(a) {
		memset(a, 0, sizeof(*a));
		a->work.run = run;
		a->work.name = "answer";
		a->code = code;
		a->octets = (str){(char *)(a + 1), (int)len};
		memcpy(a->octets.s, octets, len);
		line_end = memchr(a->octets.s, '\n', len);
		a->headers.s = line_end ? line_end + 1 : a->octets.s + len;
		a->headers.len = (int)(a->octets.s + len - a->headers.s);
	}
	if(octets)
		pkg_free(octets);
	if(a && destination(msg, &a->to)) {
		shm_free(a);
		a = NULL;
	}
	return a;
}

/* ---- in the spool process, and in an async worker ---- */

static void transmit(struct sip_answer *a)
{
	if(msg_send(&a->to, a->octets.s, a->octets.len) < 0)
		LM_NOTICE("an answer could not be sent\n");
}

static void run(struct work *w)
{
	transmit((struct sip_answer *)w);
}

/* The same answer with another status line and more headers. */
static struct sip_answer *changed(
		const struct sip_answer *a, int code, const char *headers)
{
	const char *reason = sip_reason(code);
	size_t size = sizeof(*a) + strlen("SIP/2.0 000 \r\n") + strlen(reason)
				  + strlen(headers) + a->headers.len + 1;
	struct sip_answer *other = shm_malloc(size);

	if(!other) {
		SHM_MEM_ERROR;
		return NULL;
	}
	*other = *a;
	other->octets.s = (char *)(other + 1);
	other->octets.len = snprintf(other->octets.s, size - sizeof(*other),
			"SIP/2.0 %d %s\r\n%s%.*s", code, reason, headers,
			STR_FMT(&a->headers));
	return other;
}

void sip_answer_send(struct sip_answer *a, int code, const char *headers)
{
	struct sip_answer *other;

	if(code != a->code) {
		other = changed(a, code, headers);
		shm_free(a);
		a = other;
	}
	if(!a)
		return;
	if(a->to.proto == PROTO_UDP) {
		transmit(a);
		shm_free(a);
	} else {
		work_push(&a->work);
	}
}
