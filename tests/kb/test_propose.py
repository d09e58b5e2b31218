"""What is proposed: an oracle that counts by hand, and messages that must never become a phrasing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.language.mask import mask
from kb.language.standalone import stands_alone
from kb.language.text import bare
from kb.learning.propose import USED, agreed, count, propose
from kb.model import Entry, Event, EventKind, Lead, Polarity, Proposal, Status
from making import faq

ENTRIES = [
    faq("1", "什么时候发货", "48小时内"),
    faq("2", "能不能退换货", "支持", "退货找谁"),
    faq("3", "会不会掉颜色", "不会"),
]
MESSAGES = ["几天能够寄出来", "买错尺码想退掉", "洗了以后褪色吗"]
_numbers = iter(range(10**9))


def told(kind: EventKind, asked: str, entry: str, suggestion: str, actor: str = "k1", at: int = 1) -> Event:
    number = f"event-{next(_numbers):09}"
    return Event(id=number, kind=kind, suggestion=suggestion, entry=entry, asked=asked, actor=actor, at=at)


def used(asked: str, entry: str, *suggestions: str, actor: str = "k1") -> list[Event]:
    return [told(EventKind.INSERTED, asked, entry, suggestion, actor) for suggestion in suggestions]


def rejected(asked: str, entry: str, *suggestions: str, actor: str = "k1") -> list[Event]:
    return [told(EventKind.REJECTED, asked, entry, suggestion, actor) for suggestion in suggestions]


def proposed(events: list[Event], entries: list[Entry] | None = None, **more: object) -> list[Proposal]:
    return propose(count(events), ENTRIES if entries is None else entries, **more)  # type: ignore[arg-type]


def test_what_two_suggestions_agree_on_is_proposed_and_one_is_not_enough() -> None:
    assert proposed(used(MESSAGES[0], "e1", "s1")) == []
    [proposal] = proposed([*used(MESSAGES[0], "e1", "s1"), *used(MESSAGES[0], "e1", "s2", actor="k2")])
    assert (proposal.entry, proposal.text, proposal.polarity) == ("e1", MESSAGES[0], Polarity.POSITIVE)
    assert (proposal.support, proposal.against, proposal.agents) == (2, 0, 2)
    [negative] = proposed(rejected(MESSAGES[0], "e1", "s1", "s2"))
    assert negative.polarity is Polarity.NEGATIVE and negative.id != proposal.id


def test_a_trainers_undisputed_word_is_enough() -> None:
    once = used(MESSAGES[0], "e1", "s1", actor="trainer")
    assert len(proposed(once, trusted={"trainer"})) == 1
    assert proposed([*once, *rejected(MESSAGES[0], "e1", "s2")], trusted={"trainer"}) == []


def test_a_retried_event_and_the_later_steps_of_one_suggestion_are_one_voice() -> None:
    steps = [told(kind, MESSAGES[0], "e1", "s1") for kind in (EventKind.INSERTED, EventKind.EDITED, EventKind.SENT)]
    assert proposed(steps) == []


def test_the_last_word_of_a_suggestion_counts() -> None:
    changed = [*used(MESSAGES[0], "e1", "s1", "s2"), *rejected(MESSAGES[0], "e1", "s1", "s2")]
    [proposal] = proposed(changed)
    assert (proposal.polarity, proposal.support, proposal.against) == (Polarity.NEGATIVE, 2, 0)


def test_a_suggestion_that_led_to_two_entries_says_nothing() -> None:
    assert (
        proposed([event for s in ("s1", "s2", "s3") for e in ("e1", "e2") for event in used(MESSAGES[0], e, s)]) == []
    )


def test_a_message_that_leads_elsewhere_for_others_is_left_alone() -> None:
    # It means something in its conversation only.
    assert proposed([*used(MESSAGES[0], "e1", "s1", "s2", "s3"), *used(MESSAGES[0], "e2", "s4", "s5")]) == []
    lone = [*used(MESSAGES[0], "e1", *(f"s{i}" for i in range(9))), *used(MESSAGES[0], "e2", "t1")]
    assert [p.entry for p in proposed(lone)] == ["e1"]


def test_greetings_and_particles_make_no_second_message() -> None:
    events = [
        *used("亲，" + MESSAGES[0], "e1", "s1"),
        *used(MESSAGES[0] + "呀～", "e1", "s2"),
        *used(MESSAGES[0], "e1", "s3"),
    ]
    [proposal] = proposed(events)
    assert (proposal.support, proposal.text) == (3, MESSAGES[0])


@pytest.mark.parametrize("polarity", ["used", "rejected"])
def test_what_an_entry_is_asked_by_already_is_not_proposed_for_it(polarity: str) -> None:
    # A counter-example that is the entry's own question would hide it from that very question.
    vote = used if polarity == "used" else rejected
    entries = [replace(ENTRIES[1], phrasings=faq("2", "", "", "退货找谁", negative=["退钱要几天"]).phrasings)]
    for text in ("能不能退换货", "亲，退货找谁", "退钱要几天呢"):
        assert proposed(vote(text, "e2", "s1", "s2"), entries) == []


def test_another_entrys_question_is_not_proposed_as_a_phrasing() -> None:
    assert proposed(used("会不会掉颜色", "e1", "s1", "s2")) == []
    assert len(proposed(rejected("会不会掉颜色", "e1", "s1", "s2"))) == 1


def test_only_published_entries_learn() -> None:
    events = used(MESSAGES[0], "e1", "s1", "s2")
    for status in (Status.DRAFT, Status.RETIRED):
        assert proposed(events, [replace(ENTRIES[0], status=status)]) == []
    assert proposed(used(MESSAGES[0], "e_gone", "s1", "s2")) == []


def test_what_was_decided_does_not_come_back_however_often_it_is_used() -> None:
    [proposal] = proposed(used(MESSAGES[0], "e1", "s1", "s2"))
    more = used("您好 " + MESSAGES[0], "e1", *(f"s{i}" for i in range(20)))
    assert proposed(more)[0].id == proposal.id
    assert proposed(more, decided={proposal.id}) == []


EVENTS = st.lists(
    st.builds(
        told,
        st.sampled_from([EventKind.INSERTED, EventKind.SENT, EventKind.REJECTED, EventKind.IGNORED, EventKind.SHOWN]),
        st.sampled_from([*MESSAGES, "您好，" + MESSAGES[0]]),
        st.sampled_from([e.id for e in ENTRIES]),
        st.sampled_from([f"s{i}" for i in range(6)]),
        st.sampled_from(["k1", "k2"]),
    ),
    max_size=40,
)


def by_hand(events: list[Event], message: str, entry: str) -> tuple[int, int]:
    """(used, rejected) of a message and an entry, counted the long way round."""
    score = [0, 0]
    for suggestion in {event.suggestion for event in events}:
        mine = [e for e in events if e.suggestion == suggestion and (e.kind in USED or e.kind is EventKind.REJECTED)]
        final = {one: [e for e in mine if e.entry == one][-1] for one in {e.entry for e in mine}}
        chosen = [one for one, event in final.items() if event.kind in USED]
        last = final.get(entry)
        if last is None or bare(last.asked) != bare(message):
            continue
        if last.kind is EventKind.REJECTED:
            score[1] += 1
        elif len(chosen) == 1:
            score[0] += 1
    return score[0], score[1]


@given(EVENTS)
def test_proposals_are_what_counting_by_hand_finds(events: list[Event]) -> None:
    expected = {}
    for message in MESSAGES:
        nets = {e.id: by_hand(events, message, e.id) for e in ENTRIES}
        for entry, (yes, no) in nets.items():
            others = [max(a - b, 0) for other, (a, b) in nets.items() if other != entry]
            if yes - no >= 2 and yes - no > 2 * max(others):
                expected[message, entry, Polarity.POSITIVE] = (yes, no)
            if no - yes >= 2:
                expected[message, entry, Polarity.NEGATIVE] = (no, yes)
    found = proposed(events)
    assert {(p.text.removeprefix("您好,"), p.entry, p.polarity): (p.support, p.against) for p in found} == expected
    assert [p.support for p in found] == sorted((p.support for p in found), reverse=True)


@given(EVENTS)
def test_one_message_is_never_proposed_to_two_entries(events: list[Event]) -> None:
    texts = [bare(p.text) for p in proposed(events) if p.polarity is Polarity.POSITIVE]
    assert len(texts) == len(set(texts))


def test_agreed_messages_name_every_entry_that_was_used() -> None:
    ballots = count(
        [*used(MESSAGES[0], "e1", "s1"), *used(MESSAGES[0], "e2", "s2"), *rejected(MESSAGES[1], "e1", "s3")]
    )
    [witness] = agreed(ballots, {e.id: e for e in ENTRIES})
    assert (witness.text, witness.keys) == (MESSAGES[0], {"1", "2"})


# -- leads from chat logs


def led(events: list[Event], *leads: Lead, **more: object) -> list[Proposal]:
    return propose(count(events, leads), ENTRIES, **more)  # type: ignore[arg-type]


def test_a_lead_is_proposed_like_an_agents_choice_and_has_the_same_id() -> None:
    [proposal] = led([], Lead("e1", MESSAGES[0], 3))
    assert (proposal.entry, proposal.text, proposal.polarity) == ("e1", MESSAGES[0], Polarity.POSITIVE)
    assert (proposal.support, proposal.against, proposal.agents, proposal.last_seen) == (3, 0, 0, 0)
    assert proposal.id == proposed(used(MESSAGES[0], "e1", "s1", "s2"))[0].id
    assert led([], Lead("e1", MESSAGES[0], 1)) == []
    assert led([], Lead("e1", MESSAGES[0], 3), decided={proposal.id}) == []


def test_leads_and_choices_add_up_and_rejections_count_against_them() -> None:
    lead = Lead("e1", MESSAGES[0], 2)
    [both] = led(used("亲，" + MESSAGES[0], "e1", "s1"), lead)
    assert (both.support, both.agents) == (3, 1)
    assert led(rejected(MESSAGES[0], "e1", "s1"), lead) == []
    [denied] = led(rejected(MESSAGES[0], "e1", "s1", "s2", "s3", "s4"), lead)
    assert (denied.polarity, denied.support, denied.against) == (Polarity.NEGATIVE, 4, 2)


def test_the_same_conversations_in_two_logs_are_not_counted_twice() -> None:
    [proposal] = led([], Lead("e1", MESSAGES[0], 2), Lead("e1", MESSAGES[0] + "呀", 3))
    assert proposal.support == 3


def test_leads_that_disagree_or_are_asked_already_are_left_alone() -> None:
    assert led([], Lead("e1", MESSAGES[0], 3), Lead("e2", MESSAGES[0], 2)) == []
    assert led([], Lead("e1", "能不能退换货", 5), Lead("e2", "这个呢", 5), Lead("e_gone", MESSAGES[0], 5)) == []


def test_a_lead_is_no_witness_of_what_agents_agreed_on() -> None:
    ballots = count(rejected(MESSAGES[0], "e1", "s1"), [Lead("e1", MESSAGES[0], 9), Lead("e2", MESSAGES[1], 9)])
    assert agreed(ballots, {e.id: e for e in ENTRIES}) == []


# -- which messages may be learned at all


@pytest.mark.parametrize(
    "text", ["包邮吗", "会起球吗", "退货运费谁出", "有没有运费险呢", "256G多少钱", "亲，几天能到货呀"]
)
def test_a_question_stands_alone(text: str) -> None:
    assert stands_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "？", "嗯嗯", "好的谢谢", "谢谢你啦", "在吗", "这个呢", "那白色的呢", "512的呢", "白色的", "那这个可以吗", "多少钱",
        "163 108", "还有别的吗", "可以吗", "😀😀😀😀", "L码", "长" * 41,
    ],
)  # fmt: skip
def test_what_needs_its_conversation_does_not(text: str) -> None:
    assert not stands_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "我手机13800138000帮忙查物流",
        "寄到上海市浦东新区花园路12号3室可以吗",
        "发到abc@example.com里面",
        "查下单号123456789012345678",
    ],
)
def test_what_was_masked_is_about_one_buyer(text: str) -> None:
    assert mask(text) != text and not stands_alone(mask(text))


@given(st.text(max_size=600))
def test_any_text_is_judged(text: str) -> None:
    assert stands_alone(text) in (True, False)


@pytest.mark.parametrize("unit", ["谢谢", "好", "我你", "可以的", "呢", "[地址]", "的色款"])
def test_no_text_is_slow_to_judge(unit: str) -> None:
    texts = [(unit * length)[: length - 1] + "x" for length in (39, 40, 500)]
    assert cost(lambda: [stands_alone(text) for text in texts]) < 0.01
