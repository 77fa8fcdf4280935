"""Guessing keys is slow, and keeps nobody else out."""

from app.access.guesses import A_MINUTE

RIGHT, WRONG = {"X-API-Key": "predict-key"}, {"X-API-Key": "guessed-key"}


def status(client, headers, address="10.0.0.1"):
    return client.get("/models", headers=headers, environ_base={"REMOTE_ADDR": address}).status_code


def test_an_address_that_guesses_has_to_wait_even_with_the_right_key(keyed):
    assert {status(keyed, WRONG) for _ in range(A_MINUTE)} == {401}
    answer = keyed.get("/models", headers=WRONG, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert (answer.status_code, answer.json["error"]["type"]) == (429, "rate_limited")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert status(keyed, RIGHT) == 429
    assert status(keyed, RIGHT, "10.0.0.2") == 200
    assert status(keyed, {}) == 401  # nothing was guessed


def test_a_key_that_was_right_from_there_before_goes_on(keyed):
    assert status(keyed, RIGHT) == 200
    assert [status(keyed, WRONG) for _ in range(A_MINUTE + 1)][-1] == 429
    assert status(keyed, RIGHT) == 200
    assert status(keyed, {"X-API-Key": "admin-key-1"}) == 429


def test_workers_count_together(make_app):
    keys = {"WILLBUY_API_KEYS": "predict-key:predict"}
    one, other = (make_app(**keys).test_client() for _ in range(2))
    assert {status(client, WRONG) for client in (one, other) for _ in range(A_MINUTE // 2)} == {401}
    assert (status(one, WRONG), status(other, RIGHT)) == (429, 429)


def test_behind_the_proxy_of_this_machine_each_caller_counts_alone(keyed):
    def through(headers, caller, proxy="127.0.0.1"):
        return status(keyed, headers | {"X-Forwarded-For": f"1.2.3.4, {caller}"}, proxy)

    assert [through(WRONG, "10.0.0.1") for _ in range(A_MINUTE + 1)][-1] == 429
    assert (through(RIGHT, "10.0.0.1"), through(RIGHT, "10.0.0.2")) == (429, 200)
    # Another machine may say of itself what it likes.
    assert [through(WRONG, f"10.0.1.{n}", "10.9.9.9") for n in range(A_MINUTE + 1)][-1] == 429
