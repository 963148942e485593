/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * XML 1.0 from strangers. The one place that knows libxml2, and, with it, an exception in lib: the
 * parser allocates while a document is open. Nothing is fetched (XML_PARSE_NONET), the size is
 * bounded before the parser sees an octet, and a document type declaration ends the parse where
 * it begins: without one there are no entities but the five of XML, so nothing can be expanded.
 */

#include <libxml/parser.h>

#include "field.h"
#include "xml.h"

/* What is to be told apart when there is no tree. */
struct parse {
	bool refused, no_memory;
};

static void doctype_refuse(void *context, const xmlChar *name, const xmlChar *external,
			   const xmlChar *system)
{
	xmlParserCtxt *parser = context;

	(void)name;
	(void)external;
	(void)system;
	((struct parse *)parser->_private)->refused = true;
	xmlStopParser(parser);
}

#if LIBXML_VERSION < 21200
typedef xmlError *xml_error;
#else
typedef const xmlError *xml_error;
#endif

/* One that follows, "premature end", would hide that memory was out; and nothing of a message goes to stderr. */
static void error_note(void *context, xml_error error)
{
	xmlParserCtxt *parser = error->ctxt;

	(void)context;
	if (error->code == XML_ERR_NO_MEMORY && parser && parser->_private)
		((struct parse *)parser->_private)->no_memory = true;
}

int xml_open(struct xml *x, struct view in)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	struct parse parse = {0};
	xmlParserCtxt *parser;
	xmlDoc *doc;

	while (in.len && memchr(" \t\r\n", in.p[0], 4))
		in = view_skip(
			in, 1); /* no declaration may follow white space, but some write it so */
	if (in.len == 0 || in.len > XML_OCTETS_MAX)
		return -EBADMSG;
	parser = xmlNewParserCtxt();
	if (!parser)
		return -ENOMEM;
	parser->_private = &parse;
	parser->sax->internalSubset = doctype_refuse;
	parser->sax->serror = error_note;
	doc = xmlCtxtReadMemory(parser, (const char *)in.p, (int)in.len, NULL, NULL, options);
	parse.no_memory |= !doc && parser->errNo == XML_ERR_OK; /* not every such failure is told */
	xmlFreeParserCtxt(parser);
	if (doc && !parse.refused && !parse.no_memory && xmlDocGetRootElement(doc)) {
		x->tree = doc;
		return 0;
	}
	xmlFreeDoc(doc);
	return parse.no_memory && !parse.refused ? -ENOMEM : -EBADMSG;
}

void xml_close(struct xml *x)
{
	xmlFreeDoc(x->tree);
	x->tree = NULL;
}

/* ---- elements ---- */

static const xmlNode *node_of(const struct xml_element *e)
{
	return (const xmlNode *)(const void *)e;
}

/* The node itself or the first behind it that is an element. */
static const struct xml_element *element_from(const xmlNode *n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return (const struct xml_element *)(const void *)n;
}

const struct xml_element *xml_root(const struct xml *x)
{
	return element_from(xmlDocGetRootElement(x->tree));
}

const struct xml_element *xml_child(const struct xml_element *parent,
				    const struct xml_element *before)
{
	return element_from(before ? node_of(before)->next : node_of(parent)->children);
}

const struct xml_element *xml_next(const struct xml_element *top, const struct xml_element *at)
{
	const struct xml_element *next = xml_child(at, NULL);

	for (const xmlNode *n = node_of(at); !next && n != node_of(top); n = n->parent)
		next = element_from(n->next);
	return next;
}

/* A prefix that is bound to nothing stays a part of the name. */
static bool name_is(const xmlChar *node_name, const char *name)
{
	struct view v = view_str((const char *)node_name), rest = v;

	while (rest.len) {
		uint8_t c = rest.p[0];

		rest = view_skip(rest, 1);
		if (c == ':')
			v = rest;
	}
	return view_ieq(v, view_str(name));
}

bool xml_is(const struct xml_element *e, const char *name)
{
	return name_is(node_of(e)->name, name);
}

/* ---- texts ---- */

static struct view nodes_put(const xmlNode *n, struct wbuf *w)
{
	size_t mark = w->len;

	for (; n; n = n->next)
		if (n->content && (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE))
			wbuf_str(w, (const char *)n->content);
	return w->err ? VIEW("") : (struct view){w->p + mark, w->len - mark};
}

struct view xml_text(const struct xml_element *e, struct wbuf *w)
{
	return field_trim(nodes_put(node_of(e)->children, w));
}

struct view xml_attribute(const struct xml_element *e, const char *name, struct wbuf *w)
{
	for (const xmlAttr *a = node_of(e)->properties; a; a = a->next)
		if (name_is(a->name, name))
			return nodes_put(a->children, w);
	return VIEW("");
}

bool xml_attribute_is(const struct xml_element *e, const char *name, const char *value)
{
	uint8_t buffer[32];
	struct wbuf w = wbuf_of(buffer, sizeof(buffer));

	return view_ieq(xml_attribute(e, name, &w), view_str(value));
}
