import threading

from app.exclusive import exclusive


def test_one_waits_for_the_other_and_the_folder_is_made(tmp_path):
    lock, order, second_asks = tmp_path / "new" / ".lock", [], threading.Event()

    def second():
        second_asks.set()
        with exclusive(lock):
            order.append("second")

    with exclusive(lock):
        other = threading.Thread(target=second)
        other.start()
        assert second_asks.wait(5)
        other.join(0.2)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]


def test_an_error_inside_lets_the_next_one_in(tmp_path):
    try:
        with exclusive(tmp_path / ".lock"):
            raise ValueError("inside")
    except ValueError:
        pass
    with exclusive(tmp_path / ".lock"):
        pass
