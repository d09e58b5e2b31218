"""Worked cases of the KPI formulas: a small log, a measure, the number that is right, and why in one line.

Times are written from Tuesday 2026-11-03 10:00 Beijing, in seconds; `h` and `d` make hours and days of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from eval.kpi.log import By, Line, Mark, MarkKind, Money, Said, Told, ToldName, Use
from eval.kpi.rules import day_start_ms
from kb.model import EventKind, OutcomeKind

TEN = day_start_ms("2026-11-03") + 10 * 3_600_000
SHOP = "qingluo"
h, d = 3600, 86_400


def at(s: float) -> int:
    return TEN + int(s * 1000)


def buyer(s: float, text: str = "这件有货吗", *, c: str = "c1", who: str = "b1", id: str = "", scene: str = "") -> Said:
    return Said(SHOP, c, at(s), By.BUYER, "", who, text, scene, id)


def agent(s: float, who: str = "a1", *, c: str = "c1", id: str = "") -> Said:
    return Said(SHOP, c, at(s), By.AGENT, who, "", "有的哦", "", id)


def bot(s: float, *, c: str = "c1") -> Said:
    return Said(SHOP, c, at(s), By.BOT, "", "", "您好，人工客服马上到")


def system(s: float, *, c: str = "c1") -> Said:
    return Said(SHOP, c, at(s), By.SYSTEM, "", "", "买家进入店铺")


def closed(s: float, *, c: str = "c1") -> Mark:
    return Mark(SHOP, c, at(s), MarkKind.CLOSED)


def mark(s: float, kind: MarkKind, value: str = "", *, c: str = "c1", who: str = "a1") -> Mark:
    return Mark(SHOP, c, at(s), kind, value, who)


def paid(s: float, fen: int = 10_000, *, c: str = "c1", order: str = "o1", who: str = "b1", items: int = 1, products: tuple[str, ...] = (), id: str = "") -> Money:  # fmt: skip
    return Money(SHOP, at(s), OutcomeKind.PAYMENT, fen, c, order, who, items, products, id)


def refund(s: float, fen: int = 10_000, *, c: str = "c1", order: str = "o1", id: str = "") -> Money:
    return Money(SHOP, at(s), OutcomeKind.REFUND, fen, c, order, id=id)


def use(s: float, kind: EventKind, rank: int = 1, *, sug: str = "s1", who: str = "a1") -> Use:
    return Use(SHOP, "c1", at(s), kind, sug, f"e{rank}", rank, who, f"{sug}-{kind}-{rank}-{s}")


def late(s: float = 40 * d) -> Mark:
    """Something that happened long after: the log goes on until then, so nothing is too young to judge."""
    return Mark(SHOP, "later", at(s), MarkKind.CLOSED)


@dataclass(frozen=True, slots=True)
class Worked:
    why: str
    measure: str
    expected: float | None
    log: tuple[Line, ...]
    part: tuple[tuple[str, str], ...] = ()  # which part of the book: (("agent", "a1"),)


def case(why: str, measure: str, expected: float | None, *log: Line, **part: str) -> Worked:
    return Worked(why, measure, expected, log, tuple(part.items()))


_BUSY = (buyer(0), agent(10), late())

CASES = (
    # -- who waits for whom
    case("asked at 0, answered at 12: 12 s", "first_reply_mean", 12, buyer(0), agent(12)),
    case("a bot's greeting at 1 is no reply; the human's at 25 is", "first_reply_mean", 25, buyer(0), bot(1), agent(25)),
    case("only a bot replied: no human first reply, so no figure", "first_reply_mean", None, buyer(0), bot(1), late()),
    case("only a bot replied: unanswered, 1 of 1", "unanswered", 1.0, buyer(0), bot(1), late()),
    case("a system line replies to nobody", "first_reply_mean", 9, buyer(0), system(3), agent(9)),
    case("three messages in a row are one wait from the first: 30 − 0", "first_reply_mean", 30, buyer(0), buyer(5), buyer(9), agent(30)),
    case("and one round, not three: mean over one wait", "reply_mean", 30, buyer(0), buyer(5), buyer(9), agent(30)),
    case("agent answers twice: the second ends no wait", "reply_mean", 10, buyer(0), agent(10), agent(50)),
    case("rounds of 10 and 50: mean 30", "reply_mean", 30, buyer(0), agent(10), buyer(100), agent(150)),
    case("first replies only: 10, the later 50 is not one", "first_reply_mean", 10, buyer(0), agent(10), buyer(100), agent(150)),
    case("the agent wrote first, unasked: that is no reply; 100 → 115 is 15", "first_reply_mean", 15, agent(0), buyer(100), agent(115)),
    case("an agent's message alone makes no inquiry", "inquiries", 0, agent(0)),
    case("exactly 30 s is within 30 s", "first_reply_30s", 1.0, buyer(0), agent(30)),
    case("30.001 s is not", "first_reply_30s", 0.0, buyer(0), agent(30.001)),
    case("never answered counts against the share: 1 of 2", "first_reply_30s", 0.5, buyer(0), agent(5), buyer(0, c="c2", who="b2"), late()),
    case("but not in the mean, which has no number for it: 5", "first_reply_mean", 5, buyer(0), agent(5), buyer(0, c="c2", who="b2"), late()),
    case("median of 5, 10 and 600 is 10, whatever the mean", "first_reply_median", 10, buyer(0), agent(5), buyer(0, c="c2"), agent(10, c="c2"), buyer(0, c="c3"), agent(600, c="c3")),
    # -- goodbyes
    case("谢谢 after the answer wants no reply: one round of 10", "reply_mean", 10, buyer(0), agent(10), buyer(20, "谢谢"), agent(80)),
    case("好的 as the end leaves nobody unanswered: 3-minute share 1 of 1", "taobao_3min", 1.0, buyer(0), agent(10), buyer(20, "好的"), late()),
    case("谢谢 then a question: the wait begins at the question, 60 → 70", "reply_mean", 10, buyer(0), agent(10), buyer(50, "谢谢"), buyer(60, "那几天到"), agent(70)),
    case("好的吗？ asks: rounds of 10 and 20, mean 15", "reply_mean", 15, buyer(0), agent(10), buyer(20, "好的吗？"), agent(40)),
    case("the first word of all wants a reply, even 好的: 8 s", "first_reply_mean", 8, buyer(0, "好的"), agent(8)),
    case("an emoji is a goodbye, a masked number is not: rounds of 10 and 4", "reply_mean", 7, buyer(0), agent(10), buyer(20, "[微笑]"), buyer(30, "[手机号]"), agent(34)),
    # -- reopening
    case("closed and asked again: two inquiries", "inquiries", 2, buyer(0), agent(5), closed(60), buyer(600), agent(620)),
    case("each has its first reply: 5 and 20, mean 12.5", "first_reply_mean", 12.5, buyer(0), agent(5), closed(60), buyer(600), agent(620)),
    case("谢谢 after closing opens nothing: one inquiry", "inquiries", 1, buyer(0), agent(5), closed(60), buyer(90, "谢谢")),
    case("silent for 3 h without closing, then again: two inquiries", "inquiries", 2, buyer(0), agent(5), buyer(3 * h), agent(3 * h + 5)),
    case("an answer after 3 h is a late reply, not a new inquiry: 10,800 s", "first_reply_mean", 3 * h, buyer(0), agent(3 * h)),
    case("closed without an answer is unanswered; closing is no reply", "unanswered", 1.0, buyer(0), closed(60), late()),
    # -- several agents and shifts
    case("given to a1, answered by a2: the wait is a2's, 40 s", "first_reply_mean", 40, buyer(0), agent(40, "a2"), agent(90, "a1"), agent="a2"),
    case("and a1 has no first reply at all", "first_reply_mean", None, buyer(0), agent(40, "a2"), agent(90, "a1"), agent="a1"),
    case("two agents in one shift: transferred", "transfer_rate", 1.0, buyer(0), agent(5), buyer(60), agent(70, "a2")),
    case("15:59 and 16:01, the next shift takes over: no transfer", "transfer_rate", 0.0, buyer(6 * h - 90), agent(6 * h - 60), buyer(6 * h + 20), agent(6 * h + 60, "a2")),
    case("one agent, marked as transferred: transferred", "transfer_rate", 1.0, buyer(0), agent(5), mark(6, MarkKind.TRANSFER)),
    case("00:30 is of the night shift of that very day", "inquiries", 1, buyer(14.5 * h), agent(14.5 * h + 5), shift="2026-11-04/夜班"),
    case("a chat over midnight is one inquirer of the day it began", "inquirers", 1, buyer(14 * h - 60), agent(14 * h - 30), buyer(14 * h + 60), agent(14 * h + 70)),
    case("and of 11-03, not of 11-04", "inquiries", 0, buyer(14 * h - 60), agent(14 * h + 30), day="2026-11-04"),
    # -- clocks and deliveries
    case("a reply stamped 2 s before its question: another host's clock; 0 s, not −2", "first_reply_mean", 0, buyer(0), agent(-2)),
    case("a message delivered late goes where it belongs: 0 → 10, then 60 → 90: mean 20", "reply_mean", 20, buyer(0), buyer(60), agent(90), agent(10)),
    case("delivered twice with one id: one inquiry round of 10", "reply_mean", 10, buyer(0, id="m1"), agent(10, id="m2"), buyer(0, id="m1"), agent(10, id="m2"), late()),
    case("asked 60 s before the log ends: too young to be unanswered, no figure", "unanswered", None, buyer(0), system(60)),
    # -- buying
    case("asked and paid within four days: 1 of 1", "inquiry_conversion", 1.0, *_BUSY, paid(2 * d)),
    case("paid on the fifth day: 0 of 1", "inquiry_conversion", 0.0, *_BUSY, paid(5 * d)),
    case("two chats of one buyer on a day are one inquirer: 1 of 1", "inquiry_conversion", 1.0, buyer(0), agent(5), buyer(5 * h, c="c2"), agent(5 * h + 5, c="c2"), paid(6 * h, c="c2"), late()),
    case("asked yesterday, log ends today: not over yet, no figure", "inquiry_conversion", None, buyer(0), agent(5), paid(h), system(d)),
    case("the same log knows the first day: 1 of 1", "paid_1d", 1.0, buyer(0), agent(5), paid(h), system(d)),
    case("paid after 30 h: not within a day", "paid_1d", 0.0, *_BUSY, paid(30 * h)),
    case("but within four", "paid_4d", 1.0, *_BUSY, paid(30 * h)),
    case("who paid before and asks where it is has no 询单: none left to count", "inquiry_conversion", None, paid(-d, c=""), buyer(0, "到哪了"), agent(5), late()),
    case("an aftersale scene is no 询单: 1 of 1 remains", "inquiry_conversion", 1.0, *_BUSY, paid(60), buyer(0, c="c2", who="b2", scene="售后"), agent(9, c="c2")),
    case("paid before asking follows nothing: silent, 1 of 1", "silent_share", 1.0, paid(-60), *_BUSY),
    case("deposit and balance of one order are one sale: 30 + 70 = 100", "order_value", 100.0, *_BUSY, paid(60, 3_000, id="p1"), paid(d, 7_000, id="p2")),
    case("two orders of one buyer are one 客单: 100 + 50", "order_value", 150.0, *_BUSY, paid(60), paid(90, 5_000, order="o2")),
    case("the same payment told twice: 100", "sales_paid", 100.0, *_BUSY, paid(60, id="p1"), paid(60, id="p1")),
    case("20 of 100 came back in time: 80", "sales_net", 80.0, *_BUSY, paid(60), refund(3 * d, 2_000)),
    case("a refund after 31 days is not subtracted: 100", "sales_net", 100.0, *_BUSY, paid(60), refund(31 * d + 61, 2_000)),
    case("nor a refunded order by the rate: 0 of 1", "refund_rate", 0.0, *_BUSY, paid(60), refund(31 * d + 61, 2_000)),
    case("no more comes back than was paid: 0, not −50", "sales_net", 0.0, *_BUSY, paid(60), refund(d, 15_000)),
    case("a refund without order number is of the chat's last payment: 100 + 0", "sales_net", 100.0, *_BUSY, paid(60, id="p1"), paid(90, 5_000, order="o2"), refund(d, 5_000, order="")),
    case("a refund of an order nobody knows changes nothing", "sales_net", 100.0, *_BUSY, paid(60), refund(d, order="other")),
    case("3 pieces of one buyer", "items_per_buyer", 3.0, *_BUSY, paid(60, items=3)),
    case("two sizes of one product are nothing sold along", "attach_rate", 0.0, *_BUSY, paid(60, items=2, products=("裙", "裙"))),
    case("a shirt with the skirt is", "attach_rate", 1.0, *_BUSY, paid(60, items=2, products=("裙", "衫"))),
    case("10 visitors, 2 asked, 2 of the other 8 paid: .25", "silent_conversion", 0.25, buyer(0), buyer(0, c="c2", who="b2"), paid(9, c="", who="b8", order="o8"), paid(9, c="", who="b9", order="o9"), Told(SHOP, at(0), ToldName.VISITORS, 10)),
    case("no visitors told: no figure, not 0 and not ∞", "silent_conversion", None, *_BUSY, paid(9, c="", who="b8")),
    # -- targets, quality, suggestions
    case("key facts at 60 s are in time; a chat without any is not: 1 of 2", "key_facts_60s", 0.5, buyer(0), mark(60, MarkKind.KEY_FACTS), buyer(0, c="c2")),
    case("nobody notes key facts here: no figure", "key_facts_60s", None, *_BUSY),
    case("help in 30 s and never: 1 of 2", "help_30s", 0.5, buyer(0), mark(1, MarkKind.HELP, "q1"), mark(31, MarkKind.HELPED, "q1"), mark(2, MarkKind.HELP, "q2"), late()),
    case("asked again after a day: not resolved at once, its own end is: 1 of 2", "one_contact", 0.5, buyer(0), agent(5), buyer(d), agent(d + 5), late()),
    case("again after three days: both resolved", "one_contact", 1.0, buyer(0), agent(5), buyer(3 * d), agent(3 * d + 5), late()),
    case("谢谢 a day later is no second contact", "one_contact", 1.0, buyer(0), agent(5), buyer(d, "谢谢"), late()),
    case("one fatal error in two chats: .5", "fatal_accuracy", 0.5, buyer(0), agent(5), mark(6, MarkKind.FATAL), buyer(0, c="c2"), agent(5, c="c2")),
    case("nothing was checked: no figure, not 100 %", "fatal_accuracy", None, *_BUSY),
    case("three cards, one inserted: the suggestion was used, 1 of 1", "adoption_inserted", 1.0, use(0, EventKind.SHOWN), use(0, EventKind.SHOWN, 2), use(0, EventKind.SHOWN, 3), use(5, EventKind.INSERTED, 2)),
    case("seen 1 of 2, used 1 of the one seen: 1", "hit_in_use", 1.0, use(0, EventKind.SHOWN), use(3, EventKind.VIEWED), use(5, EventKind.SENT), use(0, EventKind.SHOWN, sug="s2"), use(9, EventKind.IGNORED, sug="s2")),
    case("used after 21 s is not within 20", "script_20s", 0.0, use(0, EventKind.SHOWN), use(21, EventKind.INSERTED)),
    case("an empty log counts nothing", "order_value", None),
)  # fmt: skip
