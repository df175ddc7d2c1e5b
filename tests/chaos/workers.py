"""Real `dermtriage worker` processes, started again when they die, as a supervisor would."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "dermtriage", "worker"]


class Workers:
    """Some workers with one environment; their output goes to files in `folder`."""

    def __init__(self, count: int, environment: dict[str, str], folder: Path) -> None:
        self.environment = {**os.environ, **environment}
        self.folder = folder
        self.started = 0
        self._ended = threading.Event()
        self._processes = [self._start() for _ in range(count)]
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    @property
    def deaths(self) -> int:
        """How often a worker had to be started again."""
        return self.started - len(self._processes)

    def pids(self) -> list[int]:
        """Process ids of the workers that live."""
        return [process.pid for process in self._processes if process.poll() is None]

    def signal(self, pid: int, number: int) -> bool:
        """Send a signal; False when the worker died by itself meanwhile."""
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        self._ended.set()
        self._keeper.join()
        for process in self._processes:
            process.terminate()
        return [self._exit_code(process) for process in self._processes]

    def logs(self) -> str:
        """All that the workers said."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("worker-*.log")))

    def _exit_code(self, process: subprocess.Popen[bytes]) -> int:
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self.started += 1
        with (self.folder / f"worker-{self.started:03}.log").open("wb") as log:
            return subprocess.Popen(COMMAND, env=self.environment, stdout=log, stderr=log)

    def _keep(self) -> None:
        while not self._ended.is_set():
            for n, process in enumerate(self._processes):
                if process.poll() is not None:
                    self._processes[n] = self._start()
            time.sleep(0.1)
