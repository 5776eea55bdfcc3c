"""What harnesses, models and sandboxes of other packages import from here.

Where a thing is inside the runner may change; its name here stays.
"""

from harness_bench.errors import Problem
from runner.harnesses.harness import Harness, Launch, Order
from runner.harnesses.package import NODE, Package, python_package, this_platform
from runner.harnesses.prompt import FILE, prompt, reading_prompt
from runner.limits import Limits
from runner.models.model import Endpoint, Model, Provenance
from runner.proxy.wire.wire import ProtocolName
from runner.sandboxes.interpreter import Interpreter, interpreter
from runner.sandboxes.sandbox import Confined, Exit, Mount, Sandbox, Sandboxed
from runner.tasks import Task

__all__ = [
    "FILE",
    "NODE",
    "Confined",
    "Endpoint",
    "Exit",
    "Harness",
    "Interpreter",
    "Launch",
    "Limits",
    "Model",
    "Mount",
    "Order",
    "Package",
    "Problem",
    "ProtocolName",
    "Provenance",
    "Sandbox",
    "Sandboxed",
    "Task",
    "interpreter",
    "prompt",
    "python_package",
    "reading_prompt",
    "this_platform",
]
