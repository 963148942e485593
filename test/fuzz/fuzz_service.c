/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * service_classify(). The first line begins with I for INVITE, else it is a MESSAGE; each further
 * line is a header: s P-Asserted-Service, p P-Preferred-Service, a Accept-Contact, m Contact.
 * Letter case must not matter, and neither must a header of no service behind all others.
 */

#include <stdlib.h>

#include "../../lib/cpm/service.h"

enum { HEADERS_MAX = 8 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static size_t headers_read(struct view in, struct service_header h[HEADERS_MAX])
{
	static const char letters[] = "spam"; /* in the order of the constants */
	size_t n = 0;

	while (in.len && n < HEADERS_MAX) {
		const uint8_t *lf = memchr(in.p, '\n', in.len);
		size_t len = lf ? (size_t)(lf - in.p) : in.len;
		const char *letter = len ? memchr(letters, in.p[0], strlen(letters)) : NULL;

		if (letter) {
			h[n].kind = SERVICE_HDR_ASSERTED + (unsigned)(letter - letters);
			h[n++].value = (struct view){in.p + 1, len - 1};
		}
		len += lf ? 1 : 0;
		in = (struct view){in.p + len, in.len - len};
	}
	return n;
}

static void letters_turn(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z'))
			p[i] ^= 0x20;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum service_method method = size && data[0] == 'I' ? SERVICE_INVITE : SERVICE_MESSAGE;
	uint8_t *turned = malloc(size + 1);
	struct service_header h[HEADERS_MAX + 1];
	size_t n = headers_read((struct view){data, size}, h);
	enum cpm_service s = service_classify(method, h, n);

	require(s <= CPM_SERVICE_OTHER && service_name(s)[0]);
	require(service_asserted(s) && service_accept_contact(s));

	if (size)
		memcpy(turned, data, size);
	letters_turn(turned, size);
	for (size_t i = 0; i < n; i++)
		h[i].value.p = turned + (h[i].value.p - data);
	h[n].kind = SERVICE_HDR_CONTACT;
	h[n].value = VIEW("<sip:a@h>;expires=1");
	require(service_classify(method, h, n + 1) == s);
	free(turned);
	return 0;
}
