/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Values of Content-Type: type "/" subtype *( ";" name "=" value ), RFC 2045 5.1.
 * Types and names compare in any letter case, values as they stand.
 */

#include "content.h"
#include "field.h"

bool media_type_is(struct view content_type, const char *type)
{
	struct view first;

	return field_list_next(&content_type, ";", &first) && view_ieq(first, view_str(type));
}

struct view media_type_param(struct view content_type, const char *name)
{
	struct view member;

	field_list_next(&content_type, ";", &member); /* the type itself */
	while (field_list_next(&content_type, ";", &member)) {
		struct field f = field_param(member);

		if (view_ieq(f.name, view_str(name)))
			return f.value;
	}
	return VIEW("");
}
