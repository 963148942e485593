# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The chat of `make run`: the RCS client invites, the SMS user is asked and joins, both write, the SMS user leaves.

A's side is that of the tests (test/e2e/chat.py): a SIP dialog and an MSRP endpoint. type_chat() is a chat whose
A is somebody at the keyboard.
"""

import contextlib
import select
import sys
import types

from chat import Chat
from demo_watch import A, B, Missing, address, ids, line, shown
from harness import wait_for
from sip_dialog import UserAgent
from sip_peer import Peer

TALK = [("Are you still at Joe's?", "Yes, until two"), ("Keep me a seat \U0001F35C", "By the window - but be quick"), ("On my way", "The soup is on the table")]
INVITATION, LEFT = "invites you to chat", "You left the chat."


class ChatWatch:
    """Prints what comes to A: SIP of its dialogs, messages of its MSRP sessions."""

    def __init__(self, peer):
        agent = UserAgent.of(peer)
        self.take, self.seen = agent.rx, set()
        agent.rx = self.sip

    def sip(self, m, source):
        """What is repeated is shown once."""
        what = None
        if m.is_response and m.code > 100 and m.get("cseq").endswith(" INVITE"):
            what = "%s <- gateway: %d %s" % (A, m.code, m.reason)
        elif not m.is_response and m.method == "BYE":
            what = "%s -> %s  BYE" % (address(m.get("From")), A)
        key = m.get("call-id"), m.start, m.get("cseq")
        if what and key not in self.seen:
            self.seen.add(key)
            line("SIP", what, *ids(m))
        return self.take(m, source)

    def msrp(self, session):
        """Each message that comes in this session from now on, whole"""
        take = session.rx_chunk

        def rx_chunk(frame):
            before = len(session.messages)
            take(frame)
            for message in session.messages[before:]:
                line("MSRP", "%s -> %s  SEND: %s" % (B, A, shown(message.text)) if message.text else "%s -> %s  SEND %s" % (B, A, message.content_type))
        session.rx_chunk = rx_chunk


def invite(stack, conversation_id=None):
    """A invites B; a Chat whose SIP and MSRP are shown."""
    watch = ChatWatch(stack.a)

    def show(m):
        line("SIP", "%s -> %s  INVITE: a chat over MSRP" % (A, B))
        for name in ("conversation", "contribution"):
            line("", "%s %s" % (name, getattr(m, name + "_id")))
    chat = Chat(stack, A, B, conversation_id=conversation_id, change=show)
    watch.msrp(chat.session)
    return chat


def connect(chat):
    """MSRP after the 200"""
    chat.accepted()
    line("MSRP", "%s -> gateway  connected to %s, empty SEND: 200 OK" % (A, chat.answer.path))


def say(chat, text):
    line("MSRP", "%s -> %s  SEND: %s" % (A, B, shown(text)))
    line("MSRP", "%s <- gateway: %d" % (A, chat.say(text).code))


# ---- as part of the conversation ----

class Talk:
    """Each step of it raises if something does not arrive."""

    def __init__(self, conversation):
        self.conversation, self.stack, self.chat = conversation, conversation.stack, None

    def state(self):
        """As kamcmd ipsmgw.session_list tells"""
        return next((r["state"] for r in self.stack.rpc("ipsmgw.session_list", 10) if r["call_id"] == self.chat.dialog.call_id), "absent")

    def check_ids(self, m):
        if (m.get("Conversation-ID"), m.get("Contribution-ID")) != (self.chat.invite.conversation_id, self.chat.invite.contribution_id):
            raise Missing("the %d does not echo the ids" % m.code)

    def invite(self):
        self.chat = invite(self.stack, self.conversation.conversation_id)
        self.check_ids(self.chat.ringing())
        self.chat.told(lambda text: INVITATION in text)

    def join(self):
        self.chat.b_says("YES")
        connect(self.chat)
        self.check_ids(self.chat.dialog.final)
        wait_for(lambda: self.state() == "active", what="an active session in session_list")

    def talk(self):
        for mine, yours in TALK:
            say(self.chat, mine)
            self.chat.told(mine)
            self.chat.b_says(yours)
            self.chat.heard(yours)

    def leave(self):
        self.chat.b_says("END")
        self.chat.ended()
        self.chat.told(LEFT)
        wait_for(lambda: self.state() == "closed", what="a closed session in session_list")
        self.chat.verify()
        self.chat.msrp.close()


STEPS = [
    ("The RCS client invites to a chat; it hears ringing while the SMS user is asked", Talk.invite),
    ("The SMS user answers YES; the invitation is accepted, and MSRP connects", Talk.join),
    ("They chat: three messages each way", Talk.talk),
    ("The SMS user writes END; the session is over", Talk.leave),
]


# ---- from another shell ----

def typed(chat):
    """Lines of the keyboard as messages, until there are no more or the chat has ended"""
    while not chat.dialog.ended:
        if select.select([sys.stdin], [], [], 0.2)[0]:
            text = sys.stdin.readline()
            if not text:
                return
            if text.strip():
                say(chat, text.rstrip("\n"))


def type_chat(sip):
    """The RCS client invites B and writes what is typed."""
    with contextlib.suppress(KeyboardInterrupt), Peer() as peer:
        stack = types.SimpleNamespace(a=peer, sip=sip, pair=lambda: (A, B), smsc=types.SimpleNamespace(events=[]))
        with invite(stack) as chat:
            final = chat.final(150)
            if final.code != 200:
                return 1
            connect(chat)
            print("Each line is a message; Ctrl-D leaves.", flush=True)
            typed(chat)
    return 0
