/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * ipsmgw-connector: the SMS side of ipsmgw. Takes RP messages from the Kamailio module over the
 * link and exchanges them with SMSCs over SMPP, and with a mobile network over MAP; keeps nothing on disk.
 */

#include "connector.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <osmocom/core/application.h>
#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/select.h>
#include <osmocom/core/stats.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/vty/command.h>
#include <osmocom/vty/telnet_interface.h>
#include <osmocom/vty/vty.h>

#include "connector_vty.h"
#include "inbound.h"
#include "link_client.h"
#include "log.h"
#include "map_stack.h"
#include "route.h"
#include "sm.h"
#include "smpp_conn.h"
#include "smsc.h"

#define CONNECTOR_VERSION "0.1.0"

enum {
	CONNECTOR_DRAIN_MS = 3000,  /* for responses to what SMSCs have */
	CONNECTOR_UNBIND_MS = 2500, /* for unbind_resp */
	CONNECTOR_TICK_MS = 20,
};

static struct vty_app_info vty_info = {
	.name = "ipsmgw-connector",
	.version = CONNECTOR_VERSION,
	.copyright = "Copyright (C) 2026 the ipsmgw authors\r\n"
		     "License GPL-2.0-or-later. There is no warranty.\r\n",
};

/* ---- start and stop ---- */

void connector_start(struct connector *c)
{
	struct smsc *smsc;

	c->running = true;
	link_client_start(c->link);
	llist_for_each_entry(smsc, &c->smscs, entry) smsc->ops->start(smsc);
}

struct connector_stop {
	struct connector *c;
	struct osmo_timer_list timer;
	unsigned waited_ms;
	bool unbinding;
};

static bool connector_has_sent(const struct connector *c)
{
	const struct smsc *smsc;

	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		if (smsc->ops->has_sent(smsc))
			return true;
	}
	return false;
}

static bool connector_is_idle(const struct connector *c)
{
	const struct smsc *smsc;

	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		if (!smsc->ops->is_idle(smsc))
			return false;
	}
	return map_stack_is_idle(c->map);
}

static void connector_unbind(struct connector *c)
{
	struct smsc *smsc;

	llist_for_each_entry(smsc, &c->smscs, entry) smsc->ops->stop(smsc);
}

/* First the responses to what has been submitted, then the unbinds. */
static void connector_stop_tick(void *data)
{
	struct connector_stop *stop = data;

	stop->waited_ms += CONNECTOR_TICK_MS;
	if (!stop->unbinding &&
	    (!connector_has_sent(stop->c) || stop->waited_ms >= CONNECTOR_DRAIN_MS)) {
		stop->unbinding = true;
		stop->waited_ms = 0;
		connector_unbind(stop->c);
	}
	if (stop->unbinding &&
	    (connector_is_idle(stop->c) || stop->waited_ms >= CONNECTOR_UNBIND_MS))
		stop->c->stopped = true;
	else
		osmo_timer_schedule(&stop->timer, 0, CONNECTOR_TICK_MS * 1000);
}

void connector_stop(struct connector *c)
{
	struct connector_stop *stop;
	struct smsc *smsc;

	if (c->stopping) {
		c->stopped = true;
		return;
	}
	LOGP(DMAIN, LOGL_NOTICE, "stopping: %u messages in hand\n", sm_count(c));
	c->stopping = true;
	map_stack_stop(c->map);
	llist_for_each_entry(smsc, &c->smscs, entry) smsc_queue_flush(smsc);
	stop = talloc_zero(c, struct connector_stop);
	if (!stop) {
		c->stopped = true;
		return;
	}
	stop->c = c;
	osmo_timer_setup(&stop->timer, connector_stop_tick, stop);
	connector_stop_tick(stop);
}

static void connector_signal(struct osmo_signalfd *sfd, const struct signalfd_siginfo *info)
{
	struct connector *c = sfd->data;

	switch (info->ssi_signo) {
	case SIGTERM:
	case SIGINT:
		connector_stop(c);
		break;
	case SIGUSR1:
		talloc_report_full(c, stderr);
		break;
	}
}

static int connector_signals(struct connector *c)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return osmo_signalfd_setup(c, set, connector_signal, c) ? 0 : -EIO;
}

/* ---- one object that holds all ---- */

static struct connector *connector_alloc(void *ctx)
{
	struct connector *c = talloc_zero(ctx, struct connector);

	if (!c)
		return NULL;
	INIT_LLIST_HEAD(&c->smscs);
	INIT_LLIST_HEAD(&c->routes);
	gethostname(c->node, sizeof(c->node) - 1);
	c->link = link_client_alloc(c);
	c->sms = sm_table_alloc(c);
	c->inbound = inbound_table_alloc(c);
	c->map = map_stack_alloc(c);
	return c->link && c->sms && c->inbound && c->map ? c : NULL;
}

static void connector_free(struct connector *c)
{
	while (!llist_empty(&c->smscs)) {
		struct smsc *smsc = llist_first_entry(&c->smscs, struct smsc, entry);

		smsc->ops->free(smsc);
	}
	map_stack_free(c->map);
	link_client_free(c->link);
	talloc_free(c);
}

/* ---- options ---- */

struct options {
	const char *config_file;
	const char *debug;
	bool daemonize;
	int vty_port;
};

static void print_help(const char *program)
{
	printf("Usage: %s [options]\n"
	       "  -c, --config-file FILE  settings (default ipsmgw-connector.cfg)\n"
	       "  -p, --vty-port PORT     telnet port of the VTY unless the file names one "
	       "(default %d)\n"
	       "  -d, --debug LIST        log categories, e.g. DSMPP,1:DLINK,1\n"
	       "  -D, --daemonize         run in the background\n"
	       "  -V, --version           print the version\n"
	       "  -h, --help              print this\n",
	       program, CONNECTOR_VTY_PORT);
}

static void parse_options(int argc, char *argv[], struct options *o)
{
	static const struct option names[] = {
		{"config-file", required_argument, NULL, 'c'},
		{"vty-port", required_argument, NULL, 'p'},
		{"debug", required_argument, NULL, 'd'},
		{"daemonize", no_argument, NULL, 'D'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:p:d:DVh", names, NULL)) != -1) {
		switch (opt) {
		case 'c':
			o->config_file = optarg;
			break;
		case 'p':
			o->vty_port = atoi(optarg);
			break;
		case 'd':
			o->debug = optarg;
			break;
		case 'D':
			o->daemonize = true;
			break;
		case 'V':
			print_version(1);
			exit(0);
		case 'h':
			print_help(argv[0]);
			exit(0);
		default:
			exit(2);
		}
	}
}

/* ---- main ---- */

static void seed_jitter(void)
{
	unsigned seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		srandom(seed);
}

static void init_logging(void *ctx)
{
	osmo_init_logging2(ctx, &connector_log_info);
	log_set_use_color(osmo_stderr_target, isatty(STDERR_FILENO));
	log_set_print_category(osmo_stderr_target, 1);
	log_set_print_category_hex(osmo_stderr_target, 0);
	log_set_print_level(osmo_stderr_target, 1);
	log_set_print_filename2(osmo_stderr_target, LOG_FILENAME_NONE);
}

static int start(struct connector *c, void *library, const struct options *o)
{
	int rc;

	if (esme_fsm_init() < 0 || connector_signals(c) < 0)
		return -EIO;
	rc = vty_read_config_file(o->config_file, c);
	if (rc < 0) {
		fprintf(stderr, "cannot read the settings in %s\n", o->config_file);
		return rc;
	}
	if (o->debug)
		log_parse_category_mask(osmo_stderr_target, o->debug);
	rc = telnet_init_default(library, c, o->vty_port);
	if (rc < 0) {
		fprintf(stderr, "cannot open the VTY on port %d\n", o->vty_port);
		return rc;
	}
	if (o->daemonize && osmo_daemonize() < 0)
		return -EIO;
	rc = map_stack_start(c->map);
	if (rc == 0)
		connector_start(c);
	return rc;
}

int main(int argc, char *argv[])
{
	struct options o = {.config_file = "ipsmgw-connector.cfg", .vty_port = CONNECTOR_VTY_PORT};
	void *library = talloc_named_const(NULL, 1, "libosmocore");
	void *root = talloc_named_const(NULL, 1, "ipsmgw-connector");
	struct connector *c;
	int rc;

	vty_info.tall_ctx = library;
	init_logging(library);
	rate_ctr_init(library);
	c = connector_alloc(root);
	if (!c)
		return 1;
	connector_vty_init(c, &vty_info);
	parse_options(argc, argv, &o);
	osmo_init_ignore_signals();
	seed_jitter();

	rc = start(c, library, &o);
	while (rc == 0 && !c->stopped)
		osmo_select_main(0);

	connector_free(c);
	if (rc == 0)
		telnet_exit();
	if (talloc_total_blocks(root) > 1)
		talloc_report_full(root, stderr);
	talloc_free(root);
	log_fini();
	talloc_free(library);
	return rc < 0;
}
