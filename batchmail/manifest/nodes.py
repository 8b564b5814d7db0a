"""YAML into nodes with places: the only module that knows the YAML library.

A manifest needs no anchors, aliases, tags, merge keys or second documents: they are findings (an alias can make a
small file explode, a tag can ask for more than data). Depth, size and the number of nodes are limited, and nothing
here recurses deeper than that.
"""

from yaml import SafeLoader
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import Route
from batchmail.location import TextLocation
from batchmail.manifest.source import Source
from batchmail.manifest.syntax import Breakage, bare_template, explain, syntax
from batchmail.manifest.text_place import content_place
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence, Unreadable
from batchmail.manifest.wording import shown

MAX_DEPTH = 50
MAX_NODES = 100_000


class _TooLarge(Exception):
    """The manifest is over a limit; reading on makes no sense."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def compose(source: Source, findings: Findings) -> Node | None:
    """The nodes of a manifest; None where it is empty, or so broken or large that nothing certain can be said."""
    try:
        composer = _Composer(source, findings)
    except ReaderError as error:
        findings.add(_unprintable(source, error))
        return None
    try:
        return composer.document()
    except _TooLarge as stop:
        findings.add(stop.finding)
    except (MarkedYAMLError, ValueError, OverflowError) as error:
        composer.report(error)
    return None


def _unprintable(source: Source, error: ReaderError) -> Finding:
    character = source.text[error.position]
    message = f"a control character (U+{ord(character):04X}) that YAML does not allow"
    return syntax(source, error.position, message, r'Take it out, or write it as an escape in double quotes: "\x1b".')


class _Composer:
    """Makes nodes of the parser's events, one after the other."""

    def __init__(self, source: Source, findings: Findings) -> None:
        self._source = source
        self._findings = findings
        self._loader = SafeLoader(source.text)
        self._nodes = 0
        self._depth = 0
        self._bare_templates: set[TextLocation] = set()

    def document(self) -> Node | None:
        """The root of the only document. Raises _TooLarge, and what the parser raises for broken YAML."""
        self._next()
        if isinstance(self._next(), StreamEndEvent):
            return None
        event = self._next()
        root = self._node(event, (), self._place(event))
        while not isinstance(event := self._next(), StreamEndEvent):
            if not isinstance(event, DocumentEndEvent):
                self._findings.add(
                    syntax(
                        self._source,
                        _index(event),
                        "a second document begins here",
                        "A manifest is one document: take the line with --- out, or make two files.",
                    )
                )
                break
        return root

    def report(self, error: MarkedYAMLError | ValueError | OverflowError) -> None:
        """Tell what the parser stumbled over, unless it stumbled over what has been told."""
        finding = explain(self._source, self._breakage(error))
        if finding.where not in self._bare_templates:
            self._findings.add(finding)

    def _breakage(self, error: MarkedYAMLError | ValueError | OverflowError) -> Breakage:
        if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
            index = error.problem_mark.index
            return Breakage(error.problem or "", index, error.context_mark.index if error.context_mark else index)
        # An escape beyond Unicode (`"\UFFFFFFFF"`), or a directive with a number of thousands of digits.
        index = self._loader.get_mark().index
        return Breakage("escape", index, index)

    def _next(self) -> Event:
        event: Event = self._loader.get_event()  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        if isinstance(event, NodeEvent):
            self._nodes += 1
            if self._nodes > MAX_NODES:
                raise _TooLarge(
                    self._limit(event, f"more than {MAX_NODES:,} values", "Put lists of people into a sheet.")
                )
        if isinstance(event, CollectionStartEvent):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise _TooLarge(self._limit(event, f"more than {MAX_DEPTH} levels", "No key of a manifest is so deep."))
        if isinstance(event, CollectionEndEvent):
            self._depth -= 1
        return event

    def _node(self, event: Event, route: Route, key: TextLocation | None) -> Node:
        """The node that begins with an event; `key` is the place of its key, None for items of a list."""
        place = self._place(event)
        key = key or place
        self._check_properties(event)
        match event:
            case ScalarEvent():
                return self._scalar(event, route, key)
            case SequenceStartEvent():
                return self._sequence(route, key, place)
            case MappingStartEvent() if self._source.text.startswith("{{", _index(event)):
                self._bare_templates.add(place)
                self._findings.add(bare_template(self._source, _index(event)))
                self._skip(event)
            case MappingStartEvent():
                return self._mapping(route, key, place)
            case _:  # an alias
                pass
        return Unreadable(route, key, place)

    def _scalar(self, event: ScalarEvent, route: Route, key: TextLocation) -> Node:
        place = self._place(event)
        text = _joined(event.value)
        if text is None:
            index = _index(event)
            self._findings.add(
                syntax(self._source, index, "half a character (a surrogate)", "Write the character itself.")
            )
            return Unreadable(route, key, place)
        written = self._source.text[_index(event) : _end(event)]
        content, margin = content_place(self._source, _index(event), written, text)
        return Scalar(route, key, place, text, written, not event.style, content, margin)

    def _sequence(self, route: Route, key: TextLocation, place: TextLocation) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            items.append(self._node(event, (*route, len(items)), None))
        return Sequence(route, key, place, tuple(items))

    def _mapping(self, route: Route, key: TextLocation, place: TextLocation) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, TextLocation] = {}
        complete = True
        while not isinstance(event := self._next(), MappingEndEvent):
            name = self._key(event, keys)
            if name is None:
                complete = False
                self._skip(self._next())
            else:
                keys[name] = self._place(event)
                entries[name] = self._node(self._next(), (*route, name), keys[name])
        return Mapping(route, key, place, entries, complete)

    def _key(self, event: Event, keys: dict[str, TextLocation]) -> str | None:
        """The name of a key, None where it cannot be used and that was told."""
        where = self._place(event)
        self._check_properties(event)
        if isinstance(event, AliasEvent):
            return None
        name = _joined(event.value) if isinstance(event, ScalarEvent) else None
        if not isinstance(event, ScalarEvent) or name is None:
            self._skip(event)
            hint = "A key is a word. A text that begins with a bracket is put in quotes."
            self._findings.add(syntax(self._source, _index(event), "a key that is no text", hint))
            return None
        if name == "<<" and not event.style:
            self._findings.add(self._limit(event, "a merge key (<<)", "Write the keys out."))
            return None
        if name in keys:
            first = keys[name].line
            self._findings.add(
                rules.MANIFEST_DUPLICATE_KEY.finding(
                    f"the key `{shown(name)}` stands twice",
                    where,
                    f"It stands first in line {first}. Keep one of the two.",
                    text=shown(name),
                )
            )
            return None
        return name

    def _skip(self, event: Event) -> None:
        """Pass over a node whose first event was taken."""
        outside = self._depth - isinstance(event, CollectionStartEvent)
        while self._depth > outside:
            self._next()

    def _check_properties(self, event: Event) -> None:
        """Tell of an alias, an anchor or a tag; their names are not repeated: they may be a secret without quotes."""
        if isinstance(event, AliasEvent):
            self._findings.add(self._limit(event, "an alias (*name)", _WRITE_OUT, text="*"))
        elif isinstance(event, ScalarEvent | CollectionStartEvent):
            if event.anchor is not None:
                self._findings.add(self._limit(event, "an anchor (&name)", _WRITE_OUT, text="&"))
            if event.tag is not None:
                self._findings.add(self._limit(event, "a tag (!name)", _WRITE_OUT, text="!"))

    def _limit(self, event: Event, what: str, hint: str, text: str = "") -> Finding:
        return rules.MANIFEST_LIMITS.finding(f"{what}, which no manifest may have", self._place(event), hint, text=text)

    def _place(self, event: Event) -> TextLocation:
        return self._source.place(_index(event))


_WRITE_OUT = "Write the value out; a text that begins with &, * or ! is put in quotes."


def _index(event: Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.index


def _end(event: Event) -> int:
    assert event.end_mark is not None
    return event.end_mark.index


def _joined(text: str) -> str | None:
    """A text with the surrogate pairs of JSON's escapes joined; None where half a pair stands alone."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None
