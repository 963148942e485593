#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# usage: check_run.sh BUILD_DIR unit|replay|check|e2e|sanitised|test
#
# Runs the tests of that set and ends with the sum of all their lines "name: N passed, N failed".
# A test that ends badly without such a line counts as one failure. Status 0 only if something
# passed and nothing failed.
set -uo pipefail

build=$1
set=$2
log=$build/$set.log
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$build"
: > "$log"

run() { # NAME COMMAND...
	local name=$1 status part=$build/$set.part
	shift
	"$@" 2>&1 | tee "$part"
	status=${PIPESTATUS[0]}
	if [ "$status" -ne 0 ] && ! grep -qE '[0-9]+ passed, [1-9][0-9]* failed' "$part"; then
		echo "$name: 0 passed, 1 failed (ended with status $status)" | tee -a "$part"
	fi
	cat "$part" >> "$log"
	rm -f "$part"
}

run_unit() {
	for source in test/unit/*_test.c; do
		[ -f "$source" ] || continue
		name=$(basename "$source" .c)
		run "$name" "$build/asan/test/unit/$name"
	done
}

run_replay() {
	for source in test/fuzz/fuzz_*.c; do
		[ -f "$source" ] || continue
		name=$(basename "$source" .c)
		name=${name#fuzz_}
		run "replay_$name" "$build/asan/test/fuzz/replay_$name" "test/fuzz/corpus/$name"
	done
}

run_map() {
	run mutate_map "$build/asan/test/fuzz/mutate_map" 50000 1 test/vectors/map_tcap.txt test/vectors/map_more.txt
	run map_vectors_test "$python" test/peers/map_vectors_test.py
	run map_peer_test "$python" test/peers/map_peer_test.py
}

run_rules() {
	run check-headers tools/check_headers.sh "$build"
	run check-deps "$python" tools/check_deps.py
	run check-style "$python" tools/check_style.py
	run check-doc "$python" tools/check_doc.py
}

run_static() {
	run check-static tools/check_static.sh "$build"
}

run_e2e() {
	run e2e "$python" test/e2e/run.py -j 2 --build "$build"
}

# The same with sanitisers, as far as it is worth its minutes: docs/reliability.md, "Sanitisers". Not what only waits
# for a timer, measures rates or memory, or kills at a moment of its own choice.
sanitised="anonymity chat chat_group chat_msrp chat_once chat_races chat_restart coding devices hostile hostile_chat
hostile_link hostile_map imdn imdn_receipts imdn_route inbound invite kemi map map_deliver map_home map_peers map_stack
map_submit msrp_judge msrp_strangers mt_checks mt_imdn outbound peers_chat peers_msrp register removed rpc service
short_writes submitted text tls validity"
left_out="chat.test_no_a chat_group.test_joins_and_leaves chat_group.test_refresh_before_expiry
chat_msrp.test_silent_client chat_once.test_no_refresh chat_once.test_number_is_free chat_races.test_ack_is_lost
chat_races.test_connection_lost_with chat_races.test_database_locked chat_races.test_operator_ends chat_races.test_z_
chat_restart.test_active_twice chat_restart.test_at_any_moment chat_restart.test_inviting
chat_restart.test_number_stays chat_restart.test_oksent_without hostile_chat.test_chunk_storm
hostile_chat.test_half_open hostile_chat.test_z_ hostile_map.test_damaged_answers_where hostile_map.test_storm
invite.test_answer_is_repeated map_deliver.test_bad_network map_deliver.test_not_now map_deliver.test_silence
map_deliver.test_the_network_is_away map_home.test_flood map_home.test_queries_leave map_home.test_silent
map_stack.test_begins_never map_stack.test_down_and_up map_stack.test_messages_wait map_submit.test_errors_durable
map_submit.test_passing_errors msrp_strangers.test_bound mt_imdn.test_time_over register.test_register_many_expired
removed.test_each_attempt removed.test_resubmission_is submitted.test_no_worker"

run_sanitised() {
	# shellcheck disable=SC2046,SC2086
	run e2e-asan "$python" test/e2e/run.py -j 2 --build "$build" --asan \
		$(printf -- '-k test_%s. ' $sanitised) $(printf -- '-x test_%s ' $left_out)
	run faults-asan "$python" test/faults/run.py --build "$build" --asan --seed 1 --faults 30
}

run_faults() {
	run faults "$python" test/faults/run.py --build "$build" --seed 1 --faults 30
}

run_sctp() {
	run sctp "$python" test/sctp/run.py --build "$build"
}

case $set in
unit) run_unit ;;
replay) run_replay ;;
check) run_rules; run_unit; run_replay; run_map ;;
e2e) run_e2e ;;
sanitised) run_sanitised ;;
test) run_rules; run_static; run_unit; run_replay; run_map; run_e2e; run_faults; run_sctp; run_sanitised ;;
*) echo "check_run.sh: no set '$set'" >&2; exit 2 ;;
esac

awk '/[0-9]+ passed, [0-9]+ failed/ && match($0, /[0-9]+ passed, [0-9]+ failed/) {
	split(substr($0, RSTART, RLENGTH), n, " ")
	passed += n[1]; failed += n[3]
}
END {
	printf "%d passed, %d failed\n", passed, failed
	exit failed > 0 || passed == 0
}' "$log" > "$build/$set.total"
status=$?
echo
cat "$build/$set.total"
exit $status
