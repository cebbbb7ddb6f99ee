"""The nine acts on SpiffWorkflow: a BPMN process, brought back from the database for each act and
serialised to it again, as its documentation does."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.nine.plain import Plain
from bench.nine.service import ITEMS, SERVICE_ID, WAITS_FOR

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="nine"
    targetNamespace="http://bpmn.io/schema/bpmn">
<bpmn:process id="{name}" isExecutable="true">
"""
FOOT = "</bpmn:process></bpmn:definitions>"
TABLE = "CREATE TABLE processes (id text PRIMARY KEY, state text NOT NULL)"
READ = "SELECT state FROM processes WHERE id = {0}"
BEGUN = "INSERT INTO processes (id, state) VALUES ({0}, {0})"
MOVED = "UPDATE processes SET state = {0} WHERE id = {0}"


def diagram() -> str:
    """The process: parallel items between two gateways, then the certificate and the end."""
    first = [item for item in ITEMS if item not in WAITS_FOR]
    flows = [("begin", "submit"), ("submit", "accept"), ("accept", "split")]
    flows += [("split", item) for item in first]
    flows += [(before, item) for item, before in WAITS_FOR.items()]
    flows += [(item, "join") for item in ITEMS if item not in WAITS_FOR.values()]
    flows += [("join", "certificate"), ("certificate", "finish"), ("finish", "over")]
    tasks = ("submit", "accept", *ITEMS, "certificate", "finish")
    said = ['<bpmn:startEvent id="begin"/>', '<bpmn:endEvent id="over"/>']
    said += [f'<bpmn:parallelGateway id="{each}"/>' for each in ("split", "join")]
    said += [f'<bpmn:userTask id="{each}" name="{each}"/>' for each in tasks]
    said += [f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows]
    return HEAD.format(name=SERVICE_ID) + "\n".join(said) + FOOT


class Engine:
    """A database with one table of processes, and the process read from its file."""

    def __init__(self, url: str, place: Path) -> None:
        self._plain = Plain(url)
        self._plain.commit([(TABLE, ())])
        parser = BpmnParser()
        with tempfile.NamedTemporaryFile("w", suffix=".bpmn", dir=place) as file:
            file.write(diagram())
            file.flush()
            parser.add_bpmn_file(file.name)
        self._spec = parser.get_spec(SERVICE_ID)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    def drafted(self) -> "Way":
        """A case that nobody has begun."""
        return Way(self)

    def begin(self, case_id: str) -> None:
        """The process is there and the first act done."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        self._done(workflow, "submit")
        self._plain.commit([(BEGUN, (case_id, self._serializer.serialize_json(workflow)))])

    def act(self, case_id: str, task: str) -> None:
        """One task of a process done, in one transaction."""
        with self._plain.transaction() as execute:
            (said,) = execute(READ, (case_id,)).fetchone()
            workflow = self._serializer.deserialize_json(said)
            self._done(workflow, task)
            execute(MOVED, (self._serializer.serialize_json(workflow), case_id))

    def _done(self, workflow: Any, name: str) -> None:
        (task,) = workflow.get_tasks(spec_name=name, state=TaskState.READY)
        task.data["by"] = name
        task.run()
        workflow.do_engine_steps()
        assert workflow.is_completed() == (name == "finish")


class Way:
    """One process on its way."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._id = engine, str(uuid.uuid4())

    def acts(self) -> Iterator[Callable[[], None]]:
        """The acts in their order, each of which commits."""
        yield partial(self._engine.begin, self._id)
        for task in ("accept", *ITEMS, "certificate", "finish"):
            yield partial(self._engine.act, self._id, task)
