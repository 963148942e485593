/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Which version of an application context (TS 29.002 5.3, 7.3.1). A peer that does not have it says so in one of
 * three ways, and only with its first message:
 *
 *   ABORT, AARE rejected, acn-not-supported   the version of its context name, else one lower
 *   ABORT, ABRT, map-refuse                   the version of alternativeApplicationContext
 *   P-Abort 2 or 3                            version 1: it knows no dialogue portion
 *
 * Each version is tried once. One that was taken from memory and is refused says that the peer
 * has changed: then the higher ones are tried, too.
 */

#include "dialogue.h"

#include "version_memory.h"

enum { NO_SUGGESTION = 0, DIAGNOSTIC_NO_COMMON_PORTION = 2 };

/*
 * Version 1 reports failures only and knows one reason to be ready; a success would be taken for the
 * contrary.
 */
static bool has_meaning(const struct map_argument *a, uint8_t version)
{
	if (version > 1)
		return true;
	if (a->operation == MAP_REPORT_SM_DELIVERY_STATUS)
		return a->report_sm_delivery_status.sm_delivery_outcome.value !=
		       MAP_OUTCOME_SUCCESS;
	if (a->operation == MAP_READY_FOR_SM)
		return a->ready_for_sm.alert_reason.value == MAP_ALERT_MS_PRESENT;
	return true;
}

static bool is_usable(const struct dialogue *d, const struct map_argument *a, uint8_t version)
{
	struct map_ac ac;
	int32_t code;

	return version && version <= d->version_top && !(d->tried & 1u << version) &&
	       !map_operation_coding(a->operation, version, &ac, &code) && has_meaning(a, version);
}

/* The highest up to most that has not been tried. */
static uint8_t highest_usable(const struct dialogue *d, const struct map_argument *a, uint8_t most)
{
	while (most && !is_usable(d, a, most))
		most--;
	return most;
}

/* ---- memory ---- */

static uint8_t context_of(enum map_operation operation)
{
	struct map_ac ac = {0};
	int32_t code;

	map_operation_coding(operation, map_operation_version_max(operation), &ac, &code);
	return ac.context;
}

uint8_t dialogue_first_version(struct dialogue *d, const struct map_argument *a)
{
	uint8_t known = version_memory_find(d->node->versions, &d->first, context_of(a->operation),
					    clock_ms());

	d->version_top =
		OSMO_MIN(map_operation_version_max(a->operation), d->node->config.version_max);
	if (a->version)
		d->version_top = OSMO_MIN(d->version_top, a->version);
	d->version_top = highest_usable(d, a, d->version_top);
	if (!is_usable(d, a, known))
		return d->version_top;
	d->from_memory = known < d->version_top;
	return known;
}

void dialogue_accepted(struct dialogue *d)
{
	uint8_t context = context_of(d->operation);

	if (d->answered)
		return;
	d->answered = true;
	if (d->tried >> (d->version + 1))
		version_memory_set(d->node->versions, &d->first, context, d->version,
				   clock_ms());
}

/* ---- refusal ---- */

static bool aare_rejects(const struct tcap_message *m)
{
	return m->dialogue.apdu == TCAP_AARE && m->dialogue.result != TCAP_RESULT_ACCEPTED;
}

static bool p_abort_refuses(const struct tcap_message *m)
{
	return m->has_p_abort &&
	       (m->p_abort == TCAP_P_ABORT_INCORRECT || m->p_abort == TCAP_P_ABORT_BADLY_FORMATTED);
}

bool dialogue_refused(const struct dialogue *d, const struct tcap_message *m)
{
	return !d->answered &&
	       (aare_rejects(m) || p_abort_refuses(m) || m->dialogue.map.pdu == MAP_REFUSE);
}

/* It is the version that is refused, not us or the time of day. */
static bool refuses_version(const struct tcap_message *m)
{
	const struct tcap_dialogue *dialogue = &m->dialogue;

	if (m->has_p_abort || dialogue->map.alternative.context)
		return true;
	return dialogue->apdu == TCAP_AARE && dialogue->diagnostic == 2;
}

static uint8_t suggestion(const struct dialogue *d, const struct tcap_message *m)
{
	const struct tcap_dialogue *dialogue = &m->dialogue;

	if (m->has_p_abort)
		return 1;
	if (dialogue->map.alternative.context)
		return dialogue->map.alternative.version;
	if (dialogue->diagnostic_source == TCAP_DIAGNOSTIC_PROVIDER)
		return 1;
	return dialogue->ac.context == d->ac.context ? dialogue->ac.version : NO_SUGGESTION;
}

static uint8_t next_version(const struct dialogue *d, const struct tcap_message *m,
			    const struct map_argument *a)
{
	uint8_t version = suggestion(d, m);

	if (!refuses_version(m))
		return 0;
	if (!is_usable(d, a, version))
		version = highest_usable(d, a, (uint8_t)(d->version - 1));
	if (!version && d->from_memory)
		version = highest_usable(d, a, d->version_top);
	return version;
}

/* Nothing of the refused dialogue is left but what began it. */
static void begin_anew(struct dialogue *d, uint8_t version)
{
	dialogue_renew_id(d);
	d->peer_id.len = 0;
	d->invoke_sent = false;
	d->version = version;
}

void dialogue_fall_back(struct dialogue *d, const struct tcap_message *m)
{
	struct map_argument a = {.operation = d->operation, .version = d->version_top};
	struct map_outcome how = dialogue_abort_outcome(m);
	uint8_t version = 0;

	if (!map_argument_decode((struct view){d->argument, d->argument_octets}, &a))
		version = next_version(d, m, &a);
	if (d->from_memory)
		version_memory_forget(d->node->versions, &d->first, context_of(d->operation));
	if (!version) {
		LOGPDIALOGUE(d, LOGL_NOTICE, "refused, no version left to try\n");
		dialogue_outcome(d, &how);
		return;
	}
	map_count(d->node->ctrs, MAP_CTR_VERSION_FALLBACK);
	LOGPDIALOGUE(d, LOGL_INFO, "refused, again with version %u\n", version);
	begin_anew(d, version);
	if (dialogue_begin(d)) {
		how = (struct map_outcome){.end = MAP_END_NOT_SENT};
		dialogue_outcome(d, &how);
	}
}

struct map_outcome dialogue_abort_outcome(const struct tcap_message *m)
{
	const struct tcap_dialogue *dialogue = &m->dialogue;

	if (m->has_p_abort)
		return (struct map_outcome){.end = MAP_END_P_ABORT, .cause = m->p_abort};
	if (dialogue->map.pdu == MAP_REFUSE)
		return (struct map_outcome){.end = MAP_END_REFUSED, .cause = dialogue->map.reason};
	if (dialogue->apdu == TCAP_AARE)
		return (struct map_outcome){.end = MAP_END_REFUSED, .cause = dialogue->diagnostic};
	if (dialogue->apdu == TCAP_ABRT && dialogue->abort_source == TCAP_ABORT_BY_PROVIDER)
		return (struct map_outcome){.end = MAP_END_P_ABORT,
					    .cause = TCAP_P_ABORT_INCORRECT};
	return (struct map_outcome){.end = MAP_END_U_ABORT, .cause = dialogue->map.reason};
}
