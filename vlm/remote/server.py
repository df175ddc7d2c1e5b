"""One model of one server: what it says of itself, and questions to it."""

from dataclasses import dataclass
from typing import Any

from vlm.errors import RemoteUnavailable, UnknownModel
from vlm.remote.address import Address
from vlm.remote.client import Client
from vlm.remote.protocol import Turn, Unreadable, chat, question, served_of, text_of
from vlm.remote.scoring import Ask, Changed, Task


@dataclass(frozen=True)
class Server:
    """A model as the server served it when it was loaded. Every method raises `RemoteUnavailable`."""

    address: Address
    client: Client
    served: dict[str, Any]

    @classmethod
    def reached(cls, address: Address, client: Client) -> "Server":
        """Ask for what is served. Raises `UnknownModel` where the model is not among it."""
        served = _served(address, client)
        if address.model not in served:
            names = ", ".join(sorted(served)) or "none"
            raise UnknownModel(f"{address.url} serves no model {address.model!r}; it serves: {names}")
        return cls(address, client, served[address.model])

    def check_unchanged(self) -> None:
        """Raises where the server now says something else of the model: findings would be its, not ours."""
        if _served(self.address, self.client).get(self.address.model) != self.served:
            raise self._refusal("it serves another model than when it was loaded; load it again")

    def ask(self, turn: Turn) -> Ask:
        """A function that goes on with the assistant's words behind this turn."""

        def ask(said: str, tokens: int, **more: Any) -> Any:
            body = chat(self.address.model, turn, said, tokens, **more)
            return self.client.post("/chat/completions", body)

        return ask

    def scores(self, turn: Turn, task: Task) -> list[float]:
        """What a task of the scoring finds for this turn."""
        try:
            return task(self.ask(turn))
        except Unreadable as fault:
            raise self._refusal(f"{fault}; load it again") from None
        except Changed:
            raise self._refusal("it cuts answers into other tokens than before; load it again") from None

    def written(self, turn: Turn, said: str, tokens: int) -> str:
        """What the model writes after the assistant's words, the likeliest token at each place."""
        try:
            return text_of(self.ask(turn)(said, tokens)).strip()
        except Unreadable as fault:
            raise self._refusal(f"{fault}; load it again") from None

    def answered(self, turn: Turn, tokens: int) -> str:
        """What the model answers to the user's turn by itself."""
        body = question(self.address.model, turn, tokens)
        try:
            return text_of(self.client.post("/chat/completions", body)).strip()
        except Unreadable as fault:
            raise self._refusal(str(fault)) from None

    def _refusal(self, text: str) -> RemoteUnavailable:
        return RemoteUnavailable(f"{self.address.url}: {text}", permanent=True)


def _served(address: Address, client: Client) -> dict[str, dict[str, Any]]:
    try:
        return served_of(client.get("/models"))
    except Unreadable as fault:
        raise RemoteUnavailable(
            f"{address.url}/models: {fault}; is it an OpenAI-compatible server?", permanent=True
        ) from None
