"""Fisher vectors: what they count, by hand, and what they do not hear."""

import pytest
import torch

from vlm.mpoxvlm.fisher import FisherSizes, FisherVectors


def made() -> FisherVectors:
    torch.manual_seed(0)
    vectors = FisherVectors(
        FisherSizes(side=16, patch=4, stride=2, kinds=3, directions=5), members=2, labels=3
    )
    with torch.no_grad():
        weight = vectors.directions.weight
        weight -= weight.mean((1, 2, 3), keepdim=True)
        weight *= 3
        vectors.middles.normal_()
        vectors.widths.uniform_(0.5, 1.5)
        vectors.frequencies.copy_(torch.tensor([0.5, 0.3, 0.2]))
    return vectors.eval()


def pictures(count: int = 2) -> torch.Tensor:
    return torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def test_the_vector_is_the_slope_of_the_mixture_s_likelihood() -> None:
    """Moved, wider and more are the slopes by middle, width and frequency, brought to one scale."""
    vectors = made()
    patches = vectors.whitened(pictures(1))
    told = vectors.counted(pictures(1))[0]
    with torch.inference_mode(False), torch.enable_grad():
        middles, widths = (
            table.detach().clone().requires_grad_() for table in (vectors.middles, vectors.widths)
        )
        shares = vectors.frequencies.detach().clone()
        each = torch.distributions.Independent(torch.distributions.Normal(middles, widths), 1)
        mixed = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(shares), each)
        mixed.log_prob(patches[0].clone()).mean().backward()  # type: ignore[no-untyped-call]
    root = shares.sqrt()[:, None]
    moved = middles.grad * widths.detach() / root
    wider = widths.grad * widths.detach() / (root * 2**0.5)
    assert torch.allclose(told[:15], moved.flatten(), atol=1e-5)
    assert torch.allclose(told[15:30], wider.flatten(), atol=1e-5)
    assert float((told[30:] * shares.sqrt()).sum()) == pytest.approx(0, abs=1e-5)


@torch.inference_mode()
def test_features_have_length_one_and_signs() -> None:
    features = made().features(pictures())
    assert torch.allclose(features.norm(dim=1), torch.ones(2), atol=1e-5)
    assert (features < 0).any()


@torch.inference_mode()
def test_a_quarter_turn_or_more_light_changes_nothing() -> None:
    vectors = made()
    plain = vectors(pictures())
    assert torch.allclose(plain, vectors(pictures().rot90(1, (2, 3))), atol=1e-5)
    assert torch.allclose(plain, vectors(pictures() + 2.0), atol=1e-3)


def test_what_speaks_for_a_label_is_told_by_place() -> None:
    spoken = made().spoken(pictures(), torch.tensor([[0], [2]]))
    assert spoken.shape == (2, 7, 7)
    assert float(spoken.abs().max()) > 0
    assert torch.isfinite(spoken).all()
