/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Names of commands (SMPP 3.4 5.1.2.1) and statuses (5.1.3; 0x100 and up from SMPP 5.0 4.7.6), for logs. */

#include "smpp_pdu.h"

struct name {
	uint32_t value;
	const char *name;
};

static const char *name_of(const struct name *names, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].value == value)
			return names[i].name;
	return "unknown";
}

static const struct name commands[] = {
	{0x80000000, "generic_nack"},	       {0x00000001, "bind_receiver"},
	{0x80000001, "bind_receiver_resp"},    {0x00000002, "bind_transmitter"},
	{0x80000002, "bind_transmitter_resp"}, {0x00000003, "query_sm"},
	{0x80000003, "query_sm_resp"},	       {0x00000004, "submit_sm"},
	{0x80000004, "submit_sm_resp"},	       {0x00000005, "deliver_sm"},
	{0x80000005, "deliver_sm_resp"},       {0x00000006, "unbind"},
	{0x80000006, "unbind_resp"},	       {0x00000007, "replace_sm"},
	{0x80000007, "replace_sm_resp"},       {0x00000008, "cancel_sm"},
	{0x80000008, "cancel_sm_resp"},	       {0x00000009, "bind_transceiver"},
	{0x80000009, "bind_transceiver_resp"}, {0x0000000b, "outbind"},
	{0x00000015, "enquire_link"},	       {0x80000015, "enquire_link_resp"},
	{0x00000021, "submit_multi"},	       {0x80000021, "submit_multi_resp"},
	{0x00000102, "alert_notification"},    {0x00000103, "data_sm"},
	{0x80000103, "data_sm_resp"},
};

static const struct name statuses[] = {
	{0x00, "ESME_ROK"},
	{0x01, "ESME_RINVMSGLEN"},
	{0x02, "ESME_RINVCMDLEN"},
	{0x03, "ESME_RINVCMDID"},
	{0x04, "ESME_RINVBNDSTS"},
	{0x05, "ESME_RALYBND"},
	{0x06, "ESME_RINVPRTFLG"},
	{0x07, "ESME_RINVREGDLVFLG"},
	{0x08, "ESME_RSYSERR"},
	{0x0a, "ESME_RINVSRCADR"},
	{0x0b, "ESME_RINVDSTADR"},
	{0x0c, "ESME_RINVMSGID"},
	{0x0d, "ESME_RBINDFAIL"},
	{0x0e, "ESME_RINVPASWD"},
	{0x0f, "ESME_RINVSYSID"},
	{0x11, "ESME_RCANCELFAIL"},
	{0x13, "ESME_RREPLACEFAIL"},
	{0x14, "ESME_RMSGQFUL"},
	{0x15, "ESME_RINVSERTYP"},
	{0x33, "ESME_RINVNUMDESTS"},
	{0x34, "ESME_RINVDLNAME"},
	{0x40, "ESME_RINVDESTFLAG"},
	{0x42, "ESME_RINVSUBREP"},
	{0x43, "ESME_RINVESMCLASS"},
	{0x44, "ESME_RCNTSUBDL"},
	{0x45, "ESME_RSUBMITFAIL"},
	{0x48, "ESME_RINVSRCTON"},
	{0x49, "ESME_RINVSRCNPI"},
	{0x50, "ESME_RINVDSTTON"},
	{0x51, "ESME_RINVDSTNPI"},
	{0x53, "ESME_RINVSYSTYP"},
	{0x54, "ESME_RINVREPFLAG"},
	{0x55, "ESME_RINVNUMMSGS"},
	{0x58, "ESME_RTHROTTLED"},
	{0x61, "ESME_RINVSCHED"},
	{0x62, "ESME_RINVEXPIRY"},
	{0x63, "ESME_RINVDFTMSGID"},
	{0x64, "ESME_RX_T_APPN"},
	{0x65, "ESME_RX_P_APPN"},
	{0x66, "ESME_RX_R_APPN"},
	{0x67, "ESME_RQUERYFAIL"},
	{0xc0, "ESME_RINVOPTPARSTREAM"},
	{0xc1, "ESME_ROPTPARNOTALLWD"},
	{0xc2, "ESME_RINVPARLEN"},
	{0xc3, "ESME_RMISSINGOPTPARAM"},
	{0xc4, "ESME_RINVOPTPARVAL"},
	{0xfe, "ESME_RDELIVERYFAILURE"},
	{0xff, "ESME_RUNKNOWNERR"},
	{0x100, "ESME_RSERTYPUNAUTH"},
	{0x101, "ESME_RPROHIBITED"},
	{0x102, "ESME_RSERTYPUNAVAIL"},
	{0x103, "ESME_RSERTYPDENIED"},
	{0x104, "ESME_RINVDCS"},
	{0x105, "ESME_RINVSRCADDRSUBUNIT"},
	{0x106, "ESME_RINVDSTADDRSUBUNIT"},
};

bool smpp_is_response(uint32_t command_id)
{
	return (command_id & SMPP_RESP) != 0;
}

const char *smpp_command_name(uint32_t command_id)
{
	return name_of(commands, sizeof(commands) / sizeof(commands[0]), command_id);
}

const char *smpp_status_name(uint32_t command_status)
{
	return name_of(statuses, sizeof(statuses) / sizeof(statuses[0]), command_status);
}
