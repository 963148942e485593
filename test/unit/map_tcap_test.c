/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* TCAP (Q.773): the vectors, what peers write differently, and what each wrong message is answered with. */

#include "map/tcap.h"

#include "codec.h"
#include "map_vectors.h"

#define VECTORS "test/vectors/map_tcap.txt"
#define MORE	"test/vectors/map_more.txt"

static int encode(struct wbuf *w, const void *value)
{
	return tcap_encode(w, value);
}

static int decode(struct view in, void *value)
{
	return tcap_decode(in, value);
}

static const struct codec codec = {encode, decode, sizeof(struct tcap_message)};

/* ---- the vectors ---- */

#define B TCAP_BEGIN
#define C TCAP_CONTINUE
#define E TCAP_END
#define A TCAP_ABORT

static const struct expected {
	const char *name;
	enum tcap_type type;
	const char *otid, *dtid;
	enum tcap_apdu apdu;
	uint8_t context, version, result, diagnostic;
	enum map_dialogue_pdu pdu;
	size_t components;
	enum tcap_component_type component; /* the last one */
	int code;			    /* -1: none */
	size_t parameter;		    /* octets */
} expected[] = {
	{"mo-begin", B, "112233", "", TCAP_AARQ, 21, 3, 0, 0, 0, 1, TCAP_INVOKE, 46, 50},
	{"mo-end", E, "", "112233", TCAP_AARE, 21, 3, 0, 0, 0, 1, TCAP_RESULT_LAST, -1, 0},
	{"mo-end-ui", E, "", "112233", TCAP_AARE, 21, 3, 0, 0, 0, 1, TCAP_RESULT_LAST, 46, 13},
	{"sri-begin", B, "0a0b0c", "", TCAP_AARQ, 20, 3, 0, 0, 0, 1, TCAP_INVOKE, 45, 25},
	{"sri-end", E, "", "0a0b0c", TCAP_AARE, 20, 3, 0, 0, 0, 1, TCAP_RESULT_LAST, 45, 23},
	{"mt-begin", B, "000001", "", TCAP_AARQ, 25, 3, 0, 0, 0, 1, TCAP_INVOKE, 44, 49},
	{"rds-begin", B, "000000", "", TCAP_AARQ, 20, 3, 0, 0, 0, 1, TCAP_INVOKE, 47, 28},
	{"mt-err", E, "", "000001", TCAP_AARE, 25, 3, 0, 0, 0, 1, TCAP_ERROR, 6, 5},
	{"alert-begin", B, "000000", "", TCAP_AARQ, 23, 2, 0, 0, 0, 1, TCAP_INVOKE, 64, 20},
	{"sri-end-isc", E, "", "0a0b0c", TCAP_AARE, 20, 3, 0, 0, 0, 2, TCAP_RESULT_LAST, 45, 23},
	{"abort-acn", A, "", "112233", TCAP_AARE, 21, 3, 1, 2, 0, 0, 0, -1, 0},
	{"sri-v2-begin", B, "000000", "", TCAP_AARQ, 20, 2, 0, 0, 0, 1, TCAP_INVOKE, 45, 23},
	{"sri-v1-begin", B, "000000", "", 0, 0, 0, 0, 0, 0, 1, TCAP_INVOKE, 45, 23},
	{"pabort-v1node", A, "", "000000", 0, 0, 0, 0, 0, 0, 0, 0, -1, 0},
	{"abort-refuse-destref", A, "", "000000", TCAP_ABRT, 0, 0, 0, 0, MAP_REFUSE, 0, 0, -1, 0},
	{"abort-user", A, "", "000000", TCAP_ABRT, 0, 0, 0, 0, MAP_USER_ABORT, 0, 0, -1, 0},
	{"mt-v2-begin-more", B, "000000", "", TCAP_AARQ, 25, 2, 0, 0, 0, 1, TCAP_INVOKE, 46, 49},
	{"mt-begin-empty", B, "000000", "", TCAP_AARQ, 25, 3, 0, 0, 0, 0, 0, -1, 0},
	{"mt-continue-accept", C, "000000", "000000", TCAP_AARE, 25, 3, 0, 0, 0, 0, 0, -1, 0},
	{"mt-continue-invoke", C, "000000", "000000", 0, 0, 0, 0, 0, 0, 1, TCAP_INVOKE, 44, 47},
	{"mt-end", E, "", "000000", 0, 0, 0, 0, 0, 0, 1, TCAP_RESULT_LAST, -1, 0},
	{"mt-err-smfail", E, "", "000000", 0, 0, 0, 0, 0, 0, 1, TCAP_ERROR, 32, 10},
	{"sri-err-unknownsub", E, "", "0a0b0c", TCAP_AARE, 20, 3, 0, 0, 0, 1, TCAP_ERROR, 1, 0},
	{"rds-end", E, "", "000000", TCAP_AARE, 20, 3, 0, 0, 0, 1, TCAP_RESULT_LAST, 47, 11},
	{"rds-begin-ipsmgw", B, "000000", "", TCAP_AARQ, 20, 3, 0, 0, 0, 1, TCAP_INVOKE, 47, 25},
	{"alert-end", E, "", "000000", TCAP_AARE, 23, 2, 0, 0, 0, 1, TCAP_RESULT_LAST, -1, 0},
	{"mt-end-reject", E, "", "000000", 0, 0, 0, 0, 0, 0, 1, TCAP_REJECT, -1, 0},
	{"mt-begin-openrefs", B, "000000", "", TCAP_AARQ, 25, 3, 0, 0, MAP_OPEN, 1, TCAP_INVOKE, 44,
	 47},
};

static const struct expected *expected_of(const char *name)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (!strcmp(expected[i].name, name))
			return &expected[i];
	return NULL;
}

/* All but the last octet, in which the messages of the vectors differ. */
static bool id_is(const struct tcap_id *id, const char *hex)
{
	size_t len;
	uint8_t *octets = test_hex(hex, &len);
	bool same = len ? id->len == 4 && !memcmp(id->octets, octets, 3) : !id->len;

	free(octets);
	return same;
}

static void check_expected(const struct expected *x, const struct tcap_message *m)
{
	const struct tcap_component *last = m->components + m->component_count - 1;

	CHECK(m->type == x->type, "%s: %s", x->name, tcap_type_name(m->type));
	CHECK(id_is(&m->otid, x->otid) && id_is(&m->dtid, x->dtid), "%s: ids", x->name);
	CHECK(m->dialogue.apdu == x->apdu, "%s: %x", x->name, m->dialogue.apdu);
	CHECK(m->dialogue.ac.context == x->context && m->dialogue.ac.version == x->version,
	      "%s: %d.%d", x->name, m->dialogue.ac.context, m->dialogue.ac.version);
	CHECK(m->dialogue.result == x->result && m->dialogue.diagnostic == x->diagnostic,
	      "%s: %d %d", x->name, m->dialogue.result, m->dialogue.diagnostic);
	CHECK(m->dialogue.map.pdu == x->pdu, "%s: %x", x->name, m->dialogue.map.pdu);
	CHECK(m->component_count == x->components, "%s: %zu components", x->name,
	      m->component_count);
	if (!m->component_count)
		return;
	CHECK(last->type == x->component, "%s: component %x", x->name, last->type);
	CHECK((last->has_code ? last->code : -1) == x->code, "%s: code %d", x->name, last->code);
	CHECK(last->parameter.len == x->parameter, "%s: parameter of %zu octets", x->name,
	      last->parameter.len);
	CHECK(last->has_invoke_id && last->invoke_id == 1, "%s: invoke id %d", x->name,
	      last->invoke_id);
}

static void test_vectors(void)
{
	FILE *f = vectors_open(VECTORS);
	struct tcap_message m;
	struct vector v;
	size_t found = 0;

	while (f && vector_next(f, &v)) {
		const struct expected *x = expected_of(v.name);

		free(codec_check(v.name, &codec, v.hex, &m, 0));
		found += x != NULL;
		/* views into the octets just freed are not looked at */
		if (x)
			check_expected(x, &m);
	}
	CHECK(found == sizeof(expected) / sizeof(expected[0]), "%zu of the vectors", found);
	if (f)
		fclose(f);
}

static void decode_vector(const char *path, const char *name, struct vector *v, uint8_t **octets,
			  struct tcap_message *m)
{
	size_t len;

	*octets = NULL;
	memset(m, 0, sizeof(*m));
	if (!vector_find(path, name, v))
		return;
	*octets = test_hex(v->hex, &len);
	CHECK(tcap_decode((struct view){*octets, len}, m) == 0, "%s", name);
}

static void test_details(void)
{
	static struct vector v;
	struct tcap_message m;
	uint8_t *octets;

	decode_vector(VECTORS, "mt-begin-openrefs", &v, &octets, &m);
	CHECK(view_eq(m.dialogue.map.destination_reference, VIEW("\x96\x94\x71\x21\x43")),
	      "destination");
	CHECK(view_eq(m.dialogue.map.origination_reference, VIEW("\x91\x94\x71\x01\x67\x10\xf0")),
	      "origination");
	free(octets);
	decode_vector(VECTORS, "abort-refuse-destref", &v, &octets, &m);
	CHECK(m.dialogue.map.reason == MAP_REFUSE_DESTINATION_REFERENCE, "%d",
	      m.dialogue.map.reason);
	CHECK(m.dialogue.abort_source == TCAP_ABORT_BY_USER, "%d", m.dialogue.abort_source);
	free(octets);
	decode_vector(VECTORS, "abort-user", &v, &octets, &m);
	CHECK(m.dialogue.map.reason == MAP_USER_ABORT_SPECIFIC, "%d", m.dialogue.map.reason);
	free(octets);
	decode_vector(VECTORS, "pabort-v1node", &v, &octets, &m);
	CHECK(m.has_p_abort && m.p_abort == TCAP_P_ABORT_INCORRECT, "%d", m.p_abort);
	free(octets);
	decode_vector(VECTORS, "mt-end-reject", &v, &octets, &m);
	CHECK(m.components[0].problem_type == TCAP_PROBLEM_INVOKE &&
		      m.components[0].problem == TCAP_INVOKE_MISTYPED_PARAMETER,
	      "%d %d", m.components[0].problem_type, m.components[0].problem);
	free(octets);
	decode_vector(VECTORS, "abort-acn", &v, &octets, &m);
	CHECK(m.dialogue.diagnostic_source == TCAP_DIAGNOSTIC_USER, "%d",
	      m.dialogue.diagnostic_source);
	free(octets);
}

/* ---- further messages that come out as they went in ---- */

static void test_more(void)
{
	FILE *f = vectors_open(MORE);
	struct tcap_message m;
	struct vector v;

	while (f && vector_next(f, &v))
		free(codec_check(v.name, &codec, v.hex, &m, 0));
	if (f)
		fclose(f);
}

static void test_more_details(void)
{
	static struct vector v;
	struct tcap_message m;
	uint8_t *octets;

	decode_vector(MORE, "abort-refuse-alternative", &v, &octets, &m);
	CHECK(m.dialogue.map.alternative.context == 21 && m.dialogue.map.alternative.version == 2,
	      "%d.%d", m.dialogue.map.alternative.context, m.dialogue.map.alternative.version);
	free(octets);
	decode_vector(MORE, "abort-user-cancelled", &v, &octets, &m);
	CHECK(m.dialogue.map.reason == MAP_USER_ABORT_CANCELLATION && m.dialogue.map.detail == 3,
	      "%d", m.dialogue.map.detail);
	free(octets);
	decode_vector(MORE, "aarq-other-ac", &v, &octets, &m);
	CHECK(!m.dialogue.ac.context && m.dialogue.other_ac_name.len == 7, "%zu",
	      m.dialogue.other_ac_name.len);
	free(octets);
	decode_vector(MORE, "aare-by-provider", &v, &octets, &m);
	CHECK(m.dialogue.diagnostic_source == TCAP_DIAGNOSTIC_PROVIDER &&
		      m.dialogue.diagnostic == 2,
	      "%d", m.dialogue.diagnostic);
	free(octets);
	decode_vector(MORE, "invoke-linked", &v, &octets, &m);
	CHECK(m.components[0].invoke_id == -1 && m.components[0].linked_id == -128, "%d %d",
	      m.components[0].invoke_id, m.components[0].linked_id);
	free(octets);
	decode_vector(MORE, "reject-of-nothing", &v, &octets, &m);
	CHECK(!m.components[0].has_invoke_id, "an invoke id");
	free(octets);
}

/* ---- what peers write differently, and how we would ---- */

static const struct {
	const char *name, *hex, *ours;
} lenient[] = {
	{"indefinite lengths",
	 "62804804040001016b802880060700118605010101a080608080020780a109060704000001001702000000000"
	 "00000006c80a18002010102014030120407919471214365f7040791947101671000000000000000",
	 "62444804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c1ca11a0"
	 "2010102014030120407919471214365f7040791947101671000"},
	{"lengths in long form",
	 "62814a4804040001016b812128811e060700118605010101a0811260810f80020780a10906070400000100170"
	 "26c811da1811a02010102014030120407919471214365f7040791947101671000",
	 "62444804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c1ca11a0"
	 "2010102014030120407919471214365f7040791947101671000"},
	{"without protocol version",
	 "62404804040001016b1a2818060700118605010101a00d600ba1090607040000010017026c1ca11a020101020"
	 "14030120407919471214365f7040791947101671000",
	 "62444804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c1ca11a0"
	 "2010102014030120407919471214365f7040791947101671000"},
	{"components before the dialogue portion",
	 "62444804040001016c1ca11a02010102014030120407919471214365f70407919471016710006b1e281c06070"
	 "0118605010101a011600f80020780a109060704000001001702",
	 "62444804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c1ca11a0"
	 "2010102014030120407919471214365f7040791947101671000"},
	{"dtid before otid", "65134904040001024804040001016c05a203020101",
	 "65134804040001014904040001026c05a203020101"},
	{"empty component portion",
	 "62284804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c00",
	 "62264804040001016b1e281c060700118605010101a011600f80020780a109060704000001001702"},
	{"result with an empty sequence", "640f4904040001016c07a2050201013000",
	 "640d4904040001016c05a203020101"},
	{"user information of others",
	 "62554804040001016b2f282d060700118605010101a022602080020780a109060704000001001702be0f280d0"
	 "6042a864886a00530030201016c1ca11a02010102014030120407919471214365f7040791947101671000",
	 "62444804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c1ca11a0"
	 "2010102014030120407919471214365f7040791947101671000"},
	{"user information of others that looks like MAP",
	 "623d4804040001016b352833060700118605010101a028602680020780a109060704000001001702be1528130"
	 "6042a864886a00ba0098007919471214365f7",
	 "62264804040001016b1e281c060700118605010101a011600f80020780a109060704000001001702"},
	{"others before MAP",
	 "624f4804040001016b472845060700118605010101a03a603880020780a109060704000001001702be27280d0"
	 "6042a864886a00530030201012816060704000001010101a00ba0098007919471214365f7",
	 "62404804040001016b382836060700118605010101a02b602980020780a109060704000001001702be1828160"
	 "60704000001010101a00ba0098007919471214365f7"},
	{"MAP octet aligned",
	 "62404804040001016b382836060700118605010101a02b602980020780a109060704000001001702be1828160"
	 "60704000001010101810ba0098007919471214365f7",
	 "62404804040001016b382836060700118605010101a02b602980020780a109060704000001001702be1828160"
	 "60704000001010101a00ba0098007919471214365f7"},
	{"unknown elements in map-open",
	 "624d4804040001016b452843060700118605010101a038603680020780a109060704000001001702be2528230"
	 "60704000001010101a018a0168007919471214365f78207919471214365f73002a000",
	 "62404804040001016b382836060700118605010101a02b602980020780a109060704000001001702be1828160"
	 "60704000001010101a00ba0098007919471214365f7"},
	{"MAP PDU of tomorrow",
	 "62404804040001016b382836060700118605010101a02b602980020780a109060704000001001702be1828160"
	 "60704000001010101a00ba6098007919471214365f7",
	 "62264804040001016b1e281c060700118605010101a011600f80020780a109060704000001001702"},
	{"unknown element in AARQ",
	 "62294804040001016b21281f060700118605010101a014601280020780a1090607040000010017029d0178",
	 "62264804040001016b1e281c060700118605010101a011600f80020780a109060704000001001702"},
	{"invoke id of two octets",
	 "62254804040001016c1da11b0202000102014030120407919471214365f7040791947101671000",
	 "62244804040001016c1ca11a02010102014030120407919471214365f7040791947101671000"},
};

static void test_lenient(void)
{
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++) {
		uint8_t out[512];
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct tcap_message m;
		size_t len, ours_len;
		uint8_t *in = test_hex(lenient[i].hex, &len),
			*ours = test_hex(lenient[i].ours, &ours_len);

		CHECK(tcap_decode((struct view){in, len}, &m) == 0, "%s", lenient[i].name);
		CHECK(tcap_encode(&w, &m) == 0, "%s", lenient[i].name);
		CHECK(view_eq(wbuf_written(&w), (struct view){ours, ours_len}), "%s",
		      lenient[i].name);
		codec_check_prefixes(lenient[i].name, &codec, in, len, 0);
		free(in);
		free(ours);
	}
}

/* ---- messages that are refused, each with its error, the originator's id kept ---- */

static const struct {
	const char *name, *hex;
	int err;
	size_t otid;
} refused[] = {
	{"nothing", "", -EBADMSG, 0},
	{"two messages",
	 "62444804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026c1ca11a0"
	 "2010102014030120407919471214365f704079194710167100062444804040001016b1e281c06070011860501"
	 "0101a011600f80020780a1090607040000010017026c1ca11a02010102014030120407919471214365f704079"
	 "1947101671000",
	 -EBADMSG, 0},
	{"otid of five octets", "620748050102030405", -EBADMSG, 0},
	{"otid of no octets", "62024800", -EBADMSG, 0},
	{"broken behind the id", "62094804040001016c05a1", -EBADMSG, 4},
	{"P-Abort cause of 256", "670a4904040001014a020100", -EBADMSG, 0},
	{"P-Abort cause below 0", "67094904040001014a01ff", -EBADMSG, 0},
	{"TC-UNI", "611e6c1ca11a02010102014030120407919471214365f7040791947101671000", -ENOTSUP, 0},
	{"unknown type", "6306480404000101", -ENOTSUP, 4},
	{"no otid", "621e6c1ca11a02010102014030120407919471214365f7040791947101671000", -EPROTO, 0},
	{"dtid in BEGIN", "620c480404000101490404000102", -EPROTO, 4},
	{"otid in END", "640c480404000101490404000102", -EPROTO, 4},
	{"no dtid in END", "6400", -EPROTO, 0},
	{"no otid in CONTINUE", "6506490404000102", -EPROTO, 0},
	{"two otids", "620c480404000101480404000102", -EPROTO, 4},
	{"two dialogue portions",
	 "62464804040001016b1e281c060700118605010101a011600f80020780a1090607040000010017026b1e281c0"
	 "60700118605010101a011600f80020780a109060704000001001702",
	 -EPROTO, 4},
	{"two component portions",
	 "62424804040001016c1ca11a02010102014030120407919471214365f70407919471016710006c1ca11a02010"
	 "102014030120407919471214365f7040791947101671000",
	 -EPROTO, 4},
	{"components in ABORT", "670d4904040001016c05a203020101", -EPROTO, 0},
	{"P-Abort cause in END", "64094904040001014a0101", -EPROTO, 0},
	{"P-Abort cause and ABRT", "671d4904040001014a01016b122810060700118605010101a0056403800100",
	 -EPROTO, 0},
	{"unknown element", "6209480404000101040178", -EPROTO, 4},
	{"AARE in BEGIN",
	 "62324804040001016b2a2828060700118605010101a01d611b80020780a109060704000001001702a20302010"
	 "0a305a103020100",
	 -EPROTO, 4},
	{"AARQ in END",
	 "64264904040001016b1e281c060700118605010101a011600f80020780a109060704000001001702",
	 -EPROTO, 0},
	{"ABRT in CONTINUE", "65204804040001014904040001026b122810060700118605010101a0056403800100",
	 -EPROTO, 4},
	{"AARQ without a name", "621b4804040001016b132811060700118605010101a006600480020780",
	 -EPROTO, 4},
	{"empty name", "621f4804040001016b172815060700118605010101a00a600880020780a1020600",
	 -EPROTO, 4},
	{"name of 33 octets",
	 "62404804040001016b382836060700118605010101a02b602980020780a123062101010101010101010101010"
	 "1010101010101010101010101010101010101010101",
	 -EPROTO, 4},
	{"AARE without a diagnostic",
	 "64274904040001016b1f281d060700118605010101a0126110a109060704000001001702a203020100",
	 -EPROTO, 0},
	{"diagnostic of nobody",
	 "64324904040001016b2a2828060700118605010101a01d611b80020780a109060704000001001702a20302010"
	 "0a305a303020100",
	 -EPROTO, 0},
	{"unknown APDU", "62224804040001016b1a2818060700118605010101a00d620ba109060704000001001702",
	 -EPROTO, 4},
	{"another dialogue syntax",
	 "62224804040001016b1a2818060700118605010201a00d600ba109060704000001001702", -EPROTO, 4},
	{"no EXTERNAL", "62154804040001016b0d600ba109060704000001001702", -EPROTO, 4},
	{"empty dialogue portion", "62084804040001016b00", -EPROTO, 4},
	{"two APDUs",
	 "622f4804040001016b272825060700118605010101a01a600ba109060704000001001702600ba109060704000"
	 "001001702",
	 -EPROTO, 4},
	{"reference of 21 octets",
	 "624e4804040001016b462844060700118605010101a039603780020780a109060704000001001702be2628240"
	 "60704000001010101a019a0178015111111111111111111111111111111111111111111",
	 -EPROTO, 4},
	{"broken user information",
	 "622a4804040001016b222820060700118605010101a015601380020780a109060704000001001702be022805",
	 -EPROTO, 4},
	{"nine components",
	 "64354904040001016c2da203020100a203020101a203020102a203020103a203020104a203020105a20302010"
	 "6a203020107a203020108",
	 -EOVERFLOW, 0},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct tcap_message m;
		size_t len;
		uint8_t *in = test_hex(refused[i].hex, &len);
		int err = tcap_decode((struct view){in, len}, &m);

		CHECK(err == refused[i].err, "%s: %d", refused[i].name, err);
		CHECK(m.otid.len == refused[i].otid, "%s: otid of %d octets", refused[i].name,
		      m.otid.len);
		free(in);
	}
}

/* ---- components that are wrong: what the reject will say ---- */

enum { NO_ID = 1000 };

static const struct {
	const char *name, *hex;
	int problem, invoke_id;
} malformed[] = {
	{"unknown component", "64174904040001016c0fa203020109a503020101a20302010a", 0, NO_ID},
	{"no invoke id", "64144904040001016c0ca203020109a100a20302010a", 1, NO_ID},
	{"invoke id of another type", "641a4904040001016c12a203020109a106040101020140a20302010a", 1,
	 NO_ID},
	{"invoke id of 128", "641b4904040001016c13a203020109a10702020080020140a20302010a", 1,
	 NO_ID},
	{"invoke without operation", "64174904040001016c0fa203020109a1030201fda20302010a", 1, -3},
	{"operation of another type", "641a4904040001016c12a203020109a106020103040178a20302010a", 1,
	 3},
	{"operation of five octets",
	 "641e4904040001016c16a203020109a10a02010302050000000001a20302010a", 1, 3},
	{"linked id too long", "641f4904040001016c17a203020109a10b0201038003010203020101a20302010a",
	 1, 3},
	{"two parameters",
	 "64424904040001016c3aa203020109a12e02010302014030120407919471214365f7040791947101671000301"
	 "20407919471214365f7040791947101671000a20302010a",
	 2, 3},
	{"broken parameter", "641c4904040001016c14a203020109a1080201030201403005a20302010a", 2, 3},
	{"broken operation", "64194904040001016c11a203020109a1050201030205a20302010a", 2, 3},
	{"result not in a sequence", "641a4904040001016c12a203020109a206020104020140a20302010a", 1,
	 4},
	{"something behind the result",
	 "641f4904040001016c17a203020109a20b0201043003020140020101a20302010a", 2, 4},
	{"broken result", "64194904040001016c11a203020109a2050201043001a20302010a", 2, 4},
	{"error without code", "64174904040001016c0fa203020109a303020105a20302010a", 1, 5},
	{"reject without problem", "64174904040001016c0fa203020109a403020106a20302010a", 1, 6},
	{"reject with a problem of another type",
	 "641a4904040001016c12a203020109a406020106020101a20302010a", 1, 6},
	{"reject with a problem of 256",
	 "641b4904040001016c13a203020109a40702010681020100a20302010a", 1, 6},
	{"something behind the problem",
	 "641d4904040001016c15a203020109a409020106810101020101a20302010a", 2, 6},
	{"NULL as invoke id of a result", "64164904040001016c0ea203020109a2020500a20302010a", 1,
	 NO_ID},
	{"broken component portion", "640f4904040001016c07a203020109a105", 2, NO_ID},
};

static void test_malformed(void)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		const char *name = malformed[i].name;
		uint8_t out[512];
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct tcap_message m;
		const struct tcap_component *c = &m.components[1];
		size_t len;
		uint8_t *in = test_hex(malformed[i].hex, &len);
		int err = tcap_decode((struct view){in, len}, &m);

		CHECK(err == 0 && m.component_count == 2, "%s: %d, %zu components", name, err,
		      m.component_count);
		CHECK(c->type == TCAP_MALFORMED && c->problem_type == TCAP_PROBLEM_GENERAL,
		      "%s: %x", name, c->type);
		CHECK(c->problem == malformed[i].problem, "%s: problem %d", name, c->problem);
		CHECK((c->has_invoke_id ? c->invoke_id : NO_ID) == malformed[i].invoke_id,
		      "%s: invoke id %d", name, c->invoke_id);
		CHECK(!c->parameter.len && !c->has_code, "%s: left-overs", name);
		CHECK(tcap_encode(&w, &m) == -EINVAL && !w.len, "%s: is encoded", name);
		m.components[1].type = TCAP_REJECT;
		CHECK(tcap_encode(&w, &m) == 0, "%s: its reject", name);
		free(in);
	}
}

/* ---- what cannot be encoded ---- */

static void test_unencodable(void)
{
	static const struct tcap_message good = {
		.type = TCAP_CONTINUE,
		.otid = {1, {1}},
		.dtid = {1, {2}},
		.dialogue = {.apdu = TCAP_AARE,
			     .ac = {25, 3},
			     .diagnostic_source = TCAP_DIAGNOSTIC_USER},
		.component_count = 1,
		.components = {{.type = TCAP_INVOKE,
				.has_invoke_id = true,
				.has_code = true,
				.code = 44}},
	};
	struct tcap_message bad[18];
	uint8_t out[256];
	struct wbuf w = wbuf_of(out, sizeof(out));

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		bad[i] = good;
	bad[0].type = (enum tcap_type)0x61;
	bad[1].otid.len = 0;
	bad[2].dtid.len = 5;
	bad[3].component_count = TCAP_COMPONENTS_MAX + 1;
	bad[4].has_p_abort = true;
	bad[5].dialogue.apdu = TCAP_AARQ;
	bad[6].dialogue.ac.context = 0;
	bad[7].dialogue.ac.version = 128;
	bad[8].dialogue.diagnostic_source = (enum tcap_diagnostic_source)0;
	bad[9].dialogue.map.pdu = (enum map_dialogue_pdu)0xa6;
	bad[10].dialogue.map = (struct map_dialogue){.pdu = MAP_USER_ABORT, .reason = 4};
	bad[11].components[0].has_invoke_id = false;
	bad[12].components[0].has_code = false;
	bad[13].components[0].parameter = VIEW("\x04\x02x");
	bad[14].components[0].parameter = VIEW("\x05\x00\x05\x00");
	bad[15].components[0] = (struct tcap_component){
		.type = TCAP_RESULT_LAST, .has_invoke_id = true, .parameter = VIEW("\x05\x00")};
	bad[16].components[0] = (struct tcap_component){.type = TCAP_REJECT, .problem_type = 4};
	bad[17].dialogue.other_ac_name = VIEW("\x2a");
	CHECK(tcap_encode(&w, &good) == 0, "the good one");
	w.len = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(tcap_encode(&w, &bad[i]) == -EINVAL && !w.len, "case %zu", i);
}

/* ---- names, causes, ids ---- */

static void test_names(void)
{
	CHECK(!strcmp(tcap_type_name(TCAP_ABORT), "ABORT"), "%s", tcap_type_name(TCAP_ABORT));
	CHECK(!strcmp(tcap_type_name((enum tcap_type)0x61), "unknown"), "0x61");
	CHECK(!strcmp(tcap_p_abort_name(3), "incorrectTransactionPortion"), "%s",
	      tcap_p_abort_name(3));
	CHECK(!strcmp(tcap_p_abort_name(5), "unknown"), "%s", tcap_p_abort_name(5));
	CHECK(!strcmp(tcap_problem_name(1, 2), "mistypedParameter"), "%s", tcap_problem_name(1, 2));
	for (int type = 0; type < 256; type++)
		for (int problem = 0; problem < 256; problem++)
			CHECK(tcap_problem_name((uint8_t)type, (uint8_t)problem), "%d %d", type,
			      problem);
}

static void test_causes(void)
{
	CHECK(tcap_p_abort_of(-ENOTSUP) == TCAP_P_ABORT_UNRECOGNIZED_TYPE, "type");
	CHECK(tcap_p_abort_of(-EBADMSG) == TCAP_P_ABORT_BADLY_FORMATTED, "format");
	CHECK(tcap_p_abort_of(-EPROTO) == TCAP_P_ABORT_INCORRECT, "portion");
	CHECK(tcap_p_abort_of(-EOVERFLOW) == TCAP_P_ABORT_RESOURCE_LIMITATION, "resources");
}

static void test_ids(void)
{
	struct tcap_id a = {2, {1, 2}}, b = {2, {1, 2, 3}}, c = {3, {1, 2, 0}}, d = {2, {1, 3}};

	CHECK(tcap_id_eq(&a, &b) && !tcap_id_eq(&a, &c) && !tcap_id_eq(&a, &d), "ids");
}

int main(void)
{
	test_vectors();
	test_details();
	test_more();
	test_more_details();
	test_lenient();
	test_refused();
	test_malformed();
	test_unencodable();
	test_names();
	test_causes();
	test_ids();
	return test_end("map_tcap");
}
