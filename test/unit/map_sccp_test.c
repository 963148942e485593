/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Connectionless SCCP (Q.713, Q.714): the vectors, addresses of every kind, segments out and in. */

#include "map/sccp.h"
#include "map/tcap.h"

#include "codec.h"
#include "map_vectors.h"

#define VECTORS "test/vectors/sccp.txt"
#define LONG	"test/vectors/sccp_long.txt"

static int encode(struct wbuf *w, const void *value)
{
	return sccp_encode(w, value);
}

static int decode(struct view in, void *value)
{
	return sccp_decode(in, value);
}

static const struct codec codec = {encode, decode, sizeof(struct sccp_message)};

/* ---- the vectors ---- */

static void test_vectors(void)
{
	FILE *f = vectors_open(VECTORS);
	struct sccp_message m;
	struct vector v;
	size_t n = 0;

	for (; f && vector_next(f, &v); n++)
		free(codec_check(v.name, &codec, v.hex, &m, 0));
	CHECK(n == 13, "%zu vectors", n);
	if (f)
		fclose(f);
}

/* The octets stay in use: views point into them. */
static struct sccp_message message_of(const char *path, const char *name)
{
	static uint8_t octets[4][512];
	static unsigned next;
	static struct vector v;
	struct sccp_message m = {0};
	uint8_t *in, *kept = octets[next++ % 4];
	size_t len;

	if (!vector_find(path, name, &v))
		return m;
	in = test_hex(v.hex, &len);
	memcpy(kept, in, len);
	free(in);
	CHECK(sccp_decode((struct view){kept, len}, &m) == 0, "%s", name);
	return m;
}

static void check_title(const struct sccp_address *a, enum sccp_gti gti, uint8_t tt, uint8_t np,
			uint8_t nai, const char *digits)
{
	CHECK(a->gti == gti && a->tt == tt && a->np == np && a->nai == nai, "%d %d %d %d", a->gti,
	      a->tt, a->np, a->nai);
	CHECK(!strcmp(a->digits, digits), "%s", a->digits);
}

static void test_addresses(void)
{
	struct sccp_message m = message_of(VECTORS, "udt-wire");

	CHECK(m.type == SCCP_UDT && m.protocol_class == 0 && m.return_on_error, "%d %d", m.type,
	      m.protocol_class);
	CHECK(!m.called.route_on_ssn && !m.called.has_pc && m.called.has_ssn &&
		      m.called.ssn == SCCP_SSN_HLR,
	      "called");
	CHECK(m.calling.ssn == SCCP_SSN_MSC && m.data.len == 75, "%zu octets", m.data.len);
	check_title(&m.called, SCCP_GTI_TT_NP_ES_NAI, 0, 1, 4, "491710760100");
	check_title(&m.calling, SCCP_GTI_TT_NP_ES_NAI, 0, 1, 4, "491710760200");
	m = message_of(VECTORS, "udt-pc-ssn");
	CHECK(m.called.route_on_ssn && m.called.has_pc && m.called.pc == 185, "%d", m.called.pc);
	CHECK(m.protocol_class == 1 && !m.return_on_error, "%d", m.protocol_class);
	check_title(&m.called, SCCP_GTI_NONE, 0, 0, 0, "");
	m = message_of(VECTORS, "udt-gt-and-pc");
	CHECK(m.called.pc == 16383 && !m.called.route_on_ssn, "%d", m.called.pc);
	check_title(&m.called, SCCP_GTI_TT_NP_ES_NAI, 0, 1, 4, "49171076010");
	m = message_of(VECTORS, "udt-gti-1");
	check_title(&m.called, SCCP_GTI_NAI, 0, 0, 4, "491710760100");
	check_title(&m.calling, SCCP_GTI_NAI, 0, 0, 3, "17107602001");
	m = message_of(VECTORS, "udt-gti-2");
	check_title(&m.called, SCCP_GTI_TT, 9, 0, 0, "491710760100");
	check_title(&m.calling, SCCP_GTI_TT, 10, 0, 0, "17107602001");
	m = message_of(VECTORS, "udt-gti-3");
	check_title(&m.called, SCCP_GTI_TT_NP_ES, 9, SCCP_NP_E214, 0, "491710760100");
	check_title(&m.calling, SCCP_GTI_TT_NP_ES, 0, SCCP_NP_E212, 0, "26201234567");
	m = message_of(VECTORS, "udt-code-11-12");
	check_title(&m.called, SCCP_GTI_TT_NP_ES_NAI, 0, 1, 4, "4917b0c");
}

static void test_services(void)
{
	struct sccp_message m = message_of(VECTORS, "udts");

	CHECK(m.type == SCCP_UDTS && m.return_cause == SCCP_CAUSE_NO_TRANSLATION &&
		      m.data.len == 41,
	      "%d", m.return_cause);
	m = message_of(VECTORS, "xudts-segment");
	CHECK(m.type == SCCP_XUDTS && m.hop_counter == 15 && m.segmentation.present, "%d", m.type);
	CHECK(m.segmentation.first && m.segmentation.in_sequence && m.segmentation.remaining == 1 &&
		      m.segmentation.reference == 0x123456,
	      "%x", m.segmentation.reference);
}

static void test_long(void)
{
	FILE *f = vectors_open(LONG);
	uint8_t out[512];
	struct vector v;

	while (f && vector_next(f, &v)) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct sccp_message m;
		size_t len;
		uint8_t *in = test_hex(v.hex, &len);

		CHECK(sccp_decode((struct view){in, len}, &m) == 0 && m.data.len == 41, "%s",
		      v.name);
		check_title(m.type == SCCP_LUDT ? &m.called : &m.calling, SCCP_GTI_TT_NP_ES_NAI, 0,
			    1, 4, "491710760100");
		CHECK(sccp_encode(&w, &m) == -EINVAL && !w.len, "%s: is encoded", v.name);
		codec_check_prefixes(v.name, &codec, in, len, 0);
		free(in);
	}
	if (f)
		fclose(f);
}

/* ---- what peers write differently, and how we would ---- */

static const struct {
	const char *name, *hex, *ours;
} lenient[] = {
	{"parts in another order", "0980090d010562034801070443b900060443ba0008",
	 "098003070b0443b900060443ba0008056203480107"},
	{"gap between the parts", "098004080cff0443b900060443ba0008056203480107",
	 "098003070b0443b900060443ba0008056203480107"},
	{"filler F behind an odd number", "0980030a0e07120600110421f30443ba0008056203480107",
	 "0980030a0e07120600110421030443ba0008056203480107"},
	{"encoding scheme unknown, even", "0980030a0e07120600100421430443ba0008056203480107",
	 "0980030a0e07120600120421430443ba0008056203480107"},
	{"spare bits of point code and nature", "098003070b0443b9c0060443ba0008056203480107",
	 "098003070b0443b900060443ba0008056203480107"},
	{"calling address of nothing", "09800307080443b900060100056203480107",
	 "09800307080443b900060100056203480107"},
	{"spare bits of the class", "09f103070b0443b900060443ba0008056203480107",
	 "098103070b0443b900060443ba0008056203480107"},
	{"importance and something unknown",
	 "11800f04080c110443b900060443ba00080562034801071201071302aabb00",
	 "11800f04080c000443b900060443ba0008056203480107"},
	{"importance before segmentation",
	 "11800f04080c110443b900060443ba00080562034801071201071004c101000000",
	 "11800f04080c110443b900060443ba00080562034801071004c101000000"},
	{"spare bits of segmentation",
	 "11800f04080c110443b900060443ba00080562034801071004f101000000",
	 "11800f04080c110443b900060443ba00080562034801071004c101000000"},
};

static void test_lenient(void)
{
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++) {
		uint8_t out[512];
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct sccp_message m;
		size_t len, ours_len;
		uint8_t *in = test_hex(lenient[i].hex, &len),
			*ours = test_hex(lenient[i].ours, &ours_len);

		CHECK(sccp_decode((struct view){in, len}, &m) == 0, "%s", lenient[i].name);
		CHECK(sccp_encode(&w, &m) == 0, "%s", lenient[i].name);
		CHECK(view_eq(wbuf_written(&w), (struct view){ours, ours_len}), "%s",
		      lenient[i].name);
		codec_check_prefixes(lenient[i].name, &codec, in, len, 0);
		free(in);
		free(ours);
	}
}

static const struct {
	const char *name, *hex;
	int err;
} refused[] = {
	{"nothing", "", -EBADMSG},
	{"connection request", "018003070b0443b900060443ba0008056203480107", -ENOTSUP},
	{"class 2", "090203070b0443b900060443ba0008056203480107", -ENOTSUP},
	{"hop counter 0", "11800004080c000443b900060443ba0008056203480107", -EBADMSG},
	{"hop counter 16", "11801004080c000443b900060443ba0008056203480107", -EBADMSG},
	{"no called address", "098000070b0443b900060443ba0008056203480107", -EBADMSG},
	{"no calling address", "098003000b0443b900060443ba0008056203480107", -EBADMSG},
	{"no data", "09800307000443b900060443ba0008056203480107", -EBADMSG},
	{"pointer beyond the end", "09800307ff0443b900060443ba0008056203480107", -EBADMSG},
	{"pointer to the end", "09800307110443b900060443ba0008056203480107", -EBADMSG},
	{"length beyond the end", "098003070b0443b900060443ba0008066203480107", -EBADMSG},
	{"data of no octets", "098003070b0443b900060443ba000800", -EBADMSG},
	{"address of no octets", "0980030307000443ba0008056203480107", -EBADMSG},
	{"half a point code", "09800305090241b90443ba0008056203480107", -EBADMSG},
	{"no SSN", "098003040801420443ba0008056203480107", -EBADMSG},
	{"something behind the SSN", "098003080c0543b90006780443ba0008056203480107", -EBADMSG},
	{"title without digits", "098003080c0512060012040443ba0008056203480107", -EBADMSG},
	{"half a title", "098003070b04120600120443ba0008056203480107", -EBADMSG},
	{"title of 34 digits",
	 "098003191d16120600120411111111111111111111111111111111110443ba0008056203480107",
	 -EBADMSG},
	{"GTI 5", "098003070b04160612340443ba0008056203480107", -ENOTSUP},
	{"encoding scheme 3", "0980030a0e07120600130421430443ba0008056203480107", -ENOTSUP},
	{"optional part without an end", "11800f04080c110443b900060443ba00080562034801071201",
	 -EBADMSG},
	{"optional part beyond the end", "11800f04080cff0443b900060443ba000805620348010712010700",
	 -EBADMSG},
	{"segmentation of three octets",
	 "11800f04080c110443b900060443ba00080562034801071003c1010000", -EBADMSG},
	{"segmentation of five octets",
	 "11800f04080c110443b900060443ba00080562034801071005c10100000000", -EBADMSG},
	{"two segmentations",
	 "11800f04080c110443b900060443ba00080562034801071004c10100001004c101000000", -EBADMSG},
	{"broken optional part", "11800f04080c110443b900060443ba000805620348010712ff0700",
	 -EBADMSG},
	{"half a long pointer", "13800f07", -EBADMSG},
	{"long pointer beyond the end", "13800fffff0a000d0000000443b900060443ba000805006203480107",
	 -EBADMSG},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct sccp_message m;
		size_t len;
		uint8_t *in = test_hex(refused[i].hex, &len);
		int err = sccp_decode((struct view){in, len}, &m);

		CHECK(err == refused[i].err, "%s: %d", refused[i].name, err);
		free(in);
	}
}

/* ---- what cannot be encoded ---- */

#define ADDRESS(number)                                                                            \
	{                                                                                          \
		.has_ssn = true, .ssn = 8, .gti = SCCP_GTI_TT_NP_ES_NAI, .np = 1, .nai = 4,        \
		.digits = number                                                                   \
	}

static const uint8_t octets[4096];

static const struct sccp_message xudt = {
	.type = SCCP_XUDT,
	.hop_counter = 15,
	.called = ADDRESS("491710760100"),
	.calling = ADDRESS("491710760200"),
	.data = {octets, 229},
	.segmentation = {.present = true, .remaining = 15, .reference = 0xffffff},
};

static void test_unencodable(void)
{
	struct sccp_message bad[18];
	uint8_t out[512];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(sccp_encode(&w, &xudt) == 0 && w.len == 268, "%zu octets", w.len);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		bad[i] = xudt;
	bad[0].type = SCCP_UDT; /* with a segmentation */
	bad[1].type = SCCP_LUDT;
	bad[2].type = (enum sccp_type)0;
	bad[3].protocol_class = 2;
	bad[4].hop_counter = 0;
	bad[5].hop_counter = 16;
	bad[6].data.len = 0;
	bad[7].data.len = 230; /* nothing can point behind it */
	bad[8].data.len = 256;
	bad[9].segmentation.remaining = 16;
	bad[10].segmentation.reference = 0x1000000;
	bad[11].called.pc = 0x4000;
	bad[12].called.digits[0] = '\0';
	bad[13].called.digits[3] = 'x';
	memset(bad[14].called.digits, '1', sizeof(bad[14].called.digits));
	bad[15].calling.gti = (enum sccp_gti)5;
	bad[16].calling.gti = SCCP_GTI_NONE;
	bad[17].calling = (struct sccp_address){.gti = SCCP_GTI_TT, .digits = "1f"};
	w.len = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(sccp_encode(&w, &bad[i]) == -EINVAL && !w.len, "case %zu", i);
}

static void test_longest(void)
{
	struct sccp_address a = ADDRESS("12345678901234567890123456789012"), back;
	uint8_t out[SCCP_ADDRESS_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));

	a.has_pc = true;
	a.pc = 16383;
	CHECK(sccp_address_encode(&w, &a) == 0 && w.len == SCCP_ADDRESS_MAX - 1, "%zu octets",
	      w.len);
	CHECK(sccp_address_decode(wbuf_written(&w), &back) == 0 && sccp_address_eq(&a, &back), "%s",
	      back.digits);
}

static void test_equality(void)
{
	const struct sccp_address a = ADDRESS("491710760100");
	struct sccp_address other[9];

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		other[i] = a;
	other[0].route_on_ssn = true;
	other[1].has_pc = true;
	other[2].has_ssn = false;
	other[3].pc = 1;
	other[4].ssn = 6;
	other[5].gti = SCCP_GTI_TT_NP_ES;
	other[6].tt = 1;
	other[7].np = 7;
	other[8].nai = 3;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(!sccp_address_eq(&a, &other[i]), "case %zu", i);
	other[0] = a;
	CHECK(sccp_address_eq(&a, &other[0]), "the same");
	other[0].digits[11] = '1';
	CHECK(!sccp_address_eq(&a, &other[0]), "%s", other[0].digits);
}

/* ---- returning ---- */

static void test_return(void)
{
	struct sccp_message m = message_of(VECTORS, "udt-wire"), back, again;

	CHECK(sccp_return(&m, SCCP_CAUSE_UNEQUIPPED_USER, &back) == 0, "UDT");
	CHECK(back.type == SCCP_UDTS && back.return_cause == SCCP_CAUSE_UNEQUIPPED_USER, "%d",
	      back.type);
	CHECK(sccp_address_eq(&back.called, &m.calling) &&
		      sccp_address_eq(&back.calling, &m.called),
	      "addresses");
	CHECK(view_eq(back.data, m.data), "data");
	CHECK(sccp_return(&back, SCCP_CAUSE_UNEQUIPPED_USER, &again) == -ENOENT, "of a UDTS");
	m = message_of(VECTORS, "xudt-1");
	CHECK(sccp_return(&m, SCCP_CAUSE_REASSEMBLY, &back) == 0 && back.type == SCCP_XUDTS,
	      "XUDT");
	CHECK(back.segmentation.present && back.hop_counter == SCCP_HOP_COUNTER_MAX,
	      "its segmentation");
	m = message_of(VECTORS, "xudt-2");
	CHECK(sccp_return(&m, SCCP_CAUSE_REASSEMBLY, &back) == -ENOENT, "not asked for");
}

/* ---- segments ---- */

enum { SLOTS = 3 };

static struct sccp_reassembly_slot slots[SLOTS];

static struct sccp_reassembly reassembly(void)
{
	memset(slots, 0, sizeof(slots));
	return (struct sccp_reassembly){.slots = slots, .slot_count = SLOTS, .timeout_ms = 15000};
}

/* The two segments of the vector are a TCAP message, and come out of it again. */
static void test_segments_of_vector(void)
{
	struct sccp_reassembly ra = reassembly();
	struct sccp_message first = message_of(VECTORS, "xudt-1"),
			    second = message_of(VECTORS, "xudt-2"), whole, m;
	struct tcap_message tcap;
	struct sccp_segments s;
	uint8_t data[512], a[512], b[512];
	struct wbuf x = wbuf_of(a, sizeof(a)), y = wbuf_of(b, sizeof(b));

	CHECK(sccp_reassemble(&ra, 1, &first, &whole) == -EAGAIN, "first");
	CHECK(sccp_reassemble(&ra, 2, &second, &whole) == 0 && whole.data.len == 241, "%zu octets",
	      whole.data.len);
	CHECK(tcap_decode(whole.data, &tcap) == 0 && tcap.type == TCAP_BEGIN, "no TCAP");
	CHECK(!whole.segmentation.present && whole.protocol_class == 1 && !ra.dropped, "%d",
	      whole.protocol_class);
	memcpy(data, whole.data.p, whole.data.len);
	whole.data.p = data;
	whole.type = SCCP_UDT;
	whole.return_on_error = true;
	CHECK(sccp_segments_init(&s, &whole, SCCP_UDT_SIF, 0xff000001) == 0, "plan");
	CHECK(sccp_segments_next(&s, &m) && !sccp_encode(&x, &m) && !sccp_encode(&y, &first),
	      "first");
	CHECK(sccp_segments_next(&s, &m) && !sccp_encode(&x, &m) && !sccp_encode(&y, &second),
	      "second");
	CHECK(view_eq(wbuf_written(&x), wbuf_written(&y)), "other octets");
	CHECK(!sccp_segments_next(&s, &m), "a third");
}

/* Sends len octets in messages of at most max, and takes them again. */
static void check_trip(struct sccp_reassembly *ra, const uint8_t *data, size_t len, size_t max)
{
	struct sccp_message whole = xudt, m, back;
	struct sccp_segments s;
	uint8_t out[512];
	size_t count = 0;
	int err;

	whole.type = SCCP_UDT;
	whole.hop_counter = 0;
	whole.segmentation = (struct sccp_segmentation){0};
	whole.data = (struct view){data, len};
	err = sccp_segments_init(&s, &whole, max, (uint32_t)len);
	if (err) {
		size_t room = max > 39 ? max - 39 < 229 ? max - 39 : 229 : 0;

		CHECK(err == -ENOSPC && (len > SCCP_LONG_DATA_MAX || len > 16 * room),
		      "%zu octets in %zu: %d", len, max, err);
		return;
	}
	err = -EAGAIN;
	while (sccp_segments_next(&s, &m) && ++count) {
		struct wbuf w = wbuf_of(out, sizeof(out));

		CHECK(err == -EAGAIN, "%zu octets in %zu: complete too early", len, max);
		CHECK(sccp_encode(&w, &m) == 0 && w.len <= max, "%zu octets in %zu: %zu", len, max,
		      w.len);
		CHECK(sccp_decode(wbuf_written(&w), &back) == 0, "%zu octets in %zu", len, max);
		CHECK((m.type == SCCP_UDT) == (len + 30 <= max && len < 255),
		      "%zu octets in %zu: type", len, max);
		err = sccp_reassemble(ra, 0, &back, &whole);
	}
	CHECK(err == 0 && count <= SCCP_SEGMENTS_MAX, "%zu octets in %zu: %d, %zu segments", len,
	      max, err, count);
	CHECK(view_eq(whole.data, (struct view){data, len}), "%zu octets in %zu: other data", len,
	      max);
}

static void test_segments(void)
{
	static const size_t limits[] = {0, 39, 40, 41, 60, 100, 267, 268, 269, 284, 285, 300, 4096};
	static uint8_t data[4096];
	struct sccp_reassembly ra = reassembly();

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (size_t len = 1; len < sizeof(data); len += len < 500 ? 1 : 97)
			check_trip(&ra, data, len, limits[i]);
	check_trip(&ra, data, 16 * 229, 268);
	check_trip(&ra, data, 16 * 229 + 1, 268);
	CHECK(!ra.dropped && !ra.expired, "%llu dropped", (unsigned long long)ra.dropped);
}

static void test_segments_refused(void)
{
	struct sccp_message bad = xudt;
	struct sccp_segments s;

	CHECK(sccp_segments_init(&s, &bad, 268, 1) == -EINVAL, "XUDT");
	bad.type = SCCP_UDT;
	CHECK(sccp_segments_init(&s, &bad, 268, 1) == -EINVAL, "segmented");
	bad.segmentation.present = false;
	CHECK(sccp_segments_init(&s, &bad, 268, 1) == 0, "good");
	bad.data.len = 0;
	CHECK(sccp_segments_init(&s, &bad, 268, 1) == -EINVAL, "no data");
}

/* ---- reassembly gone wrong ---- */

static struct sccp_message segment(const char *calling, uint32_t reference, bool first,
				   uint8_t remaining, size_t len)
{
	struct sccp_message m = xudt;

	snprintf(m.calling.digits, sizeof(m.calling.digits), "%s", calling);
	m.segmentation.reference = reference;
	m.segmentation.first = first;
	m.segmentation.remaining = remaining;
	m.data.len = len;
	return m;
}

static int give(struct sccp_reassembly *ra, uint64_t now_ms, const char *calling,
		uint32_t reference, bool first, uint8_t remaining)
{
	struct sccp_message m = segment(calling, reference, first, remaining, 10), whole;

	return sccp_reassemble(ra, now_ms, &m, &whole);
}

static void test_order(void)
{
	struct sccp_reassembly ra = reassembly();

	CHECK(give(&ra, 0, "1", 7, false, 1) == -EBADMSG, "no first");
	CHECK(give(&ra, 0, "1", 7, true, 2) == -EAGAIN, "first of three");
	CHECK(give(&ra, 0, "1", 7, false, 0) == -EBADMSG, "one is missing");
	CHECK(give(&ra, 0, "1", 7, false, 1) == -EBADMSG, "dropped by then");
	CHECK(give(&ra, 0, "1", 7, true, 2) == -EAGAIN && give(&ra, 0, "1", 7, false, 1) == -EAGAIN,
	      "two of three");
	CHECK(give(&ra, 0, "1", 7, false, 1) == -EBADMSG, "there twice");
	CHECK(ra.dropped == 4, "%llu dropped", (unsigned long long)ra.dropped);
	CHECK(give(&ra, 0, "1", 7, true, 1) == -EAGAIN && give(&ra, 0, "1", 7, true, 2) == -EAGAIN,
	      "begun anew");
	CHECK(give(&ra, 0, "1", 7, false, 1) == -EAGAIN && give(&ra, 0, "1", 7, false, 0) == 0,
	      "then complete");
	CHECK(ra.dropped == 5, "%llu dropped", (unsigned long long)ra.dropped);
	CHECK(give(&ra, 0, "1", 8, true, 0) == 0, "a single segment");
}

/* Two senders with one reference and one sender with two do not meet; a fourth message takes the place of the oldest. */
static void test_keys_and_room(void)
{
	struct sccp_reassembly ra = reassembly();

	CHECK(give(&ra, 1, "1", 7, true, 1) == -EAGAIN, "1");
	CHECK(give(&ra, 0, "2", 7, true, 1) == -EAGAIN, "2");
	CHECK(give(&ra, 2, "1", 8, true, 1) == -EAGAIN, "3");
	CHECK(give(&ra, 3, "1", 9, true, 1) == -EAGAIN && ra.dropped == 1, "4 instead of 2");
	CHECK(give(&ra, 3, "2", 8, false, 0) == -EBADMSG, "nobody's");
	CHECK(give(&ra, 3, "2", 7, false, 0) == -EBADMSG, "2 is gone");
	CHECK(give(&ra, 3, "1", 9, false, 0) == 0, "4");
	CHECK(give(&ra, 3, "1", 8, false, 0) == 0 && give(&ra, 3, "1", 7, false, 0) == 0, "3 and 1");
}

/* Somebody who begins messages and ends none does not keep others from theirs. */
static void test_first_segments_only(void)
{
	struct sccp_reassembly ra = reassembly();

	for (uint32_t reference = 0; reference < 100 * SLOTS; reference++)
		CHECK(give(&ra, reference, "6", reference, true, 1) == -EAGAIN, "%u", reference);
	CHECK(give(&ra, 1000, "1", 7, true, 1) == -EAGAIN && give(&ra, 1000, "1", 7, false, 0) == 0, "another's");
}

static void test_time(void)
{
	struct sccp_reassembly ra = reassembly();

	CHECK(give(&ra, 100, "1", 7, true, 2) == -EAGAIN, "first");
	CHECK(give(&ra, 15099, "1", 7, false, 1) == -EAGAIN, "in time");
	CHECK(give(&ra, 15100, "1", 7, false, 0) == -EBADMSG && ra.expired == 1, "late");
	for (uint32_t reference = 0; reference < SLOTS; reference++)
		CHECK(give(&ra, 20000 + reference, "1", reference, true, 1) == -EAGAIN, "%u",
		      reference);
	CHECK(sccp_reassembly_expire(&ra, 35000) == 1 && sccp_reassembly_expire(&ra, 35000) == 0,
	      "the first one");
	CHECK(sccp_reassembly_expire(&ra, UINT64_MAX) == 2 && ra.expired == 4, "the others");
}

/* Sixteen segments of LUDT size do not fit a slot. */
static void test_too_long(void)
{
	struct sccp_reassembly ra = reassembly();
	struct sccp_message m = segment("1", 7, true, 15, SCCP_LONG_DATA_MAX), whole;

	CHECK(sccp_reassemble(&ra, 0, &m, &whole) == -EAGAIN, "first");
	m = segment("1", 7, false, 14, 1);
	CHECK(sccp_reassemble(&ra, 0, &m, &whole) == -ENOSPC && ra.dropped == 1, "one too many");
	CHECK(!slots[0].used, "the slot is free");
	m.segmentation.present = false;
	CHECK(sccp_reassemble(&ra, 0, &m, &whole) == 0 && whole.data.p == m.data.p,
	      "not segmented");
}

static void test_names(void)
{
	CHECK(!strcmp(sccp_type_name(SCCP_XUDTS), "XUDTS"), "%s", sccp_type_name(SCCP_XUDTS));
	CHECK(!strcmp(sccp_type_name((enum sccp_type)1), "unknown"), "1");
	CHECK(!strcmp(sccp_return_cause_name(1), "no-translation-for-address"), "%s",
	      sccp_return_cause_name(1));
	for (int cause = 0; cause < 256; cause++)
		CHECK(!strcmp(sccp_return_cause_name((uint8_t)cause), "unknown") == (cause > 14),
		      "cause %d", cause);
}

int main(void)
{
	test_vectors();
	test_addresses();
	test_services();
	test_long();
	test_lenient();
	test_refused();
	test_unencodable();
	test_longest();
	test_equality();
	test_return();
	test_segments_of_vector();
	test_segments();
	test_segments_refused();
	test_order();
	test_keys_and_room();
	test_first_segments_only();
	test_time();
	test_too_long();
	test_names();
	return test_end("map_sccp");
}
