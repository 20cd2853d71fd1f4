"""How fast a password can be guessed before and after the lock-out sets in: ``python tests/web/guessing_bench.py``.

A real server, plain HTTP on loopback, and guessers in threads of their own. To guess from many addresses they say so in
X-Forwarded-For, which the server believes of this machine, as it would believe a proxy.
"""

from __future__ import annotations

import http.client
import itertools
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from web_visits import started

GUESSERS = 8
SECONDS = 8.0
LOGIN, PASSWORD = "aigul@example.org", "seven plain words"


def guess(place: str, body: str, address: str | None, connection: http.client.HTTPConnection) -> int:
    """Send one guess and return the status."""
    headers = {"origin": place, "content-type": "application/x-www-form-urlencoded"}
    if address:
        headers["x-forwarded-for"] = address
    connection.request("POST", "/en/desk/sign-in", body, headers)
    reply = connection.getresponse()
    reply.read()
    return reply.status


def guessed(place: str, login: str, addresses: bool, seconds: float = SECONDS) -> tuple[Counter[int], float]:
    """Guess as fast as the server answers; return the statuses and the seconds it took."""
    counted: Counter[int] = Counter()
    numbers = itertools.count(1)
    lock, end = threading.Lock(), time.perf_counter() + seconds

    def work() -> None:
        connection = http.client.HTTPConnection(urlsplit(place).netloc, timeout=60)
        while time.perf_counter() < end:
            number = next(numbers)
            address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}" if addresses else None
            who = login.format(number)
            status = guess(place, urlencode({"login": who, "password": f"guess {number}"}), address, connection)
            with lock:
                counted[status] += 1
        connection.close()

    before = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(GUESSERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return counted, time.perf_counter() - before


def answered(place: str, stop: threading.Event) -> list[float]:
    """Ask for a page every 50 ms until told to stop, and return how long each took, in milliseconds."""
    times = []
    while not stop.is_set():
        before = time.perf_counter()
        urllib.request.urlopen(f"{place}/ru/desk/sign-in", timeout=60).read()
        times.append((time.perf_counter() - before) * 1_000)
        time.sleep(0.05)
    return times


def told(name: str, place: str, login: str, *, addresses: bool) -> None:
    """Guess and write what came of it."""
    stop, times = threading.Event(), []
    asking = threading.Thread(target=lambda: times.extend(answered(place, stop)))
    asking.start()
    counted, took = guessed(place, login, addresses)
    stop.set()
    asking.join()
    looked_at, refused = counted[401], counted[429]
    page = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else float("nan")
    sys.stdout.write(
        f"{name:52} {looked_at / took:7.1f}/s looked at ({looked_at}), {refused / took:7.1f}/s refused unseen, "
        f"other {sum(counted.values()) - looked_at - refused}; a page meanwhile p95 {page:.0f} ms\n"
    )


def main() -> None:
    """Run a server and guess at it."""
    with tempfile.TemporaryDirectory() as folder:
        server, place = started(10_000_000, Path(folder) / "output.txt", "serve_desk.py")
        try:
            told("no limit reached: other logins, other addresses", place, "nobody{}", addresses=True)
            told("one account from one address", place, LOGIN, addresses=False)
            told("one account from many addresses", place, LOGIN, addresses=True)
            told("many accounts from one address", place, "somebody{}", addresses=False)
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    sys.exit(main())
