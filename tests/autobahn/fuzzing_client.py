"""Plays the suite's cases, one after the other, against an echo server, with Autobahn's own WebSocket client.

Usage: fuzzing_client.py REPORT MESSAGES PATTERN... -- SERVER [ARGUMENT...]

Starts SERVER, which says `listening on URL` in its first line, ends it afterwards, and writes what every case found to REPORT in
the shape of the suite's index.json. Fails unless every case is OK or INFORMATIONAL, and unless those offers of compression
are declined that the server cannot keep. Each compression case sends MESSAGES messages.
"""

import collections
import fnmatch
import json
import logging
import subprocess
import sys
import time

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol, connectWS
from twisted.internet import reactor

from suite import is_compression, load_cases

PASSED = ("OK", "INFORMATIONAL")
DECLINED = ("13.3.*", "13.5.*")  # they offer nothing but a server window of 9 bits
DEADLINE_SECONDS = 480  # of a run: a case may wait, a test run may not
DEADLINE_SECONDS_A_MESSAGE = 4  # more, for each message of all compression cases


def octets(text):
    """The bytes that a string of a case stands for."""
    return text if isinstance(text, bytes) else text.encode("latin-1")


class CaseProtocol(WebSocketClientProtocol):
    """One connection, driven by one case: what the suite's cases call `self.p`."""

    def __init__(self, factory, case_class):
        super().__init__()
        self.factory = factory
        self.createWirelog = False  # cases switch it on and off
        self.connectionWasOpen = False
        self.txFrameStats = collections.Counter()  # frames sent, by opcode
        self.run_case = case_class(self)
        self.started = time.monotonic()

    # What happens on the connection, told to the case.

    def onOpen(self):
        self.connectionWasOpen = True
        self.run_case.onOpen()

    def onMessage(self, payload, isBinary):
        # The compression cases are the only ones that were brought to Python 3.
        compression = hasattr(self.run_case, "CLIENT_OFFERS")
        self.run_case.onMessage(payload if compression else payload.decode("latin-1"), isBinary)

    def onPong(self, payload):
        self.run_case.onPong(payload.decode("latin-1"))

    def onClose(self, wasClean, code, reason):
        self.run_case.onClose(wasClean, code, reason)

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.run_case.onConnectionLost(self.failedByMe)
        self.factory.done({
            "behavior": self.run_case.behavior,
            "behaviorClose": self.run_case.behaviorClose,
            "duration": round(1000 * (time.monotonic() - self.started)),  # milliseconds
            "remoteCloseCode": self.remoteCloseCode,
            "result": self.run_case.result,
            "resultClose": self.run_case.resultClose,
        })

    # What a case asks for.

    def sendFrame(self, opcode, payload="", **options):
        self.txFrameStats[opcode] += 1
        super().sendFrame(opcode, octets(payload), **options)

    def sendMessage(self, payload, *args, **options):
        super().sendMessage(octets(payload), *args, **options)

    def sendMessageFrameData(self, payload, *args, **options):
        return super().sendMessageFrameData(octets(payload), *args, **options)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        super().sendCloseFrame(code, None if reasonUtf8 is None else octets(reasonUtf8), isReply)
        if self.localCloseReason is not None:
            self.localCloseReason = self.localCloseReason.decode("latin-1")

    def enableWirelog(self, enable):
        self.createWirelog = enable

    def continueLater(self, delay, function, tag=None):
        self._unless_closed(delay, function)

    def closeAfter(self, delay):
        self._unless_closed(delay, self.sendClose)

    def killAfter(self, delay):
        self._unless_closed(delay, self._fail_connection)

    def _unless_closed(self, delay, function):
        reactor.callLater(delay, lambda: None if self.state == self.STATE_CLOSED else function())


class CaseFactory(WebSocketClientFactory):
    """Connects for one case after the other and gathers what they found."""

    def __init__(self, url, cases):
        super().__init__(url)
        # A second, the default, is too little for a busy machine to close in.
        self.setProtocolOptions(failByDrop=False, closeHandshakeTimeout=10)
        self.results = {}
        self._waiting = iter(cases.items())

    def start_next(self):
        self._current, self._case_class = next(self._waiting, (None, None))
        if self._current is None:
            reactor.stop()
        else:
            connectWS(self)

    def buildProtocol(self, addr):
        return CaseProtocol(self, self._case_class)

    def done(self, result):
        self.results[self._current] = result
        reactor.callLater(0, self.start_next)

    def clientConnectionFailed(self, connector, reason):
        self.done({"behavior": "FAILED", "behaviorClose": "FAILED", "duration": 0, "remoteCloseCode": None,
                   "result": f"no connection: {reason.getErrorMessage()}", "resultClose": ""})


def passed(case, result):
    if any(fnmatch.fnmatch(case, pattern) for pattern in DECLINED):
        return result["behavior"] == "UNIMPLEMENTED" and result["behaviorClose"] in PASSED
    return result["behavior"] in PASSED and result["behaviorClose"] in PASSED


def print_summary(results, wanted, categories):
    """A line a section, a line a failure, and last the sum."""
    sections = collections.defaultdict(list)
    for case in wanted:
        sections[case.split(".")[0]].append(case)
    for section, cases in sections.items():
        found = {case: results[case] for case in cases if case in results}
        good = sum(passed(case, result) for case, result in found.items())
        slowest = max((result["duration"] for result in found.values()), default=0)
        print(f"{section:>3} {categories[section]:<20} {good:>3} of {len(cases):>3}   slowest case {slowest / 1000:.2f} s")
    failed = 0
    for case in wanted:
        result = results.get(case)
        if result is None:
            print(f"FAILED {case}: did not end within the {DEADLINE_SECONDS} s of the run")
        elif not passed(case, result):
            print(f"FAILED {case}: {result['behavior']}, close {result['behaviorClose']} ({result['remoteCloseCode']}). "
                  f"{result['result']} {result['resultClose']}")
        failed += result is None or not passed(case, result)
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return failed == 0


def main(arguments):
    split = arguments.index("--")
    report, messages, patterns, command = arguments[0], int(arguments[1]), arguments[2:split], arguments[split + 1:]
    cases, categories = load_cases(messages)
    wanted = {name: case for name, case in cases.items() if any(fnmatch.fnmatch(name, p) for p in patterns)}
    if not wanted:
        sys.exit("no case has such a name")

    logging.disable(logging.CRITICAL)  # Autobahn warns of every connection that a case breaks on purpose
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().removeprefix("listening on ").strip()
        factory = CaseFactory(url, wanted)
        factory.start_next()
        compression = DEADLINE_SECONDS_A_MESSAGE * messages if any(map(is_compression, wanted)) else 0
        reactor.callLater(DEADLINE_SECONDS + compression, reactor.stop)
        reactor.run()
    finally:
        server.terminate()
        status = server.wait(timeout=30)
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"IzpoChat": factory.results}, file, indent=1)
    if status != 0:
        print(f"FAILED: the server ended with status {status}")  # a sanitizer's finding, for one
    return print_summary(factory.results, wanted, categories) and status == 0


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
