/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_peers.c connector/log.c connector/map_ctr.c */

/* Who may ask us for what. */

#include "test.h"

#include "../../connector/map_peers.h"

#include <osmocom/core/talloc.h>

#include "../../connector/log.h"

enum {
	ROUTING = MAP_NODE_SERVES(MAP_SRI_SM),
	MESSAGES = MAP_NODE_SERVES(MAP_MT_FORWARD_SM),
	ALERTS = MAP_NODE_SERVES(MAP_ALERT_SERVICE_CENTRE),
};

static const struct {
	const char *digits;
	uint32_t operations;
	bool none, one, several; /* without rules; with 4917; with 4917, 49301 for alerts and 33 for messages */
} asked[] = {
	{"491710760200", MAP_PEER_ALL, true, true, true},
	{"491710760200", ALERTS, true, true, true},
	{"4917", MESSAGES, true, true, true},
	{"491", MESSAGES, true, false, false},
	{"", MESSAGES, true, false, false},
	{"", MAP_PEER_ALL, true, false, false},
	{"33612345678", MAP_PEER_ALL, true, false, true},
	{"33612345678", MESSAGES, true, false, true},
	{"33612345678", ROUTING, true, false, false},
	{"33612345678", ALERTS, true, false, false},
	{"4930123", ALERTS, true, false, true},
	{"4930123", MESSAGES, true, false, false},
	{"4930223", ALERTS, true, false, false},
};

static void test_rules(void)
{
	static struct map_peers none, one, several;

	CHECK(!map_peers_allow(&one, "4917", MAP_PEER_ALL), "all");
	CHECK(!map_peers_allow(&several, "4917", MAP_PEER_ALL), "all");
	CHECK(!map_peers_allow(&several, "49301", ALERTS), "alerts");
	CHECK(!map_peers_allow(&several, "33", MESSAGES), "messages");
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const char *digits = asked[i].digits;
		uint32_t operations = asked[i].operations;

		CHECK(map_peers_open(&none) == MAP_PEER_ALL && !map_peers_open(&one), "open");
		CHECK(map_peers_may(&none, digits, operations) == asked[i].none, "no rule: %s %x", digits, operations);
		CHECK(map_peers_may(&one, digits, operations) == asked[i].one, "one rule: %s %x", digits, operations);
		CHECK(map_peers_may(&several, digits, operations) == asked[i].several, "several: %s %x", digits,
		      operations);
	}
}

/* A rule for alerts alone leaves the rest open. */
static void test_one_operation(void)
{
	static struct map_peers p;

	CHECK(!map_peers_allow(&p, "491710760500", ALERTS), "the HLR");
	CHECK(map_peers_may(&p, "33612345678", MESSAGES), "messages of all");
	CHECK(map_peers_may(&p, "33612345678", MAP_PEER_ALL), "so he is let in");
	CHECK(!map_peers_may(&p, "33612345678", ALERTS), "but may not alert");
	CHECK(map_peers_open(&p) == (ROUTING | MESSAGES), "open to all");
	CHECK(!map_peers_allow(&p, "491710760500", MESSAGES), "and messages");
	CHECK(p.count == 1 && p.rules[0].operations == (ALERTS | MESSAGES), "one rule for a prefix");
}

static void test_bounds(void)
{
	static struct map_peers p;
	char prefix[16];

	CHECK(map_peers_allow(&p, "", MAP_PEER_ALL) == -EINVAL, "empty");
	CHECK(map_peers_allow(&p, "+49", MAP_PEER_ALL) == -EINVAL, "plus");
	CHECK(map_peers_allow(&p, "123456789012345678901", MAP_PEER_ALL) == -EINVAL, "21 digits");
	CHECK(!map_peers_allow(&p, "12345678901234567890", MAP_PEER_ALL), "20 digits");
	for (unsigned i = 1; i < MAP_PEERS_MAX; i++) {
		snprintf(prefix, sizeof(prefix), "49%u", 1000 + i);
		CHECK(!map_peers_allow(&p, prefix, MAP_PEER_ALL), "%u", i);
	}
	CHECK(map_peers_allow(&p, "5", MAP_PEER_ALL) == -ENOSPC, "one too many");
	CHECK(!map_peers_allow(&p, prefix, ALERTS), "one that is there");
	CHECK(map_peers_forget(&p, "5") == -ENOENT, "not there");
	CHECK(!map_peers_forget(&p, "491001") && !map_peers_may(&p, "491001", MESSAGES), "forgotten");
	CHECK(map_peers_may(&p, "491002", MESSAGES) && p.count == MAP_PEERS_MAX - 1, "its neighbours are not");
	CHECK(!map_peers_forget(&p, prefix) && !map_peers_may(&p, prefix, MESSAGES), "the last one");
	CHECK(!map_peers_forget(&p, "12345678901234567890") && map_peers_may(&p, "491002", MESSAGES), "the first one");
}

static void test_admit(void)
{
	static struct map_peers p;
	struct sccp_address peer = {.gti = SCCP_GTI_TT_NP_ES_NAI, .digits = "491710760200"};

	CHECK(map_peers_admit(&p, &peer, MAP_PEER_ALL) && !p.logged_ms, "all are");
	CHECK(!map_peers_allow(&p, "33", MAP_PEER_ALL), "others only");
	CHECK(!map_peers_admit(&p, &peer, MAP_PEER_ALL) && p.logged_ms, "said once");
	p.logged_ms++;
	CHECK(!map_peers_admit(&p, &peer, MAP_PEER_ALL), "still not");
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 0, "test");

	log_init(&connector_log_info, ctx);
	test_rules();
	test_one_operation();
	test_bounds();
	test_admit();
	talloc_free(ctx);
	return test_end("map_peers");
}
