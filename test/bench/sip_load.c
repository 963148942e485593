/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * A's side: CPM MESSAGEs over UDP at a rate, each a transaction of its own with retransmissions as in RFC 3261
 * 17.1.2.2, and the client that answers what the gateway sends to A (messages and notifications) with 200. What comes
 * and goes is noted in the ledger (load.h).
 *
 *   sip_load --to PORT --a-port N --ledger FILE --pairs N [--template FILE]
 *
 * Commands on the standard input, each answered by one line of JSON:
 *   send RATE FIRST COUNT       messages of A to B, from number FIRST on
 *   report                      what has come and gone so far
 *
 * It works in ticks of half a millisecond, with one system call for all datagrams of a tick, to take little from the
 * processors that it shares with the gateway; when an answer came is the kernel's time stamp.
 *
 * In the template {S} is the number of the message (9 digits), {P} that of its A and B (7 digits), {R} eight
 * characters that differ between two runs; lines end with LF. Without one nothing can be sent.
 */

#include "load.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MESSAGE_MAX = 4096,
	PIECES = 64,
	BATCH = 64,
	TRIES = 11, /* 500 ms, 1, 2, 4, 4, .. until 32 s are over */
	WAITING = 1 << 20, /* transactions of one try; a power of two */
};

static const uint64_t T1_NS = 500000000u, T2_NS = 4000000000u, TICK_NS = 500000u;

static struct ledger ledger;
static struct pace pace;
static uint32_t pairs = 1;
static int client, a_side;
static struct {
	uint64_t sent, resent, given_up, ok, other, late_answers, to_a, to_a_unknown, to_a_again, told, told_again;
} count;

/* ---- the template ---- */

static struct piece {
	const char *text;
	size_t len;
	char field; /* S, P, or 0: text */
} pieces[PIECES];

static unsigned n_pieces;

static void piece_add(const char *text, size_t len, char field)
{
	if (n_pieces == PIECES)
		die("template: too many fields");
	pieces[n_pieces++] = (struct piece){text, len, field};
}

/* LF becomes CR LF, {R} its value; the rest is cut at the fields. */
static void template_compile(const char *in)
{
	char run[16], *out = malloc(2 * strlen(in) + 1024), *p = out, *from = out;

	snprintf(run, sizeof(run), "%08x", (unsigned)(now_ns() >> 10));
	while (*in) {
		if (!strncmp(in, "{R}", 3)) {
			p = stpcpy(p, run);
			in += 3;
		} else if (in[0] == '{' && (in[1] == 'S' || in[1] == 'P') && in[2] == '}') {
			piece_add(from, (size_t)(p - from), 0);
			piece_add(NULL, in[1] == 'S' ? 9 : 7, in[1]);
			in += 3;
			from = p;
		} else {
			if (*in == '\n')
				*p++ = '\r';
			*p++ = *in++;
		}
	}
	piece_add(from, (size_t)(p - from), 0);
}

static void template_read(const char *path)
{
	static char text[MESSAGE_MAX];
	FILE *f = fopen(path, "r");

	if (!f || !fread(text, 1, sizeof(text) - 1, f))
		die(path);
	fclose(f);
	template_compile(text);
}

static void digits(char *p, size_t n, uint32_t v)
{
	for (; n; v /= 10)
		p[--n] = (char)('0' + v % 10);
}

static size_t message_write(char *out, uint32_t seq)
{
	char *p = out;

	for (unsigned i = 0; i < n_pieces; i++) {
		if (pieces[i].field)
			digits(p, pieces[i].len, pieces[i].field == 'S' ? seq : pair_of(seq, pairs));
		else
			memcpy(p, pieces[i].text, pieces[i].len);
		p += pieces[i].len;
	}
	return (size_t)(p - out);
}

/* ---- many datagrams in one call ---- */

static struct datagrams {
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in peer[BATCH];
	char octets[BATCH][MESSAGE_MAX], control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
	unsigned n;
} out, in, answers;

static void datagrams_send(struct datagrams *d, int fd)
{
	for (unsigned done = 0; done < d->n;) {
		int n = sendmmsg(fd, d->m + done, d->n - done, 0);

		if (n <= 0)
			break; /* retransmissions will do */
		done += (unsigned)n;
	}
	d->n = 0;
}

/* @return where to write the next one */
static char *datagram_next(struct datagrams *d, int fd)
{
	if (d->n == BATCH)
		datagrams_send(d, fd);
	return d->octets[d->n];
}

static void datagram_add(struct datagrams *d, size_t len, const struct sockaddr_in *to)
{
	unsigned i = d->n++;

	d->iov[i] = (struct iovec){d->octets[i], len};
	d->m[i].msg_hdr = (struct msghdr){.msg_iov = &d->iov[i], .msg_iovlen = 1};
	if (!to)
		return;
	d->peer[i] = *to;
	d->m[i].msg_hdr.msg_name = &d->peer[i];
	d->m[i].msg_hdr.msg_namelen = sizeof(d->peer[i]);
}

static unsigned datagrams_receive(struct datagrams *d, int fd)
{
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		d->iov[i] = (struct iovec){d->octets[i], MESSAGE_MAX - 1};
		d->m[i].msg_hdr = (struct msghdr){
			.msg_iov = &d->iov[i], .msg_iovlen = 1, .msg_name = &d->peer[i], .msg_namelen = sizeof(d->peer[i]),
			.msg_control = d->control[i], .msg_controllen = sizeof(d->control[i])};
	}
	n = recvmmsg(fd, d->m, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		d->octets[i][d->m[i].msg_len] = '\0';
	return n < 0 ? 0 : (unsigned)n;
}

static uint64_t came_ns(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec t;

	if (!c || c->cmsg_type != SCM_TIMESTAMPNS)
		return now_ns();
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- client transactions ---- */

/* Those that wait for their next retransmission, by try: each queue is in order of time. */
static struct waiting {
	struct { uint64_t due_ns; uint32_t seq; } at[WAITING];
	uint32_t first, end;
} waiting[TRIES];

static void wait_answer(unsigned try, uint32_t seq, uint64_t now)
{
	struct waiting *w = &waiting[try];
	uint64_t pause = T1_NS << try;

	if (w->end - w->first == WAITING)
		die("too many transactions");
	w->at[w->end % WAITING].due_ns = now + (pause < T2_NS ? pause : T2_NS);
	w->at[w->end++ % WAITING].seq = seq;
}

static void transmit(unsigned try, uint32_t seq)
{
	char *p = datagram_next(&out, client);

	datagram_add(&out, message_write(p, seq), NULL);
	wait_answer(try, seq, now_ns());
}

static void send_due(void)
{
	for (uint32_t n = pace_due(&pace); n; n--) {
		uint32_t seq = pace.next++;

		if (seq >= ledger.n)
			die("the ledger is too small");
		ledger.entry[seq].begun_ns = now_ns();
		count.sent++;
		transmit(0, seq);
	}
	datagrams_send(&out, client);
}

static void resend(unsigned try, uint32_t seq)
{
	struct ledger_entry *e = &ledger.entry[seq];

	if (e->answered_ns)
		return;
	if (try + 1 == TRIES) {
		count.given_up++;
		return;
	}
	e->resent++;
	count.resent++;
	transmit(try + 1, seq);
}

static void resend_due(void)
{
	uint64_t now = now_ns();

	for (unsigned try = 0; try < TRIES; try++) {
		struct waiting *w = &waiting[try];

		while (w->first != w->end && w->at[w->first % WAITING].due_ns <= now)
			resend(try, w->at[w->first++ % WAITING].seq);
	}
	datagrams_send(&out, client);
}

/* The number stands in the branch, as z9hG4bK-012345678-.. */
static struct ledger_entry *answered(const char *text)
{
	const char *at = strstr(text, "branch=z9hG4bK-");
	uint32_t seq = at ? (uint32_t)strtoul(at + 15, NULL, 10) : UINT32_MAX;

	return seq < ledger.n ? &ledger.entry[seq] : NULL;
}

static unsigned answers_read_some(void)
{
	unsigned n = datagrams_receive(&in, client);

	for (unsigned i = 0; i < n; i++) {
		unsigned code = (unsigned)atoi(in.octets[i] + 8);
		struct ledger_entry *e = answered(in.octets[i]);

		if (!e || code < 200)
			continue;
		if (e->answered_ns) {
			count.late_answers++;
			continue;
		}
		e->code = code;
		e->answered_ns = came_ns(&in.m[i].msg_hdr);
		count.ok += code == 202;
		count.other += code != 202;
	}
	return n;
}

static void answers_read(void)
{
	while (answers_read_some() == BATCH)
		;
}

/* ---- what comes to A ---- */

/* FNV-1a of the branch */
static uint32_t branch_of(const char *text)
{
	const char *at = strstr(text, "branch=");
	uint32_t h = 2166136261u;

	for (at = at ? at : ""; *at && *at != ';' && *at != '\r'; at++)
		h = (h ^ (uint8_t)*at) * 16777619u;
	return h | 1;
}

static void told(struct ledger_entry *e, uint32_t branch, uint64_t at_ns)
{
	if (e->told_branch == branch)
		return;
	count.told++;
	count.told_again += e->told > 0;
	e->told++;
	e->told_branch = branch;
	e->told_ns = at_ns;
}

static void came(struct ledger_entry *e, uint32_t branch, uint64_t at_ns)
{
	if (e->branch == branch)
		return;
	e->branch = branch;
	count.to_a++;
	ledger_arrived(e, 1, 1, at_ns);
	count.to_a_again += e->again > 0;
}

static void note(const char *text, size_t len, uint64_t at_ns)
{
	const char *about = strstr(text, "<message-id>load-");
	struct ledger_entry *e;
	uint32_t seq;

	if (about) {
		seq = (uint32_t)strtoul(about + 17, NULL, 10);
		e = seq < ledger.n ? &ledger.entry[seq] : NULL;
	} else {
		e = ledger_find(&ledger, text, len, &seq);
	}
	if (!e)
		count.to_a_unknown++;
	else if (about)
		told(e, branch_of(text), at_ns);
	else
		came(e, branch_of(text), at_ns);
}

/* The header lines that an answer repeats, RFC 3261 8.2.6.2 */
static size_t answer_write(char *p, const char *request)
{
	static const char *const kept[] = {"Via:", "From:", "Call-ID:", "CSeq:", "To:"};
	char *start = p;

	p = stpcpy(p, "SIP/2.0 200 OK\r\n");
	for (const char *line = request, *end; (end = strstr(line, "\r\n")) && end != line; line = end + 2) {
		for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
			if (strncmp(line, kept[i], strlen(kept[i])))
				continue;
			p = mempcpy(p, line, (size_t)(end - line));
			p = stpcpy(p, kept[i][0] == 'T' ? ";tag=a\r\n" : "\r\n");
		}
	}
	p = stpcpy(p, "Content-Length: 0\r\n\r\n");
	return (size_t)(p - start);
}

static unsigned requests_read_some(void)
{
	unsigned n = datagrams_receive(&in, a_side);

	for (unsigned i = 0; i < n; i++) {
		char *p = datagram_next(&answers, a_side);

		if (strncmp(in.octets[i], "MESSAGE ", 8))
			continue;
		note(in.octets[i], in.m[i].msg_len, came_ns(&in.m[i].msg_hdr));
		datagram_add(&answers, answer_write(p, in.octets[i]), &in.peer[i]);
	}
	datagrams_send(&answers, a_side);
	return n;
}

static void requests_read(void)
{
	while (requests_read_some() == BATCH)
		;
}

/* ---- commands ---- */

static void report(void)
{
	printf("{\"sent\": %lu, \"left\": %u, \"ok\": %lu, \"other\": %lu, \"resent\": %lu, \"given_up\": %lu, "
	       "\"late_answers\": %lu, \"to_a\": %lu, \"to_a_again\": %lu, \"to_a_unknown\": %lu, \"told\": %lu, "
	       "\"told_again\": %lu, \"late_ms\": %.1f}\n",
	       count.sent, pace.end - pace.next, count.ok, count.other, count.resent, count.given_up, count.late_answers,
	       count.to_a, count.to_a_again, count.to_a_unknown, count.told, count.told_again, (double)pace.late_ns / 1e6);
}

static void commands(void)
{
	double rate;
	unsigned first, n;
	char *line;

	while ((line = command_next())) {
		if (n_pieces && sscanf(line, "send %lf %u %u", &rate, &first, &n) == 3) {
			pace_start(&pace, rate, first, n);
			printf("{}\n");
		} else {
			report();
		}
		fflush(stdout);
	}
}

static int socket_on(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), octets = 16 << 20, one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("socket");
	return fd;
}

static void connect_to(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (connect(client, (struct sockaddr *)&sa, sizeof(sa)))
		die("connect");
}

/* The first of each queue tells enough: another look every 100 ms finds the rest. */
static uint64_t wait_ns(void)
{
	uint64_t ns = pace_wait_ns(&pace), tick = 100000000u;

	for (unsigned try = 0; try < TRIES; try++)
		if (waiting[try].first != waiting[try].end)
			return ns < tick ? ns : tick;
	return ns;
}

static void turn(void)
{
	static uint64_t tick_ns;
	struct io io[] = {{.fd = client}, {.fd = a_side}};
	uint64_t now;

	if (wait_for_io(io, 2, wait_ns()))
		commands();
	now = now_ns();
	if (now - tick_ns < TICK_NS)
		nanosleep(&(struct timespec){.tv_nsec = (long)(TICK_NS - (now - tick_ns))}, NULL);
	tick_ns = now_ns();
	answers_read();
	requests_read();
	send_due();
	resend_due();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"to", 1, NULL, 't'},	 {"a-port", 1, NULL, 'a'}, {"ledger", 1, NULL, 'l'},
						{"pairs", 1, NULL, 'n'}, {"template", 1, NULL, 'm'}, {NULL, 0, NULL, 0}};
	int c;

	prctl(PR_SET_TIMERSLACK, 1000);
	client = socket_on(0);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 't': connect_to((uint16_t)atoi(optarg)); break;
		case 'a': a_side = socket_on((uint16_t)atoi(optarg)); break;
		case 'l': ledger = ledger_open(optarg); break;
		case 'n': pairs = (uint32_t)atoi(optarg); break;
		case 'm': template_read(optarg); break;
		default: return 2;
		}
	}
	if (!ledger.n || !pairs || !a_side)
		return 2;
	printf("ready pid=%d\n", getpid());
	fflush(stdout);
	for (;;)
		turn();
}
