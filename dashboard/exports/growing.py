"""A file that is sent while it is still being made: the database is done with it however slowly a reader takes it."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryFile
from threading import Condition

CHUNK = 2**16


class GrowingFile:
    """Bytes on the disk that one thread writes and another reads."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - goes with the last who uses it
        self._size = 0
        self._grown = Condition()
        thread = ThreadPoolExecutor(1)
        self._making = thread.submit(self._write, chunks)
        self._making.add_done_callback(lambda _: self._grow(0))
        thread.shutdown(wait=False)

    def wait(self) -> None:
        """Until there is something to read. Raises what making it raised before."""
        self._read_on(0)

    def read(self) -> Iterator[bytes]:
        """Everything, as soon as it is there. Raises what making it raised: a part of a file is not the file."""
        place = 0
        while chunk := self._read_on(place):
            yield chunk
            place += len(chunk)

    def _read_on(self, place: int) -> bytes:
        """What stands at `place`, at most CHUNK; nothing at the end of the whole file."""
        with self._grown:
            self._grown.wait_for(lambda: self._size > place or self._making.done())
            if self._size <= place:
                self._making.result()
        return os.pread(self._file.fileno(), CHUNK, place)

    def _write(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._file.write(chunk)
            self._grow(len(chunk))

    def _grow(self, more: int) -> None:
        with self._grown:
            self._size += more
            self._grown.notify_all()
