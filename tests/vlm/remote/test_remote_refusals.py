"""What would not be otherwise at the next attempt is refused at once, by name and with a remedy."""

import pytest

from tests.vlm.remote.conftest import Connect, quick
from tests.vlm.remote.server import MODEL, Server, refuses, says, without_logprobs
from tests.vlm.remote.test_remote_findings import shown
from vlm import RemoteUnavailable, UnknownModel
from vlm.remote.address import Address


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "its own log says why"),
        (401, "set VLM_REMOTE_KEY"),
        (403, "set VLM_REMOTE_KEY"),
        (404, "check the URL"),
        (413, "raise the limit on request bodies"),
        (422, "its own log says why"),
        (307, "give the URL under which it answers itself"),
    ],
)
def test_a_refusal_is_final_and_names_the_remedy_but_not_the_case(
    connect: Connect, server: Server, status: int, remedy: str
) -> None:
    model = connect(vlm_remote_concurrency=1)
    server.faults.append(refuses(status))
    with pytest.raises(RemoteUnavailable, match=f"status {status}; .*{remedy}") as caught:
        model.assess([shown(1, symptoms={"fever": {"present": "yes"}})])
    assert caught.value.permanent
    assert "fever" not in str(caught.value)
    assert len(server.chats) == 1


def test_a_redirect_is_not_followed_with_the_photograph(connect: Connect, server: Server) -> None:
    model = connect(vlm_remote_concurrency=1)
    server.faults.append(refuses(307, Location=f"{server.url}/elsewhere"))
    with pytest.raises(RemoteUnavailable, match="status 307"):
        model.assess([shown(1)])
    assert not [seen for seen in server.seen if "elsewhere" in seen.path]


def test_the_key_is_sent_as_a_bearer_and_a_line_break_behind_it_does_no_harm(server: Server) -> None:
    server.key = "k-secret"
    model = quick(server.ref, vlm_remote_key="k-secret\n")
    model.assess([shown(1)])
    assert {seen.headers["Authorization"] for seen in server.seen} == {"Bearer k-secret"}


def test_no_key_is_sent_where_none_is_set(connect: Connect, server: Server) -> None:
    connect().assess([shown(1)])
    assert not any("Authorization" in seen.headers for seen in server.seen)


def test_a_wrong_key_is_named_as_the_fault_without_being_told(server: Server) -> None:
    server.key = "k-secret"
    with pytest.raises(RemoteUnavailable, match="status 401; set VLM_REMOTE_KEY") as caught:
        quick(server.ref, vlm_remote_key="k-wrong")
    assert caught.value.permanent
    assert "k-wrong" not in str(caught.value)


def test_a_model_that_is_not_served_is_refused_with_those_that_are(connect: Connect, server: Server) -> None:
    server.models.append({"id": "other/model"})
    with pytest.raises(UnknownModel, match=f"no model 'wrong'; it serves: other/model, {MODEL}"):
        connect(f"openai:{server.url}#wrong")


@pytest.mark.parametrize(
    ("offers", "reason"),
    [
        ({"continue"}, "no prompt_logprobs; no logprobs"),
        ({"prompt_logprobs"}, r"turn is not continued \(continue_final_message\); no logprobs"),
    ],
)
def test_a_server_without_log_probabilities_is_refused_at_load_with_the_reason(
    connect: Connect, server: Server, offers: set[str], reason: str
) -> None:
    server.offers = frozenset(offers)
    with pytest.raises(RemoteUnavailable, match=reason) as caught:
        connect()
    assert caught.value.permanent
    assert "serve the model with vLLM" in str(caught.value)


def test_a_server_that_is_overloaded_at_load_is_not_taken_for_one_without_log_probabilities(
    server: Server,
) -> None:
    server.faults.extend([refuses(503), refuses(503)])
    with pytest.raises(RemoteUnavailable, match="status 503") as caught:
        quick(server.ref, vlm_remote_attempts=2)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    "fault",
    [
        without_logprobs,
        says("{}"),
        says("[]"),
        says('{"choices": []}'),
        says('{"choices": [{"message": {}}], "prompt_logprobs": [null, {"5": {"logprob": "fever"}}]}'),
        says('{"choices": [{"message": {}}], "prompt_logprobs": [null, {"5": {"logprob": 0.7}}]}'),
        says('{"choices": [{"message": {}}], "prompt_logprobs": [null, {"5": {"logprob": NaN}}]}'),
        says('{"choices": [{"message": {}}], "prompt_logprobs": [null, {"5": {"logprob": -1}}]}'),
        says('{"choices": [{"message": {}}], "prompt_logprobs": [null, null]}'),
    ],
)
def test_an_answer_that_is_not_of_the_protocol_gives_no_finding(
    connect: Connect, server: Server, fault: object
) -> None:
    model = connect(vlm_remote_concurrency=1)
    server.faults.append(fault)  # type: ignore[arg-type]
    with pytest.raises(RemoteUnavailable, match="load it again") as caught:
        model.assess([shown(1)])
    assert caught.value.permanent
    assert "fever" not in str(caught.value)


def test_another_model_under_the_same_name_is_noticed_before_a_case_is_sent(
    connect: Connect, server: Server
) -> None:
    model = connect()
    server.models[0]["created"] = 1234
    model.assess([shown(1)])
    server.forget()
    server.models[0]["root"] = "/another"
    with pytest.raises(RemoteUnavailable, match="serves another model than when it was loaded") as caught:
        model.assess([shown(1)])
    assert caught.value.permanent
    assert server.chats == []
    assert connect().revision != model.revision


def test_over_https_a_certificate_or_its_lack_is_the_fault(server: Server) -> None:
    with pytest.raises(RemoteUnavailable, match="no TLS connection") as caught:
        quick(server.ref.replace("http:", "https:"), vlm_remote_attempts=1)
    assert not caught.value.permanent


# Addresses set aside for documentation (RFC 5737, RFC 3849), and one of shared carrier space.
@pytest.mark.parametrize("host", ["203.0.113.7", "[2001:db8::7]", "100.64.0.7"])
def test_photographs_never_go_over_plain_http_to_a_public_address(host: str) -> None:
    with pytest.raises(RemoteUnavailable, match="VLM_REMOTE_PLAIN_HTTP") as caught:
        quick(f"openai:http://{host}:9/v1#m")
    assert caught.value.permanent


def test_plain_http_to_a_public_address_can_be_allowed_and_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Address, "reach", lambda address: "public")
    with pytest.raises(RemoteUnavailable, match="VLM_REMOTE_PLAIN_HTTP"):
        quick(server.ref)
    assert server.seen == []
    quick(server.ref, vlm_remote_plain_http=True)
    assert "remote_model_without_tls" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("127.0.0.1", "loopback"), ("[::1]", "loopback"), ("localhost", "loopback"),
        ("10.1.2.3", "private"), ("172.31.0.1", "private"), ("192.168.1.1", "private"),
        ("[fd00::1]", "private"), ("172.32.0.1", "public"), ("100.64.0.1", "public"),
        ("203.0.113.7", "public"), ("[::ffff:203.0.113.7]", "public"),
    ],
)  # fmt: skip
def test_how_far_an_address_is(host: str, reach: str) -> None:
    assert Address.from_reference(f"openai:http://{host}:8000/v1#m").reach() == reach


@pytest.mark.parametrize(
    "ref",
    ["openai:", "openai:http://h/v1", "openai:http://h/v1#", "openai:h#m", "openai:ftp://h#m",
     "openai:http://#m", "openai:http://h:99999/v1#m", "openai:http://h/v1?key=k-secret#m"],
)  # fmt: skip
def test_a_reference_of_another_form_is_refused_without_repeating_it(ref: str) -> None:
    with pytest.raises(UnknownModel, match=r"openai:http://HOST:PORT/v1#MODEL") as caught:
        Address.from_reference(ref)
    assert "k-secret" not in str(caught.value)


def test_a_password_in_the_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(UnknownModel, match="set VLM_REMOTE_KEY instead") as caught:
        Address.from_reference("openai:https://me:k-secret@host/v1#m")
    assert "k-secret" not in str(caught.value)
