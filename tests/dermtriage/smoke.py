"""`make smoke`: the demo in a fresh folder, one case all the way, stopped, nothing left; and once more.

Not a pytest module: it proves `make demo` itself, as a newcomer runs it. Exit status 0 when all held.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from dermtriage.local.client import Client
from dermtriage.local.processes import free_port, port_is_free, wait_until
from dermtriage.local.sample_cases import SAMPLE_CASES

READY_S = 300
AGAIN_S = 20
STOP_S = 15


def main() -> None:
    """Run every step; the first that does not hold ends it with its reason."""
    with tempfile.TemporaryDirectory(prefix="dermtriage-smoke-") as folder:
        # Root's PostgreSQL runs as another account; its data shall lie in this folder too, and go with it.
        Path(folder).chmod(0o711)
        home, port = Path(folder) / "home", free_port()
        with running_demo(home, port, READY_S, press_ctrl_c) as ready:
            one_case_all_the_way(ready)
            cases = cases_of(ready)
        with running_demo(home, port, AGAIN_S, terminate_make) as ready:
            expect(cases_of(ready) == cases, "the second start does not have the same cases")
            show(f"started again with the same {len(cases)} cases")


@contextmanager
def running_demo(
    home: Path, port: int, ready_in: float, ending: Callable[[subprocess.Popen[bytes]], None]
) -> Iterator[dict[str, Any]]:
    """The demo, ready in time; ended as asked, with nothing left. Gives what `demo.json` says."""
    demo = start_demo(home, port)
    try:
        ready = wait_until_ready(demo, home, ready_in)
        yield ready
        listening = ports_of(children_of(demo.pid))
        expect(port in listening, "the API does not listen where it should")
    finally:
        stop(demo, ending)
    expect(all(port_is_free(each) for each in listening), "a port is still taken")
    show("nothing left")


def start_demo(home: Path, port: int) -> subprocess.Popen[bytes]:
    """`make demo` as a newcomer types it, in a process group of its own as a terminal gives it."""
    environment = {**os.environ, "DERMTRIAGE_HOME": str(home), "PORT": str(port)}
    return subprocess.Popen(["make", "--silent", "demo"], env=environment, start_new_session=True)


def press_ctrl_c(demo: subprocess.Popen[bytes]) -> None:
    """SIGINT to the whole group, as a terminal sends it."""
    os.killpg(demo.pid, signal.SIGINT)


def terminate_make(demo: subprocess.Popen[bytes]) -> None:
    """SIGTERM to make alone, as a service manager sends it."""
    os.kill(demo.pid, signal.SIGTERM)


def wait_until_ready(demo: subprocess.Popen[bytes], home: Path, seconds: float) -> dict[str, Any]:
    """What `demo.json` says, once it is there."""
    file, started = home / "demo.json", time.monotonic()
    wait_until(lambda: file.exists() or demo.poll() is not None, seconds, pause=0.2)
    expect(file.exists(), f"the demo was not ready in {seconds} s")
    show(f"ready in {time.monotonic() - started:.1f} s")
    expect(file.stat().st_mode & 0o777 == 0o600, "demo.json can be read by others")
    return dict(json.loads(file.read_text()))


def one_case_all_the_way(ready: dict[str, Any]) -> None:
    """Submitted, assessed, claimed and confirmed over HTTP, and final for the platform."""
    platform = Client(ready["url"], ready["api_key"])
    case_id = submit_one(platform)
    expect(wait_until(lambda: has_result(platform, case_id), 120, pause=0.3), "the case was not assessed")
    case = platform.case(case_id)
    expect(case["preliminary"] and case["findings"], "an assessed case has preliminary findings")
    show(f"assessed: {case['level']}, {case['findings'][0]}")
    confirm(ready, case_id)
    expect(platform.case(case_id)["status"] == "completed", "the confirmed case is not completed")
    show("confirmed by the clinician, completed for the platform")
    platform.close()


def submit_one(platform: Client) -> str:
    """A new case, with a red flag."""
    sample = SAMPLE_CASES[1]
    clinical = {**sample.clinical(), "patient_ref": "smoke"}
    accepted = platform.submit(clinical, sample.photographs(), "smoke-1")
    expect(accepted["level"] == "emergency", "a red flag did not make the case an emergency at once")
    show("accepted as emergency")
    return str(accepted["id"])


def cases_of(ready: dict[str, Any]) -> dict[str, str]:
    """All cases of the platform with their status."""
    platform = Client(ready["url"], ready["api_key"])
    listed = platform.get("/v1/cases?limit=100")["items"]
    platform.close()
    return {case["id"]: case["status"] for case in listed}


def has_result(platform: Client, case_id: str) -> bool:
    """Whether the model has spoken."""
    return bool(platform.case(case_id)["provenance"])


def confirm(ready: dict[str, Any], case_id: str) -> None:
    """Sign in, claim the case, confirm it. An emergency has no undo window: it is final at once."""
    visitor = Client(ready["url"])
    clinician = Client(ready["url"], visitor.post("/v1/sessions", ready["clinician"])["token"])
    review = clinician.post("/v1/reviews/claim", {"case_id": case_id})
    if review["blind"]:
        own = {"blind_level": "emergency", "blind_diagnosis": "mpox"}
        review = clinician.post(f"/v1/reviews/{review['id']}/reveal", own)
    expect(
        review["case"]["ai_result"]["preliminary"], "the clinician is not told that the result is preliminary"
    )
    clinician.post(f"/v1/reviews/{review['id']}/decision", {"verdict": "confirm"})
    visitor.close()
    clinician.close()


def stop(demo: subprocess.Popen[bytes], ending: Callable[[subprocess.Popen[bytes]], None]) -> None:
    """End it; its whole family must be gone in time."""
    family, started = children_of(demo.pid), time.monotonic()
    if demo.poll() is None:
        ending(demo)
    wait_until(lambda: demo.poll() is not None, STOP_S + 15)
    took = time.monotonic() - started
    left = [process for process in family if process.is_running()]
    for process in left:
        process.kill()
    expect(took < STOP_S, f"stopping took {took:.0f} s")
    expect(not left, f"left running: {left}")
    show(f"stopped in {took:.1f} s")


def children_of(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def ports_of(processes: list[psutil.Process]) -> set[int]:
    """The TCP ports on which any of them listens."""
    connections = [each for process in processes for each in process.net_connections("tcp")]
    return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}


def expect(holds: bool, otherwise: str) -> None:
    """End with status 1 and the reason unless it holds."""
    if not holds:
        sys.exit(f"smoke: {otherwise}")


def show(line: str) -> None:
    """Progress."""
    print(f"smoke: {line}", flush=True)


if __name__ == "__main__":
    main()
