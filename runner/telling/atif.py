"""A transcript in ATIF 1.8, in which Harbor and others exchange trajectories.

Private, like all of a trial. A call of the model is a step of the agent, what was said
to it before are steps of their own, and what tools answered is kept with the call that
used them.
"""

import json
from typing import Any

from runner.judging.transcript import Turn
from runner.proxy.wire.conversation import Message
from runner.proxy.wire.loose import parsed, table
from runner.telling.show import TrialView

_VERSION = "ATIF-v1.8"


def as_atif(found: TrialView) -> str:
    """The trajectory of an attempt, as JSON in ASCII."""
    record = found.record
    steps: list[dict[str, Any]] = []
    for number, turn in enumerate(found.turns, start=1):
        for said in turn.new:
            _say(steps, said)
        steps.append(_answer(turn, number))
    if not steps:
        steps = [{"source": "user", "message": found.prompt}]
    whole = {
        "schema_version": _VERSION,
        "session_id": found.trial,
        "trajectory_id": found.folder,
        "agent": {
            "name": record.harness,
            "version": record.harness_version or "unknown",
            "model_name": record.model,
        },
        "steps": [{"step_id": n, **step} for n, step in enumerate(steps, start=1)],
        "final_metrics": _known(
            total_prompt_tokens=record.tokens_in,
            total_completion_tokens=record.tokens_out,
            total_cached_tokens=record.tokens_cached,
            total_cost_usd=record.cost_usd,
            total_steps=len(steps),
        ),
        "extra": _known(
            task=record.task,
            seed=record.seed,
            quant=record.quant or None,
            status=record.status,
            started_at=record.started_at,
        ),
    }
    return json.dumps(whole, indent=1) + "\n"


def _say(steps: list[dict[str, Any]], said: Message) -> None:
    """Add what was said to the model: to its last step, where a tool said it."""
    last = steps[-1] if steps else {}
    if said.role != "tool" or last.get("source") != "agent":
        source = {"assistant": "agent", "tool": "user"}.get(said.role, said.role)
        steps.append({"source": source, "message": said.text})
        return
    results = last.setdefault("observation", {"results": []})["results"]
    used = last.get("tool_calls", ())
    of = (
        {"source_call_id": used[len(results)]["tool_call_id"]}
        if used[len(results) :]
        else {}
    )
    results.append({**of, "content": said.text})


def _answer(turn: Turn, number: int) -> dict[str, Any]:
    answer = turn.answer
    tools = [
        {
            "tool_call_id": f"call_{number}_{place}",
            "function_name": tool.name,
            # What is no object is not lost.
            "arguments": {"": tool.arguments}
            if tool.is_malformed
            else table(parsed(tool.arguments)),
        }
        for place, tool in enumerate(answer.tools, start=1)
    ]
    return _known(
        source="agent",
        message=answer.text,
        reasoning_content=answer.thinking or None,
        tool_calls=tools or None,
        metrics=_known(
            prompt_tokens=turn.tokens_in,
            completion_tokens=turn.tokens_out,
            cached_tokens=turn.tokens_cached,
        )
        or None,
        llm_call_count=1,
        extra=_known(
            started_s=turn.started_s,
            ended_s=turn.ended_s,
            outcome=turn.outcome or None,
            error=turn.error or None,
        ),
    )


def _known(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {name: value for name, value in fields.items() if value is not None}
