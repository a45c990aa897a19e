"""What is said of every captured response, and who is named for it."""

from collections import Counter
from typing import Final

import pytest
from capture_score import Score, response_scores
from captured_exchanges import Exchange, exchanges, right_verdict

ALL: Final = exchanges()
FROM_SERVERS: Final = [each for each in ALL if each.capture.server is not None]
each_exchange = pytest.mark.parametrize("exchange", ALL, ids=[each.capture.name for each in ALL])


@each_exchange
def test_the_verdict_is_the_right_one(exchange: Exchange) -> None:
    assert exchange.diagnose().verdict == right_verdict(exchange)


@each_exchange
def test_a_healthy_exchange_accuses_nobody(exchange: Exchange) -> None:
    diagnosis = exchange.diagnose()
    if right_verdict(exchange) == "healthy":
        assert not diagnosis.code
        assert not diagnosis.suspects
        assert not diagnosis.remedies
        assert not diagnosis.evidence


def test_the_captures_have_all_answers() -> None:
    """288 answers of servers, and through proxies each verdict many times."""
    assert len(FROM_SERVERS) == 288
    found = Counter(right_verdict(each) for each in ALL)
    assert found["healthy"] > 300
    assert found["broken"] > 300
    assert found["refused"] > 150


@pytest.mark.parametrize("found", response_scores(), ids=lambda each: each.what)
def test_the_shares_do_not_fall(found: Score) -> None:
    assert found.total > 200
    assert found.share >= found.least
