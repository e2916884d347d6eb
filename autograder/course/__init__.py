"""From solutions and prose to source and release, and the checks that neither drifts nor leaks."""

import sys

# nbformat imports jsonschema, which loads this grammar of internationalised addresses where it is installed: two
# seconds at every start, for a format that no notebook uses. Without it jsonschema leaves that one format unchecked.
if "jsonschema" not in sys.modules:
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
