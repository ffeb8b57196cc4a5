"""A contract of our own for import-linter: a room's routes and forms belong to that room alone."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OwnPartsContract(Contract):
    """The named parts of a room are imported by that room alone, and by what gathers the rooms.

    Options: `parts` (names of modules inside a room), `shared` (rooms whose parts are meant for all), `gatherers`
    (modules that may import the parts of all rooms).
    """

    type_name = "own_parts"

    parts: Any = fields.SetField(subfield=fields.StringField())
    shared: Any = fields.SetField(subfield=fields.StringField(), required=False, default=set())
    gatherers: Any = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        strangers = [
            (importer, module)
            for module in sorted(graph.modules)
            if self._is_part(module)
            for importer in sorted(graph.find_modules_that_directly_import(module))
            if importer not in self.gatherers and self._room(importer) != self._room(module)
        ]
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["strangers"]:
            output.print_error(f"{importer} imports {module}, which belongs to its own room.")

    def _room(self, module: str) -> str:
        return ".".join(module.split(".")[:2])

    def _is_part(self, module: str) -> bool:
        names = module.split(".")
        return len(names) > 2 and names[2] in self.parts and self._room(module) not in self.shared
