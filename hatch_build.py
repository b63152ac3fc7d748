"""Adds the public address of the project to the metadata of a release; only the release workflow knows it."""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class PublicAddress(MetadataHookInterface):
    """Sets the README, and the links of the project where SOURCE_URL names its repository on GitHub.

    An sdist of a release has both in its own metadata, and so does the wheel that is built from it.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `readme` and `urls`. With SOURCE_URL, the README's relative links lead to the version's tag."""
        text = Path(self.root, "README.md").read_text("utf-8")
        urls = {}
        if source := os.environ.get("SOURCE_URL"):
            tag = f"v{metadata['version']}"
            text = re.sub(r"(?<=\]\()(?!\w+:|#)(\S+\.png)(?=\))", rf"{source}/raw/{tag}/\1", text)
            text = re.sub(r"(?<=\]\()(?!\w+:|#)", f"{source}/blob/{tag}/", text)
            urls = {
                "Homepage": source,
                "Documentation": f"{source}/tree/{tag}/docs",
                "Changelog": f"{source}/blob/{tag}/CHANGELOG.md",
                "Issues": f"{source}/issues",
                "Source": f"{source}/tree/{tag}",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls
