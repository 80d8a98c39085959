"""Guessing passwords: nothing to learn from the answers, and slower and slower; but nobody is locked out by others."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import Client, Person, connect
from support.server import Server

ENOUGH_GUESSES = 800
AT_ONCE = 32


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server that nobody else logs in to: what is counted here is counted from zero."""
    started = Server(tmp_path_factory.mktemp("guessing")).start()
    yield started
    started.stop()


def guess(client, username, password="no es esta contraseña"):
    return client.post("/api/users/login", json={"username": username, "password": password})


def from_address(server, address):
    return Client(server, connect(server, address))


def guess_until_slowed(client, usernames):
    """Guesses, many at a time, until one is turned away; that answer."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, ENOUGH_GUESSES, AT_ONCE):
            names = [usernames[n % len(usernames)] for n in range(start, start + AT_ONCE)]
            for answer in pool.map(lambda name: guess(client, name), names):
                if answer.status_code == 429:
                    return answer
                assert answer.status_code in (401, 503), answer.text
    raise AssertionError(f"{ENOUGH_GUESSES} wrong passwords were all looked at")


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(own):
    ana = Person(own)
    unknown, wrong = guess(ana, "nadie.con.este.nombre"), guess(ana, ana.username)
    assert unknown.status_code == wrong.status_code == 401
    said = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in (unknown, wrong)]
    assert said[0] == said[1]
    assert said[0]["code"] == "invalid_credentials"
    assert unknown.headers["WWW-Authenticate"] == wrong.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_user_and_a_wrong_password_take_about_the_same_time(own):
    """Only the order of magnitude: without a pretended check, an unknown user would answer 50 times faster."""
    ana = Person(own)
    client = from_address(own, "127.0.0.20")

    def median(name):
        times = []
        for _ in range(5):
            start = time.monotonic()
            assert guess(client, name).status_code in (401, 429)
            times.append(time.monotonic() - start)
        return statistics.median(times)

    wrong, unknown = median(ana.username), median("nadie.con.este.nombre")
    assert 1 / 3 < unknown / wrong < 3, (unknown, wrong)


def test_an_inactive_account_is_told_only_to_who_knows_the_password(own):
    ana = Person(own)
    done = own.run("user", "deactivate", ana.username)
    assert done.returncode == 0, done.stderr
    client = Client(own)
    assert guess(client, ana.username).json()["code"] == "invalid_credentials"
    client.post("/api/users/login", 400, "inactive_user", json={"username": ana.username, "password": ana.password})


def test_guesses_at_one_account_are_slowed_and_its_owner_still_logs_in(own):
    ana = Person(own)
    thief = from_address(own, "127.0.0.30")
    turned_away = guess_until_slowed(thief, [ana.username])
    assert turned_away.json()["code"] == "too_many_login_attempts"
    assert int(turned_away.headers["Retry-After"]) > 0
    ana.log_in()
    right_password = thief.post("/api/users/login", json={"username": ana.username, "password": ana.password})
    assert right_password.status_code == 429, "who guesses too often learns nothing, not even by guessing right"


def test_guesses_at_ones_current_password_are_slowed_too(own):
    """Whoever finds an open browser has a token, and must not find the password with it."""
    ana = Person(own)
    guesses = {"current_password": "no es esta contraseña", "new_password": "otra contraseña"}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: ana.put("/api/users/me/password", json=guesses), range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {400, 429}
    assert {answer.json()["code"] for answer in answers} == {"wrong_current_password", "too_many_login_attempts"}
    ana.log_in()


def test_one_address_that_tries_many_accounts_is_slowed(own):
    people = [Person(own) for _ in range(4)]
    names = [somebody.username for somebody in people] + [f"inventado{n}" for n in range(60)]
    thief = from_address(own, "127.0.0.40")
    turned_away = guess_until_slowed(thief, names)
    assert turned_away.json()["code"] == "too_many_login_attempts"
    people[0].log_in()


def test_many_right_logins_are_not_slowed(own):
    ana = Person(own)
    with ThreadPoolExecutor(4) as pool:
        statuses = list(
            pool.map(
                lambda _: (
                    ana.post("/api/users/login", json={"username": ana.username, "password": ana.password}).status_code
                ),
                range(60),
            )
        )
    assert set(statuses) == {200}


def test_behind_a_proxy_on_this_machine_its_last_word_is_the_address(own):
    """The header is taken from this machine only, and of it only what the proxy itself wrote: the rest is anybody's."""
    ana = Person(own)
    thief = Client(own, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    guess_until_slowed(thief, [ana.username])
    same_place = Client(own, headers={"X-Forwarded-For": "198.51.100.2, 203.0.113.9"})
    assert guess(same_place, ana.username).status_code == 429
    another = Client(own, headers={"X-Forwarded-For": "203.0.113.9, 203.0.113.10"})
    assert guess(another, ana.username).status_code == 401
