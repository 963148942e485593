/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Message waiting: the HLR learns how a delivery ended (reportSM-DeliveryStatus, TS 29.002 12.3) and says when the
 * recipient can be reached again (alertServiceCentre, 12.5). It may know the recipient by another number
 * than the one that was asked for (storedMSISDN) and alerts with that one.
 *
 * A report is one attempt: without it no alert comes, and the module tries again by its schedule.
 */

#include "map_recipient.h"

#include <osmocom/core/talloc.h>

#include "link_client.h"
#include "log.h"

/* ---- numbers that the HLR alerts with ---- */

static void stored_number(struct map_deliver *d, const struct sms_address *asked,
			  const struct sms_address *stored)
{
	struct map_stored_number *s;

	if (!stored->text[0] || !strcmp(stored->text, asked->text))
		return;
	for (unsigned i = 0; i < MAP_STORED_NUMBERS; i++)
		if (!strcmp(d->stored[i].stored, stored->text) &&
		    !strcmp(d->stored[i].asked, asked->text))
			return;
	s = &d->stored[d->stored_next++ % MAP_STORED_NUMBERS];
	strcpy(s->stored, stored->text);
	strcpy(s->asked, asked->text);
}

bool map_report_informed(struct map_deliver *d, const struct sms_address *msisdn,
			 const struct map_inform_service_centre *inform)
{
	uint16_t flags = inform->mw_status.present ? inform->mw_status.value : 0;

	LOGP(DMAP, LOGL_INFO, "informServiceCentre: msisdn=%s stored=%s mw-status=%02x\n",
	     msisdn->text, inform->stored_msisdn.text, flags);
	stored_number(d, msisdn, &inform->stored_msisdn);
	return flags & (MAP_MW_MNRF_SET | MAP_MW_MCEF_SET | MAP_MW_MNRG_SET);
}

/* ---- reportSM-DeliveryStatus ---- */

struct map_delivery_report {
	struct llist_head entry;
	struct map_call call;
	struct map_deliver *deliver;
	struct sms_address msisdn;
};

static void report_free(struct map_delivery_report *report)
{
	map_call_end(report->deliver->stack, &report->call);
	llist_del(&report->entry);
	report->deliver->n_reports--;
	talloc_free(report);
}

static void report_outcome(struct map_call *call, const struct map_outcome *o)
{
	struct map_delivery_report *report = container_of(call, struct map_delivery_report, call);

	if (o->end == MAP_END_RESULT)
		stored_number(report->deliver, &report->msisdn,
			      &o->result->report_sm_delivery_status.stored_msisdn);
	else
		LOGP(DMAP, LOGL_NOTICE,
		     "reportSM-DeliveryStatus of %s: %s %s: no alert will come\n",
		     report->msisdn.text, map_end_name(o->end),
		     o->end == MAP_END_ERROR ? map_error_name(o->error->code) : "");
	report_free(report);
}

static struct map_delivery_report *report_alloc(struct map_deliver *d,
						const struct sms_address *msisdn)
{
	struct map_delivery_report *report =
		d->n_reports < MAP_REPORTS_MAX ? talloc_zero(d, struct map_delivery_report) : NULL;

	if (!report)
		return NULL;
	report->deliver = d;
	report->msisdn = *msisdn;
	report->call.outcome = report_outcome;
	llist_add_tail(&report->entry, &d->reports);
	d->n_reports++;
	return report;
}

void map_report(struct map_deliver *d, const struct sms_address *msisdn,
		const struct map_delivery_status *status)
{
	struct map_request request = {
		.argument.operation = MAP_REPORT_SM_DELIVERY_STATUS,
		.called = map_stack_hlr(d->stack, msisdn),
		.calling = map_stack_own(d->stack, SCCP_SSN_MSC),
	};
	struct map_report_sm_delivery_status *a = &request.argument.report_sm_delivery_status;
	struct map_delivery_report *report;
	int rc = -ENOBUFS;

	if (!d->stack->config.report || !map_delivery_status_report(status, a))
		return;
	a->msisdn = *msisdn;
	a->service_centre_address = d->stack->config.address;
	report = report_alloc(d, msisdn);
	if (report)
		rc = map_call_invoke(d->stack, &report->call, &request);
	if (rc < 0)
		LOGP(DMAP, LOGL_NOTICE, "reportSM-DeliveryStatus of %s not sent: %s\n",
		     msisdn->text, strerror(-rc));
	if (rc < 0 && report)
		report_free(report);
}

void map_report_free_all(struct map_deliver *d)
{
	while (!llist_empty(&d->reports))
		report_free(llist_first_entry(&d->reports, struct map_delivery_report, entry));
}

/* ---- alertServiceCentre ---- */

static void alert_number(struct map_stack *stack, const char *digits)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};
	char text[SMS_ADDRESS_TEXT_MAX + 1];

	if (!*digits)
		return;
	strcpy(a.text, digits);
	sms_address_print(&a, text);
	if (stack->deliver)
		map_routing_memory_forget(stack->deliver->routing, digits);
	link_client_alert(stack->c->link, text);
}

void map_deliver_alert(struct map_stack *stack, uint64_t handle,
		       const struct map_indication *indication)
{
	const struct map_alert_service_centre *a = &indication->argument->alert_service_centre;
	const struct map_result done = {.operation = MAP_ALERT_SERVICE_CENTRE};
	struct map_deliver *d = stack->deliver;

	if (strcmp(a->service_centre_address.text, stack->config.address.text)) {
		LOGP(DMAP, LOGL_NOTICE, "alertServiceCentre from %s for another SC: %s\n",
		     indication->peer->digits, a->service_centre_address.text);
		map_stack_error(stack, handle, MAP_ERROR_UNEXPECTED_DATA_VALUE);
		return;
	}
	LOGP(DMAP, LOGL_INFO, "alertServiceCentre: msisdn=%s\n", a->msisdn.text);
	map_stack_result(stack, handle, &done);
	alert_number(stack, a->msisdn.text);
	for (unsigned i = 0; d && i < MAP_STORED_NUMBERS; i++)
		if (!strcmp(d->stored[i].stored, a->msisdn.text))
			alert_number(stack, d->stored[i].asked);
}
