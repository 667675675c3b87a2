"""Executes a notebook from its first cell to its last, in a folder of its own."""

import sys
import tempfile

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
with tempfile.TemporaryDirectory() as folder:
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}})
    client.execute()
cells = [c for c in notebook.cells if c.cell_type == "code"]
assert cells and all(c.execution_count for c in cells)
print(f"{len(cells)} cells")
