/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "ber.h"
#include "map_sm.h"

/*
 * The ASN.1 of an argument, a result or an error parameter as a table of its elements, for the
 * files of lib/map only. One coder reads all tables (map_syntax.c), one file codes the kinds (map_field.c).
 */

enum map_kind {
	MAP_KIND_ADDRESS, /* struct sms_address, at most max octets; absent if "" */
	MAP_KIND_IMSI,	  /* char[MAP_IMSI_SIZE]; absent if "" */
	MAP_KIND_LMSI,	  /* struct map_lmsi */
	MAP_KIND_OCTETS,  /* struct view of min to max octets; absent if empty */
	MAP_KIND_NULL,	  /* bool */
	MAP_KIND_BOOLEAN, /* bool; left out if false, unless it must be there */
	MAP_KIND_VALUE,	  /* struct map_value of min to max */
	MAP_KIND_BITS, /* struct map_value: the first octet of a BIT STRING, six bits of it written */
	MAP_KIND_RP_DA,	     /* struct map_rp_address */
	MAP_KIND_RP_OA,	     /* struct map_rp_address */
	MAP_KIND_ADDITIONAL, /* struct map_additional_number */
	MAP_KIND_SUBSCRIBER, /* struct map_subscriber_identity */
	MAP_KIND_SEQUENCE,   /* a struct that begins with bool present, elements by inner */
};

struct map_syntax;

struct map_field {
	uint8_t tag; /* 0: the kind has several */
	uint8_t kind;
	uint8_t required;     /* the version from which on it must be there; 0: optional */
	uint8_t since, until; /* versions that have it; until 0: all later ones */
	uint16_t min, max;
	size_t offset; /* in the struct of the syntax */
	const struct map_syntax *inner;
};

struct map_syntax {
	const struct map_field *fields; /* in the order of the ASN.1 */
	size_t count;			/* at most 32 */
	const struct map_field *bare; /* stands alone, without SEQUENCE, up to version bare_until */
	uint8_t bare_until;
};

/* Offsets count from the struct that is named; as member of a union it begins where the union does. */
#define MAP_AT(type, member) .offset = offsetof(struct type, member)
#define MAP_SYNTAX(array)    .fields = (array), .count = sizeof(array) / sizeof((array)[0])

enum { MAP_ISDN_MAX = 9, MAP_ADDRESS_MAX = 20, MAP_DIAGNOSTIC_MAX = 255, MAP_TIME_OCTETS = 4 };

/**
 * One parameter: a SEQUENCE of the fields, or the bare one. An empty parameter is an empty SEQUENCE.
 * @return 0, -EBADMSG, -ENODATA, -ERANGE
 */
int map_syntax_decode(struct view in, const struct map_syntax *s, uint8_t version, void *out);

/**
 * Appends the parameter; where empty_is_nothing and no element is set, nothing.
 * @return 0, -EINVAL, -ENOSPC (w->len unchanged)
 */
int map_syntax_encode(struct wbuf *w, const struct map_syntax *s, uint8_t version,
		      bool empty_is_nothing, const void *from);

/** The elements of a SEQUENCE. @return 0, -EBADMSG, -ENODATA, -ERANGE */
int map_fields_decode(struct view content, const struct map_syntax *s, uint8_t version, void *out);

/** @return 0, -EINVAL; w->err when they did not fit */
int map_fields_encode(struct wbuf *w, const struct map_syntax *s, uint8_t version,
		      const void *from);

bool map_field_has_tag(const struct map_field *f, uint32_t tag);
bool map_field_present(const struct map_field *f, const void *from);

/** *at is the field itself. @return 0, -EBADMSG, -ENODATA, -ERANGE; *at is unchanged then, or not present */
int map_field_decode(const struct map_field *f, const struct ber_element *e, uint8_t version,
		     void *at);

/** @return 0, -EINVAL; w->err when it did not fit */
int map_field_encode(struct wbuf *w, const struct map_field *f, uint8_t version, const void *at);

/* Values of single kinds: decoders answer 0 or -ERANGE, encoders 0 or -EINVAL (and set w->err). */

int map_isdn_decode(struct view in, size_t octets_max, struct sms_address *out);
int map_isdn_encode(struct wbuf *w, uint32_t tag, const struct sms_address *a, size_t octets_max);
int map_imsi_decode(struct view in, char *out);
int map_imsi_encode(struct wbuf *w, uint32_t tag, const char *imsi);
int map_lmsi_decode(struct view in, struct map_lmsi *out);
int map_lmsi_encode(struct wbuf *w, uint32_t tag, const struct map_lmsi *lmsi);

/* ---- the tables ---- */

extern const struct map_syntax map_correlation_id_syntax;
extern const struct map_syntax map_sri_sm_syntax, map_sri_sm_result_syntax;
extern const struct map_syntax map_mo_forward_sm_syntax, map_mt_forward_sm_syntax,
	map_forward_sm_result_syntax;
extern const struct map_syntax map_report_sm_syntax, map_report_sm_result_syntax;
extern const struct map_syntax map_inform_sc_syntax, map_alert_sc_syntax;
extern const struct map_syntax map_ready_for_sm_syntax, map_any_time_mod_syntax,
	map_any_time_mod_result_syntax;
