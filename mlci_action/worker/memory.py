"""How much memory did this process have at most?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Optional

_STATUS = Path("/proc/self/status")
_KIB = 1024


def peak_bytes() -> Optional[int]:
    """The most that was resident at once; None where the system does not say.

    Linux' own count is asked: `ru_maxrss` begins with what the parent had before the exec.
    """
    try:
        for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * _KIB
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIB
