/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "smpp_pdu.h"

/* What the files of the PDU codec share; nobody else includes this. */

/** A C-octet string, NUL included, into out of size octets; a longer one fails r. */
void smpp_string_decode(struct rbuf *r, char *out, size_t size);

/** @param s  terminated, see smpp_string_valid() */
void smpp_string_encode(struct wbuf *w, const char *s);

/** There is a NUL within size octets. */
bool smpp_string_valid(const char *s, size_t size);

/** Body of submit_sm, deliver_sm (data_sm if so), sticky. */
void smpp_message_decode(struct rbuf *r, bool data_sm, struct smpp_message *m);
void smpp_message_encode(struct wbuf *w, bool data_sm, const struct smpp_message *m);

/** Strings are terminated, lengths fit their fields, and the text stands in one place only. */
bool smpp_message_valid(bool data_sm, const struct smpp_message *m);

/** All TLVs to the end of r, sticky. */
void smpp_tlvs_decode(struct rbuf *r, struct smpp_message *m);
void smpp_tlvs_encode(struct wbuf *w, const struct smpp_message *m);
