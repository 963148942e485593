/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * XML documents from the network, read through libxml2. For the files of lib/cpm only. Namespaces
 * are not looked at: elements are called by their local names, in any letter case.
 */

enum { XML_OCTETS_MAX = 65536 };

struct xml {
	void *tree;
};

struct xml_element; /* lives as long as its document */

/**
 * Every document that was opened must be closed, one that was refused need not.
 * @return 0, -EBADMSG (not well formed, longer than XML_OCTETS_MAX, or with a DTD), -ENOMEM
 */
int xml_open(struct xml *x, struct view in);

void xml_close(struct xml *x);

const struct xml_element *xml_root(const struct xml *x);

/** The child element behind the one given, the first for NULL; NULL at the end. */
const struct xml_element *xml_child(const struct xml_element *parent,
				    const struct xml_element *before);

/** The element inside top that comes next in the document; begin with at == top; NULL at the end. */
const struct xml_element *xml_next(const struct xml_element *top, const struct xml_element *at);

bool xml_is(const struct xml_element *e, const char *name);

/** Append the text of e, without that of its children; white space around it is dropped. */
struct view xml_text(const struct xml_element *e, struct wbuf *w);

/** Append the value of an attribute; "" if it is absent. */
struct view xml_attribute(const struct xml_element *e, const char *name, struct wbuf *w);

/** Is the attribute there and this, in any letter case? value is shorter than 32 octets. */
bool xml_attribute_is(const struct xml_element *e, const char *name, const char *value);
