"""Where the reader's own function lies at the commit that asv measures."""

import os
from pathlib import Path


def reference_at_commit(reference: str) -> str:
    """The name of a model at the commit under test.

    A registered model and an importable object have the same name at each. A file is that of asv's
    checkout of the commit, since the one in the working tree, which the suite was made from, may
    hold other code. Without a checkout, as with ``asv run --python=same``, it is the latter.

    Raises:
        NotImplementedError: the commit has no such file.
    """
    folder = os.environ.get("ASV_ENV_DIR")
    if not reference.endswith(".py") or not folder or "ASV_COMMIT" not in os.environ:
        return reference
    checkout, top = Path(folder, "project"), Path(os.environ["ASV_CONF_DIR"])
    if not checkout.is_dir():
        return reference
    path = checkout / Path(reference).resolve().relative_to(top.resolve())
    if not path.is_file():
        raise NotImplementedError(f"this commit has no {path.relative_to(checkout)}")
    return str(path)
