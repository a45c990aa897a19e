"""The codes of findings that only adapters make keep the rules of all codes."""

import pytest
from code_rows import assert_is_a_good_row, codes_of
from core_sources import CORE, SOURCES

from httpupgrade import Code

OF_THE_CORE = codes_of(CORE)
OF_ADAPTERS = codes_of({room: SOURCES[room] for room in SOURCES.keys() - CORE.keys()})


@pytest.mark.parametrize("code", OF_ADAPTERS.values(), ids=OF_ADAPTERS)
def test_a_code_keeps_the_rules_of_all_codes(code: Code) -> None:
    assert_is_a_good_row(code)


def test_no_code_says_what_another_one_says() -> None:
    codes = [*OF_THE_CORE.values(), *OF_ADAPTERS.values()]
    assert len({code.message for code in codes}) == len(codes) > len(OF_THE_CORE)
