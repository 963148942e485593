/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * A service centre on MAP that only wants to be quick: answers MO-ForwardSM at once, through an STP over IPA. What comes is noted in
 * the ledger (load.h). It reads and writes with our own codecs: what it is for is load, not judgement.
 *
 *   map_sink --port N --name NAME --ledger FILE --pairs N
 *
 * NAME is that of the application server in the STP's configuration. Each line on the standard input is answered by one line of JSON.
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "map/map_sm.h"
#include "map/sccp.h"
#include "sms/tpdu.h"

enum {
	IPA_CCM = 0xfe, IPA_SCCP = 0xfd, IPA_HEADER = 3,
	CCM_PING = 0, CCM_PONG = 1, CCM_ID_GET = 4, CCM_ID_RESP = 5, CCM_ID_ACK = 6,
	TAG_UNIT_NAME = 1, /* of an identity */
	IN_MAX = 1 << 18, OUT_MAX = 1 << 20,
};

static struct {
	int fd;
	bool bound;
	uint8_t in[IN_MAX], out[OUT_MAX];
	size_t in_len, out_len;
} stp;

static struct ledger ledger;
static uint32_t pairs = 1;
static const char *name = "";
static struct {
	uint64_t submitted, unknown, wrong, again, empty_begins, other;
} count;

/* ---- IPA ---- */

static void tx(uint8_t protocol, const uint8_t *body, size_t len)
{
	uint8_t *p = stp.out + stp.out_len;

	if (stp.out_len + IPA_HEADER + len > OUT_MAX)
		die("the STP does not read");
	p[0] = (uint8_t)(len >> 8);
	p[1] = (uint8_t)len;
	p[2] = protocol;
	memcpy(p + IPA_HEADER, body, len);
	stp.out_len += IPA_HEADER + len;
}

static void tx_identity(void)
{
	uint8_t body[128] = {CCM_ID_RESP, 0, 0, TAG_UNIT_NAME};
	size_t len = strlen(name) + 1;

	body[2] = (uint8_t)(len + 1);
	memcpy(body + 4, name, len);
	tx(IPA_CCM, body, 4 + len);
}

static void rx_ccm(const uint8_t *body, size_t len)
{
	const uint8_t pong = CCM_PONG, ack = CCM_ID_ACK;

	switch (len ? body[0] : -1) {
	case CCM_PING:
		tx(IPA_CCM, &pong, 1);
		break;
	case CCM_ID_GET:
		tx_identity();
		break;
	case CCM_ID_ACK:
		tx(IPA_CCM, &ack, 1);
		stp.bound = true;
		break;
	}
}

/* ---- short messages ---- */

/* Concatenation in the user data header: 23.040 9.2.3.24.1, one octet of reference. */
static void part_of(const struct tp_user_data *u, unsigned *part, unsigned *total)
{
	const uint8_t *p = u->tp_ud.p;

	*part = *total = 1;
	if (u->tp_udhi && u->tp_ud.len > 5 && p[0] == 5 && p[1] == 0 && p[4] <= PARTS_MAX) {
		*total = p[4];
		*part = p[5];
	}
}

static void note(struct view tpdu)
{
	struct tpdu_submit s;
	uint8_t octets[256];
	struct wbuf units = wbuf_of(octets, sizeof(octets));
	unsigned part, total;
	uint32_t seq;
	struct ledger_entry *e;
	char b[24];

	if (tpdu_submit_decode(tpdu, &s) || tp_ud_text(&s.u, &units) || !(e = ledger_find(&ledger, octets, units.len, &seq))) {
		count.unknown++;
		return;
	}
	snprintf(b, sizeof(b), "1666%07u", pair_of(seq, pairs));
	if (strcmp(s.tp_da.text, b))
		count.wrong++;
	part_of(&s.u, &part, &total);
	ledger_arrived(e, part, total, now_ns());
	count.again += e->again > 0;
}

/* ---- TCAP ---- */

static void answer(const struct sccp_message *to, struct tcap_message *m)
{
	uint8_t octets[1024], data[512];
	struct wbuf w = wbuf_of(octets, sizeof(octets)), d = wbuf_of(data, sizeof(data));
	struct sccp_message s = {.type = SCCP_UDT, .called = to->calling, .calling = to->called};

	if (tcap_encode(&d, m))
		die("tcap_encode");
	s.data = (struct view){data, d.len};
	if (sccp_encode(&w, &s))
		die("sccp_encode");
	tx(IPA_SCCP, octets, w.len);
}

static void rx_invoke(const struct tcap_component *c, struct tcap_message *out)
{
	struct map_argument a = {.operation = MAP_MO_FORWARD_SM, .version = 3};

	if (c->type != TCAP_INVOKE || map_argument_decode(c->parameter, &a)) {
		count.other++;
		return;
	}
	count.submitted++;
	note(a.forward_sm.sm_rp_ui);
	out->type = TCAP_END;
	out->components[out->component_count++] =
		(struct tcap_component){.type = TCAP_RESULT_LAST, .has_invoke_id = true, .invoke_id = c->invoke_id};
}

static void rx_tcap(const struct sccp_message *s)
{
	struct tcap_message in, out = {.type = TCAP_CONTINUE};

	if (tcap_decode(s->data, &in) || (in.type != TCAP_BEGIN && in.type != TCAP_CONTINUE)) {
		count.other++;
		return;
	}
	out.dtid = in.otid;
	if (in.type == TCAP_BEGIN)
		out.dialogue = (struct tcap_dialogue){.apdu = TCAP_AARE, .ac = in.dialogue.ac, .diagnostic_source = TCAP_DIAGNOSTIC_USER};
	if (in.component_count)
		rx_invoke(&in.components[0], &out);
	else
		count.empty_begins++;
	if (out.type == TCAP_CONTINUE)
		out.otid = in.otid;
	answer(s, &out);
}

/* ---- the connection ---- */

static void rx(uint8_t protocol, const uint8_t *body, size_t len)
{
	struct sccp_message s;

	if (protocol == IPA_CCM)
		rx_ccm(body, len);
	else if (protocol == IPA_SCCP && sccp_decode((struct view){body, len}, &s) == 0)
		rx_tcap(&s);
	else
		count.other++;
}

static void stp_read(void)
{
	ssize_t n = recv(stp.fd, stp.in + stp.in_len, IN_MAX - stp.in_len, MSG_DONTWAIT);
	size_t at = 0, len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("the STP is gone");
	stp.in_len += (size_t)n;
	for (; stp.in_len - at >= IPA_HEADER; at += IPA_HEADER + len) {
		len = (size_t)stp.in[at] << 8 | stp.in[at + 1];
		if (stp.in_len - at < IPA_HEADER + len)
			break;
		rx(stp.in[at + 2], stp.in + at + IPA_HEADER, len);
	}
	stp.in_len -= at;
	memmove(stp.in, stp.in + at, stp.in_len);
}

static void stp_write(void)
{
	ssize_t n = send(stp.fd, stp.out, stp.out_len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n <= 0)
		return;
	stp.out_len -= (size_t)n;
	memmove(stp.out, stp.out + n, stp.out_len);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("connect");
	return fd;
}

static void report(void)
{
	printf("{\"bound\": %d, \"submit_sm\": %lu, \"unknown\": %lu, \"wrong\": %lu, \"again\": %lu, \"empty_begins\": %lu, \"other\": %lu, "
	       "\"deliver_ok\": 0, \"deliver_refused\": 0}\n",
	       stp.bound, count.submitted, count.unknown, count.wrong, count.again, count.empty_begins, count.other);
	fflush(stdout);
}

static void turn(void)
{
	struct io io = {.fd = stp.fd, .write = stp.out_len > 0};

	if (wait_for_io(&io, 1, UINT64_MAX))
		while (command_next())
			report();
	if (io.ready)
		stp_read();
	if (stp.out_len)
		stp_write();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", 1, NULL, 'p'}, {"name", 1, NULL, 'n'}, {"ledger", 1, NULL, 'l'}, {"pairs", 1, NULL, 'a'}, {NULL, 0, NULL, 0}};
	const char *file = NULL;
	int port = 0, c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'p': port = atoi(optarg); break;
		case 'n': name = optarg; break;
		case 'l': file = optarg; break;
		case 'a': pairs = (uint32_t)strtoul(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	if (!file || !port || !pairs || strlen(name) > 64)
		return 2;
	ledger = ledger_open(file);
	stp.fd = connect_to((uint16_t)port);
	printf("ready port=%d\n", port);
	fflush(stdout);
	for (;;)
		turn();
}
