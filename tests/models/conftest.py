import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Small models gain nothing from more, and threads that wait for each other spin."""
    torch.set_num_threads(1)
