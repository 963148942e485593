#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A place where a real SIP client registers: test SMSC, connector, gateway and a small S-CSCF (test/e2e/scscf.cfg) on loopback.

    run_client.py [--build DIR]           start all, say how to configure a client, stay up until Ctrl-C
    run_demo.py --sms TEXT                while it runs, from another shell: the SMS user writes

For linphonec (Debian linphone-cli) the configuration is written.
"""

import argparse
import json
import os
import pathlib
import signal
import sys

import run_demo

PORTS = dict(run_demo.PORTS, scscf=5070, client=5072)


def instructions(stack, scscf, rc):
    print("""
The S-CSCF is {proxy}. A is {a}, the SMS user is {b}. With linphonec, in another shell:

  linphonec -c {rc}
  linphonec> chat sip:{b}@ims.test Lunch at 12?

Any other client that sends CPIM: identity sip:{a}@ims.test without password, registrar and
outbound proxy {proxy} (UDP or TCP), write to sip:{b}@ims.test.

  tools/run_demo.py --sms "A text from the SMS user"
  sqlite3 {db} "select imdn_message_id,state from conference_chat_message_event"     (6: the SMS user has it, 3: not delivered)

What the SMS user gets is shown here. Logs and configuration: {directory}
Ctrl-C ends it.
""".format(proxy=scscf.uri, a=run_demo.A, b=run_demo.B, rc=rc, db=rc.parent / "linphone.db", directory=stack.dir), flush=True)


def run(build):
    import harness
    import linphone
    import oracle
    ports, directory = run_demo.choose_ports(harness.free_port), run_demo.run_directory(build)
    ports.update((name, PORTS[name] if run_demo.is_free(PORTS[name]) else harness.free_port()) for name in ("scscf", "client"))
    scscf = linphone.Scscf(ports["scscf"])
    stack = harness.Stack(start=False, directory=directory, ports=ports, modparams={"next_hop": scscf.uri})
    rc = linphone.write_linphonerc(directory, run_demo.A, scscf.port, ports["client"])
    ports_file = pathlib.Path(build).resolve() / "run-ports.json"
    ports_file.write_text(json.dumps(ports))
    try:
        run_demo.Watch(stack, oracle, harness.Answer)
        stack.start()
        scscf.start(stack)
        instructions(stack, scscf, rc)
        return run_demo.stay_up(stack)
    except harness.Failure as e:
        print("It did not start: %s\nLogs: %s" % (e, directory))
        return 1
    except KeyboardInterrupt:
        return 1
    finally:
        scscf.stop()
        stack.close(keep=True)
        ports_file.unlink(missing_ok=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=os.environ.get("BUILD", str(run_demo.ROOT / "build")))
    args = p.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    os.environ["BUILD"] = args.build
    return run(args.build)


if __name__ == "__main__":
    sys.exit(main())
