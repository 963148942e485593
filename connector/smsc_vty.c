/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The node "smsc NAME": the settings of one SMSC. Who we are and where the SMSC is counts from the
 * next session on, the rest at once.
 */

#include "connector_vty.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include <osmocom/core/utils.h>

#include "esme.h"
#include "route.h"

static struct cmd_node smsc_node = {SMSC_NODE, "%s(config-smsc)# ", 1, NULL, NULL, ""};

static const struct value_string alphabet_names[] = {
	{SMPP_DEFAULT_GSM7, "gsm7"},
	{SMPP_DEFAULT_LATIN1, "latin1"},
	{SMPP_DEFAULT_ASCII, "ascii"},
	{0, NULL},
};

static const struct value_string long_names[] = {
	{SMPP_LONG_UDH, "udh"},
	{SMPP_LONG_SAR, "sar"},
	{SMPP_LONG_PAYLOAD, "payload"},
	{0, NULL},
};

static const struct value_string receipt_id_names[] = {
	{RECEIPT_ID_AUTO, "auto"},
	{RECEIPT_ID_STRING, "string"},
	{RECEIPT_ID_HEX, "hex"},
	{RECEIPT_ID_DEC, "dec"},
	{0, NULL},
};

/* Another VTY may have deleted the SMSC that this one has entered. */
static struct esme *smsc_entered(struct vty *vty)
{
	struct esme *esme;

	llist_for_each_entry(esme, &connector_vty->esmes, entry)
	{
		if (esme == vty->index)
			return esme;
	}
	vty_out(vty, "%% the SMSC has been deleted%s", VTY_NEWLINE);
	return NULL;
}

/* Its settings, or some that nobody reads. */
static struct esme_config *smsc_config(struct vty *vty)
{
	static struct esme_config nobody;
	struct esme *esme = smsc_entered(vty);

	return esme ? &esme->config : &nobody;
}

COMPAT_DEFUN_BEGIN

DEFUN(cfg_smsc, cfg_smsc_cmd, "smsc NAME",
      "Short message service centre\n"
      "Name, as in routes\n")
{
	struct esme *esme = esme_find(connector_vty, argv[0]);

	if (!esme && !osmo_identifier_valid(argv[0])) {
		vty_out(vty, "%% a name has letters, digits, - and _%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	if (!esme)
		esme = esme_alloc(connector_vty, argv[0]);
	if (!esme) {
		vty_out(vty, "%% name too long, or out of memory%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	vty->node = SMSC_NODE;
	vty->index = esme;
	return CMD_SUCCESS;
}

DEFUN(cfg_no_smsc, cfg_no_smsc_cmd, "no smsc NAME",
      NO_STR "Short message service centre\n"
	     "Name\n")
{
	struct esme *esme = esme_find(connector_vty, argv[0]);

	if (!esme || route_uses(&connector_vty->routes, esme)) {
		vty_out(vty, "%% %s%s", esme ? "a route uses it" : "no such SMSC", VTY_NEWLINE);
		return CMD_WARNING;
	}
	esme_free(esme);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_protocol, cfg_smsc_protocol_cmd, "protocol smpp",
      "Protocol spoken with the SMSC\n"
      "SMPP 3.4\n")
{
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_remote_ip, cfg_smsc_remote_ip_cmd, "remote-ip " VTY_IPV46_CMD,
      "Address of the SMSC\n"
      "IPv4 address\n"
      "IPv6 address\n")
{
	struct sockaddr_storage ss = {0};

	if (inet_pton(AF_INET, argv[0], &((struct sockaddr_in *)&ss)->sin_addr) == 1) {
		ss.ss_family = AF_INET;
	} else if (inet_pton(AF_INET6, argv[0], &((struct sockaddr_in6 *)&ss)->sin6_addr) == 1) {
		ss.ss_family = AF_INET6;
	} else {
		vty_out(vty, "%% not an address%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	smsc_config(vty)->remote = ss;
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_port, cfg_smsc_port_cmd, "port <1-65535>",
      "TCP port of the SMSC\n"
      "Port\n")
{
	smsc_config(vty)->port = (uint16_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_system_id, cfg_smsc_system_id_cmd, "system-id NAME",
      "Who we are to the SMSC\n"
      "system_id, at most 15 characters\n")
{
	struct esme_config *config = smsc_config(vty);

	return connector_vty_copy(vty, config->system_id, sizeof(config->system_id), argv[0]);
}

DEFUN(cfg_smsc_password, cfg_smsc_password_cmd, "password WORD",
      "Password of the bind\n"
      "At most 8 characters\n")
{
	struct esme_config *config = smsc_config(vty);

	return connector_vty_copy(vty, config->password, sizeof(config->password), argv[0]);
}

DEFUN(cfg_smsc_no_password, cfg_smsc_no_password_cmd, "no password",
      NO_STR "Password of the bind\n")
{
	smsc_config(vty)->password[0] = '\0';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_system_type, cfg_smsc_system_type_cmd, "system-type NAME",
      "Type of system that we tell the SMSC\n"
      "system_type, at most 12 characters\n")
{
	struct esme_config *config = smsc_config(vty);

	return connector_vty_copy(vty, config->system_type, sizeof(config->system_type), argv[0]);
}

DEFUN(cfg_smsc_no_system_type, cfg_smsc_no_system_type_cmd, "no system-type",
      NO_STR "Type of system that we tell the SMSC\n")
{
	smsc_config(vty)->system_type[0] = '\0';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_bind, cfg_smsc_bind_cmd, "bind (transceiver|pair)",
      "Sessions with the SMSC (from the next start on)\n"
      "One for both directions\n"
      "A transmitter and a receiver\n")
{
	smsc_config(vty)->pair = argv[0][0] == 'p';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_window, cfg_smsc_window_cmd, "window <1-1000>",
      "Parts submitted without a response yet\n"
      "Parts\n")
{
	smsc_config(vty)->window = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_enquire_link, cfg_smsc_enquire_link_cmd, "enquire-link <1-3600>",
      "How often the session is tested\n"
      "Seconds\n")
{
	smsc_config(vty)->enquire_link_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_response_timeout, cfg_smsc_response_timeout_cmd, "response-timeout <1-3600>",
      "How long to wait for a response\n"
      "Seconds\n")
{
	smsc_config(vty)->response_timeout_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_throughput, cfg_smsc_throughput_cmd, "throughput <0-100000>",
      "Most parts a second (0: no limit)\n"
      "Parts a second\n")
{
	struct esme *esme = smsc_entered(vty);

	smsc_config(vty)->throughput = (unsigned)atoi(argv[0]);
	if (esme)
		rate_init(&esme->rate, esme->config.throughput);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_queue, cfg_smsc_queue_cmd, "queue <1-100000>",
      "Messages that may wait for window and throughput\n"
      "Messages\n")
{
	smsc_config(vty)->queue = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_reconnect_max, cfg_smsc_reconnect_max_cmd, "reconnect-max <1-3600>",
      "Longest pause between two attempts to connect\n"
      "Seconds\n")
{
	smsc_config(vty)->reconnect_max_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_default_alphabet, cfg_smsc_default_alphabet_cmd,
      "default-alphabet (gsm7|latin1|ascii)",
      "What data_coding 0 means to this SMSC\n"
      "GSM 7 bit default alphabet\n"
      "ISO 8859-1\n"
      "ASCII\n")
{
	smsc_config(vty)->sm.default_alphabet =
		(enum smpp_default_alphabet)get_string_value(alphabet_names, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_long_messages, cfg_smsc_long_messages_cmd, "long-messages (udh|sar|payload)",
      "How parts of long messages are submitted\n"
      "User data header in short_message\n"
      "sar_* optional parameters\n"
      "User data header in message_payload\n")
{
	smsc_config(vty)->sm.long_messages =
		(enum smpp_long_messages)get_string_value(long_names, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_receipt_id, cfg_smsc_receipt_id_cmd, "receipt-id (auto|string|hex|dec)",
      "How delivery receipts write the message id\n"
      "Find out from the ids that were accepted\n"
      "As submit_sm_resp does\n"
      "Hexadecimal, where submit_sm_resp is decimal\n"
      "Decimal, where submit_sm_resp is hexadecimal\n")
{
	smsc_config(vty)->receipt_id =
		(enum receipt_id_form)get_string_value(receipt_id_names, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_service_type, cfg_smsc_service_type_cmd, "service-type NAME",
      "service_type of what is submitted\n"
      "At most 5 characters\n")
{
	struct esme_config *config = smsc_config(vty);

	return connector_vty_copy(vty, config->sm.service_type, sizeof(config->sm.service_type),
				  argv[0]);
}

DEFUN(cfg_smsc_no_service_type, cfg_smsc_no_service_type_cmd, "no service-type",
      NO_STR "service_type of what is submitted\n")
{
	smsc_config(vty)->sm.service_type[0] = '\0';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_sc_address, cfg_smsc_sc_address_cmd, "sc-address NUMBER",
      "Address of the service centre, given to the module with what comes in\n"
      "E.g. +491710760000\n")
{
	struct sms_address a;

	if (sms_address_parse(&a, view_str(argv[0])) < 0 || a.ton == SMS_TON_ALPHANUMERIC) {
		vty_out(vty, "%% not a number%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	smsc_config(vty)->sc_address = a;
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_no_sc_address, cfg_smsc_no_sc_address_cmd, "no sc-address",
      NO_STR "Address of the service centre\n")
{
	smsc_config(vty)->sc_address = (struct sms_address){0};
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_shutdown, cfg_smsc_shutdown_cmd, "shutdown", "Unbind and stay away\n")
{
	struct esme *esme = smsc_entered(vty);

	if (!esme)
		return CMD_WARNING;
	esme->config.shutdown = true;
	esme_stop(esme);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_no_shutdown, cfg_smsc_no_shutdown_cmd, "no shutdown", NO_STR "Connect and bind\n")
{
	struct esme *esme = smsc_entered(vty);

	if (!esme)
		return CMD_WARNING;
	esme->config.shutdown = false;
	esme_start(esme);
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

static struct cmd_element *const smsc_cmds[] = {
	&cfg_smsc_protocol_cmd,	     &cfg_smsc_remote_ip_cmd,
	&cfg_smsc_port_cmd,	     &cfg_smsc_system_id_cmd,
	&cfg_smsc_password_cmd,	     &cfg_smsc_no_password_cmd,
	&cfg_smsc_system_type_cmd,   &cfg_smsc_no_system_type_cmd,
	&cfg_smsc_bind_cmd,	     &cfg_smsc_window_cmd,
	&cfg_smsc_enquire_link_cmd,  &cfg_smsc_response_timeout_cmd,
	&cfg_smsc_throughput_cmd,    &cfg_smsc_queue_cmd,
	&cfg_smsc_reconnect_max_cmd, &cfg_smsc_default_alphabet_cmd,
	&cfg_smsc_long_messages_cmd, &cfg_smsc_receipt_id_cmd,
	&cfg_smsc_service_type_cmd,  &cfg_smsc_no_service_type_cmd,
	&cfg_smsc_sc_address_cmd,    &cfg_smsc_no_sc_address_cmd,
	&cfg_smsc_shutdown_cmd,	     &cfg_smsc_no_shutdown_cmd,
};

/* ---- write ---- */

static void write_text(struct vty *vty, const char *name, const char *value)
{
	if (value[0])
		vty_out(vty, " %s %s%s", name, value, VTY_NEWLINE);
}

static void write_address(struct vty *vty, const struct esme_config *c)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (c->remote.ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)&c->remote)->sin_addr, text,
			  sizeof(text));
	if (c->remote.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)&c->remote)->sin6_addr, text,
			  sizeof(text));
	write_text(vty, "remote-ip", text);
	vty_out(vty, " port %u%s", c->port, VTY_NEWLINE);
}

static void write_smsc(struct vty *vty, const struct esme *esme)
{
	const struct esme_config *c = &esme->config;
	char sc_address[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(&c->sc_address, sc_address);
	vty_out(vty, "smsc %s%s", esme->name, VTY_NEWLINE);
	vty_out(vty, " protocol smpp%s", VTY_NEWLINE);
	write_address(vty, c);
	write_text(vty, "system-id", c->system_id);
	write_text(vty, "password", c->password);
	write_text(vty, "system-type", c->system_type);
	vty_out(vty, " bind %s%s", c->pair ? "pair" : "transceiver", VTY_NEWLINE);
	vty_out(vty, " window %u%s", c->window, VTY_NEWLINE);
	vty_out(vty, " queue %u%s", c->queue, VTY_NEWLINE);
	vty_out(vty, " throughput %u%s", c->throughput, VTY_NEWLINE);
	vty_out(vty, " enquire-link %u%s", c->enquire_link_s, VTY_NEWLINE);
	vty_out(vty, " response-timeout %u%s", c->response_timeout_s, VTY_NEWLINE);
	vty_out(vty, " reconnect-max %u%s", c->reconnect_max_s, VTY_NEWLINE);
	vty_out(vty, " default-alphabet %s%s",
		get_value_string(alphabet_names, c->sm.default_alphabet), VTY_NEWLINE);
	vty_out(vty, " long-messages %s%s", get_value_string(long_names, c->sm.long_messages),
		VTY_NEWLINE);
	vty_out(vty, " receipt-id %s%s", receipt_id_form_name(c->receipt_id), VTY_NEWLINE);
	write_text(vty, "service-type", c->sm.service_type);
	write_text(vty, "sc-address", sc_address);
	vty_out(vty, " %sshutdown%s", c->shutdown ? "" : "no ", VTY_NEWLINE);
}

static int config_write_smsc(struct vty *vty)
{
	const struct esme *esme;

	llist_for_each_entry(esme, &connector_vty->esmes, entry) write_smsc(vty, esme);
	return CMD_SUCCESS;
}

void smsc_vty_init(void)
{
	install_element(CONFIG_NODE, &cfg_smsc_cmd);
	install_element(CONFIG_NODE, &cfg_no_smsc_cmd);
	install_node(&smsc_node, config_write_smsc);
	for (size_t i = 0; i < ARRAY_SIZE(smsc_cmds); i++)
		install_element(SMSC_NODE, smsc_cmds[i]);
}
