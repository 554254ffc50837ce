"""What are the values called whose types only the user's own libraries know?"""

from __future__ import annotations

from typing import Any

Model = Any
Table = Any  # a DataFrame of the user's pandas, or an array of the user's numpy
Array = Any
Pandas = Any  # the module itself
Schema = Any
