"""Clients that are hostile, or on a bad network: what they do to the server, and what the others notice of it."""

import threading
from pathlib import Path

from support.frames import PING, PONG, client_frame, read_event, read_frame, text_frame, upgrade
from support.raw import Wire

MIB = 1 << 20


def resident(server):
    """Bytes of memory."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * 4096


def test_a_flood_of_pings_that_reads_no_pong_takes_no_memory_and_holds_nobody_up(ana, ben, server):
    """RFC 6455 §5.5.3: the latest ping is answered; those before it need not be."""
    room = ana.make_room()
    witness = ben.open(room)
    with Wire(server, receive_buffer=4096) as flood:
        assert flood.send(upgrade(ana, room)).answer().status == 101
        before = resident(server)
        count = 60_000
        pings = b"".join(client_frame(b"%06d" % n + b"." * 100, PING) for n in range(count))
        sending = threading.Thread(target=flood.send, args=(pings,))
        sending.start()
        rounds = 0
        while sending.is_alive():
            assert witness.fence() == [] or rounds == 0
            rounds += 1
        sending.join()
        witness.fence()
        assert resident(server) - before < 8 * MIB
        pongs, last = 0, b""
        while last[:6] != b"%06d" % (count - 1):
            opcode, payload = read_frame(flood)
            if opcode == PONG:
                assert payload > last, "in their order"
                pongs, last = pongs + 1, payload
        assert pongs < count
    witness.close()


def test_a_message_that_comes_byte_by_byte_is_one_message(ana, server):
    """Each character in a frame of its own, each byte of it in a packet of its own."""
    text = '{"content":"poco a poco y sin prisa"}'
    with Wire(server) as slow:
        assert slow.send(upgrade(ana, ana.make_room())).answer().status == 101
        for n, character in enumerate(text):
            frame = text_frame(character, fin=n + 1 == len(text), opcode=0x0 if n else 0x1)
            for byte in frame:
                slow.send(bytes([byte]))
        events = [read_event(slow) for _ in range(3)]
        assert events[2]["content"] == "poco a poco y sin prisa"


def test_a_storm_of_subscriptions_ends_with_one_seat_in_each_room(ana, ben):
    rooms = [ana.make_room(f"sala {n}") for n in range(40)]
    for room in rooms:
        ana.say(room, "de antes")
    witness = ben.open(rooms[0])
    with ana.open_all() as chat:
        for n in range(300):
            chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 0} for room in rooms])
            if n % 3 == 0:
                chat.send(type="unsubscribe", room_ids=rooms[n % 7 :: 2])
        assert witness.fence() is not None, "the others are served meanwhile"
        chat.send(type="unsubscribe", room_ids=rooms)
        chat.fence()
        answers = chat.subscribe(*rooms)
        assert [answer["status"] for answer in answers] == ["complete"] * len(rooms)
        for room in rooms:
            ben.say(room, "ahora")
        assert [chat.until("message")["room_id"] for _ in rooms] == rooms
        assert [event for event in chat.fence() if event["type"] == "message"] == []
    witness.close()
