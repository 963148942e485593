/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "ber.h"
#include "tcap.h"

/* Parts of a TCAP message, shared by the files of lib/map that code it. */

/** Contents of the dialogue portion. @return 0, -EPROTO */
int tcap_dialogue_decode(struct view in, struct tcap_dialogue *d);

bool tcap_dialogue_valid(const struct tcap_dialogue *d);

/** Appends the dialogue portion with its tag; nothing for TCAP_NO_DIALOGUE. d is valid. */
void tcap_dialogue_encode(struct wbuf *w, const struct tcap_dialogue *d);

/** Contents of the user information: the MAP-DialoguePDU in it, if any. @return 0, -EPROTO */
int map_dialogue_decode(struct view in, struct map_dialogue *d);

bool map_dialogue_valid(const struct map_dialogue *d);

/** Appends the user information with its tag; nothing for MAP_DIALOGUE_NONE. d is valid. */
void map_dialogue_encode(struct wbuf *w, const struct map_dialogue *d);

/** Octets of an OBJECT IDENTIFIER. @return false if it is no application context of MAP */
bool map_ac_decode(struct view in, struct map_ac *ac);

void map_ac_encode(struct wbuf *w, struct map_ac ac);

/** The next component of r; c->type is TCAP_MALFORMED if it is none. @return false at the end of r */
bool tcap_component_next(struct rbuf *r, struct tcap_component *c);

bool tcap_component_valid(const struct tcap_component *c);
void tcap_component_encode(struct wbuf *w, const struct tcap_component *c);

/** An INTEGER or ENUMERATED of 0 to 255. @return 0, -EBADMSG */
int tcap_octet_decode(struct view value, uint8_t *out);
