"""`make smoke`: the demo in a fresh folder on a free port, one case all the way, stopped, nothing left.

Not a pytest module: it proves `make demo` itself, as a newcomer runs it. Exit status 0 when all held.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from dermtriage.local.client import Client
from dermtriage.local.processes import free_port, port_is_free, wait_until
from dermtriage.local.sample_cases import SAMPLE_CASES

READY_S = 300
STOP_S = 15


def main() -> None:
    """Run every step; the first that does not hold ends it with its reason."""
    with tempfile.TemporaryDirectory(prefix="dermtriage-smoke-") as folder:
        home, port = Path(folder) / "home", free_port()
        before = set(psutil.pids())
        demo = start_demo(home, port)
        try:
            ready = wait_until_ready(demo, home)
            show("the demo is ready")
            one_case_all_the_way(ready)
            listening = ports_of(children_of(demo.pid))
        finally:
            stop(demo, before)
        expect(all(port_is_free(each) for each in listening | {port}), "a port is still taken")
        show("stopped, nothing left")


def start_demo(home: Path, port: int) -> subprocess.Popen[bytes]:
    """`make demo` as a newcomer types it, in a process group of its own as a terminal gives it."""
    environment = {**os.environ, "DERMTRIAGE_HOME": str(home), "PORT": str(port)}
    return subprocess.Popen(["make", "--silent", "demo"], env=environment, start_new_session=True)


def wait_until_ready(demo: subprocess.Popen[bytes], home: Path) -> dict[str, Any]:
    """What `demo.json` says, once it is there."""
    file = home / "demo.json"
    wait_until(lambda: file.exists() or demo.poll() is not None, READY_S, pause=0.2)
    expect(file.exists(), f"the demo was not ready in {READY_S} s")
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
    """A new case; an emergency, so that it is the first in the clinicians' queue."""
    sample = SAMPLE_CASES[1]
    clinical = {**sample.clinical(), "patient_ref": "smoke"}
    accepted = platform.submit(clinical, sample.photographs(), "smoke-1")
    expect(accepted["level"] == "emergency", "a red flag did not make the case an emergency at once")
    show("accepted as emergency")
    return str(accepted["id"])


def has_result(platform: Client, case_id: str) -> bool:
    """Whether the model has spoken."""
    return bool(platform.case(case_id)["provenance"])


def confirm(ready: dict[str, Any], case_id: str) -> None:
    """Sign in, claim until it is this case's turn, confirm each: other emergencies came earlier."""
    signed_in = Client(ready["url"]).post("/v1/sessions", ready["clinician"])
    clinician = Client(ready["url"], signed_in["token"])
    for _ in range(len(SAMPLE_CASES) + 1):
        review = clinician.post("/v1/reviews/claim")
        expect(bool(review), "the review queue is empty")
        clinician.post(f"/v1/reviews/{review['id']}/decision", {"verdict": "confirm"})
        if review["case_id"] == case_id:
            return
    expect(False, "the case was never offered to the clinician")


def stop(demo: subprocess.Popen[bytes], before: set[int]) -> None:
    """Ctrl-C: SIGINT to the whole group. Everything that started since must be gone in time."""
    family = children_of(demo.pid)
    started = time.monotonic()
    os.killpg(demo.pid, signal.SIGINT)
    wait_until(lambda: demo.poll() is not None, STOP_S + 15)
    took = time.monotonic() - started
    left = [process for process in family if process.is_running() and process.pid not in before]
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
