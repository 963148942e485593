/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/mt_retry.c modules/ipsmgw/rp_sip.c */

#include <stdio.h>

#include "lib/cpm/capabilities.h"
#include "lib/sms/rp.h"
#include "modules/ipsmgw/mt_retry.h"
#include "modules/ipsmgw/rp_sip.h"
#include "test.h"

/* What A's answer means to the SMS side and what is tried first (spec 5.7, 5.8). */

enum { CPM = CPM_CAPABILITY_CPM_MSG, IM = CPM_CAPABILITY_IM, BOTH = CPM | IM, DEADLINE_MS = 50000 };

/* ---- each code of table 5.8 ---- */

static const struct {
	int code;
	uint8_t rp_cause;
	bool permanent;
	enum delivery_next next;
	bool stale;
} verdicts[] = {
	{200, 0, false, NEXT_NOTHING, false},
	{202, 0, false, NEXT_NOTHING, false},
	{302, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false},
	{400, RP_CAUSE_PROTOCOL, true, NEXT_NOTHING, false},
	{403, RP_CAUSE_TRANSFER_REJECTED, true, NEXT_NOTHING, false},
	{404, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_OTHER_SERVICE, true},
	{405, RP_CAUSE_PROTOCOL, true, NEXT_NOTHING, false},
	{406, RP_CAUSE_PROTOCOL, true, NEXT_OTHER_SERVICE, false},
	{408, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false},
	{410, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_OTHER_SERVICE, true},
	{413, RP_CAUSE_PROTOCOL, true, NEXT_LARGE_MODE, false},
	{415, RP_CAUSE_PROTOCOL, true, NEXT_OTHER_SERVICE, false},
	{430, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false},
	{480, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_OTHER_SERVICE, false},
	{481, RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false},
	{486, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false},
	{488, RP_CAUSE_PROTOCOL, true, NEXT_OTHER_SERVICE, false},
	{499, RP_CAUSE_PROTOCOL, true, NEXT_NOTHING, false},
	{500, RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false},
	{501, RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_NOTHING, false},
	{502, RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false},
	{503, RP_CAUSE_CONGESTION, false, NEXT_WHEN_ASKED, false},
	{504, RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false},
	{513, RP_CAUSE_PROTOCOL, true, NEXT_LARGE_MODE, false},
	{600, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false},
	{603, RP_CAUSE_TRANSFER_REJECTED, true, NEXT_NOTHING, false},
	{604, RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, true},
	{606, RP_CAUSE_TRANSFER_REJECTED, true, NEXT_NOTHING, false},
	{799, RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_NOTHING, false},
};

static void test_verdicts(void)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		struct delivery_verdict v = verdict_of_sip(verdicts[i].code);

		CHECK(v.rp_cause == verdicts[i].rp_cause && v.permanent == verdicts[i].permanent,
		      "%d: cause %u, %d", verdicts[i].code, v.rp_cause, v.permanent);
		CHECK(v.next == verdicts[i].next && v.stale == verdicts[i].stale, "%d: next %d, %d",
		      verdicts[i].code, v.next, v.stale);
	}
}

/* ---- deliveries ---- */

struct step {
	int code, retry_after_s;
	int64_t at_ms;	  /* since the delivery began */
	unsigned service; /* of the next attempt, 0 if that was it */
	int64_t wait_ms;  /* before it */
	int told;	  /* what the SMS side would hear now */
};

static const struct {
	const char *name;
	unsigned first, registered;
	struct step step[5];
} deliveries[] = {
	{"taken", CPM, BOTH, {{200, -1, 10, 0, 0, 200}}},
	{"CPM, then IM", CPM, BOTH, {{488, -1, 10, IM, 0, 488}, {200, -1, 20, 0, 0, 200}}},
	{"IM, then CPM", IM, BOTH, {{404, -1, 10, CPM, 0, 404}, {404, -1, 20, 0, 0, 404}}},
	{"each once", CPM, BOTH, {{415, -1, 10, IM, 0, 415}, {415, -1, 20, 0, 0, 415}}},
	{"not registered", CPM, CPM, {{480, -1, 10, 0, 0, 480}}},
	{"nothing registered", CPM, 0, {{406, -1, 10, 0, 0, 406}}},
	{"no pager service", CPM, CPM_CAPABILITY_SMSIP | CPM_CAPABILITY_IM_LARGE, {{480, -1, 10, 0, 0, 480}}},
	{"too late for another", CPM, BOTH, {{488, -1, DEADLINE_MS, 0, 0, 488}}},
	{"just in time", CPM, BOTH, {{488, -1, DEADLINE_MS - 1, IM, 0, 488}}},
	{"once more", CPM, BOTH, {{500, -1, 10, CPM, 1000, 500}, {500, -1, 2000, 0, 0, 500}}},
	{"once more, then the other", CPM, BOTH, {{504, -1, 10, CPM, 1000, 504}, {480, -1, 2000, IM, 0, 480}, {502, -1, 3000, 0, 0, 502}}},
	{"the other, then once more", CPM, BOTH, {{488, -1, 10, IM, 0, 488}, {481, -1, 20, IM, 1000, 481}, {488, -1, 2000, 0, 0, 481}}},
	{"once more when asked", CPM, CPM, {{503, 7, 10, CPM, 7000, 503}, {503, 7, 8000, 0, 0, 503}}},
	{"asked for at once", CPM, CPM, {{503, 0, 10, CPM, 1000, 503}, {200, -1, 1100, 0, 0, 200}}},
	{"not asked", CPM, BOTH, {{503, -1, 10, 0, 0, 503}}},
	{"asked for later than that", CPM, CPM, {{503, 50, 10, 0, 0, 503}}},
	{"just before", CPM, CPM, {{503, 49, 10, CPM, 49000, 503}}},
	{"500 that asks", CPM, CPM, {{500, 9, 10, CPM, 9000, 500}}},
	{"hopeless seconds", CPM, CPM, {{503, 0x7fffffff, 10, 0, 0, 503}}},
	{"hope stays", CPM, BOTH, {{480, -1, 10, IM, 0, 480}, {488, -1, 20, 0, 0, 480}}},
	{"hope comes", CPM, BOTH, {{488, -1, 10, IM, 0, 488}, {480, -1, 20, 0, 0, 480}}},
	{"the last of two for ever", CPM, BOTH, {{488, -1, 10, IM, 0, 488}, {403, -1, 20, 0, 0, 403}}},
	{"taken after all", CPM, BOTH, {{480, -1, 10, IM, 0, 480}, {202, -1, 20, 0, 0, 202}}},
	{"large mode has no place yet", CPM, BOTH, {{413, -1, 10, 0, 0, 413}}},
	{"gone everywhere", CPM, BOTH, {{604, -1, 10, 0, 0, 604}}},
};

static void test_delivery(size_t k)
{
	struct mt_tries t = {.service = deliveries[k].first, .deadline_ms = DEADLINE_MS};
	const char *name = deliveries[k].name;

	for (const struct step *s = deliveries[k].step; s->code; s++) {
		struct mt_answer a = {s->code, s->retry_after_s, deliveries[k].registered, s->at_ms};
		struct mt_next n = mt_next(&t, &a);

		CHECK(mt_code(&t, s->code) == s->told, "%s: %d told as %d", name, s->code,
		      mt_code(&t, s->code));
		CHECK(n.again == (s->service != 0), "%s: %d: again %d", name, s->code, n.again);
		if (!n.again || !s->service)
			return;
		CHECK(n.service == s->service && n.not_before_ms == s->at_ms + s->wait_ms,
		      "%s: %d: %x after %lld ms", name, s->code, n.service,
		      (long long)(n.not_before_ms - s->at_ms));
		mt_go_on(&t, &n, s->code);
	}
}

int main(void)
{
	test_verdicts();
	for (size_t i = 0; i < sizeof(deliveries) / sizeof(deliveries[0]); i++)
		test_delivery(i);
	return test_end("mt_retry");
}
