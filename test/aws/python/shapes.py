"""Checks raw answers against the shapes of botocore's models, member by member."""

import base64
import datetime
import numbers


def problems(shape, value, where):
    """Where a parsed JSON value does not fit its shape, in words."""
    if value is None:
        return [f"{where} is null"]
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value, where)
    if kind == "list":
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [p for i, one in enumerate(value) for p in problems(shape.member, one, f"{where}[{i}]")]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{where} is no map"]
        return [p for key, one in value.items() for p in problems(shape.value, one, f"{where}.{key}")]
    return [] if _is(shape, value) else [f"{where} is no {kind}: {value!r}"]


def _structure(shape, value, where):
    if not isinstance(value, dict):
        return [f"{where} is no structure"]
    known = {
        member.serialization.get("name", name): member
        for name, member in shape.members.items()
        if member.serialization.get("location") is None
    }
    found = [f"{where}.{name} is unknown" for name in value if name not in known]
    for name in shape.required_members:
        on_wire = shape.members[name].serialization.get("name", name)
        if on_wire not in value:
            found.append(f"{where}.{on_wire} is missing")
    for name, one in value.items():
        if name in known:
            found += problems(known[name], one, f"{where}.{name}")
    return found


def _is(shape, value):
    kind = shape.type_name
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "long"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("float", "double"):
        return isinstance(value, numbers.Real) and not isinstance(value, bool)
    if kind == "timestamp":
        return _is_timestamp(shape, value)
    if not isinstance(value, str):
        return False
    if kind == "blob":
        base64.b64decode(value, validate=True)
        return True
    enum = getattr(shape, "enum", [])
    return not enum or value in enum


def _is_timestamp(shape, value):
    if shape.serialization.get("timestampFormat") == "iso8601":
        if not isinstance(value, str):
            return False
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return True
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


# Stands for a member that is left out.
ABSENT = object()


def wrong_inputs(shape, right):
    """For each constraint of a shape, a copy of the right input that breaks it: (path with names of the wire, constraint, input)."""
    for path, member, is_required in _members(shape, right):
        for what, value in _wrong_values(member):
            yield _name(path), what, _with(shape, right, path, value)
        if is_required:
            yield _name(path), "required", _with(shape, right, path, ABSENT)


def least(shape):
    """The smallest input that botocore can send for a shape."""
    kind = shape.type_name
    if kind == "structure":
        return {name: least(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [least(shape.member)]
    if kind == "map":
        return {"a": least(shape.value)}
    plain = {"integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "blob": b"x", "timestamp": 0}
    return plain.get(kind, "x")


def _members(shape, right, path=()):
    """For every member, also those that the right input leaves out: its path, its shape, whether the input has it and whether it must."""
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location in ("uri", "header"):
            continue
        own = (*path, (name, member.serialization.get("name", name)))
        given = right.get(name)
        yield own, member, given is not None and name in shape.required_members and location is None
        if member.type_name == "structure":
            yield from _members(member, given or least(member), own)
        elif member.type_name == "list" and member.member.type_name == "structure" and location is None:
            yield from _members(member.member, given[0] if given else least(member.member), (*own, (0, "0")))


def _wrong_values(member):
    kind = member.type_name
    low, high = member.metadata.get("min"), member.metadata.get("max")
    is_query = member.serialization.get("location") == "querystring"
    if kind in ("integer", "long"):
        yield "type", "many"
        if low is not None:
            yield "min", low - 1
        if high is not None and high < 2**31 - 1:
            yield "max", high + 1
    elif kind == "string":
        if not is_query:
            yield "type", {"a": 1}
        if getattr(member, "enum", None):
            yield "enum", "NO_SUCH_VALUE"
        if low:
            yield "min", "a" * (low - 1)
        if high is not None and high < 100_000:
            yield "max", "a" * (high + 1)
        if member.metadata.get("pattern"):
            yield "pattern", "\u0000 no such thing?"
    elif kind == "boolean":
        yield "type", "perhaps"
    elif kind == "list" and not is_query:
        # botocore accepts text as a list of letters.
        yield "type", [{"a": 1}] if member.member.type_name == "string" else 1
        if low:
            yield "min", []
    elif kind in ("map", "structure"):
        yield "type", "one"


def _name(path):
    return ".".join(wire for _, wire in path)


def _with(shape, right, path, value):
    """A copy of the right input with this value; missing members on the path to it get their smallest value."""
    (name, _), rest = path[0], path[1:]
    if shape.type_name == "list":
        return [_with(shape.member, right[0] if right else least(shape.member), rest, value), *right[1:]]
    others = {key: one for key, one in right.items() if key != name}
    if not rest:
        return others if value is ABSENT else {**others, name: value}
    member = shape.members[name]
    there = right.get(name)
    return {**others, name: _with(member, least(member) if there is None else there, rest, value)}
