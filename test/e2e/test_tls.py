# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""SMPP over TLS: a front that ends TLS before the SMSC, and what the connector makes of good and bad certificates."""

import contextlib
import os
import select
import socket
import ssl
import subprocess
import threading

from harness import check, equal, free_port, wait_for

STACK = {"connector": ("reconnect-max 1",), "window": 100}


# ---- certificates ----

def openssl(*args):
    subprocess.run(["openssl"] + [str(a) for a in args], check=True, capture_output=True)


class Authority:
    """A CA of its own, and what it signs."""

    def __init__(self, directory, name):
        self.dir, self.name = directory, name
        self.cert, self.key = directory / (name + ".crt"), directory / (name + ".key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2, "-subj", "/CN=" + name,
                "-keyout", self.key, "-out", self.cert)

    def sign(self, name, names, days=2):
        cert, key, request, extra = (self.dir / ("%s-%s.%s" % (self.name, name, end)) for end in ("crt", "key", "csr", "ext"))
        extra.write_text("subjectAltName=%s\n" % names)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name, "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key, "-CAcreateserial", "-days", days, "-extfile", extra, "-out", cert)
        return cert, key


# ---- the front ----

class TlsFront:
    """Accepts TLS and hands the octets to the SMSC."""

    def __init__(self, smsc_port, pair, client_ca=None, version=None, plain=False):
        self.port, self.smsc_port, self.plain = free_port(), smsc_port, plain
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*pair)
        if client_ca:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_ca)
        if version:
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
            self.context.maximum_version = version
        self.names, self.versions, self.subjects, self.octets, self.refused = [], [], [], 0, 0
        self.context.sni_callback = lambda sock, name, context: self.names.append(name)
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=self.listener.accept()[:1], daemon=True).start()

    def serve(self, sock):
        try:
            sock = sock if self.plain else self.context.wrap_socket(sock, server_side=True)
            if not self.plain:
                self.versions.append(sock.version())
                self.subjects.append((sock.getpeercert() or {}).get("subject"))
            self.relay(sock)
        except (OSError, ssl.SSLError):
            self.refused += 1
        finally:
            sock.close()

    def relay(self, sock):
        with socket.create_connection(("127.0.0.1", self.smsc_port)) as smsc:
            while True:
                waiting = not self.plain and sock.pending()
                readable = [sock] if waiting else select.select([sock, smsc], [], [])[0]
                for one in readable:
                    data = one.recv(65536)
                    if not data:
                        return
                    self.octets += len(data) if one is sock else 0
                    (smsc if one is sock else sock).sendall(data)


@contextlib.contextmanager
def tls(s, *lines, front=None):
    """The SMSC behind that front, with these lines of configuration."""
    s.vty("enable", "configure terminal", "smsc test", "shutdown")
    wait_for(lambda: "down" in s.vty("show smsc test"), what="the SMSC down")
    try:
        s.vty("enable", "configure terminal", "smsc test", "port %d" % front.port, "tls", *lines, "no shutdown")
        yield
    finally:
        s.vty("enable", "configure terminal", "smsc test", "shutdown", "port %d" % s.smsc.port, "no tls", "tls verify", "no tls ca-file", "no tls name",
              "no tls certificate-file", "no tls key-file", "no shutdown")
        front.close()
        wait_up(s)


def wait_up(s):
    wait_for(lambda: "smsc test: up" in s.vty("show smsc test"), 20, what="the SMSC up: " + s.vty("show smsc test"))


def refused(s, words, front):
    """It stays down, says why, and no octet of SMPP has left."""
    wait_for(lambda: words in log(s), 15, what=words)
    check("smsc test: down" in s.vty("show smsc test"), s.vty("show smsc test"))
    wait_for(lambda: words in str(s.rpc("ipsmgw.link_list")), 15, what="the same in link_list")
    equal(front.octets, 0)


def crosses(s, count=3):
    """Messages both ways."""
    a, b = s.pair()
    for n in range(count):
        equal(s.text("number %d" % n, a, b)[1].code, 202)
    s.smsc.wait_submits(b, count, 30)
    equal(s.smsc.mo(b, a, b"back"), 0)


def log(s):
    return s.connector.log_path.read_text(errors="replace")


def ca(s):
    if not hasattr(s, "ca"):
        s.ca, s.other_ca = Authority(s.dir, "ca"), Authority(s.dir, "other")
        s.server = s.ca.sign("smsc", "IP:127.0.0.1,DNS:smsc.test")
        s.client = s.ca.sign("ipsmgw", "DNS:ipsmgw.test")
        os.chmod(s.client[1], 0o600)
    return s.ca


# ---- good ones ----

def test_both_ways(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        wait_up(s)
        crosses(s, 60)
        equal(front.versions[-1], "TLSv1.3")
        check("TLSv1.3" in s.vty("show smsc test"), s.vty("show smsc test"))


def test_version_1_2(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1], version=ssl.TLSVersion.TLSv1_2)
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        wait_up(s)
        crosses(s)
        equal(front.versions[-1], "TLSv1.2")


def test_name_is_sent_and_checked(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    with tls(s, "tls ca-file %s" % s.ca.cert, "tls name smsc.test", front=front):
        wait_up(s)
        equal(front.names[-1], "smsc.test")
        crosses(s)


def test_our_certificate(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1], client_ca=ca(s).cert)
    with tls(s, "tls ca-file %s" % s.ca.cert, "tls certificate-file %s" % s.client[0], "tls key-file %s" % s.client[1], front=front):
        wait_up(s)
        equal(front.subjects[-1], ((("commonName", "ipsmgw"),),))
        crosses(s)


def test_any_certificate_if_the_operator_says_so(s):
    ca(s)
    front = TlsFront(s.smsc.port, s.other_ca.sign("stranger", "DNS:nobody.test"))
    with tls(s, "no tls verify", front=front):
        wait_up(s)
        crosses(s)


def test_pair_of_sessions(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    try:
        with tls(s, "tls ca-file %s" % s.ca.cert, "bind pair", front=front):
            wait_up(s)
            crosses(s)
            equal(len(front.versions), 2)
    finally:
        s.vty("enable", "configure terminal", "smsc test", "shutdown", "bind transceiver", "no shutdown")
        wait_up(s)


def test_session_lost_and_back(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        wait_up(s)
        s.smsc.program.stop()
        wait_for(lambda: "smsc test: down" in s.vty("show smsc test"), what="the SMSC down")
        s.smsc.start()
        wait_up(s)
        crosses(s)


# ---- bad ones: nothing of the bind leaves ----

def test_stranger_is_refused(s):
    ca(s)
    front = TlsFront(s.smsc.port, s.other_ca.sign("stranger", "IP:127.0.0.1"))
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        refused(s, "TLS: unable to get local issuer certificate", front)


def test_unknown_to_the_system(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    with tls(s, front=front):
        refused(s, "TLS: unable to get local issuer certificate", front)


def test_other_name_is_refused(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    with tls(s, "tls ca-file %s" % s.ca.cert, "tls name other.test", front=front):
        refused(s, "TLS: hostname mismatch", front)


def test_other_address_is_refused(s):
    front = TlsFront(s.smsc.port, ca(s).sign("elsewhere", "IP:192.0.2.1"))
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        refused(s, "TLS: IP address mismatch", front)


def test_expired(s):
    front = TlsFront(s.smsc.port, ca(s).sign("old", "IP:127.0.0.1", days=-1))
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        refused(s, "TLS: certificate has expired", front)


def test_old_version_is_refused(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1], version=ssl.TLSVersion.TLSv1_1)
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        refused(s, "TLS: tlsv1 alert protocol version", front)


def test_no_tls_there(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1], plain=True)
    with tls(s, "tls ca-file %s" % s.ca.cert, front=front):
        wait_for(lambda: "TLS: unexpected eof" in log(s) or "TLS: wrong version" in log(s), 15, what="why")
        check("smsc test: down" in s.vty("show smsc test"))


def test_key_open_to_others_is_refused(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    cert, key = s.ca.sign("open", "DNS:ipsmgw.test")
    os.chmod(key, 0o644)
    with tls(s, "tls ca-file %s" % s.ca.cert, "tls certificate-file %s" % cert, "tls key-file %s" % key, front=front):
        refused(s, "TLS: the key file is open to others", front)


def test_files_that_are_none(s):
    front = TlsFront(s.smsc.port, (ca(s), s.server)[1])
    with tls(s, "tls ca-file /nonexistent", front=front):
        refused(s, "TLS: the CA file", front)
    front = TlsFront(s.smsc.port, s.server)
    with tls(s, "tls ca-file %s" % s.ca.cert, "tls certificate-file %s" % s.ca.cert, "tls key-file %s" % s.client[1], front=front):
        refused(s, "TLS: the key", front)


# ---- settings and secrets ----

def test_written_and_read(s):
    s.vty("enable", "configure terminal", "smsc spare", "tls", "tls ca-file /ca", "tls certificate-file /cert", "tls key-file /key", "tls name n.test", "no tls verify")
    text = s.vty("enable", "show running-config")
    for line in (" tls ca-file /ca", " tls certificate-file /cert", " tls key-file /key", " tls name n.test", " no tls verify", " tls"):
        check(line + "\r\n" in text or line + "\n" in text, line, text)
    s.vty("enable", "configure terminal", "no smsc spare")


def test_password_is_nowhere(s):
    check("secret" not in log(s), "the log has the password")
    check("secret" not in s.vty("show smsc", "show statistics"), "show commands have the password")
    check(b"secret" not in open("/proc/%d/cmdline" % s.connector.process.pid, "rb").read(), "the process list has the password")
