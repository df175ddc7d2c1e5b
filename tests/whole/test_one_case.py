"""One case, all the way: submitted, assessed, explained, confirmed, delivered, counted; and nothing leaks."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from standardwebhooks import Webhook

from db.counts import iso_week
from db.ids import now
from tests.vlm.drawn import photograph
from tests.whole.running import Product, Receiver, wait_for
from triage import example_clinical

CANARIES = ("canary-free-text-7Q", "canary-patient-ref-7Q", "canary-device-7Q", "canary-file-name-7Q")


@pytest.fixture(scope="module")
def broker_traffic(product: Product) -> Iterator[list[str]]:
    """Every command that Redis is given while the tests of this module run."""
    seen: list[str] = []
    client = Redis.from_url(product.broker_url)
    with client.monitor() as monitor:

        def watch() -> None:
            for command in monitor.listen():
                seen.append(command["command"])
                if "end-of-watch" in command["command"]:
                    return

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield seen
        client.echo("end-of-watch")
        thread.join(10)
    client.close()


@pytest.fixture(scope="module")
def webhook_secret(product: Product, receiver: Receiver) -> str:
    answer = product.call("POST", "/v1/webhooks/endpoints", json={"url": receiver.url})
    assert answer.status_code == 201, answer.text
    secret: str = answer.json()["secret"]
    return secret


@pytest.fixture(scope="module")
def finished(
    product: Product,
    receiver: Receiver,
    webhook_secret: str,
    broker_traffic: list[str],
    tmp_path_factory: Any,
) -> dict[str, Any]:
    """A case that went all the way: the answers that were given on it."""
    folder: Path = tmp_path_factory.mktemp("submission")
    free_text, patient_ref, device, file_name = CANARIES
    clinical = example_clinical() | {
        "free_text": free_text, "patient_ref": patient_ref, "capture_device": device,
    }  # fmt: skip
    (folder / "case.json").write_text(json.dumps(clinical))
    photo = folder / f"{file_name}.png"
    photograph(1).resize((320, 320)).save(photo)
    submitted = product.command(
        "submit", str(photo), "--clinical", str(folder / "case.json"), "--wait", "--json"
    )
    assert submitted.returncode == 0, submitted.stderr
    assessed = json.loads(submitted.stdout)
    signed_in = product.call(
        "POST", "/v1/sessions", json={"email": product.email, "password": product.password}
    )
    token = signed_in.json()["token"]
    claimed = product.call("POST", "/v1/reviews/claim", token, json={"case_id": assessed["id"]}).json()
    if claimed["blind"]:
        own = {"blind_level": "urgent", "blind_diagnosis": "mpox"}
        revealed = product.call("POST", f"/v1/reviews/{claimed['id']}/reveal", token, json=own)
        assert revealed.ok, revealed.text
    decision = {"verdict": "override", "level": "urgent", "diagnosis": "mpox", "reason": "seen by the test"}
    decided = product.call("POST", f"/v1/reviews/{claimed['id']}/decision", token, json=decision)
    assert decided.ok, decided.text
    final = wait_for("the final decision", lambda: _when_final(product, assessed["id"]))
    wait_for("the last event", lambda: "case.completed" in _types(receiver))
    return {"assessed": assessed, "final": final, "token": token}


def _when_final(product: Product, case_id: str) -> dict[str, Any] | None:
    body = product.case(case_id)
    return None if body["preliminary"] else body


def _types(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for _, body in receiver.received]


def test_the_assessment_is_explained_preliminary_and_says_what_made_it(finished: dict[str, Any]) -> None:
    assessed = finished["assessed"]
    assert assessed["status"] in {"awaiting_review", "needs_retake"}
    assert assessed["preliminary"] is True
    assert len(assessed["findings"]) == 10
    assert sum(finding["probability"] for finding in assessed["findings"]) == pytest.approx(1, abs=1e-3)
    assert assessed["explanation"]
    assert assessed["reasons"]
    assert "not for clinical use" in json.dumps(assessed).lower()


def test_the_clinicians_decision_is_the_result(finished: dict[str, Any]) -> None:
    final = finished["final"]
    assert (final["status"], final["level"]) == ("completed", "urgent")
    assert final["review"]["verdict"] == "override"
    assert final["review"]["diagnosis"] == "mpox"


def test_every_event_came_once_in_effect_signed_and_thin(
    finished: dict[str, Any], receiver: Receiver, webhook_secret: str
) -> None:
    events = {headers["webhook-id"]: (headers, body) for headers, body in receiver.received}
    types = sorted(json.loads(body)["type"] for _, body in events.values())
    assert types == sorted(set(types)), "each event once"
    assert {"case.accepted", "case.assessed", "case.completed"} <= set(types)
    for headers, body in events.values():
        Webhook(webhook_secret).verify(body, headers)
        assert set(json.loads(body)["data"]) == {"case_id", "level"}


def test_surveillance_counts_it_and_hides_the_small_cell(product: Product, finished: dict[str, Any]) -> None:
    answer = product.call("GET", f"/v1/surveillance/counts?week_from={iso_week(now())}")
    cells = {(cell["condition"], cell["status"]): cell for cell in answer.json()["items"]}
    assert cells["mpox", "suspected"]["count"] is None
    assert cells["mpox", "suspected"]["suppressed"] is True


def test_the_audit_trail_tells_the_way_and_verifies(product: Product, finished: dict[str, Any]) -> None:
    result = product.command("audit", "verify")
    assert (result.returncode, result.stdout.strip()) == (0, "The audit trail is whole.")


def test_metrics_show_queue_stages_and_deliveries(product: Product, finished: dict[str, Any]) -> None:
    shown = product.call("GET", "/metrics").text
    for line in (
        'dermtriage_queue_cases{level="emergency"} ',
        'dermtriage_queue_oldest_seconds{level="routine"} ',
        "dermtriage_batch_size_count ",
        'dermtriage_stage_seconds_count{stage="compute"} ',
        'dermtriage_webhook_deliveries_total{outcome="succeeded"} ',
    ):
        assert line in shown, shown


@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_of_the_patient_is_in_log_metric_broker_message_or_webhook(
    product: Product, finished: dict[str, Any], receiver: Receiver, broker_traffic: list[str], canary: str
) -> None:
    assert any("drain" in command for command in broker_traffic), "the broker was watched"
    places = {
        "log": product.logs(),
        "metrics": product.call("GET", "/metrics").text,
        "broker": "\n".join(broker_traffic),
        "webhooks": "\n".join(f"{headers} {body!r}" for headers, body in receiver.received),
    }
    assert [name for name, text in places.items() if canary in text] == []
    assert "request" in places["log"]


def test_an_emergency_is_answered_at_once_and_its_explanation_names_the_fact(
    product: Product, tmp_path: Path
) -> None:
    example = product.command("submit", "--example", "--red-flag", "eye")
    (tmp_path / "case.json").write_text(example.stdout)
    photograph(2).resize((320, 320)).save(tmp_path / "photo.jpg")
    result = product.command(
        "submit", str(tmp_path / "photo.jpg"), "--clinical", str(tmp_path / "case.json"), "--wait", "--json"
    )
    body = json.loads(result.stdout)
    assert body["level"] == "emergency"
    assert "red_flag.eye" in [reason["rule"] for reason in body["reasons"]]
    assert "eye" in body["explanation"].lower()
