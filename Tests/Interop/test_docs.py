"""Docs/Opening.md does what it says: its blocks are run one after the other."""

import os
import re
import subprocess
import unittest

from support import FOLDER, PACKAGE, TOOL, data

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Opening(unittest.TestCase):
    def test_blocks(self):
        folder = FOLDER / "opening"
        folder.mkdir()
        (folder / "cifar10").symlink_to(data())
        blocks = BLOCK.findall((PACKAGE / "Docs/Opening.md").read_text())
        self.assertGreater(len(blocks), 5)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        path = f"{TOOL.parent}:{os.environ['PATH']}"
        names = {}
        for language, block in blocks:
            if language == "sh":
                subprocess.run(
                    ["sh", "-ec", block], check=True, capture_output=True,
                    env=os.environ | {"PATH": path})
            else:
                exec(compile(block, "Docs/Opening.md", "exec"), names)


if __name__ == "__main__":
    unittest.main()
