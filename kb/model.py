"""The nouns: frozen values that the rooms hand to each other. Words and meanings: docs/design.md.

Times are unix seconds (UTC, int). Windows are half-open [start, end). Ids are random and opaque;
`key` is the merchant's own identity of a row (product number, FAQ number, or the question itself).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry is (知识条目的种类)."""

    FAQ = "faq"
    SCRIPT = "script"
    PROCESS = "process"
    NOTICE = "notice"
    CASE = "case"


class Status(StrEnum):
    """Only PUBLISHED entries and products are ever searched."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Polarity(StrEnum):
    """A negative phrasing is a question that must *not* lead to its entry (反例)."""

    POSITIVE = "+"
    NEGATIVE = "-"


class Origin(StrEnum):
    """Who wrote a text: the merchant's sheet, a trainer, the system from feedback, or people in a chat log."""

    MERCHANT = "merchant"
    TRAINER = "trainer"
    FEEDBACK = "feedback"
    CHAT = "chat"


class Speaker(StrEnum):
    """Who said a turn."""

    BUYER = "buyer"
    AGENT = "agent"


class Mode(StrEnum):
    """How an answer was found: with the embedding model, or by words alone because it is missing."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"


class Band(StrEnum):
    """What an agent may do with a hit; thresholds live beside the fitted head."""

    DIRECT = "direct"  # 可直接用
    REFERENCE = "reference"  # 仅供参考
    UNSURE = "unsure"  # 没有把握


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stood in the merchant's file; rows and columns count from 1 as spreadsheets show them."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        cell = f"{self.column}{self.row}" if self.row else ""
        return " › ".join(part for part in (self.file, self.sheet, cell) if part)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of validity; None means unbounded on that side."""

    start: int | None = None
    end: int | None = None

    def contains(self, at: int) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Condition:
    """When an answer is the right one; an empty set means "any"."""

    platforms: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    states: frozenset[OrderState] = frozenset()  # of the order: any of one kind, and that for each kind that is named

    @property
    def weight(self) -> int:
        """How many conditions there are."""
        return bool(self.platforms) + bool(self.products) + bool(self.states)


@dataclass(frozen=True, slots=True)
class Answer:
    """A text to send (话术), returned byte for byte as it was imported or edited. `origin`: who stated its condition."""

    id: str
    text: str
    condition: Condition = Condition()
    window: Window = Window()
    origin: Origin = Origin.MERCHANT


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Another way to ask (相似问), or a counter-example (反例)."""

    id: str
    text: str
    polarity: Polarity = Polarity.POSITIVE
    origin: Origin = Origin.MERCHANT


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the shop knows: a standard question, its phrasings, its answers."""

    id: str
    key: str
    kind: EntryKind
    question: str
    phrasings: tuple[Phrasing, ...] = ()
    answers: tuple[Answer, ...] = ()
    scene: str = ""
    category: str = ""
    shortcut: str = ""
    status: Status = Status.PUBLISHED
    window: Window = Window()
    must_read: bool = False
    origin: Origin = Origin.MERCHANT
    source: Source | None = None
    row_hash: str = ""
    version: int = 1
    updated_at: int = 0

    def askable(self) -> list[str]:
        """The texts a buyer's message is compared with: the question and every positive phrasing."""
        texts = [self.question] if self.question else []
        texts += [p.text for p in self.phrasings if p.polarity is Polarity.POSITIVE]
        return texts


@dataclass(frozen=True, slots=True)
class Fact:
    """One attribute value of a product or SKU, with the cell it came from."""

    name: str
    value: str
    unit: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Sku:
    """A variant of a product: colour, size, capacity."""

    id: str
    key: str
    name: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold. Facts that differ between variants stand on the SKUs, the others here."""

    id: str
    key: str
    name: str
    brand: str = ""
    category: str = ""
    model: str = ""
    facts: tuple[Fact, ...] = ()
    skus: tuple[Sku, ...] = ()
    status: Status = Status.PUBLISHED
    source: Source | None = None
    row_hash: str = ""
    version: int = 1
    updated_at: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation, oldest first in a list of them."""

    speaker: Speaker
    text: str


class Payment(StrEnum):
    """Whether an order is paid for (付款状态)."""

    UNPAID = "unpaid"
    PAID = "paid"


class Logistics(StrEnum):
    """Where the parcel of an order is (物流状态)."""

    WAITING = "waiting"  # 待发货
    SHIPPED = "shipped"  # 运输中
    DELIVERING = "delivering"  # 派送中
    SIGNED = "signed"  # 已签收


class Refund(StrEnum):
    """What became of a wish to give an order back (退款状态)."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    DONE = "done"


OrderState = Payment | Logistics | Refund


@dataclass(frozen=True, slots=True)
class Order:
    """The order a chat is about, as far as the host says (None: not said). Its number is known by its last digits only."""

    tail: str = ""  # 订单尾号, at most four characters
    product: str = ""  # key
    sku: str = ""  # what the buyer chose, as the platform words it: 颜色:白色;尺码:M
    payment: Payment | None = None
    logistics: Logistics | None = None
    refund: Refund | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the buyer's message, what was said before it, and what the chat is about."""

    text: str
    turns: tuple[Turn, ...] = ()
    product: str = ""  # key of the product in focus (card, link or order), if known
    order: Order | None = None
    platform: str = ""
    now: int = 0  # unix seconds; 0: the clock's
    limit: int = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """One readable ground for a hit: a stable code and a Chinese sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found for a query. `probability` is P(this entry answers the message), calibrated."""

    entry: Entry
    answer: Answer | None
    phrasing: str
    probability: float
    band: Band
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductHit:
    """A product the message seems to be about; `score` is in [0, 1]: the share of the message's weight it explains."""

    product: Product
    score: float
    reasons: tuple[Reason, ...] = ()


class StatedKind(StrEnum):
    """How a product question is answered: with a value, a list of values, or whether there is such a variant."""

    VALUE = "value"
    LIST = "list"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Stated:
    """A question answered from the merchant's own sheet (商品事实). Every value in `text` stands in `facts`.

    Without a product it is a question about the shop, answered from its handover form (店铺信息). `attribute` is the fact's
    name as the sheet writes it; `skus` are the variants it is about, none: the product.
    """

    kind: StatedKind
    product: Product | None
    attribute: str
    text: str
    facts: tuple[Fact, ...]
    skus: tuple[Sku, ...] = ()


class Scene(StrEnum):
    """Where in a purchase a message stands (场景), in the words of the merchants' sheets."""

    BEFORE = "售前"
    DURING = "售中"
    AFTER = "售后"
    COMPLAINT = "投诉"
    OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Tone:
    """What kind of message it is. `complaint` is P(the buyer is aggrieved); an escalation (12315, 起诉) is worse still.

    `reasons` say why in words for an agent: codes escalation, complaint, urgent.
    """

    scene: Scene = Scene.OTHER
    complaint: float = 0.0
    complaining: bool = False
    escalation: bool = False
    urgent: bool = False
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of one search: hits best first, products best first, and how it was done.

    `answerable` is P(some entry answers the message); `quiet` where that is too little to offer any hit.
    """

    hits: tuple[Hit, ...]
    products: tuple[ProductHit, ...]
    mode: Mode
    generation: int
    timings_ms: dict[str, float] = field(default_factory=dict)
    tone: Tone = Tone()
    facts: tuple[Stated, ...] = ()
    answerable: float = 0.0
    quiet: bool = False


class EventKind(StrEnum):
    """shown → viewed → inserted → edited → sent / rejected / ignored, in the order of a suggestion's life."""

    SHOWN = "shown"
    VIEWED = "viewed"
    INSERTED = "inserted"
    EDITED = "edited"
    SENT = "sent"
    REJECTED = "rejected"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Event:
    """What an agent did with a suggestion. `id` is made by the client, so a retry is not a second event."""

    id: str
    kind: EventKind
    suggestion: str
    entry: str = ""
    rank: int = 0
    probability: float = 0.0
    generation: int = 0
    text: str = ""
    reason: str = ""
    at: int = 0
    asked: str = ""  # the buyer's message, masked; only with a decision (used or rejected), for learning from it
    conversation: str = ""  # the host's id of the chat; "": none
    diff: str = ""  # how the text shown became the one sent (`kb.events.edits`), instead of that text
    actor: str = ""  # id of the key that sent it; set by the store


@dataclass(frozen=True, slots=True)
class Proposal:
    """What agents' decisions say an entry should learn: a phrasing, or a counter-example. It acts on nothing yet.

    `support` counts the suggestions whose agents decided so, `against` those that decided the opposite. The id is made
    of entry, polarity and bare text, so that the same idea has the same id tomorrow. `agents` is 0 where only chat logs speak for it.
    """

    id: str
    entry: str
    text: str
    polarity: Polarity
    support: int
    against: int = 0
    agents: int = 0
    last_seen: int = 0  # unix seconds


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person, or the gold set, did with a proposal; it never comes back, not even when undone by hand."""

    proposal: Proposal
    accepted: bool
    actor: str


@dataclass(frozen=True, slots=True)
class Gold:
    """A message whose right entries are known, by their keys (none: it must be refused); judges what a shop learns."""

    id: str
    text: str
    turns: tuple[Turn, ...] = ()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Basket:
    """What was bought together in one order. `id` is a digest of the order number, never the number itself.

    `items` are product keys where the shop has the product, else the names as the order wrote them; each once, sorted.
    """

    id: str
    items: tuple[str, ...]
    at: int = 0  # unix seconds; 0: the order does not say


class OfferWay(StrEnum):
    """In which way a merchant wants something offered (加购方式), in the words of the sheet."""

    PAIR = "搭配"
    THRESHOLD = "凑单"  # over the threshold of a 满减
    SWAP = "换购"  # for a special price
    GIFT = "赠品"
    NEVER = "不推荐"  # says of a product to whom, or at what price, it is never offered


@dataclass(frozen=True, slots=True)
class OfferRule:
    """What a merchant wants offered beside what, and when not (加购规则). Money is in fen (分), 0: not said.

    `products` are keys of what the buyer looks at (none: whatever it is), `partner` the key of what is offered; of a gift it
    may be the merchant's own words. `floor` is the least it may be sold for; `refuse` are words of a chat in which it is not.
    """

    id: str  # made of `key`
    key: str  # the merchant's number of the row, else what the row is about
    way: OfferWay
    products: tuple[str, ...] = ()
    partner: str = ""
    text: str = ""  # the script, byte for byte; "": ours
    why: str = ""
    threshold: int = 0
    cut: int = 0
    price: int = 0
    floor: int = 0
    refuse: tuple[str, ...] = ()
    stages: frozenset[str] = frozenset()  # 售前, 售中, 售后; none: before and during
    in_stock: bool = True
    active: bool = True
    window: Window = Window()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A question from a chat log whose reply says what an entry says: a phrasing that a trainer may take (线索)."""

    entry: str  # id
    text: str  # masked
    support: int  # conversations that led to the entry, whatever their wording


class OutcomeKind(StrEnum):
    """What a conversation came to (成交结果)."""

    ORDER = "order"
    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something was ordered, paid or refunded after a conversation. `id` is the client's, so a retry counts once."""

    id: str
    kind: OutcomeKind
    conversation: str
    amount: int  # in fen (分): money is never a float
    at: int  # unix seconds
    order: str = ""  # digest of the order number under the shop's salt


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a live conversation, masked. `id` is the host's, so that a delivery repeated is not a second one."""

    id: str
    turn: Turn
    at_ms: int  # unix milliseconds


class ClockKind(StrEnum):
    """What somebody waits for: the first reply, a later one, the key facts noted, a team lead's help."""

    FIRST_REPLY = "first_reply"
    REPLY = "reply"
    KEY_FACTS = "key_facts"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Clock:
    """A span that must end in time (时限): begun, due, and ended or not yet (unix milliseconds)."""

    kind: ClockKind
    started_ms: int
    due_ms: int
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a conversation is about, in seven lines (关键信息); "" where the chat does not say. Masked."""

    topic: str = ""  # 问题类型
    product: str = ""  # 商品
    order: str = ""  # 订单号，尾号 only
    wish: str = ""  # 诉求
    mood: str = ""  # 情绪
    promises: tuple[str, ...] = ()  # 承诺: what agents have promised in this chat
    next_step: str = ""  # 下一步


@dataclass(frozen=True, slots=True)
class Conversation:
    """A buyer's chat with one shop while it is served (会话). `buyer` is a digest of whoever it is, never the name."""

    id: str  # the host's, unique within the shop
    buyer: str
    agent: str = ""  # id of who serves it; "": nobody yet
    platform: str = ""
    product: str = ""
    order: Order | None = None
    tags: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()  # oldest first
    clocks: tuple[Clock, ...] = ()
    key_facts: KeyFacts = KeyFacts()
    confirmed: bool = False  # an agent has confirmed the key facts
    open: bool = True
    version: int = 0


@dataclass(frozen=True, slots=True)
class Help:
    """An agent's request to the team lead (求助), and the answer; it becomes a draft that a trainer may publish."""

    id: str
    conversation: str
    asked_by: str
    note: str
    asked_ms: int
    due_ms: int
    answer: str = ""
    answered_by: str = ""
    answered_ms: int | None = None
    entry: str = ""  # id of the draft made of the answer
