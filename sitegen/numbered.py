"""Tasks by number, where even their names are private."""

from dataclasses import replace

from sitegen.claims import Separate
from sitegen.inputs import Inputs


def number_tasks(inputs: Inputs) -> Inputs:
    """Call every task by its place among the sorted names: "task-01".

    What tasks are grouped by stays, since it is public; title and note go, since
    they may tell the name. A task that is added or taken away renumbers those
    after it.
    """
    named = inputs.records.coded("task")
    tasks = sorted(named.values)
    width = max(2, len(str(len(tasks))))
    numbered = {
        task: f"task-{place:0{width}d}" for place, task in enumerate(tasks, start=1)
    }
    known = inputs.metadata.tasks
    return replace(
        inputs,
        records=inputs.records.put("task", named.changed(numbered.__getitem__)),
        claims=tuple(
            replace(claim, tasks=tuple(numbered.get(t, t) for t in claim.tasks))
            if isinstance(claim, Separate)
            else claim
            for claim in inputs.claims
        ),
        metadata=replace(
            inputs.metadata,
            tasks={
                numbered[task]: replace(info, title=None, note=None)
                for task, info in known.items()
                if task in numbered
            },
        ),
    )
