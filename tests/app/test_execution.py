"""What an operation may cost before it is run."""

import pytest
from graphql.validation.rules import overlapping_fields_can_be_merged

from app.execution import Executor
from app.realtime.operations import OperationError


async def test_a_document_is_parsed_once_for_all_who_send_it(executor: Executor) -> None:
    first, second = (executor.prepare({"query": "{ a: __typename }"}) for _ in range(2))
    assert first.document is second.document


async def test_a_long_document_is_not_kept(executor: Executor) -> None:
    long = "{ a: __typename } # " + "x" * 4_096
    first, second = (executor.prepare({"query": long}) for _ in range(2))
    assert first.document is not second.document


async def test_what_is_refused_is_refused_again(executor: Executor) -> None:
    for _ in range(2):
        with pytest.raises(OperationError, match="nothing"):
            executor.prepare({"query": "{ nothing }"})


async def test_what_is_refused_drives_nothing_out_of_what_is_kept(executor: Executor) -> None:
    kept = executor.prepare({"query": "{ kept: __typename }"})
    for n in range(300):
        with pytest.raises(OperationError):
            executor.prepare({"query": f"{{ nothing{n} }}"})
    assert executor.prepare({"query": "{ kept: __typename }"}).document is kept.document


async def test_comparing_fields_has_a_budget_that_a_large_honest_query_fits(
    executor: Executor,
) -> None:
    assert overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET == 50_000
    fields = "id author { id username displayName } stats { likes } createdAt"
    parts = " ".join(
        f"f{n}: posts(first: {n + 1}) {{ edges {{ node {{ {fields} }} }} }}" for n in range(100)
    )
    assert executor.prepare({"query": f"{{ {parts} }}"}).is_query


async def test_a_query_of_a_thousand_equal_fields_is_refused(executor: Executor) -> None:
    with pytest.raises(OperationError, match="abort"):
        executor.prepare({"query": "{ " + "me { id } " * 1_200 + "}"})
