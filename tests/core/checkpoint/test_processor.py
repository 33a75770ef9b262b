import subprocess
import sys

PROBE = """
import os, sys
os.environ.pop("HF_ENDPOINT", None)
from musicgen_core.checkpoint.processor import mindnlp_transformers
found = mindnlp_transformers()
assert found.MusicgenConfig.model_type == "musicgen"
assert "HF_ENDPOINT" not in os.environ, "a mirror was chosen for everybody"
assert "diffusers" not in sys.modules, "seconds were spent on what nobody needs"
import mindnlp
assert not hasattr(mindnlp, "diffusers")
assert "mindnlp.diffusers" not in sys.modules
"""


def test_mindnlp_is_imported_without_what_is_not_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
