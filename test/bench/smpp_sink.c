/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * An SMSC that only wants to be quick (SMPP 3.4): answers submit_sm at once, tells by receipts that it has delivered,
 * sends deliver_sm at a rate. What comes and goes is noted in the ledger (load.h).
 *
 *   smpp_sink --port N --ledger FILE --pairs N [--receipt-ms N] [--window N]
 *
 * Commands on the standard input, each answered by one line of JSON:
 *   deliver RATE FIRST COUNT     messages of B to A, from number FIRST on
 *   report                       what has come and gone so far
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

enum {
	BIND_RECEIVER = 1, BIND_TRANSMITTER = 2, SUBMIT_SM = 4, DELIVER_SM = 5, UNBIND = 6, BIND_TRANSCEIVER = 9,
	ENQUIRE_LINK = 0x15,
	RESP = (int)0x80000000,
	HEADER = 16,
	SESSIONS = 8, IN_MAX = 1 << 18, OUT_MAX = 1 << 20, PDU_MAX = 4096,
	RECEIPTS = 1 << 20, /* that wait; a power of two */
	SEQUENCES = 1 << 16,
	RECEIPT = 0x80000000u, /* in the table of sequence numbers: not a message */
};

static struct session {
	int fd; /* 0: free */
	bool receives; /* bound for deliver_sm */
	uint8_t in[IN_MAX], out[OUT_MAX];
	size_t in_len, out_len;
} sessions[SESSIONS];

static struct receipt {
	uint64_t due_ns;
	uint32_t id;
	char b[24], a[24];
} receipts[RECEIPTS];

static struct ledger ledger;
static struct pace pace;
static uint32_t pairs = 1, receipts_first, receipts_end, sent_as[SEQUENCES], sequence, message_id;
static uint64_t receipt_ns, window = 100, outstanding;
static bool wants_receipts;
static struct {
	uint64_t submit_sm, unknown, wrong, again, deliver_sm, deliver_ok, deliver_refused, receipts, receipts_refused;
} count;

/* ---- PDUs ---- */

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

static void tx(struct session *s, uint32_t command, uint32_t seq, const void *body, size_t len)
{
	uint8_t *p = s->out + s->out_len;

	if (s->out_len + HEADER + len > OUT_MAX)
		die("the gateway does not read");
	put32(p, (uint32_t)(HEADER + len));
	put32(p + 4, command);
	put32(p + 8, 0);
	put32(p + 12, seq);
	memcpy(p + HEADER, body, len);
	s->out_len += HEADER + len;
}

/* A C-octet string of the PDU; the cursor goes behind it. */
static const char *text(const uint8_t **p, const uint8_t *end)
{
	const char *at = (const char *)*p;
	size_t len = *p < end ? strnlen(at, (size_t)(end - *p)) : 0;

	if (*p >= end || *p + len == end)
		return "";
	*p += len + 1;
	return at;
}

/* ---- submit_sm ---- */

struct submit {
	const char *a, *b;
	uint8_t esm_class, registered;
	const uint8_t *sm;
	size_t len;
};

static bool submit_read(const uint8_t *p, const uint8_t *end, struct submit *m)
{
	text(&p, end);
	p += 2;
	m->a = text(&p, end);
	p += 2;
	m->b = text(&p, end);
	if (end - p < 3)
		return false;
	m->esm_class = *p;
	p += 3;
	text(&p, end);
	text(&p, end);
	if (end - p < 5)
		return false;
	m->registered = p[0];
	m->len = p[4];
	m->sm = p + 5;
	return m->len <= (size_t)(end - m->sm);
}

/* Concatenation in the user data header: 23.040 9.2.3.24.1, one octet of reference. */
static void part_of(const struct submit *m, unsigned *part, unsigned *total)
{
	*part = *total = 1;
	if (m->esm_class & 0x40 && m->len > 6 && m->sm[0] == 5 && m->sm[1] == 0 && m->sm[4] <= PARTS_MAX) {
		*total = m->sm[4];
		*part = m->sm[5];
	}
}

static void note(const struct submit *m)
{
	unsigned part, total;
	uint32_t seq;
	struct ledger_entry *e = ledger_find(&ledger, m->sm, m->len, &seq);
	char b[24];

	if (!e) {
		count.unknown++;
		return;
	}
	snprintf(b, sizeof(b), "1666%07u", pair_of(seq, pairs));
	if (strcmp(m->b, b))
		count.wrong++;
	part_of(m, &part, &total);
	ledger_arrived(e, part, total, now_ns());
	count.again += e->again > 0;
}

static void receipt_later(const struct submit *m, uint32_t id)
{
	struct receipt *r = &receipts[receipts_end++ % RECEIPTS];

	if (receipts_end - receipts_first > RECEIPTS)
		die("too many receipts wait");
	r->due_ns = now_ns() + receipt_ns;
	r->id = id;
	snprintf(r->b, sizeof(r->b), "%s", m->b);
	snprintf(r->a, sizeof(r->a), "%s", m->a);
}

static void rx_submit_sm(struct session *s, uint32_t seq, const uint8_t *p, const uint8_t *end)
{
	struct submit m;
	char id[12];

	count.submit_sm++;
	if (submit_read(p, end, &m)) {
		note(&m);
		if (m.registered & 1 && wants_receipts)
			receipt_later(&m, message_id + 1);
	} else {
		count.unknown++;
	}
	snprintf(id, sizeof(id), "%08x", ++message_id);
	tx(s, SUBMIT_SM | RESP, seq, id, 9);
}

/* ---- deliver_sm ---- */

static struct session *receiver(void)
{
	for (int i = 0; i < SESSIONS; i++)
		if (sessions[i].fd && sessions[i].receives)
			return &sessions[i];
	return NULL;
}

static size_t put_number(uint8_t *p, const char *digits)
{
	p[0] = p[1] = 1; /* international, E.164 */
	return 2 + (size_t)(stpcpy((char *)p + 2, digits) - (char *)p - 2) + 1;
}

static void deliver(struct session *s, const char *b, const char *a, uint8_t esm_class, const char *sm, uint32_t what)
{
	uint8_t body[PDU_MAX] = {0};
	size_t n = 1, len = strlen(sm);

	n += put_number(body + n, b);
	n += put_number(body + n, a);
	body[n] = esm_class;
	n += 9; /* the rest is 0 */
	body[n++] = (uint8_t)len;
	memcpy(body + n, sm, len);
	sent_as[++sequence % SEQUENCES] = what;
	outstanding++;
	tx(s, DELIVER_SM, sequence, body, n + len);
}

static void deliver_message(struct session *s, uint32_t seq)
{
	char a[24], b[24], sm[160];

	snprintf(a, sizeof(a), "1555%07u", pair_of(seq, pairs));
	snprintf(b, sizeof(b), "1666%07u", pair_of(seq, pairs));
	snprintf(sm, sizeof(sm), "#%09u# Yes, see you at 12, at the usual place", seq);
	if (seq < ledger.n)
		ledger.entry[seq].begun_ns = now_ns();
	count.deliver_sm++;
	deliver(s, b, a, 0, sm, seq);
}

static void deliver_receipt(struct session *s, const struct receipt *r)
{
	char sm[200];

	snprintf(sm, sizeof(sm),
		 "id:%08x sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:", r->id);
	count.receipts++;
	deliver(s, r->b, r->a, 4, sm, RECEIPT);
}

static void send_due(void)
{
	struct session *s = receiver();
	uint32_t due = pace_due(&pace);

	if (!s)
		return;
	for (; due && outstanding < window; due--)
		deliver_message(s, pace.next++);
	while (receipts_first != receipts_end && outstanding < window && receipts[receipts_first % RECEIPTS].due_ns <= now_ns())
		deliver_receipt(s, &receipts[receipts_first++ % RECEIPTS]);
}

static void rx_deliver_sm_resp(uint32_t seq, uint32_t status)
{
	uint32_t what = sent_as[seq % SEQUENCES];

	outstanding--;
	if (what == RECEIPT) {
		count.receipts_refused += status != 0;
		return;
	}
	count.deliver_ok += status == 0;
	count.deliver_refused += status != 0;
	if (what < ledger.n) {
		ledger.entry[what].answered_ns = now_ns();
		ledger.entry[what].code = status;
	}
}

/* ---- sessions ---- */

static void rx(struct session *s, const uint8_t *p, uint32_t len)
{
	uint32_t command = get32(p + 4), seq = get32(p + 12);

	switch (command) {
	case BIND_RECEIVER:
	case BIND_TRANSMITTER:
	case BIND_TRANSCEIVER:
		s->receives = command != BIND_TRANSMITTER;
		tx(s, command | RESP, seq, "sink", 5);
		break;
	case SUBMIT_SM:
		rx_submit_sm(s, seq, p + HEADER, p + len);
		break;
	case DELIVER_SM | RESP:
		rx_deliver_sm_resp(seq, get32(p + 8));
		break;
	case ENQUIRE_LINK:
	case UNBIND:
		tx(s, command | RESP, seq, "", 0);
		break;
	}
}

static void session_end(struct session *s)
{
	close(s->fd);
	s->fd = 0;
	outstanding = 0;
}

static void session_read(struct session *s)
{
	ssize_t n = recv(s->fd, s->in + s->in_len, IN_MAX - s->in_len, MSG_DONTWAIT);
	size_t at = 0;
	uint32_t len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		session_end(s);
		return;
	}
	s->in_len += (size_t)n;
	for (; s->in_len - at >= HEADER; at += len) {
		len = get32(s->in + at);
		if (len < HEADER || len > PDU_MAX)
			die("no PDU");
		if (s->in_len - at < len)
			break;
		rx(s, s->in + at, len);
	}
	s->in_len -= at;
	memmove(s->in, s->in + at, s->in_len);
}

static void session_write(struct session *s)
{
	ssize_t n = send(s->fd, s->out, s->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n <= 0)
		return;
	s->out_len -= (size_t)n;
	memmove(s->out, s->out + n, s->out_len);
}

static void session_new(int listener)
{
	int fd = accept(listener, NULL, NULL), one = 1;

	for (int i = 0; fd >= 0 && i < SESSIONS; i++) {
		if (sessions[i].fd)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		sessions[i].fd = fd;
		sessions[i].receives = false;
		sessions[i].in_len = sessions[i].out_len = 0;
		return;
	}
	close(fd);
}

/* ---- commands ---- */

static void report(void)
{
	printf("{\"bound\": %d, \"submit_sm\": %lu, \"unknown\": %lu, \"wrong\": %lu, \"again\": %lu, "
	       "\"deliver_sm\": %lu, \"deliver_ok\": %lu, \"deliver_refused\": %lu, \"deliver_left\": %u, "
	       "\"receipts\": %lu, \"receipts_refused\": %lu, \"receipts_left\": %u, \"outstanding\": %lu, \"late_ms\": %.1f}\n",
	       receiver() != NULL, count.submit_sm, count.unknown, count.wrong, count.again, count.deliver_sm,
	       count.deliver_ok, count.deliver_refused, pace.end - pace.next, count.receipts, count.receipts_refused,
	       receipts_end - receipts_first, outstanding, (double)pace.late_ns / 1e6);
}

static void commands(void)
{
	double rate;
	unsigned first, n;
	char *line;

	while ((line = command_next())) {
		if (sscanf(line, "deliver %lf %u %u", &rate, &first, &n) == 3) {
			pace_start(&pace, rate, first, n);
			printf("{}\n");
		} else {
			report();
		}
		fflush(stdout);
	}
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, SESSIONS))
		die("listen");
	return fd;
}

static uint64_t wait_ns(void)
{
	uint64_t ns = pace_wait_ns(&pace), now = now_ns(), due;

	if (outstanding >= window || !receiver())
		return UINT64_MAX;
	if (receipts_first != receipts_end) {
		due = receipts[receipts_first % RECEIPTS].due_ns;
		due = due > now ? due - now : 0;
		ns = due < ns ? due : ns;
	}
	return ns;
}

static void turn(int listener)
{
	struct io io[SESSIONS + 1] = {{.fd = listener}};
	struct session *at[SESSIONS + 1];
	unsigned n = 1;

	for (int i = 0; i < SESSIONS; i++) {
		if (!sessions[i].fd)
			continue;
		at[n] = &sessions[i];
		io[n++] = (struct io){.fd = sessions[i].fd, .write = sessions[i].out_len > 0};
	}
	if (wait_for_io(io, n, wait_ns()))
		commands();
	for (unsigned i = 1; i < n; i++)
		if (io[i].ready)
			session_read(at[i]);
	if (io[0].ready)
		session_new(listener);
	send_due();
	for (int i = 0; i < SESSIONS; i++)
		if (sessions[i].fd && sessions[i].out_len)
			session_write(&sessions[i]);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"port", 1, NULL, 'p'},	      {"ledger", 1, NULL, 'l'},
						{"pairs", 1, NULL, 'n'},      {"receipt-ms", 1, NULL, 'r'},
						{"window", 1, NULL, 'w'},     {NULL, 0, NULL, 0}};
	const char *file = NULL;
	int port = 0, c, listener;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned long value = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (c) {
		case 'p': port = (int)value; break;
		case 'l': file = optarg; break;
		case 'n': pairs = (uint32_t)value; break;
		case 'w': window = value; break;
		case 'r':
			wants_receipts = true;
			receipt_ns = value * 1000000u;
			break;
		default: return 2;
		}
	}
	if (!file || !port || !pairs)
		return 2;
	ledger = ledger_open(file);
	listener = listen_on((uint16_t)port);
	printf("ready port=%d\n", port);
	fflush(stdout);
	for (;;)
		turn(listener);
}
