"""sojourn: customer journeys, through the shared object and ctypes alone; no compiled part, nothing to install.

    import sojourn
    builder = sojourn.Builder()
    builder.add_events(customer=["ann", "ann"], touchpoint=["view", "buy"], time=[0, 60_000_000])
    graph = builder.build()
    funnel = graph.compute("funnel", steps=["view", "buy"], window=datetime.timedelta(days=1))
    funnel["steps"]["reached"]                  # [1, 1]
    funnel["steps"].array("reached")            # the same as a NumPy view, without a copy

No analysis and no option is named in this file: sj_catalog says which there are, where each field of each struct lies and
what it may hold, so a newer library brings its newer analyses with it.  Options are keyword arguments by the names of the C
fields; lengths (`n_…`, `…_size`, `struct_size`) are filled in.  Times are microseconds since 1970 UTC or aware datetimes,
spans microseconds or timedeltas, choices and bits words, arrays of structs lists of dicts (or of the first text alone).

The library is looked for in $SOJOURN_LIBRARY, then where the system looks.
"""
import collections
import collections.abc
import ctypes
import ctypes.util
import datetime
import functools
import os
import sys

try:
    import numpy
except ImportError:
    numpy = None

POINTER, TEXT = ctypes.c_void_p, ctypes.c_char_p
INT32, INT64, UINT64, DOUBLE, SIZE = ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64, ctypes.c_double, ctypes.c_size_t
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


class Error(ctypes.Structure):
    """sj_error: frozen, 256 bytes."""
    _fields_ = [("code", INT32), ("column", INT32), ("index", INT64), ("line", INT64), ("message", ctypes.c_char * 232)]


class Moment(ctypes.Structure):
    """sj_moment: frozen.  One event of a journey."""
    _fields_ = [("time", INT64), ("touchpoint", UINT64), ("channel", UINT64), ("value", DOUBLE), ("has_value", INT64)]


class Transition(ctypes.Structure):
    """sj_transition: frozen.  One edge of the graph."""
    _fields_ = [("from_", UINT64), ("to", UINT64), ("count", UINT64), ("dwell_mean", DOUBLE), ("expected", INT64),
                ("expected_share", DOUBLE)]


class SojournError(Exception):
    """What the library refused: `code` (a number) and `name`, `index` of the offending element, row or byte (-1: none),
    `line` and `column` in text (0: not about text)."""

    def __init__(self, error):
        super().__init__(error.message.decode("utf-8", "replace"))
        self.code, self.index, self.line, self.column = error.code, error.index, error.line, error.column
        self.name = library.sj_status_name(error.code).decode()


Event = collections.namedtuple("Event", "time touchpoint channel value")
Edge = collections.namedtuple("Edge", "source target count dwell_mean expected expected_share")


# ------------------------------------------------------------------------------------------------------------- library

def _load():
    """The shared object, with the types of the functions that cannot fail."""
    path = os.environ.get("SOJOURN_LIBRARY") or ctypes.util.find_library("sojourn") or "libsojourn.so.0"
    loaded = ctypes.CDLL(path)
    for name, result, *arguments in (
            ("status_name", TEXT, INT32), ("version", TEXT),
            ("buffer_data", POINTER, POINTER), ("buffer_size", SIZE, POINTER),
            ("result_count", SIZE, POINTER), ("result_at", POINTER, POINTER, SIZE), ("table_name", TEXT, POINTER),
            ("table_rows", SIZE, POINTER), ("table_columns", SIZE, POINTER), ("table_column", TEXT, POINTER, SIZE),
            ("table_type", INT32, POINTER, TEXT), ("table_unit", INT32, POINTER, TEXT),
            ("table_integers", POINTER, POINTER, TEXT), ("table_reals", POINTER, POINTER, TEXT),
            ("table_bytes", POINTER, POINTER, TEXT), ("table_offsets", POINTER, POINTER, TEXT),
            ("table_validity", POINTER, POINTER, TEXT),
            ("graph_count", UINT64, POINTER, INT32), ("graph_name", TEXT, POINTER, INT32, UINT64),
            ("graph_find", UINT64, POINTER, INT32, TEXT), ("graph_stage", UINT64, POINTER, UINT64),
            ("graph_channel", UINT64, POINTER, UINT64), ("graph_transitions", UINT64, POINTER, UINT64),
            ("graph_transition_at", INT32, POINTER, UINT64, UINT64, ctypes.POINTER(Transition)),
            ("graph_transition", INT32, POINTER, UINT64, UINT64, ctypes.POINTER(Transition)),
            ("graph_length", UINT64, POINTER, UINT64),
            ("graph_event", INT32, POINTER, UINT64, UINT64, ctypes.POINTER(Moment)),
            ("plan_text", TEXT, POINTER), ("tally_text", TEXT, POINTER), ("tally_customers", INT64, POINTER),
            ("buffer_free", None, POINTER), ("result_free", None, POINTER), ("builder_free", None, POINTER),
            ("graph_free", None, POINTER), ("plan_free", None, POINTER), ("tally_free", None, POINTER)):
        function = getattr(loaded, "sj_" + name)
        function.restype, function.argtypes = result, arguments
    return loaded


library = _load()


def _call(name, *arguments):
    """A function that can fail; every argument is a ctypes object, None or bytes."""
    error = Error()
    function = getattr(library, name)
    function.restype = INT32
    if function(*arguments, ctypes.byref(error)):
        raise SojournError(error)


def _made(name, *arguments):
    """The same, for one whose last argument but the error is where it puts what it makes."""
    out = POINTER()
    _call(name, *arguments, ctypes.byref(out))
    return out


def version():
    return library.sj_version().decode()


class _Owned:
    """A handle that is freed once, with its object."""
    _free = None
    _handle = None

    def __init__(self, handle):
        self._handle = handle

    def __del__(self):
        if self._handle is not None and library is not None:
            getattr(library, self._free)(self._handle)
            self._handle = None


class _Buffer(_Owned):
    _free = "sj_buffer_free"

    def take(self):
        return ctypes.string_at(library.sj_buffer_data(self._handle), library.sj_buffer_size(self._handle))


# ------------------------------------------------------------------------------------------------------------- results

# SJ_COLUMN_…: the only constants here, because the catalog, which has the others, is a table itself.
_COLUMN_TYPES = {1: "INTEGER", 2: "REAL", 3: "TEXT", 4: "LIST"}


class Table(collections.abc.Mapping):
    """Columns by name.  `table[column]` is a list, None where there is no value; `table.array(column)` a NumPy view."""

    def __init__(self, handle, owner):
        self._handle, self._owner = handle, owner
        self.name = library.sj_table_name(handle).decode()
        self._names = [library.sj_table_column(handle, i).decode() for i in range(library.sj_table_columns(handle))]
        self.n_rows = library.sj_table_rows(handle)

    def __iter__(self):
        return iter(self._names)

    def __len__(self):
        return len(self._names)

    def _numbers(self, getter, element, column, n):
        address = getattr(library, getter)(self._handle, column.encode())
        if not address or not n:
            return (element * 0)()
        array = (element * n).from_address(address)
        array.owner = self._owner  # what is seen lives in the result
        return array

    def _present(self, column, n):
        """None where all have a value, else whether each has."""
        bits = library.sj_table_validity(self._handle, column.encode())
        if not bits:
            return None
        packed = ctypes.string_at(bits, (n + 7) // 8)
        return [packed[i >> 3] >> (i & 7) & 1 == 1 for i in range(n)]

    def _kind(self, column):
        if column not in self._names:
            raise KeyError(column)
        return _COLUMN_TYPES[library.sj_table_type(self._handle, column.encode())]

    def _offsets(self, column):
        return self._numbers("sj_table_offsets", INT64, column, self.n_rows + 1)

    def __getitem__(self, column):
        kind, n = self._kind(column), self.n_rows
        if n == 0:
            return []
        if kind == "LIST":
            at = self._offsets(column)
            values = _masked(self._numbers("sj_table_integers", INT64, column, at[n]), self._present(column, at[n]))
            return [values[at[i]:at[i + 1]] for i in range(n)]
        if kind == "TEXT":
            at = self._offsets(column)
            start = library.sj_table_bytes(self._handle, column.encode())
            values = [ctypes.string_at(start + at[i]).decode() for i in range(n)]
        elif kind == "REAL":
            values = self._numbers("sj_table_reals", DOUBLE, column, n)
        else:
            values = self._numbers("sj_table_integers", INT64, column, n)
        return _masked(values, self._present(column, n))

    def array(self, column):
        """A NumPy view of a column of numbers, or of all entries of a list; what stands where there is no value says
        `present(column)`."""
        kind = self._kind(column)
        if numpy is None:
            raise ImportError("array() needs NumPy; table[column] is a list without it")
        if kind == "TEXT":
            raise TypeError(f"{column} is text: take table[column]")
        n = self._offsets(column)[self.n_rows] if kind == "LIST" and self.n_rows else self.n_rows
        if kind == "REAL":
            return numpy.ctypeslib.as_array(self._numbers("sj_table_reals", DOUBLE, column, n))
        return numpy.ctypeslib.as_array(self._numbers("sj_table_integers", INT64, column, n))

    def present(self, column):
        """A truth value per row (per entry of a list): whether there is a value."""
        kind = self._kind(column)
        n = self._offsets(column)[self.n_rows] if kind == "LIST" and self.n_rows else self.n_rows
        found = self._present(column, n)
        return [True] * n if found is None else found

    def rows(self):
        """A dict per row."""
        columns = {name: self[name] for name in self._names}
        return [{name: values[i] for name, values in columns.items()} for i in range(self.n_rows)]


def _masked(values, present):
    values = list(values)
    return values if present is None else [v if p else None for v, p in zip(values, present)]


class Result(_Owned, collections.abc.Mapping):
    """Tables by name."""
    _free = "sj_result_free"

    def __init__(self, handle):
        super().__init__(handle)
        found = (library.sj_result_at(handle, i) for i in range(library.sj_result_count(handle)))
        self._tables = {library.sj_table_name(t).decode(): t for t in found}

    def __getitem__(self, name):
        return Table(self._tables[name], self)

    def __iter__(self):
        return iter(self._tables)

    def __len__(self):
        return len(self._tables)

    def write(self, format="table", table=None):
        """The text that sj_result_write makes."""
        number = constants()["SJ_FORMAT_" + format.upper()]
        text = _made("sj_result_write", self._handle, table and table.encode(), INT32(number))
        return _Buffer(text).take().decode()


# ------------------------------------------------------------------------------------------------------------- catalog

@functools.lru_cache(maxsize=None)
def _catalog(what):
    return Result(_made("sj_catalog", what.encode(), None))


def catalog(what="catalogs"):
    """The rows of a catalog, as dicts: "catalogs", "analyses", "constants", or the name of a struct."""
    return _catalog(what)["catalog"].rows()


@functools.lru_cache(maxsize=None)
def constants():
    return {row["name"]: row["value"] for row in catalog("constants")}


@functools.lru_cache(maxsize=None)
def _fields(struct):
    return {row["field"]: row for row in catalog(struct)}


@functools.lru_cache(maxsize=None)
def _struct_size(struct):
    return _catalog(struct)["struct"]["size"][0]


@functools.lru_cache(maxsize=None)
def _analyses():
    return {row["name"]: row for row in catalog("analyses")}


def _analysis(name):
    if name not in _analyses():
        raise ValueError(f"there is no analysis {name!r}: there are {', '.join(_analyses())}")
    return _analyses()[name]


# ------------------------------------------------------------------------------------------------------------- options

def _microseconds(value):
    """A time or a span as a whole number."""
    if isinstance(value, datetime.timedelta):
        return value // MICROSECOND
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError("a datetime needs a time zone, as in datetime(2026, 2, 5, tzinfo=timezone.utc)")
        return (value - EPOCH) // MICROSECOND
    return int(value)


class _Struct:
    """Bytes of a C struct, filled field by field, and what they point at."""

    def __init__(self, struct, given):
        self.struct, self.fields, self.size = struct, _fields(struct), _struct_size(struct)
        self.bytes = ctypes.create_string_buffer(self.size)
        self.keep = []
        if "struct_size" in self.fields:
            self.put("struct_size", self.size)
        for name, value in given.items():
            self.set(name, value)

    def pointer(self):
        return ctypes.byref(self.bytes)

    def put(self, name, number):
        row = self.fields[name]
        at, size = row["offset"], row["size"]
        self.bytes[at:at + size] = int(number).to_bytes(size, sys.byteorder, signed=int(number) < 0)

    def point(self, name, thing):
        """Sets a pointer to a ctypes object, which is kept."""
        self.keep.append(thing)
        self.put(name, ctypes.addressof(thing))

    def set(self, name, value):
        row = self.fields.get(name)
        if row is None or row["role"] == "shape":
            known = ", ".join(n for n, r in self.fields.items() if r["role"] != "shape")
            raise TypeError(f"{self.struct} has no option {name!r}: there are {known}")
        if value is not None:
            getattr(self, "_set_" + row["kind"])(name, row, value)

    def _words(self, row, value, what):
        words = (row["values"] or "").split()
        if value not in words:
            raise ValueError(f"{what} cannot be {value!r}: it is one of {', '.join(words)}")
        return words.index(value)

    def _set_choice(self, name, row, value):
        self.put(name, self._words(row, value, name) + 1 if isinstance(value, str) else value)

    def _set_bits(self, name, row, value):
        if isinstance(value, str):
            value = value.replace(",", " ").split()
        if not isinstance(value, int):
            value = sum({1 << self._words(row, word, name) for word in value})
        self.put(name, value)

    def _set_flag(self, name, row, value):
        self.put(name, bool(value))

    def _set_count(self, name, row, value):
        self.put(name, value)

    _set_integer = _set_count

    def _set_span(self, name, row, value):
        self.put(name, _microseconds(value))

    def _set_time(self, name, row, value):
        self.point(name, INT64(_microseconds(value)))

    def _set_real(self, name, row, value):
        at = row["offset"]
        self.bytes[at:at + row["size"]] = bytes(DOUBLE(value))

    def _set_text(self, name, row, value):
        self.point(name, ctypes.create_string_buffer(value.encode()))

    def _set_texts(self, name, row, value):
        texts = [ctypes.create_string_buffer(text.encode()) for text in value]
        self.keep.append(texts)
        self.point(name, (POINTER * max(len(texts), 1))(*[ctypes.addressof(text) for text in texts]))
        self.put(row["count_field"], len(texts))

    def _set_numbers(self, name, row, value):
        value = list(value)
        self.point(name, (UINT64 * max(len(value), 1))(*value))
        self.put(row["count_field"], len(value))

    def _set_structs(self, name, row, value):
        first = next((n for n, r in _fields(row["element"]).items() if r["kind"] == "text"), None)
        elements = [v if isinstance(v, _Struct) else _Struct(row["element"], {first: v} if isinstance(v, str) else v)
                    for v in value]
        self.keep.append(elements)
        size = _struct_size(row["element"])
        self.point(name, ctypes.create_string_buffer(b"".join(e.bytes.raw for e in elements), size * len(elements) or 1))
        self.put(row["count_field"], len(elements))
        if row["size_field"]:
            self.put(row["size_field"], size)

    def _set_object(self, name, row, value):
        if isinstance(value, _Owned):
            self.keep.append(value)
            self.put(name, value._handle.value)
        elif isinstance(value, bytes):
            self.point(name, ctypes.create_string_buffer(value, len(value) or 1))
            if "n_" + name in self.fields:
                self.put("n_" + name, len(value))
        elif isinstance(value, _Struct):  # a struct inside the struct, or behind the pointer
            if row["size"] == value.size:
                self.keep.append(value)
                self.bytes[row["offset"]:row["offset"] + value.size] = value.bytes.raw
            else:
                self.keep.append(value)
                self.put(name, ctypes.addressof(value.bytes))
        else:  # a ctypes function or address
            self.keep.append(value)
            self.put(name, ctypes.cast(value, POINTER).value or 0)


_PROGRESS = ctypes.CFUNCTYPE(INT32, POINTER, UINT64, UINT64)


class _Run:
    """How a call runs; an exception in `progress` stops it and comes out of the call."""

    def __init__(self, threads=0, progress=None):
        self.failure = None
        given = {"threads": threads}
        if progress is not None:
            def step(_, done, total):
                try:
                    return bool(progress(done, total))
                except BaseException as failure:
                    self.failure = failure
                    return 1
            given["progress"] = _PROGRESS(step)
        self.struct = _Struct("sj_run", given)

    def made(self, name, *arguments):
        try:
            return _made(name, *arguments)
        except SojournError:
            if self.failure is not None:
                raise self.failure
            raise


def _optional(struct, given):
    """The filled struct of an analysis; None for one that has no options."""
    if not struct:
        if given:
            raise TypeError("this analysis takes no options: " + ", ".join(given))
        return None
    return _Struct(struct, given)


# ------------------------------------------------------------------------------------------------------------- columns

_NUMPY_TYPES = {"int64": "INT64", "int32": "INT32", "uint64": "UINT64", "uint32": "UINT32", "uint16": "UINT16",
                "uint8": "UINT8", "float64": "DOUBLE"}
_BUFFER_TYPES = {("i", 8): "INT64", ("i", 4): "INT32", ("u", 8): "UINT64", ("u", 4): "UINT32", ("u", 2): "UINT16",
                 ("u", 1): "UINT8", ("f", 8): "DOUBLE"}
_BUFFER_KINDS = {**dict.fromkeys("bhilq", "i"), **dict.fromkeys("BHILQ", "u"), "d": "f"}


def _column(values, name=None):
    """An sj_column over an array; numeric arrays are not copied.  Returns the struct and the number of rows."""
    out = _Struct("sj_column", {})
    if name is not None:
        out._set_text("name", None, name)
    if numpy is not None and isinstance(values, numpy.ndarray):
        _column_of_numpy(out, values)
    elif isinstance(values, (bytes, str)):
        raise TypeError("a column is a list or an array, not one text")
    elif isinstance(values, collections.abc.Sequence) and not hasattr(values, "typecode"):
        _column_of_list(out, list(values))
    else:
        _column_of_buffer(out, memoryview(values))
    return out, len(values)


def _column_point(out, address, kind, keep, validity=None):
    out.keep.append(keep)
    out.put("data", address)
    out.put("type", constants()["SJ_ARRAY_" + kind])
    if validity is not None:
        out.point("validity", ctypes.create_string_buffer(bytes(validity), len(validity) or 1))


def _column_of_buffer(out, view):
    kind = _BUFFER_TYPES.get((_BUFFER_KINDS.get(view.format), view.itemsize))
    if kind is None or view.ndim != 1 or not view.contiguous:
        raise TypeError(f"an array of format {view.format!r} is no column")
    if view.readonly:
        view = memoryview(bytearray(view))
    size = max(view.nbytes, 1)
    raw = (ctypes.c_char * size).from_buffer(view.cast("B")) if view.nbytes else ctypes.create_string_buffer(1)
    _column_point(out, ctypes.addressof(raw), kind, raw)


def _column_of_numpy(out, values):
    if values.ndim != 1:
        raise TypeError("a column has one dimension")
    mask = numpy.ma.getmaskarray(values) if isinstance(values, numpy.ma.MaskedArray) else None
    values = numpy.asarray(values)
    if values.dtype.kind == "M":  # datetime64 of any unit
        values = values.astype("datetime64[us]", copy=False).view("int64")
    if values.dtype.kind in "US":
        return _column_of_text(out, [str(v) if values.dtype.kind == "U" else v.decode() for v in values], mask)
    if values.dtype.kind == "O":
        return _column_of_list(out, [None if mask is not None and mask[i] else v for i, v in enumerate(values)])
    kind = _NUMPY_TYPES.get(values.dtype.name)
    if kind is None or not values.dtype.isnative:
        raise TypeError(f"an array of {values.dtype} is no column: take one of {', '.join(_NUMPY_TYPES)}")
    values = numpy.ascontiguousarray(values)
    present = None if mask is None else numpy.packbits(~mask, bitorder="little").tobytes()
    _column_point(out, values.ctypes.data, kind, values, present)


def _pack(present):
    packed = bytearray((len(present) + 7) // 8)
    for i, there in enumerate(present):
        packed[i >> 3] |= bool(there) << (i & 7)
    return packed


def _column_of_text(out, values, mask=None):
    """All texts in one piece of memory, and where each begins: Arrow's large_utf8."""
    pieces = [b"" if v is None else v.encode() for v in values]
    offsets = (INT64 * (len(pieces) + 1))()
    for i, piece in enumerate(pieces):
        offsets[i + 1] = offsets[i] + len(piece)
    text = ctypes.create_string_buffer(b"".join(pieces), offsets[len(pieces)] or 1)
    absent = [v is None or mask is not None and bool(mask[i]) for i, v in enumerate(values)]
    _column_point(out, ctypes.addressof(text), "TEXT", text, _pack([not a for a in absent]) if any(absent) else None)
    out.point("offsets", offsets)


def _column_of_list(out, values):
    known = [v for v in values if v is not None]
    if all(isinstance(v, str) for v in known) and known:
        return _column_of_text(out, values)
    if all(isinstance(v, (int, datetime.datetime)) for v in known):
        array, kind = (INT64 * max(len(values), 1))(*[0 if v is None else _microseconds(v) for v in values]), "INT64"
    else:
        array, kind = (DOUBLE * max(len(values), 1))(*[0.0 if v is None else float(v) for v in values]), "DOUBLE"
    present = _pack([v is not None for v in values]) if len(known) < len(values) else None
    return _column_point(out, ctypes.addressof(array), kind, array, present)


def _events(columns, attributes):
    """An sj_events over columns by the names of its fields; None: no such column."""
    out = _Struct("sj_events", {})
    made = {name: _column(values) for name, values in columns.items() if values is not None}
    kept = [_column(values, name) for name, values in (attributes or {}).items()]
    lengths = {n for _, n in [*made.values(), *kept]}
    if len(lengths) > 1:
        raise ValueError(f"columns of one length are due, not of {', '.join(map(str, sorted(lengths)))}")
    out.put("n_events", lengths.pop() if lengths else 0)
    for name, (column, _) in made.items():
        out.set(name, column)
    if kept:
        out.set("attributes", [column for column, _ in kept])
    return out


# ----------------------------------------------------------------------------------------------------- builder and graph

class Builder(_Owned):
    """Collects the map and the events.  Options: the fields of sj_builder_options."""
    _free = "sj_builder_free"

    def __init__(self, **options):
        given = _Struct("sj_builder_options", options)
        super().__init__(_made("sj_builder_new", given.pointer()))

    def add_map(self, text):
        data = text.encode()
        _call("sj_builder_add_map", self._handle, data, SIZE(len(data)))

    def add_stage(self, name):
        _call("sj_builder_add_stage", self._handle, name.encode())

    def add_channel(self, name):
        _call("sj_builder_add_channel", self._handle, name.encode())

    def add_touchpoint(self, name, stage=None, channel=None):
        _call("sj_builder_add_touchpoint", self._handle, name.encode(), stage and stage.encode(), channel and channel.encode())

    def add_micro_conversion(self, name, condition, value=None):
        worth = None if value is None else ctypes.byref(DOUBLE(value))
        _call("sj_builder_add_micro_conversion", self._handle, name.encode(), condition.encode(), worth)

    def add_expected(self, source, target, share=0.0):
        _call("sj_builder_add_expected", self._handle, source.encode(), target.encode(), DOUBLE(share))

    def add_attribute(self, name, type="category", of_customers=False):
        number = constants()["SJ_ATTRIBUTE_" + type.upper()]
        _call("sj_builder_add_attribute", self._handle, name.encode(), INT32(number), INT32(of_customers))

    def add_events(self, customer, touchpoint, time, channel=None, value=None, attributes=None):
        """Columns: lists, arrays with a buffer, NumPy arrays.  `attributes`: columns by declared name."""
        columns = {"customer": customer, "touchpoint": touchpoint, "time": time, "channel": channel, "value": value}
        events = _events(columns, attributes)
        _call("sj_builder_add_events", self._handle, events.pointer())

    def set_customers(self, customer, attributes):
        events = _events({"customer": customer}, attributes)
        _call("sj_builder_set_customers", self._handle, events.pointer())

    def add_csv(self, run=None, **options):
        """Options: the fields of sj_csv_options.  Gives the report."""
        given, how = _Struct("sj_csv_options", options), _Run(**(run or {}))
        return Result(how.made("sj_csv_read", self._handle, given.pointer(), how.struct.pointer()))

    def add_graph(self, graph):
        _call("sj_builder_add_graph", self._handle, graph._handle)

    def build(self, run=None):
        how = _Run(**(run or {}))
        return Graph(how.made("sj_builder_build", self._handle, how.struct.pointer()))


class Graph(_Owned):
    """All journeys.  Kinds: "events", "customers", "touchpoints", "stages", "channels", "micro_conversions",
    "attributes", "bytes".  `run`: a dict with threads, progress."""
    _free = "sj_graph_free"

    @staticmethod
    def _kind(kind):
        return constants()["SJ_KIND_" + kind.upper()]

    def count(self, kind):
        return library.sj_graph_count(self._handle, self._kind(kind))

    def name(self, kind, i):
        name = library.sj_graph_name(self._handle, self._kind(kind), i)
        return None if name is None else name.decode()

    def names(self, kind):
        return [self.name(kind, i) for i in range(self.count(kind))]

    def find(self, kind, name):
        """Position, or None."""
        return self._position(library.sj_graph_find(self._handle, self._kind(kind), name.encode()))

    @staticmethod
    def _position(i):
        return None if i == UINT64(constants()["SJ_NONE"]).value else i

    def _at(self, kind, key):
        """A position from a position or a name."""
        if not isinstance(key, str):
            return key
        found = self.find(kind, key)
        if found is None:
            raise KeyError(key)
        return found

    def _name_or_none(self, kind, i):
        return None if self._position(i) is None else self.name(kind, i)

    def stage(self, touchpoint):
        """Name of a touchpoint's stage, or None."""
        return self._name_or_none("stages", library.sj_graph_stage(self._handle, self._at("touchpoints", touchpoint)))

    def channel(self, touchpoint):
        """Name of the channel that a touchpoint brings, or None."""
        return self._name_or_none("channels", library.sj_graph_channel(self._handle, self._at("touchpoints", touchpoint)))

    def _edge(self, edge):
        return Edge(self.name("touchpoints", edge.from_), self.name("touchpoints", edge.to), edge.count, edge.dwell_mean,
                    bool(edge.expected), edge.expected_share)

    def transitions(self, source=None):
        """Edges out of a touchpoint, or all."""
        edge = Transition()
        for i in range(self.count("touchpoints")) if source is None else [self._at("touchpoints", source)]:
            for k in range(library.sj_graph_transitions(self._handle, i)):
                if library.sj_graph_transition_at(self._handle, i, k, ctypes.byref(edge)):
                    yield self._edge(edge)

    def transition(self, source, target):
        """The edge between two touchpoints, or None."""
        edge = Transition()
        ends = self._at("touchpoints", source), self._at("touchpoints", target)
        return self._edge(edge) if library.sj_graph_transition(self._handle, *ends, ctypes.byref(edge)) else None

    def journey(self, customer):
        """A customer's events in order."""
        customer, moment, found = self._at("customers", customer), Moment(), []
        for i in range(library.sj_graph_length(self._handle, customer)):
            library.sj_graph_event(self._handle, customer, i, ctypes.byref(moment))
            found.append(Event(moment.time, self.name("touchpoints", moment.touchpoint),
                               self._name_or_none("channels", moment.channel), moment.value if moment.has_value else None))
        return found

    def select(self, run=None, **selection):
        """A smaller graph.  Options: the fields of sj_selection; customers of `include` and `exclude` by key or position."""
        for name in [n for n, row in _fields("sj_selection").items() if row["kind"] == "numbers" and n in selection]:
            selection[name] = [self._at("customers", key) for key in selection[name]]
        given, how = _Struct("sj_selection", selection), _Run(**(run or {}))
        return Graph(how.made("sj_graph_select", self._handle, given.pointer(), how.struct.pointer()))

    def check(self):
        _call("sj_graph_check", self._handle)

    def compute(self, analysis, run=None, **options):
        """Asks an analysis by name; options are the fields of its struct."""
        given, how = _optional(_analysis(analysis)["options"], options), _Run(**(run or {}))
        before = [given.pointer()] if given else []
        return Result(how.made(f"sj_{analysis}_compute", self._handle, *before, how.struct.pointer()))

    def list(self, analysis, customers=None, run=None, **options):
        """A row per unit.  An analysis without options is asked about `customers`, by key or position."""
        row = _analysis(analysis)
        if not row["has_list"]:
            raise ValueError(f"{analysis} has no list")
        given, how = _optional(row["options"], options), _Run(**(run or {}))
        if given:
            return Result(how.made(f"sj_{analysis}_list", self._handle, given.pointer(), how.struct.pointer()))
        which = [self._at("customers", c) for c in (range(self.count("customers")) if customers is None else customers)]
        array = (UINT64 * max(len(which), 1))(*which)
        return Result(_made(f"sj_{analysis}_list", self._handle, array, SIZE(len(which))))

    def plan(self, analysis, **options):
        given = _optional(_analysis(analysis)["options"], options)
        return Plan(_made(f"sj_{analysis}_plan", self._handle, given and given.pointer()))


class Plan(_Owned):
    """A question made ready for one graph, which it keeps alive."""
    _free = "sj_plan_free"

    @property
    def text(self):
        return library.sj_plan_text(self._handle).decode()


def scan(plans, run=None):
    """Answers all plans of one graph in one pass: a tally each."""
    plans, how = list(plans), _Run(**(run or {}))
    handles = (POINTER * max(len(plans), 1))(*[plan._handle for plan in plans])
    out = (POINTER * max(len(plans), 1))()
    try:
        _call("sj_scan", handles, SIZE(len(plans)), how.struct.pointer(), out)
    except SojournError:
        if how.failure is not None:
            raise how.failure
        raise
    return [Tally(POINTER(handle)) for handle in out[:len(plans)]]


class Tally(_Owned):
    """What a question counted."""
    _free = "sj_tally_free"

    def merge(self, other):
        _call("sj_tally_merge", self._handle, other._handle)

    def subtract(self, other):
        _call("sj_tally_subtract", self._handle, other._handle)

    def write(self):
        return _Buffer(_made("sj_tally_write", self._handle)).take()

    @classmethod
    def read(cls, data):
        data = bytes(data)
        return cls(_made("sj_tally_read", data, SIZE(len(data)), None))

    @property
    def text(self):
        return library.sj_tally_text(self._handle).decode()

    @property
    def customers(self):
        return library.sj_tally_customers(self._handle)

    def conclude(self, analysis, **options):
        given = _optional(_analysis(analysis)["options"], options)
        return Result(_made(f"sj_{analysis}_conclude", self._handle, given and given.pointer()))
