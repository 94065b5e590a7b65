"""Units of a table's capacity against numbers worked out by hand.

    .cloud-check/bin/python infra/local/capacity_test.py"""

import sys

from capacity import Capacity, item_size, value_size


def row(sk, text):
    """A row: pk and sk with their names are 5 bytes and the key's own, the body its 4 and the text's."""
    return {"pk": {"S": "p"}, "sk": {"S": sk}, "body": {"S": text}}


def main():
    sizes = [
        ({"S": "ä"}, 2), ({"N": "0"}, 1), ({"N": "7"}, 2), ({"N": "-12.50"}, 4), ({"N": "1E+5"}, 2), ({"NULL": True}, 1), ({"BOOL": False}, 1),
        ({"L": []}, 3), ({"L": [{"N": "7"}, {"S": "ab"}]}, 9), ({"M": {"ab": {"S": "c"}}}, 7), ({"B": "AAEC"}, 3),
    ]
    wrong = [f"{value} has {value_size(value)} bytes, not {size}" for value, size in sizes if value_size(value) != size]
    if item_size(row("s", "x" * 10)) != 20:
        wrong.append(f"a row has {item_size(row('s', 'x' * 10))} bytes, not 20")
    table, key = {"TableName": "t"}, {"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}}
    capacity = Capacity()
    cases = [
        ("a row that is not there", "GetItem", {**table, "ConsistentRead": True}, {}, (1, 0)),
        ("an eventual read", "GetItem", table, {}, (0.5, 0)),
        ("5,000 bytes", "GetItem", {**table, "ConsistentRead": True}, {"Item": row("s", "x" * 5_000)}, (2, 0)),
        ("a page is one sum", "Query", {**table, "ConsistentRead": True}, {"Items": [row("s", "x" * 2_000)] * 3}, (2, 0)),
        ("an empty page", "Query", {**table, "ConsistentRead": True}, {"Items": []}, (1, 0)),
        ("a small row", "PutItem", {**table, "Item": row("s", "x")}, {}, (0, 1)),
        ("one that is refused", "PutItem", {**table, "Item": row("s", "x" * 9_000)}, {"__type": "ConditionalCheckFailedException"}, (0, 9)),
        ("a larger one in its place", "PutItem", {**table, "Item": row("s", "x" * 3_000)}, {}, (0, 3)),
        ("a smaller one in its place", "PutItem", {**table, "Item": row("s", "x")}, {}, (0, 3)),
        ("its count", "UpdateItem", {**table, **key}, {}, (0, 1)),
        ("two in a transaction", "TransactWriteItems", {"TransactItems": [
            {"Put": {**table, "Item": row("s", "x" * 1_500)}}, {"ConditionCheck": {**table, **key}}]}, {}, (0, 8)),
        ("what is removed", "DeleteItem", {**table, **key}, {}, (0, 2)),
        ("what is gone", "DeleteItem", {**table, **key}, {}, (0, 1)),
    ]
    for what, operation, asked, answered, units in cases:
        if (found := capacity.units(operation, asked, answered)) != units:
            wrong.append(f"{what}: {found}, not {units}")
    try:
        capacity.units("Scan", table, {})
        wrong.append("a scan was reckoned")
    except ValueError:
        pass
    print("\n".join(wrong) or f"capacity: {len(sizes) + len(cases) + 2} cases as worked out by hand")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
