"""What a request takes of a table's capacity, by Amazon's rules for item sizes and units: the local AWS has no capacity.

Sources: "DynamoDB item sizes and formats" and "DynamoDB read and write operations" in the developer guide, read 2026-11-29."""

import base64
import math

READ_BYTES, WRITE_BYTES = 4096, 1024


def value_size(value):
    """Bytes of an attribute's value."""
    ((kind, inner),) = value.items()
    if kind == "S":
        return len(inner.encode())
    if kind == "N":
        # A byte for two digits, and one; zeros at both ends do not count.
        digits = inner.lstrip("+-").upper().split("E")[0].replace(".", "").strip("0")
        return math.ceil(len(digits) / 2) + 1 + inner.startswith("-")
    if kind == "B":
        return len(base64.b64decode(inner))
    if kind == "L":
        return 3 + sum(1 + value_size(item) for item in inner)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + value_size(item) for name, item in inner.items())
    if kind in ("BOOL", "NULL"):
        return 1
    raise ValueError(f"an attribute of type {kind}: nobody has said how large it is")


def item_size(item):
    """Bytes of an item."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


class Capacity:
    """Units of requests to a table whose keys are pk and sk. It remembers how large rows are: replacing or removing one takes what the
    larger of both takes."""

    def __init__(self):
        self.sizes = {}

    def units(self, operation, asked, answered):
        """(read units, write units) of a request and its answer. What was refused for its condition takes as much, and changes no row."""
        stays = "__type" in answered
        if operation == "GetItem":
            return self._read(asked, item_size(answered.get("Item", {}))), 0
        if operation == "Query":
            return self._read(asked, sum(item_size(item) for item in answered.get("Items", []))), 0
        if operation == "TransactWriteItems":
            # Each member is written twice: prepared, and done.
            return 0, 2 * sum(self._write(kind, one, stays) for member in asked["TransactItems"] for kind, one in member.items())
        kind = operation.removesuffix("Item")
        if kind not in ("Put", "Delete", "Update"):
            raise ValueError(f"dynamodb:{operation}: nobody has said what it takes")
        return 0, self._write(kind, asked, stays)

    def _read(self, asked, size):
        whole = max(1, math.ceil(size / READ_BYTES))
        return whole if asked.get("ConsistentRead") else whole / 2

    def _write(self, kind, one, stays):
        key = one["Item"] if kind == "Put" else one["Key"]
        row = (one["TableName"], key["pk"]["S"], key["sk"]["S"])
        before = self.sizes.get(row, 0)
        after = item_size(one["Item"]) if kind == "Put" else before
        if kind == "Delete" and not stays:
            self.sizes.pop(row, None)
        elif kind == "Put" and not stays:
            self.sizes[row] = after
        return max(1, math.ceil(max(before, after) / WRITE_BYTES))
