"""Uploads past clamd: what it finds is refused and leaves nothing; when it is away, the setting decides."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.clamd import EICAR, Clamd
from support.client import Person
from support.waiting import wait_until

MB = 1 << 20


@pytest.fixture(params=["unix", "tcp"])
def clamd(request, tmp_path):
    with Clamd(tmp_path / "clamd.sock" if request.param == "unix" else None) as fake:
        yield fake


def upload(somebody, name, data, expect=201, code=None, **request):
    return somebody.post("/api/uploads/", expect, code, files={"file": (name, data)}, **request).json()


def kept(server):
    return list((server.data / "blobs").glob("??/??/*")) + list((server.data / "blobs" / "tmp").iterdir())


def test_an_infected_file_is_refused_and_a_clean_one_kept(own_server, clamd):
    server = own_server(CLAMD_ADDRESS=clamd.address)
    ana = Person(server)
    large = b"a" * (3 * MB)
    for data in (b"h", b"hola", large):
        upload(ana, "limpio.txt", data)
    assert clamd.scanned == [1, 4, 3 * MB], "it is shown every byte"
    before = len(kept(server))

    for language, sentence in (("es", "«malo.txt» contiene un virus"), ("en", "“malo.txt” has a virus")):
        for data in (EICAR, large + EICAR + large):
            answer = upload(ana, "malo.txt", data, 400, "file_infected", headers={"Accept-Language": language})
            assert sentence in answer["detail"]
            assert (answer["filename"], answer["signature"]) == ("malo.txt", "Eicar-Test-Signature")
    wait_until(lambda: len(kept(server)) == before, "nothing to be left")
    assert len(ana.get("/api/uploads/", 200).json()) == 3
    assert ana.get("/api/users/me/usage", 200).json()["files"] == 3
    assert f"Eicar-Test-Signature in a file of user {ana.id}, refused (4 so far)" in server.log()


def test_of_several_only_the_infected_one_is_refused(own_server, clamd):
    ana = Person(own_server(CLAMD_ADDRESS=clamd.address))
    files = [("files", (name, data)) for name, data in (("a.txt", b"uno"), ("b.txt", EICAR), ("c.txt", b"tres"))]
    answer = ana.post("/api/uploads/multiple", 201, files=files).json()
    assert [file["original_filename"] for file in answer["uploaded_files"]] == ["a.txt", "c.txt"]
    assert [(error["filename"], error["code"]) for error in answer["errors"]] == [("b.txt", "file_infected")]


def test_many_are_scanned_at_once(own_server, clamd):
    ana = Person(own_server(CLAMD_ADDRESS=clamd.address))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: upload(ana, f"{n}.txt", b"x" * (100_000 + n)), range(24)))
    assert sorted(clamd.scanned) == [100_000 + n for n in range(24)]


FAILURES = {
    "hang": "no answer: nothing for 1 s",
    "cut": "clamd|cannot send|no answer",
    "limit": "clamd|cannot send|no answer",
    "nonsense": 'clamd says "what?"',
}


@pytest.mark.parametrize("mode", FAILURES)
def test_a_scanner_that_fails_refuses(own_server, clamd, mode):
    server = own_server(CLAMD_ADDRESS=clamd.address, CLAMD_TIMEOUT_SECONDS="1")
    ana = Person(server)
    clamd.mode = mode
    upload(ana, "a.txt", b"a" * 100_000, 503, "scanner_unavailable")
    wait_until(lambda: not kept(server), "nothing to be left")
    assert ana.get("/api/uploads/", 200).json() == []
    line = next(line for line in server.log().splitlines() if "was not scanned and is refused (1 so far)" in line)
    assert any(reason in line for reason in FAILURES[mode].split("|")), line
    clamd.mode = "scan"
    upload(ana, "a.txt", b"a" * 100_000)


@pytest.mark.parametrize("mode", FAILURES)
def test_or_lets_pass_when_told_so(own_server, clamd, mode):
    server = own_server(CLAMD_ADDRESS=clamd.address, CLAMD_TIMEOUT_SECONDS="1", CLAMD_DOWN="allow")
    ana = Person(server)
    clamd.mode = mode
    file = upload(ana, "a.txt", b"a" * 100_000)
    assert ana.get(f"/api/uploads/{file['id']}/download", 200).content == b"a" * 100_000
    assert "was not scanned and is let pass (1 so far)" in server.log()
    clamd.mode = "scan"
    upload(ana, "malo.txt", EICAR, 400, "file_infected")


@pytest.mark.parametrize("address", ["/nada/clamd.sock", "127.0.0.1:1", "nadie.invalid:3310"])
def test_a_scanner_that_is_not_there_is_unavailable(own_server, address):
    server = own_server(CLAMD_ADDRESS=address, CLAMD_TIMEOUT_SECONDS="10")
    ana = Person(server)
    upload(ana, "a.txt", b"hola", 503, "scanner_unavailable")
    ana.post("/api/uploads/multiple", 503, files=[("files", ("a.txt", b"hola"))])
    assert "cannot connect" in server.log()
