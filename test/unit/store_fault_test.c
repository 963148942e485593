/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <sys/wait.h>

#include "../../lib/store/store_int.h"
#include "store_fixture.h"
#include "store_v1.h"

/*
 * Every transaction is made to fail at its Nth virtual machine step, allocation, write and sync, for every
 * N until it passes. After each failure another connection must see exactly what was there before,
 * and the same handle must be able to go on. Then: full disk, damaged pages, processes that die.
 */

/* ---- faults ---- */

enum fault_kind { FAULT_STEP, FAULT_ALLOC, FAULT_WRITE, FAULT_SYNC, FAULT_KINDS };

static const char *const fault_names[FAULT_KINDS] = {"step", "allocation", "write", "sync"};

static struct {
	bool armed;
	enum fault_kind kind;
	int left;   /* until it happens */
	bool stays; /* and happens every time from then on */
	bool happened;
	sqlite3_mem_methods mem;
	sqlite3_vfs *vfs, shim;
	struct io { /* SQLite has one set of methods for databases, another for journals */
		sqlite3_io_methods shim; /* first: what a file points to */
		const sqlite3_io_methods *real;
	} io[4];
} fault;

static bool fails(enum fault_kind kind)
{
	if (!fault.armed || fault.kind != kind || fault.left-- > 0)
		return false;
	if (fault.happened && !fault.stays)
		return false;
	fault.happened = true;
	return true;
}

static int on_step(void *ctx)
{
	(void)ctx;
	return fails(FAULT_STEP);
}

static void *fault_malloc(int n)
{
	return fails(FAULT_ALLOC) ? NULL : fault.mem.xMalloc(n);
}

static void *fault_realloc(void *p, int n)
{
	return fails(FAULT_ALLOC) ? NULL : fault.mem.xRealloc(p, n);
}

static const sqlite3_io_methods *real_io(const sqlite3_file *file)
{
	return ((const struct io *)file->pMethods)->real;
}

static int fault_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	return fails(FAULT_WRITE) ? SQLITE_FULL : real_io(file)->xWrite(file, p, n, at);
}

static int fault_sync(sqlite3_file *file, int flags)
{
	return fails(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : real_io(file)->xSync(file, flags);
}

static const sqlite3_io_methods *io_shim(const sqlite3_io_methods *real)
{
	struct io *io = fault.io;

	while (io->real && io->real != real)
		io++;
	if (io == fault.io + 4)
		abort();
	io->real = real;
	io->shim = *real;
	io->shim.xWrite = fault_write;
	io->shim.xSync = fault_sync;
	return &io->shim;
}

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	int rc = fault.vfs->xOpen(vfs, name, file, flags, out);

	if (rc == SQLITE_OK && file->pMethods)
		file->pMethods = io_shim(file->pMethods);
	return rc;
}

static void faults_install(void)
{
	sqlite3_mem_methods mine;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault.mem);
	mine = fault.mem;
	mine.xMalloc = fault_malloc;
	mine.xRealloc = fault_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation is one that can fail */
	sqlite3_initialize();
	fault.vfs = sqlite3_vfs_find(NULL);
	fault.shim = *fault.vfs;
	fault.shim.zName = "shim";
	fault.shim.xOpen = fault_open;
	sqlite3_vfs_register(&fault.shim, 1);
}

static void fault_arm(struct store *s, enum fault_kind kind, int n, bool stays)
{
	fault.kind = kind;
	fault.left = n;
	fault.stays = stays;
	fault.happened = false;
	fault.armed = true;
	if (kind == FAULT_STEP)
		sqlite3_progress_handler(s->db, 1, on_step, NULL);
}

static bool fault_disarm(struct store *s)
{
	fault.armed = false;
	sqlite3_progress_handler(s->db, 0, NULL, NULL);
	return fault.happened;
}

/* ---- everything that is in the database, as another process sees it ---- */

static char *dump(const char *path)
{
	static const char *const tables[] = {"conversation", "message", "segment", "fragment",
					     "notification", "registration", "session",      "number"};
	sqlite3_str *text = sqlite3_str_new(NULL);
	sqlite3_stmt *stmt;
	char sql[64];
	sqlite3 *db;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY id", tables[i]);
		CHECK(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s",
		      sqlite3_errmsg(db));
		while (sqlite3_step(stmt) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(stmt); c++)
				sqlite3_str_appendf(text, "%s|", sqlite3_column_text(stmt, c));
		sqlite3_finalize(stmt);
	}
	sqlite3_close(db);
	return sqlite3_str_finish(text);
}

/* ---- the transactions ---- */

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

static void no_segment(void *ctx, const struct store_segment *seg)
{
	(void)ctx, (void)seg;
}

static int64_t first_segment, assembling, waiting_id, sending_id, session_id;
static struct store_outcome ended;

static int do_add(struct store *s)
{
	struct store_message_new m = message_of(3, 50);
	struct store_message_added added;

	return store_message_add(s, &m, T0 + 10, &added);
}

static int do_add_again(struct store *s)
{
	struct store_message_new m = message_of(1, 1); /* of prepare(), whose window is over */
	struct store_message_added added;

	return store_message_add(s, &m, T0 + 70000, &added);
}

static int do_accept(struct store *s)
{
	return store_segment_accepted(s, first_segment + 1, "smsc-a", "id-2", T0 + 10, &ended);
}

static int do_accept_delivered(struct store *s)
{
	int err = do_accept(s);

	return err ? err : store_segment_delivered(s, first_segment + 1, T0 + 10, &ended);
}

static int do_alert(struct store *s)
{
	int err = store_segment_retry(s, first_segment + 1, T0 + 9000, 1, false, true);
	int n = err ? err : store_segments_alert(s, "+491702", T0 + 20);

	return n < 0 ? n : 0;
}

static int do_retry(struct store *s)
{
	return store_segment_retry(s, first_segment + 1, T0 + 99, 1, true, true);
}

static int do_fail(struct store *s)
{
	return store_segment_failed(s, first_segment + 1, 1, T0 + 10, &ended);
}

static int do_report(struct store *s)
{
	return store_segment_report(s, "smsc-a", "id-1", 0x46, T0 + 10, &ended);
}

static int do_take(struct store *s)
{
	int n = store_segments_take(s, T0 + 5000, 5, no_segment, NULL);

	return n < 0 ? n : 0;
}

static int do_expire(struct store *s)
{
	struct store_outcome o;
	int err = store_segment_retry(s, first_segment + 1, T0 + 99, 1, true, true);

	return err ? err : store_message_expire(s, T0 + 3600000, &o);
}

static int do_part(struct store *s)
{
	struct store_sms_new m = sms_of(2, 2, 2);
	struct store_sms_added added;

	return store_sms_add(s, &m, T0 + 10, never, NULL, &added);
}

static int do_single(struct store *s)
{
	struct store_sms_new m = sms_of(0, 0, 9);
	struct store_sms_added added;

	return store_sms_add(s, &m, T0 + 10, never, NULL, &added);
}

static int do_due(struct store *s)
{
	int64_t ids[4];
	int n = store_sms_due(s, T0 + 20000, ids, 4);

	return n < 0 ? n : 0;
}

static int do_delivered(struct store *s)
{
	return store_sms_delivered(s, assembling, false, T0 + 10, &ended);
}

static struct store_notification_new notification_of(int64_t message_id, int64_t next_attempt_ms)
{
	return (struct store_notification_new){
		message_id, 0, 1, "0a1b2c3d-0000-4000-8000-0123456789ab", next_attempt_ms};
}

static int do_notify(struct store *s)
{
	struct store_notification_new n = notification_of(first_segment >> 8, INT64_MAX);
	int64_t id;

	return store_notification_add(s, &n, T0 + 10, &id);
}

static int do_notify_due(struct store *s)
{
	int64_t ids[4];
	int n = store_notifications_due(s, T0 + 500, ids, 4);

	return n < 0 ? n : 0;
}

static int do_notify_retry(struct store *s)
{
	return store_notification_retry(s, sending_id, T0 + 900, true);
}

static int do_notify_done(struct store *s)
{
	return store_notification_done(s, waiting_id);
}

static struct store_contact contact_of(const char *key, enum store_learned from)
{
	return (struct store_contact){"+491701", key, 1, T0 + 500, "sip:scscf", from};
}

static int do_register(struct store *s)
{
	struct store_contact c = contact_of("known", STORE_LEARNED_NOTIFY);
	int err = store_registration_set(s, &c, T0);

	c.key = "new";
	if (!err)
		err = store_registration_set(s, &c, T0);
	c.key = "";
	return err ? err : store_registration_set(s, &c, T0 + 500);
}

static int do_deregister(struct store *s)
{
	return store_registration_clear(s, "+491701", STORE_LEARNED_REGISTER);
}

static int do_purge_registrations(struct store *s)
{
	int n = store_registrations_purge(s, T0 + 500, 10);

	return n < 0 ? n : 0;
}

static struct store_session session_of(int64_t id, int state)
{
	return (struct store_session){.id = id, .state = state, .a = "+491701", .b = "+491702", .call_id = "call"};
}

static int do_session(struct store *s)
{
	struct store_session session = session_of(session_id, 0);
	int err = store_session_put(s, &session, T0 + 10);

	session.state = 1;
	return err ? err : store_session_add(s, &session, T0 + 10, &(int64_t){0});
}

static int do_purge_sessions(struct store *s)
{
	int n = store_sessions_purge(s, T0 + 500, 10);

	return n < 0 ? n : 0;
}

static struct store_number number_of(const char *number, int64_t until_ms)
{
	return (struct store_number){.b = "+491702", .number = number, .a = "+491701", .until_ms = until_ms};
}

static int do_bind(struct store *s)
{
	struct store_number known = number_of("+4930", T0 + 900), new = number_of("+4931", INT64_MAX);
	int err = store_number_bind(s, &known, T0);

	new.contribution_id = "group";
	return err ? err : store_number_bind(s, &new, T0);
}

static int do_purge_numbers(struct store *s)
{
	int n = store_numbers_purge(s, T0 + 500, 10);

	return n < 0 ? n : 0;
}

static int do_purge(struct store *s)
{
	int n = store_purge(s, T0 + 90000, T0 + 90000, 10);

	return n < 0 ? n : 0;
}

static int do_batch(struct store *s)
{
	int err = do_add(s);

	if (!err)
		err = do_report(s);
	if (!err)
		err = do_notify(s);
	return err ? err : do_single(s);
}

static const struct {
	const char *name;
	int (*run)(struct store *s);
} transactions[] = {
	{"add", do_add},
	{"add again", do_add_again},
	{"accept", do_accept},
	{"accept, delivered", do_accept_delivered},
	{"alert", do_alert},
	{"retry", do_retry},
	{"fail", do_fail},
	{"report", do_report},
	{"take", do_take},
	{"expire", do_expire},
	{"part", do_part},
	{"single", do_single},
	{"due", do_due},
	{"delivered", do_delivered},
	{"purge", do_purge},
	{"batch", do_batch},
	{"notify", do_notify},
	{"notify due", do_notify_due},
	{"notify retry", do_notify_retry},
	{"notify done", do_notify_done},
	{"register", do_register},
	{"deregister", do_deregister},
	{"purge registrations", do_purge_registrations},
	{"session", do_session},
	{"purge sessions", do_purge_sessions},
	{"bind", do_bind},
	{"purge numbers", do_purge_numbers},
};

static void prepare_sessions(struct store *s)
{
	struct store_session open = session_of(0, 1), closed = session_of(0, 0);
	struct store_number number = number_of("+4930", T0 + 400);

	CHECK(!store_session_add(s, &closed, T0, &session_id), "%s", store_error(s));
	CHECK(!store_session_add(s, &open, T0, &session_id), "%s", store_error(s));
	CHECK(!store_number_bind(s, &number, T0), "%s", store_error(s));
}

/** Something for each of them to work on. */
static void prepare(struct store *s)
{
	struct store_message_new done = message_of(1, 1), queued = message_of(2, 2),
				 open = message_of(3, 3);
	struct store_sms_new part = sms_of(1, 2, 1);
	struct store_contact contacts[] = {contact_of("", STORE_LEARNED_REGISTER),
					   contact_of("known", STORE_LEARNED_REGISTER)};
	struct store_notification_new n;
	struct store_message_added added;
	struct store_sms_added held;
	struct store_outcome o;

	queued.send_now = false;
	queued.expires_ms = INT64_MAX;
	CHECK(!store_begin(s), "%s", store_error(s));
	CHECK(!store_message_add(s, &done, T0, &added), "%s", store_error(s));
	CHECK(!store_segment_failed(s, added.first_segment_id, 1, T0, &o), "%s", store_error(s));
	CHECK(!store_message_add(s, &queued, T0, &added), "%s", store_error(s));
	CHECK(!store_message_add(s, &open, T0, &added), "%s", store_error(s));
	first_segment = added.first_segment_id;
	CHECK(!store_segment_accepted(s, first_segment, "smsc-a", "id-1", T0, &o), "%s",
	      store_error(s));
	CHECK(!store_segment_retry(s, first_segment + 2, T0 + 1, 1, false, true), "%s",
	      store_error(s));
	CHECK(!store_sms_add(s, &part, T0, never, NULL, &held), "%s", store_error(s));
	assembling = held.message_id;
	n = notification_of(first_segment >> 8, T0 + 500);
	CHECK(!store_notification_add(s, &n, T0, &waiting_id), "%s", store_error(s));
	n.next_attempt_ms = INT64_MAX;
	CHECK(!store_notification_add(s, &n, T0, &sending_id), "%s", store_error(s));
	for (int i = 0; i < 2; i++)
		CHECK(!store_registration_set(s, &contacts[i], T0), "%s", store_error(s));
	prepare_sessions(s);
	CHECK(!store_commit(s), "%s", store_error(s));
}

/** Begin, work, commit. @return 0 or the error; the handle is out of the transaction either way */
static int attempt(struct store *s, int (*run)(struct store *s))
{
	int err = store_begin(s);

	if (err)
		return err;
	err = run(s);
	if (fault.kind == FAULT_STEP)
		fault.armed =
			false; /* COMMIT interrupted behind its last step says it failed, but has not */
	if (!err)
		return store_commit(s);
	CHECK((store_commit(s) == -EIO) == (err == -EIO), "half of it was committed");
	return err;
}

static void fail_everywhere(const char *name, int (*run)(struct store *s), enum fault_kind kind,
			    bool stays)
{
	struct fixture f;
	char *before, *after;
	bool happened = true;
	int n, err = -EIO;

	fixture_start(&f);
	fixture_open(&f);
	prepare(f.s);
	before = dump(f.path);
	for (n = 0; happened && n < 5000; n++) {
		fault_arm(f.s, kind, n, stays);
		err = attempt(f.s, run);
		happened = fault_disarm(f.s);
		if (!err)
			break; /* SQLite did without what failed */
		CHECK(err == -EIO && *store_error(f.s), "%s: %s %d gave %d", name,
		      fault_names[kind], n, err);
		after = dump(f.path);
		CHECK(!strcmp(before, after), "%s: %s %d left\n%s\nnot\n%s", name,
		      fault_names[kind], n, after, before);
		sqlite3_free(after);
	}
	CHECK(!err && n > 0, "%s: %s: %d failures, then %d %s", name, fault_names[kind], n, err,
	      store_error(f.s));
	after = dump(f.path);
	CHECK(strcmp(before, after), "%s: nothing was done", name);
	sqlite3_free(before);
	sqlite3_free(after);
	fixture_end(&f);
}

static void test_faults(void)
{
	for (size_t i = 0; i < sizeof(transactions) / sizeof(transactions[0]); i++)
		for (int kind = 0; kind < FAULT_KINDS; kind++)
			for (int stays = 0; stays < (kind == FAULT_STEP ? 1 : 2); stays++)
				fail_everywhere(transactions[i].name, transactions[i].run,
						(enum fault_kind)kind, stays);
}

static void ignore_message(void *ctx, const struct store_message *m)
{
	(void)ctx, (void)m;
}

static void make_nothing(const struct fixture *f)
{
	(void)f;
}

/** Opening fails cleanly as well, new or with an upgrade, and leaves a file that opens. */
static void test_open_faults(void (*make)(const struct fixture *f), int rows)
{
	for (int kind = FAULT_ALLOC; kind < FAULT_KINDS; kind++) {
		bool happened = true;

		for (int n = 0; happened && n < 20000; n += n < 30 ? 1 : 97) {
			struct fixture f;
			int err;

			fixture_start(&f);
			make(&f);
			fault.kind = (enum fault_kind)kind;
			fault.left = n;
			fault.happened = false;
			fault.stays = true;
			fault.armed = true;
			err = store_open(&f.s, f.path, f.why, sizeof(f.why));
			fault.armed = false;
			happened = fault.happened;
			CHECK(!err == !!f.s, "%s %d: %d", fault_names[kind], n, err);
			CHECK(!err || (err == -EIO && strstr(f.why, f.path)), "%s %d: %s",
			      fault_names[kind], n, f.why);
			store_close(f.s);
			fixture_open(&f);
			CHECK(store_read_messages(f.s, 9, 0, ignore_message, NULL) == rows,
			      "%s %d: %s", fault_names[kind], n, store_error(f.s));
			fixture_end(&f);
		}
		CHECK(!happened, "%s: never opened", fault_names[kind]);
	}
}

/* ---- disk full ---- */

static void test_full(void)
{
	struct store_message_new last = message_of(1, 2000);
	struct store_message_added added;
	struct fixture f;
	unsigned n = 0;
	char *before, *after;

	fixture_start(&f);
	fixture_open(&f);
	sqlite3_exec(f.s->db, "PRAGMA max_page_count = 40", NULL, NULL, NULL);
	do {
		struct store_message_new m = message_of(3, ++n);

		before = dump(f.path);
		if (!message_put(f.s, &m, T0, &added))
			sqlite3_free(before), before = NULL;
	} while (!before && n < 1000);
	CHECK(n > 10 && n < 1000, "full after %u", n);
	CHECK(strstr(store_error(f.s), "full"), "%s", store_error(f.s));
	after = dump(f.path);
	CHECK(before && !strcmp(before, after), "half a message");
	sqlite3_free(before);
	sqlite3_free(after);
	sqlite3_exec(f.s->db, "PRAGMA max_page_count = 1000000", NULL, NULL, NULL);
	CHECK(!message_put(f.s, &last, T0, &added), "space again: %s", store_error(f.s));
	fixture_end(&f);
}

/* ---- damaged pages ---- */

static void use_damaged(struct fixture *f)
{
	struct store_depth d;

	for (size_t i = 0; i < sizeof(transactions) / sizeof(transactions[0]); i++) {
		int err = attempt(f->s, transactions[i].run);

		CHECK(!err || err == -EIO || err == -ENOENT || err == -EEXIST, "%s gave %d",
		      transactions[i].name, err);
	}
	store_read_depth(f->s, &d);
}

enum { PAGE = 2048 };

static void test_damaged(void)
{
	struct stat st;
	off_t pages = 1;

	for (off_t page = 0; page < pages; page++) {
		struct fixture f;
		FILE *file;
		int err;

		fixture_start(&f);
		fixture_open(&f);
		prepare(f.s);
		store_close(f.s);
		stat(f.path, &st);
		pages = st.st_size / PAGE;
		file = fopen(f.path, "r+");
		fseek(file, page * PAGE + (page ? 0 : 100), SEEK_SET);
		for (int i = 0; i < PAGE - 196; i++)
			fputc(i * 31 & 0xff, file);
		fclose(file);
		err = store_open(&f.s, f.path, f.why, sizeof(f.why));
		CHECK(!err || err == -EIO, "page %d: %d", (int)page, err);
		if (!err)
			use_damaged(&f);
		fixture_end(&f);
	}
	CHECK(pages > 10, "only %d pages", (int)pages);
}

/* ---- processes that die ---- */

static void test_killed(void)
{
	struct store_message_new m = message_of(2, 1), lost = message_of(2, 2);
	struct store_message_added added;
	struct fixture f;
	int status = 1;

	fixture_start(&f);
	if (fork() == 0) {
		if (store_open(&f.s, f.path, f.why, sizeof(f.why)) ||
		    message_put(f.s, &m, T0, &added))
			_exit(1);
		store_begin(f.s);
		_exit(store_message_add(f.s, &lost, T0, &added) ? 1 : 0);
	}
	wait(&status);
	CHECK(status == 0, "the child failed");
	fixture_open(&f);
	CHECK(message_put(f.s, &m, T0, &added) == -EEXIST, "what was committed is there");
	CHECK(!message_put(f.s, &lost, T0, &added), "what was not is not");
	store_begin(f.s);
	CHECK(store_segments_take(f.s, T0 - 1, 10, no_segment, NULL) == 2,
	      "its segments are due at once");
	store_commit(f.s);
	fixture_end(&f);
}

int main(void)
{
	test_killed(); /* before this process touches SQLite: it must not be carried over a fork */
	sqlite3_shutdown();
	faults_install();
	test_faults();
	test_open_faults(make_nothing, 0);
	test_open_faults(fixture_make_v1, 4);
	test_full();
	test_damaged();
	return test_end("store_fault");
}
