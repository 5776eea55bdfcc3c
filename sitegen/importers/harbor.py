"""Harbor: a folder for each trial, with a `result.json`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness_bench.schema import Status, UsageSource
from sitegen.importers.importer import (
    Importer,
    Json,
    Left,
    Trial,
    json_files,
    json_of,
    part,
    seconds,
    taken,
)

ENDS: Mapping[Status, str] = {
    Status.AGENT_TIMEOUT: "AgentTimeoutError",
    Status.AGENT_BUDGET: "OutputTokenExceededError OutputLengthExceededError",
    Status.CONTEXT_OVERFLOW: "ContextWindowExceededError ContextLengthExceededError",
    Status.AGENT_CRASH: "NonZeroAgentExitCodeError",
    Status.INFRA_SANDBOX: "EnvironmentStartTimeoutError SandboxBuildFailedError"
    " HealthcheckError SandboxLikelyOutOfMemoryError MemoryLimitExceededError"
    " SSHAccessError GKEExecStreamClosedError GKEPodNotFoundError RuntimeRequestError",
    Status.INFRA_SETUP: "AgentSetupTimeoutError ServiceOperationsUnsupportedError"
    " VercelScopeError DspyImportError MissingExtraError AgentAuthenticationError"
    " ModelNotFoundError ApiProviderResourceNotFoundError AuthenticationError"
    " PermissionDeniedError NotFoundError UnsupportedParamsError",
    Status.INFRA_SERVER: "ApiError ApiRateLimitError ApiInternalServerError"
    " ApiOverloadedError ApiConnectionClosedError ApiResponseStalledError"
    " UnknownApiError NetworkConnectionError ApiConnectionError ApiUsageLimitError"
    " RateLimitError InternalServerError ServiceUnavailableError APIConnectionError"
    " APIError Timeout BadRequestError UnprocessableEntityError"
    " APIResponseValidationError BudgetExceededError",
    Status.INFRA_GRADER: "VerifierTimeoutError RewardFileNotFoundError"
    " RewardFileEmptyError VerifierOutputParseError AddTestsDirError"
    " DownloadVerifierDirError RegradeError",
    Status.CANCELLED: "CancelledError",
}
"""Harbor's table of who failed. Of an agent that refuses a task the reward holds."""
STATUSES = {name: end for end, names in ENDS.items() for name in names.split()}
_REFUSED = ("AgentSafetyRefusalError", "ContentPolicyViolationError")


def _trials(folder: Path) -> Iterator[Trial | Left]:
    for found in json_files(folder, "result.json"):
        if isinstance(found, Left):
            yield found
        elif "n_total_trials" not in found.whole:  # as that of a whole job
            yield from taken(found.where, _trial, found)


def _trial(found: Json) -> Trial | Left:
    whole = found.whole
    steps = whole.get("step_results") or []
    raised = [part(each, "exception_info") for each in (whole, *steps)]
    error = next(
        (str(e["exception_type"]) for e in raised if "exception_type" in e), ""
    )
    rewards = part(part(whole, "verifier_result"), "rewards")
    only = next(iter(rewards.values())) if len(rewards) == 1 else None
    reward = rewards.get("reward", only)
    status, because = STATUSES.get(error), error
    if status is Status.AGENT_CRASH and reward is not None:
        # A harness that ends with an error may still have done the work.
        status = Status.AGENT_CRASH if reward < 1 else None
    if error and error not in STATUSES and error not in _REFUSED:
        return Left(found.where, f"ended with {error}, which does not say who failed")
    if status is None:
        if not isinstance(reward, int | float):
            several = f"rewards {', '.join(rewards)} and none called reward"
            return Left(found.where, f"has {several if rewards else 'no reward'}")
        if not 0 <= reward <= 1:
            return Left(found.where, f"has a reward of {reward:g}, not in 0..1")
        because = f"reward, after {error}" if error else "reward"
    elif reward is not None and reward >= 1:
        because = f"{error}, though its work passed"
    return Trial(
        where=found.where,
        because=because,
        fields=_about(found) | {"status": status, "score": None if status else reward},
    )


def _about(found: Json) -> dict[str, Any]:
    whole = found.whole
    config, agent = part(whole, "config"), part(whole, "agent_info")
    info, used = part(agent, "model_info"), part(whole, "agent_result")
    model = "/".join(filter(None, (info.get("provider"), info.get("name"))))
    ran, graded = part(whole, "agent_execution"), part(whole, "verifier")
    version = part(json_of(found.path.parent.parent / "lock.json"), "harbor")
    return {
        "model": model or part(config, "agent").get("model_name"),
        "harness": agent.get("name"),
        "harness_version": agent.get("version"),
        "task": whole.get("task_name"),
        "task_version": whole.get("task_checksum"),
        "seed": whole.get("trial_name"),
        "agent_time_s": seconds(ran.get("started_at"), ran.get("finished_at")),
        "grade_time_s": seconds(graded.get("started_at"), graded.get("finished_at")),
        "tokens_in": used.get("n_input_tokens"),
        "tokens_cached": used.get("n_cache_tokens"),
        "tokens_out": used.get("n_output_tokens"),
        "cost_usd": used.get("cost_usd"),
        "usage_source": UsageSource.HARNESS if used else None,
        "sandbox": part(config, "environment").get("type"),
        "runner_version": version.get("version"),
        "started_at": whole.get("started_at"),
    }


IMPORTER = Importer(
    runner="Harbor",
    version="0.25.0",
    files="result.json of its trials",
    read=_trials,
)
