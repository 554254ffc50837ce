"""Which environment variables may user code see? An allow-list, and names that never pass."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mlci_action.errors import SettingsError

# What an interpreter and numerical libraries need to start and to find their files. LD_LIBRARY_PATH
# is kept: conda and CUDA environments do not load without it, and the code that runs is the user's.
_ALLOWED = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "CI",
        "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYENV_ROOT", "PYENV_VERSION",
        "pythonLocation", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8",
        "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
        "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "VECLIB_MAXIMUM_THREADS",
        "LOKY_MAX_CPU_COUNT", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA",
        "LOCALAPPDATA", "PROGRAMDATA", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    }
)  # fmt: skip
_ALLOWED_PREFIXES = ("LC_", "OMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "CUDA_", "NVIDIA_")
_NEVER = re.compile(r"^(GITHUB_|ACTIONS_|RUNNER_|INPUT_|MLCI_)|TOKEN", re.IGNORECASE)


def worker_environment(
    environ: Mapping[str, str], asked_for: Sequence[str] = (), *, code_allowed: bool = True
) -> dict[str, str]:
    """The variables for a process that runs user code; `asked_for` are the names in `worker.env`.

    Without `code_allowed` neither those nor PYTHONPATH, which may lead into the repository.
    SettingsError when one of those is a token's, or belongs to the runner or to this action.
    """
    forbidden = [name for name in asked_for if _NEVER.search(name)]
    if forbidden:
        raise SettingsError(
            f"worker.env: {forbidden[0]!r} is never given to a process that runs user code",
            hint="remove it; names of the runner and names with TOKEN stay outside",
        )
    allowed = _ALLOWED | set(asked_for) if code_allowed else _ALLOWED - {"PYTHONPATH"}
    return {
        name: value
        for name, value in environ.items()
        if (name in allowed or name.startswith(_ALLOWED_PREFIXES)) and not _NEVER.search(name)
    }
