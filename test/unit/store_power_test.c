/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <getopt.h>

#include "power_cut.h"

/*
 * Loss of power at any write: what was promised behind a commit is in the database that is opened afterwards,
 * with nothing else than what one of the commits wrote, and work goes on. Cuts at every entry of the log of a
 * small run, then by chance in larger ones. Then power is lost once more, in the life that follows such a cut:
 * while the database is recovered, what was handed on is queued again, a message is taken, the WAL is brought in
 * and removed. The same with a store that is broken on purpose (synchronous OFF or NORMAL, a promise ahead of
 * its commit, a commit that is skipped) must find losses.
 *
 * Long form: store_power_test -s SEED -n CUTS
 */

/* ---- power is lost again ---- */

static struct {
	char *before, *after; /* the message of the second life */
	int commit;	      /* of the first life, as the second found it */
	size_t from, told;    /* of the log: what comes before was there; behind the message's mark */
} again;

static void again_message(struct store *s, enum broken broken)
{
	struct store_message_new m = message_of(3, 0xeeeeee);
	struct store_message_added added;

	again.before = dump(s);
	CHECK(!store_begin(s) && !store_message_add(s, &m, T0, &added), "second life: %s", store_error(s));
	again.after = dump_ahead(s);
	if (broken == BROKEN_EARLY)
		disk_note(DISK_MARK, 0, 1, NULL, 0);
	again.told = disk.n;
	CHECK(broken == BROKEN_SKIP ? (store_rollback(s), true) : !store_commit(s), "second life: %s", store_error(s));
	if (broken == BROKEN_EARLY)
		return;
	disk_note(DISK_MARK, 0, 1, NULL, 0);
	again.told = disk.n;
}

/** What a start after the first cut does, up to its stop. @return false: it does not start */
static bool again_live(struct fixture *f, const struct cut *c, enum broken broken)
{
	work.seed = c->seed;
	again.from = disk.n;
	work_open(f, broken);
	sqlite3_wal_autocheckpoint(f->s->db, 4000); /* none within the commit, which would sync what it should have */
	again.commit = state_find(c, f->s);
	if (again.commit != -2)
		again_message(f->s, broken);
	if (work_random(2))
		work_checkpoint(f->path);
	store_close(f->s);
	f->s = NULL;
	disk.recording = false;
	fixture_unlink(f);
	return again.commit != -2;
}

static void again_check(struct fixture *f, const struct cut *c, enum disk_survival survival)
{
	bool promised = promised_at(c->again) == 1;
	char *found;

	power.again++;
	disk_rebuild(f->path, c->again, survival, c->seed + c->again);
	if (store_open(&f->s, f->path, f->why, sizeof(f->why))) {
		lost(c, "does not open again:", f->why);
	} else {
		found = dump(f->s);
		if (strcmp(found, again.after) && (promised || strcmp(found, again.before)))
			lost(c, "what is there is not what the second life left", promised ? "(its message)" : "");
		sqlite3_free(found);
		opened_check(c, f->s, again.commit);
	}
	store_close(f->s);
	f->s = NULL;
	fixture_unlink(f);
}

/** Cut as c says, start, and cut that life behind its promise, and at so many places, or all if there are fewer. */
static void again_at(struct fixture *f, struct cut *c, unsigned cuts, enum broken broken)
{
	struct disk_log first;
	uint64_t chance = c->seed;

	disk_rebuild(f->path, c->at, c->survival, c->seed);
	first = disk_found(f->path);
	power.lives++;
	if (again_live(f, c, broken)) {
		size_t all = disk.n - again.from + 1, step = all > cuts ? all / cuts : 1;

		c->again = again.told;
		again_check(f, c, DISK_NONE);
		for (c->again = again.from + disk_random(&chance) % step; c->again <= disk.n; c->again += step)
			again_check(f, c, (enum disk_survival)(disk_random(&chance) % DISK_SURVIVALS));
	} else {
		lost(c, "what is there is not what the last commit left", "(second life)");
	}
	sqlite3_free(again.before);
	sqlite3_free(again.after);
	again.before = again.after = NULL;
	disk_back(&first);
}

/** Seeded places of runs of many commits, each followed by a life that is cut at some places. */
static void test_again(uint64_t seed, unsigned lives, enum broken broken)
{
	enum { LIVES_OF_ONE = 25, CUTS_OF_ONE = 12 };
	struct fixture f;

	fixture_start(&f);
	for (unsigned n = 0; n < lives; n++) {
		uint64_t chance = disk_seed(seed * 1000033 + n);
		struct cut c = {.work_seed = seed + n - n % LIVES_OF_ONE};

		if (n % LIVES_OF_ONE == 0)
			work_record(c.work_seed, 60, BROKEN_NOT);
		c.seed = disk_seed(chance);
		c.at = disk_random(&chance) % (disk.n + 1);
		c.survival = (enum disk_survival)(disk_random(&chance) % DISK_SURVIVALS);
		c.promised = promised_at(c.at);
		again_at(&f, &c, CUTS_OF_ONE, broken);
	}
	fixture_end(&f);
}

/** Every place in a small run: nothing of the rest, and something of it. */
static void test_everywhere(void)
{
	struct fixture f;

	fixture_start(&f);
	work_record(1, 6, BROKEN_NOT);
	CHECK(disk.n > 50, "%zu entries", disk.n);
	for (size_t at = 0; at <= disk.n; at++)
		for (int i = 0; i < 2; i++)
			cut_at(&f, 1, at, at, i ? (enum disk_survival)(1 + at % (DISK_SURVIVALS - 1)) : DISK_NONE);
	power.writes += disk.n;
	fixture_end(&f);
}

/** Seeded places of runs of many commits, until there were so many cuts. */
static void test_seeded(uint64_t seed, unsigned cuts, int commits, enum broken broken)
{
	enum { CUTS_OF_ONE = 100 };
	struct fixture f;

	fixture_start(&f);
	for (unsigned n = 0; n < cuts; n++) {
		uint64_t chance = disk_seed(seed * 1000003 + n);

		if (n % CUTS_OF_ONE == 0) {
			work_record(seed + n, commits, broken);
			power.writes += disk.n;
		}
		cut_at(&f, seed + n - n % CUTS_OF_ONE, chance, disk_random(&chance) % (disk.n + 1),
		       (enum disk_survival)(disk_random(&chance) % DISK_SURVIVALS));
	}
	fixture_end(&f);
}

static void figures(uint64_t seed)
{
	printf("power: seed %" PRIu64 ": %u runs, %u writes and syncs, %u cuts, %u cuts in the %u lives after such a"
	       " cut, %lu promises looked for, %u lost; the commit that was under way was there %u times\n",
	       seed, power.works, power.writes, power.cuts, power.again, power.lives, power.promises, power.lost,
	       power.later);
	CHECK(!power.lost, "%u lost", power.lost);
	for (int kind = 0; kind < PROMISE_KINDS; kind++)
		CHECK(power.kinds[kind], "no promise of kind %d", kind);
}

/** A store that breaks its word is found out, or this test is worth nothing. */
static void test_broken(void)
{
	for (int broken = BROKEN_NOT + 1; broken < BROKEN_KINDS; broken++) {
		memset(&power, 0, sizeof(power));
		power.quiet = true;
		test_seeded(7, 40, 30, (enum broken)broken);
		printf("power: with %s: %u losses in %u cuts", broken_names[broken], power.lost, power.cuts);
		CHECK(power.lost, "%s was not seen", broken_names[broken]);
		power.lost = 0;
		test_again(7, 8, (enum broken)broken);
		printf(", %u in %u second ones\n", power.lost, power.again);
		CHECK(power.lost, "%s was not seen in a second life", broken_names[broken]);
	}
}

int main(int argc, char **argv)
{
	uint64_t seed = 1;
	unsigned cuts = 0;

	for (int option; (option = getopt(argc, argv, "s:n:")) != -1;)
		if (option == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			cuts = (unsigned)strtoul(optarg, NULL, 10);
	disk_install();
	if (!cuts)
		test_everywhere();
	test_seeded(seed, cuts ? cuts : 60, 60, BROKEN_NOT);
	test_again(seed, cuts ? cuts / 10 + 1 : 20, BROKEN_NOT);
	figures(seed);
	test_broken();
	work_end();
	free(disk.log);
	return test_end("store_power");
}
