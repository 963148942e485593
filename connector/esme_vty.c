/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What is SMPP's own in the node "smsc NAME" and in "show smsc". Who we are and where the SMSC is
 * counts from the next session on, the rest at once.
 */

#include "esme.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include <osmocom/core/utils.h>

#include "connector_vty.h"

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

/* @return NULL if it speaks something else, or is gone; that has been said */
static struct esme_config *esme_config(struct vty *vty)
{
	struct smsc *smsc = smsc_vty_entered(vty);
	struct esme *esme = smsc ? esme_of(smsc) : NULL;

	if (smsc && !esme)
		vty_out(vty, "%% only with protocol smpp%s", VTY_NEWLINE);
	return esme ? &esme->config : NULL;
}

COMPAT_DEFUN_BEGIN

DEFUN(cfg_smsc_remote_ip, cfg_smsc_remote_ip_cmd, "remote-ip " VTY_IPV46_CMD,
      "Address of the SMSC\n"
      "IPv4 address\n"
      "IPv6 address\n")
{
	struct esme_config *config = esme_config(vty);
	struct sockaddr_storage ss = {0};

	if (!config)
		return CMD_WARNING;
	if (inet_pton(AF_INET, argv[0], &((struct sockaddr_in *)&ss)->sin_addr) == 1) {
		ss.ss_family = AF_INET;
	} else if (inet_pton(AF_INET6, argv[0], &((struct sockaddr_in6 *)&ss)->sin6_addr) == 1) {
		ss.ss_family = AF_INET6;
	} else {
		vty_out(vty, "%% not an address%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	config->remote = ss;
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_port, cfg_smsc_port_cmd, "port <1-65535>",
      "TCP port of the SMSC\n"
      "Port\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->port = (uint16_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_system_id, cfg_smsc_system_id_cmd, "system-id NAME",
      "Who we are to the SMSC\n"
      "system_id, at most 15 characters\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	return connector_vty_copy(vty, config->system_id, sizeof(config->system_id), argv[0]);
}

DEFUN(cfg_smsc_password, cfg_smsc_password_cmd, "password WORD",
      "Password of the bind\n"
      "At most 8 characters\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	return connector_vty_copy(vty, config->password, sizeof(config->password), argv[0]);
}

DEFUN(cfg_smsc_no_password, cfg_smsc_no_password_cmd, "no password",
      NO_STR "Password of the bind\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->password[0] = '\0';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_system_type, cfg_smsc_system_type_cmd, "system-type NAME",
      "Type of system that we tell the SMSC\n"
      "system_type, at most 12 characters\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	return connector_vty_copy(vty, config->system_type, sizeof(config->system_type), argv[0]);
}

DEFUN(cfg_smsc_no_system_type, cfg_smsc_no_system_type_cmd, "no system-type",
      NO_STR "Type of system that we tell the SMSC\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->system_type[0] = '\0';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_bind, cfg_smsc_bind_cmd, "bind (transceiver|pair)",
      "Sessions with the SMSC (from the next start on)\n"
      "One for both directions\n"
      "A transmitter and a receiver\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->pair = argv[0][0] == 'p';
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_enquire_link, cfg_smsc_enquire_link_cmd, "enquire-link <1-3600>",
      "How often the session is tested\n"
      "Seconds\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->enquire_link_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_response_timeout, cfg_smsc_response_timeout_cmd, "response-timeout <1-3600>",
      "How long to wait for a response\n"
      "Seconds\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->response_timeout_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_reconnect_max, cfg_smsc_reconnect_max_cmd, "reconnect-max <1-3600>",
      "Longest pause between two attempts to connect\n"
      "Seconds\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->reconnect_max_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_default_alphabet, cfg_smsc_default_alphabet_cmd,
      "default-alphabet (gsm7|latin1|ascii)",
      "What data_coding 0 means to this SMSC\n"
      "GSM 7 bit default alphabet\n"
      "ISO 8859-1\n"
      "ASCII\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->sm.default_alphabet =
		(enum smpp_default_alphabet)get_string_value(alphabet_names, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_long_messages, cfg_smsc_long_messages_cmd, "long-messages (udh|sar|payload)",
      "How parts of long messages are submitted\n"
      "User data header in short_message\n"
      "sar_* optional parameters\n"
      "User data header in message_payload\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->sm.long_messages = (enum smpp_long_messages)get_string_value(long_names, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_receipt_id, cfg_smsc_receipt_id_cmd, "receipt-id (auto|string|hex|dec)",
      "How delivery receipts write the message id\n"
      "Find out from the ids that were accepted\n"
      "As submit_sm_resp does\n"
      "Hexadecimal, where submit_sm_resp is decimal\n"
      "Decimal, where submit_sm_resp is hexadecimal\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->receipt_id = (enum receipt_id_form)get_string_value(receipt_id_names, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_service_type, cfg_smsc_service_type_cmd, "service-type NAME",
      "service_type of what is submitted\n"
      "At most 5 characters\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	return connector_vty_copy(vty, config->sm.service_type, sizeof(config->sm.service_type),
				  argv[0]);
}

DEFUN(cfg_smsc_no_service_type, cfg_smsc_no_service_type_cmd, "no service-type",
      NO_STR "service_type of what is submitted\n")
{
	struct esme_config *config = esme_config(vty);

	if (!config)
		return CMD_WARNING;
	config->sm.service_type[0] = '\0';
	return CMD_SUCCESS;
}

/* ---- TLS ---- */

#define TLS_DOC "TLS with the SMSC (from the next session on)\n"

static int cfg_tls_set(bool *on, bool value)
{
	if (on)
		*on = value;
	return on ? CMD_SUCCESS : CMD_WARNING;
}

DEFUN(cfg_smsc_tls, cfg_smsc_tls_cmd, "tls", TLS_DOC)
{
	struct esme_config *config = esme_config(vty);

	return cfg_tls_set(config ? &config->tls.on : NULL, true);
}

DEFUN(cfg_smsc_no_tls, cfg_smsc_no_tls_cmd, "no tls", NO_STR TLS_DOC)
{
	struct esme_config *config = esme_config(vty);

	return cfg_tls_set(config ? &config->tls.on : NULL, false);
}

DEFUN(cfg_smsc_tls_verify, cfg_smsc_tls_verify_cmd, "tls verify",
      TLS_DOC "Its certificate must be good\n")
{
	struct esme_config *config = esme_config(vty);

	return cfg_tls_set(config ? &config->tls.no_verify : NULL, false);
}

DEFUN(cfg_smsc_no_tls_verify, cfg_smsc_no_tls_verify_cmd, "no tls verify",
      NO_STR TLS_DOC "Any certificate will do: for tests\n")
{
	struct esme_config *config = esme_config(vty);

	return cfg_tls_set(config ? &config->tls.no_verify : NULL, true);
}

/* The texts of struct tls_config. */
static const struct {
	const char *word;
	size_t at, size;
} tls_texts[] = {
	{"ca-file", offsetof(struct tls_config, ca), PATH_MAX},
	{"certificate-file", offsetof(struct tls_config, certificate), PATH_MAX},
	{"key-file", offsetof(struct tls_config, key), PATH_MAX},
	{"name", offsetof(struct tls_config, name), TLS_NAME_SIZE},
};

static int cfg_tls_text(struct vty *vty, const char *word, const char *value)
{
	struct esme_config *config = esme_config(vty);

	for (size_t i = 0; config && i < ARRAY_SIZE(tls_texts); i++) {
		if (strcmp(tls_texts[i].word, word) == 0)
			return connector_vty_copy(vty, (char *)&config->tls + tls_texts[i].at,
						  tls_texts[i].size, value);
	}
	return CMD_WARNING;
}

#define TLS_TEXTS "(ca-file|certificate-file|key-file|name)"
#define TLS_TEXTS_DOC                                                                              \
	"Certificates that may sign its own (PEM), else those of the system\n"                     \
	"Our certificate with its chain (PEM)\n"                                                   \
	"Its key (PEM), else in the same file; nobody else may read it\n"                          \
	"Its name in its certificate, else its address\n"

DEFUN(cfg_smsc_tls_text, cfg_smsc_tls_text_cmd, "tls " TLS_TEXTS " TEXT",
      TLS_DOC TLS_TEXTS_DOC "File or name\n")
{
	return cfg_tls_text(vty, argv[0], argv[1]);
}

DEFUN(cfg_smsc_no_tls_text, cfg_smsc_no_tls_text_cmd, "no tls " TLS_TEXTS,
      NO_STR TLS_DOC TLS_TEXTS_DOC)
{
	return cfg_tls_text(vty, argv[0], "");
}

COMPAT_DEFUN_END

static struct cmd_element *const esme_cmds[] = {
	&cfg_smsc_remote_ip_cmd,	&cfg_smsc_port_cmd,	     &cfg_smsc_system_id_cmd,
	&cfg_smsc_password_cmd,		&cfg_smsc_no_password_cmd,   &cfg_smsc_system_type_cmd,
	&cfg_smsc_no_system_type_cmd,	&cfg_smsc_bind_cmd,	     &cfg_smsc_enquire_link_cmd,
	&cfg_smsc_response_timeout_cmd, &cfg_smsc_reconnect_max_cmd, &cfg_smsc_default_alphabet_cmd,
	&cfg_smsc_long_messages_cmd,	&cfg_smsc_receipt_id_cmd,    &cfg_smsc_service_type_cmd,
	&cfg_smsc_no_service_type_cmd,	&cfg_smsc_tls_cmd,	     &cfg_smsc_no_tls_cmd,
	&cfg_smsc_tls_verify_cmd,	&cfg_smsc_no_tls_verify_cmd, &cfg_smsc_tls_text_cmd,
	&cfg_smsc_no_tls_text_cmd,
};

void esme_vty_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(esme_cmds); i++)
		install_element(SMSC_NODE, esme_cmds[i]);
}

/* ---- write ---- */

static void write_tls(struct vty *vty, const struct tls_config *t)
{
	smsc_vty_write(vty, "tls ca-file", t->ca);
	smsc_vty_write(vty, "tls certificate-file", t->certificate);
	smsc_vty_write(vty, "tls key-file", t->key);
	smsc_vty_write(vty, "tls name", t->name);
	vty_out(vty, " %stls verify%s", t->no_verify ? "no " : "", VTY_NEWLINE);
	vty_out(vty, " %stls%s", t->on ? "" : "no ", VTY_NEWLINE);
}

void esme_write(struct vty *vty, const struct smsc *smsc)
{
	const struct esme *esme = container_of(smsc, struct esme, smsc);
	const struct esme_config *c = &esme->config;
	char address[ESME_ADDRESS_SIZE];

	esme_address(esme, address);
	smsc_vty_write(vty, "remote-ip", address);
	vty_out(vty, " port %u%s", c->port, VTY_NEWLINE);
	write_tls(vty, &c->tls);
	smsc_vty_write(vty, "system-id", c->system_id);
	smsc_vty_write(vty, "password", c->password);
	smsc_vty_write(vty, "system-type", c->system_type);
	vty_out(vty, " bind %s%s", c->pair ? "pair" : "transceiver", VTY_NEWLINE);
	vty_out(vty, " enquire-link %u%s", c->enquire_link_s, VTY_NEWLINE);
	vty_out(vty, " response-timeout %u%s", c->response_timeout_s, VTY_NEWLINE);
	vty_out(vty, " reconnect-max %u%s", c->reconnect_max_s, VTY_NEWLINE);
	vty_out(vty, " default-alphabet %s%s",
		get_value_string(alphabet_names, c->sm.default_alphabet), VTY_NEWLINE);
	vty_out(vty, " long-messages %s%s", get_value_string(long_names, c->sm.long_messages),
		VTY_NEWLINE);
	vty_out(vty, " receipt-id %s%s", receipt_id_form_name(c->receipt_id), VTY_NEWLINE);
	smsc_vty_write(vty, "service-type", c->sm.service_type);
}

/* ---- show ---- */

static void show_address(struct vty *vty, const struct esme *esme)
{
	char text[ESME_ADDRESS_SIZE];
	const struct tls *tls = esme->tx->stream.tls;

	esme_address(esme, text);
	vty_out(vty, "  SMPP to %s port %u, %s, system-id %s, password %s%s",
		text[0] ? text : "no remote-ip", esme->config.port,
		!esme->config.tls.on ? "plain" : esme->smsc.up && tls ? tls_version(tls) : "TLS",
		esme->config.system_id[0] ? esme->config.system_id : "none",
		esme->config.password[0] ? "set" : "none", VTY_NEWLINE);
}

static void show_conn(struct vty *vty, const struct smpp_conn *conn)
{
	if (!conn)
		return;
	vty_out(vty, "  session %s: %s, %u submit_sm and %u deliver_sm without response%s",
		smpp_conn_role(conn), osmo_fsm_inst_state_name(conn->fi), conn->n_sent,
		conn->n_inbound, VTY_NEWLINE);
}

void esme_show(struct vty *vty, const struct smsc *smsc)
{
	const struct esme *esme = container_of(smsc, struct esme, smsc);

	show_address(vty, esme);
	show_conn(vty, esme->tx);
	show_conn(vty, esme->rx);
}
