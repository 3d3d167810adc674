"""What a connection is set to when it is accepted."""

import socket

from dashboard.program import LIMITS
from serving import listen


def test_an_answer_does_not_wait_for_the_reader_to_acknowledge_its_first_part() -> None:
    with listen("127.0.0.1", 0, LIMITS) as bound, socket.create_connection(bound.getsockname()) as _:
        accepted, _address = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
