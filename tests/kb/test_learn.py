"""Learning: what is applied works word for word, what would do harm is refused, and what was decided stays decided."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.edit import save_entry
from kb.embed import Engine
from kb.errors import Conflict, EngineFailed, Invalid, NotFound
from kb.learning.learn import Learning
from kb.learning.propose import proposal_id
from kb.learning.trial import MOST_TRIALS, Gate, Verdict
from kb.model import Entry, Event, EventKind, Gold, Origin, Phrasing, Polarity, Proposal, Query, Speaker, Turn
from kb.search import search
from kb.shelf import Shelf
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore
from making import BagEngine, faq

SHIP, RETURN, COLOUR = "e1", "e2", "e3"
NEW = "几天能够寄出来"
GOLD = [
    Gold("g1", "什么时候发货呀亲", keys=frozenset({"1"})),
    Gold("g2", "买错了能不能退换货", (Turn(Speaker.BUYER, "在吗"),), frozenset({"2"})),
    Gold("r1", "你们老板贵姓大名"),
]


@dataclass
class Pupil:
    """A small shop, its shelf, and what its agents do."""

    folder: DataFolder
    slug: str
    engine: Engine | None
    shelf: Shelf
    told: int = 0

    @property
    def store(self) -> MerchantStore:
        return self.folder.merchant(self.slug)

    def decide(self, asked: str, entry: str, kind: EventKind = EventKind.INSERTED, times: int = 2) -> None:
        numbers = range(self.told, self.told + times)
        self.told += times
        events = [Event(f"event-{i:06}", kind, f"sg{i}", entry=entry, asked=asked, at=i) for i in numbers]
        self.store.record_events(events, actor="k1")

    def learning(self) -> Learning:
        return Learning.of(self.store, self.engine, self.shelf.refresh(self.slug))

    def first(self, text: str) -> tuple[str, float]:
        hits = search(self.shelf.refresh(self.slug), Query(text), self.engine).hits
        return (hits[0].entry.id, hits[0].probability) if hits else ("", 0.0)

    def found(self, text: str) -> set[str]:
        return {hit.entry.id for hit in search(self.shelf.refresh(self.slug), Query(text, limit=10), self.engine).hits}


def pupil_of(folder: DataFolder, slug: str, engine: Engine | None) -> Pupil:
    folder.hub.add_merchant(slug, slug)
    store = folder.merchant(slug)
    for entry in (
        faq("1", "什么时候发货", "48小时内发货"),
        faq("2", "能不能退换货", "七天内可以", "不喜欢可以退吗"),
        faq("3", "会不会掉颜色", "不会的"),
    ):
        save_entry(store, engine, entry)
    store.replace_gold(GOLD)
    return Pupil(folder, slug, engine, Shelf(folder, engine))


@pytest.fixture(params=["words", "model"])
def pupil(folder: DataFolder, request: pytest.FixtureRequest) -> Pupil:
    return pupil_of(folder, "shop-a", BagEngine() if request.param == "model" else None)


def verdicts(pupil: Pupil) -> list[tuple[str, Verdict]]:
    return [(one.proposal.entry, one.verdict) for one in pupil.learning().judged(50)]


# -- what is applied


def test_an_accepted_phrasing_answers_that_very_message(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    [judged] = pupil.learning().judged(50)
    assert judged.verdict is Verdict.HARMLESS and judged.trial is not None
    assert (judged.trial.answerable, judged.trial.refused, judged.trial.lost) == (2, 1, ())
    assert pupil.first(NEW)[1] < 0.99, "nothing acts before it is accepted"
    assert pupil.learning().accept([judged.proposal.id], "训练师") == 1
    assert pupil.first(NEW) == (SHIP, 0.99)
    assert pupil.first(f"您好，{NEW}呢") == (SHIP, 0.99)
    [phrasing] = pupil.store.entry(SHIP).phrasings
    assert (phrasing.text, phrasing.polarity, phrasing.origin) == (NEW, Polarity.POSITIVE, Origin.FEEDBACK)


def test_an_accepted_counter_example_makes_the_entry_vanish_for_that_message(pupil: Pupil) -> None:
    text = "发货以后颜色会掉吗"
    assert SHIP in pupil.found(text)
    pupil.decide(text, SHIP, EventKind.REJECTED)
    [judged] = pupil.learning().judged(50)
    pupil.learning().accept([judged.proposal.id], "训练师")
    assert SHIP not in pupil.found(text)
    assert pupil.first("什么时候发货") == (SHIP, 0.99)


def test_accepting_is_recorded_and_keeps_whose_the_entry_is(pupil: Pupil) -> None:
    before = pupil.store.entry(SHIP)
    pupil.decide(NEW, SHIP)
    learning = pupil.learning()
    learning.accept([learning.pending[0].id], "训练师甲")
    after = pupil.store.entry(SHIP)
    assert (after.origin, after.version, after.answers) == (before.origin, before.version + 1, before.answers)
    [record] = pupil.store.imports()
    assert (record.kind, record.added, record.changed, record.actor) == ("learn", 1, 1, "训练师甲")
    [decision] = pupil.store.decisions()
    assert decision.accepted and decision.proposal == learning.pending[0]


def test_what_is_learned_has_its_vector_in_the_same_transaction(folder: DataFolder) -> None:
    pupil = pupil_of(folder, "shop-a", BagEngine())
    pupil.decide(NEW, SHIP)
    learning = pupil.learning()
    learning.accept([learning.pending[0].id], "训练师")
    assert pupil.shelf.refresh("shop-a").complete


# -- decided is decided


def test_accepting_twice_is_accepting_once(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    ids = [p.id for p in pupil.learning().pending]
    assert pupil.learning().accept([*ids, *ids], "甲") == 1
    generation = pupil.store.generation()
    assert pupil.learning().accept(ids, "甲") == 0
    assert (pupil.store.generation(), len(pupil.store.entry(SHIP).phrasings)) == (generation, 1)


def test_what_was_dismissed_never_returns_and_changes_nothing(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    generation = pupil.store.generation()
    ids = [p.id for p in pupil.learning().pending]
    assert pupil.learning().dismiss(ids, "甲") == 1
    assert pupil.learning().dismiss(ids, "乙") == 0
    pupil.decide(f"您好 {NEW}", SHIP, times=9)
    assert pupil.learning().pending == ()
    assert pupil.learning().accept_harmless("命令行", 50) == []
    with pytest.raises(Conflict):
        pupil.learning().accept(ids, "甲")
    assert pupil.store.generation() == generation


def test_what_was_taken_back_by_hand_is_not_learned_again(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    pupil.learning().accept_harmless("命令行", 50)
    entry = pupil.store.entry(SHIP)
    assert len(entry.phrasings) == 1
    pupil.store.apply(Change(entries=[_without_phrasings(entry)]))
    pupil.decide(NEW, SHIP, times=5)
    assert pupil.learning().pending == ()
    assert pupil.first(NEW)[1] < 0.99


def _without_phrasings(entry: Entry) -> Entry:
    return replace(entry, phrasings=())


def test_two_trainers_who_disagree_do_not_overwrite_each_other(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    mine, theirs = pupil.learning(), pupil.learning()
    ids = [p.id for p in mine.pending]
    mine.dismiss(ids, "甲")
    with pytest.raises(Conflict):
        theirs.accept(ids, "乙")
    assert pupil.store.entry(SHIP).phrasings == ()


def test_an_edit_meanwhile_is_a_conflict_and_nothing_is_written(pupil: Pupil, monkeypatch: pytest.MonkeyPatch) -> None:
    pupil.decide(NEW, SHIP)
    learning = pupil.learning()

    def edited_first(gate: Gate, proposals: list[Proposal]) -> object:
        entry = pupil.store.entry(SHIP)
        pupil.store.apply(Change(entries=[entry]))
        return trial(gate, proposals)

    trial = Gate.trial
    monkeypatch.setattr(Gate, "trial", edited_first)
    with pytest.raises(Conflict):
        learning.accept([learning.pending[0].id], "甲")
    assert pupil.store.entry(SHIP).phrasings == () and pupil.store.decisions() == []


def test_what_nobody_proposed_cannot_be_decided(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    ids = [pupil.learning().pending[0].id, "pr_unknown"]
    for decide in (pupil.learning().accept, pupil.learning().dismiss):
        with pytest.raises(NotFound):
            decide(ids, "甲")
    assert pupil.store.decisions() == [] and pupil.store.entry(SHIP).phrasings == ()


# -- the gate


def test_a_phrasing_that_is_another_entrys_gold_message_is_refused(pupil: Pupil) -> None:
    pupil.decide("买错了能不能退换货", SHIP)
    [judged] = pupil.learning().judged(50)
    assert judged.verdict is Verdict.HARMFUL and judged.trial is not None
    assert judged.trial.lost == ("买错了能不能退换货",)
    assert pupil.learning().accept_harmless("命令行", 50)[0].verdict is Verdict.HARMFUL
    with pytest.raises(Invalid, match="买错了能不能退换货"):
        pupil.learning().accept([judged.proposal.id], "甲")
    assert pupil.store.entry(SHIP).phrasings == () and pupil.store.decisions() == []


def test_a_gold_message_denies_even_where_the_search_was_wrong_before(pupil: Pupil) -> None:
    # Nothing is lost by counting, and yet it would cement the mistake.
    pupil.store.replace_gold([*GOLD, Gold("g9", "尺寸拍小了怎么弄", keys=frozenset({"2"}))])
    pupil.decide("尺寸拍小了怎么弄", COLOUR)
    assert verdicts(pupil) == [(COLOUR, Verdict.HARMFUL)]


def test_a_message_that_must_be_refused_is_not_learned(pupil: Pupil) -> None:
    pupil.decide("你们老板贵姓大名", SHIP)
    assert verdicts(pupil) == [(SHIP, Verdict.HARMFUL)]


def test_a_counter_example_that_is_the_entrys_gold_message_is_refused(pupil: Pupil) -> None:
    pupil.decide("买错了能不能退换货", RETURN, EventKind.REJECTED)
    assert verdicts(pupil) == [(RETURN, Verdict.HARMFUL)]


def test_one_harmful_proposal_does_not_spoil_its_neighbours(pupil: Pupil) -> None:
    good = ["几天能够寄出来", "最晚哪天给我寄", "下单以后多久寄走", "付完款多长时间寄走", "洗坏褪色咋办呀"]
    for text in good:
        pupil.decide(text, COLOUR if "褪色" in text else SHIP)
    pupil.decide("买错了能不能退换货", SHIP)
    judged = pupil.learning().accept_harmless("命令行", 50)
    assert {one.proposal.text for one in judged if one.verdict is Verdict.HARMLESS} == set(good)
    assert {text: pupil.first(text)[1] for text in good} == dict.fromkeys(good, 0.99)
    assert pupil.first("买错了能不能退换货")[0] == RETURN


def test_without_gold_messages_nothing_acts_by_itself_but_a_trainer_may(pupil: Pupil) -> None:
    pupil.store.replace_gold([])
    pupil.decide(NEW, SHIP)
    assert verdicts(pupil) == [(SHIP, Verdict.OPEN)]
    pupil.learning().accept_harmless("命令行", 50)
    assert pupil.store.entry(SHIP).phrasings == ()
    assert pupil.learning().accept([pupil.learning().pending[0].id], "甲") == 1
    assert pupil.first(NEW) == (SHIP, 0.99)


def test_gold_messages_that_are_all_answered_wrong_already_can_show_no_harm(pupil: Pupil) -> None:
    # Entries that are gone, or another shop's file: nothing could be lost, so nothing is proved.
    pupil.store.replace_gold([Gold("g1", "什么时候发货", keys=frozenset({"no such entry"}))])
    pupil.decide(NEW, SHIP)
    assert verdicts(pupil) == [(SHIP, Verdict.OPEN)]


def test_accepted_messages_are_witnesses_beside_the_gold(pupil: Pupil) -> None:
    pupil.decide("你家什么时候发货呢请问", SHIP, times=1)  # too little to propose, enough to be kept
    assert pupil.first("你家什么时候发货呢请问")[0] == SHIP
    gate = Gate.open(pupil.store, pupil.engine, pupil.shelf.refresh("shop-a"), "", pupil.learning().witnesses)
    thief = Proposal(
        proposal_id(COLOUR, Polarity.POSITIVE, "你家什么时候发货"), COLOUR, "你家什么时候发货", Polarity.POSITIVE, 2
    )
    assert "你家什么时候发货呢请问" in gate.trial([thief]).lost


TEXTS = [
    "几天能够寄出来",
    "买错了能不能退换货",
    "你们老板贵姓大名",
    "洗坏褪色咋办呀",
    "尺码买错想退换货",
    "什么时候发货呀亲",
]


@given(
    chosen=st.lists(
        st.tuples(st.sampled_from(TEXTS), st.sampled_from([SHIP, RETURN, COLOUR]), st.sampled_from(Polarity)),
        min_size=1,
        max_size=8,
        unique_by=lambda c: (c[0], c[1]),
    )
)
def test_whatever_is_proposed_all_that_pass_do_no_harm_together(
    tmp_path_factory: pytest.TempPathFactory, chosen: list[tuple[str, str, Polarity]]
) -> None:
    gate = _shared_gate(tmp_path_factory)
    proposals = [Proposal(proposal_id(e, p, t), e, t, p, 2) for t, e, p in chosen]
    judged = gate.judge(proposals)
    assert [one.proposal for one in judged] == proposals
    passed = [one.proposal for one in judged if one.verdict is Verdict.HARMLESS]
    assert gate.trial(passed).lost == ()
    for one in judged:
        if one.verdict is Verdict.HARMFUL:
            assert gate.trial([*passed, one.proposal]).lost


_shared: dict[str, Gate] = {}


def _shared_gate(factory: pytest.TempPathFactory) -> Gate:
    if not _shared:
        pupil = pupil_of(DataFolder(factory.mktemp("gate") / "data"), "shop-a", BagEngine())
        _shared["gate"] = Gate.open(pupil.store, pupil.engine, pupil.shelf.shard("shop-a"), "")
    return _shared["gate"]


def test_a_flood_of_harmful_proposals_costs_a_bounded_number_of_trials(
    pupil: Pupil, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials: list[int] = []
    trial = Gate.trial

    def counted(gate: Gate, proposals: list[Proposal]) -> object:
        trials.append(len(proposals))
        return trial(gate, proposals)

    monkeypatch.setattr(Gate, "trial", counted)
    gate = Gate.open(pupil.store, pupil.engine, pupil.shelf.refresh("shop-a"), "")
    flood = [
        Proposal(proposal_id(SHIP, Polarity.POSITIVE, text), SHIP, text, Polarity.POSITIVE, 2)
        for text in (f"买错了第{i}件能不能退换货" for i in range(150))
    ]
    judged = gate.judge(flood)
    assert len(trials) <= 2 * MOST_TRIALS and len(judged) == len(flood)


def test_a_trial_leaves_the_shop_as_it_was(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    shard = pupil.shelf.refresh("shop-a")
    pupil.learning().judged(50)
    assert pupil.shelf.shard("shop-a") is shard and pupil.first(NEW)[1] < 0.99
    assert pupil.store.entry(SHIP).phrasings == ()


class Failing(BagEngine):
    broken = False

    def embed(self, texts: object) -> object:  # type: ignore[override]
        if self.broken:
            raise RuntimeError("the model file vanished")
        return super().embed(texts)  # type: ignore[arg-type]


def test_while_the_model_fails_nothing_is_judged_by_words_instead(folder: DataFolder) -> None:
    engine = Failing()
    pupil = pupil_of(folder, "shop-a", engine)
    pupil.decide(NEW, SHIP)
    engine.broken = True
    assert verdicts(pupil) == [(SHIP, Verdict.OPEN)]
    with pytest.raises(EngineFailed):
        pupil.learning().accept([pupil.learning().pending[0].id], "甲")
    assert pupil.store.entry(SHIP).phrasings == ()


# -- isolation


def test_what_one_shop_learns_is_nothing_to_another(folder: DataFolder) -> None:
    ours, theirs = pupil_of(folder, "shop-a", None), pupil_of(folder, "shop-b", None)
    ours.decide(NEW, SHIP)
    assert theirs.learning().pending == () and theirs.learning().witnesses == ()
    before = theirs.first(NEW)
    ours.learning().accept_harmless("命令行", 50)
    ours.decide("洗坏褪色咋办呀", COLOUR)
    ours.learning().dismiss([p.id for p in ours.learning().pending], "甲")
    assert (ours.first(NEW), theirs.first(NEW)) == ((SHIP, 0.99), before)
    assert theirs.store.decisions() == [] and theirs.store.imports() == []
    # The same idea has the same id in both shops; deciding it in one decides it there only.
    theirs.decide("洗坏褪色咋办呀", COLOUR)
    assert [p.text for p in theirs.learning().pending] == ["洗坏褪色咋办呀"]


def test_a_phrasing_learned_stays_through_a_trainers_edit(pupil: Pupil) -> None:
    pupil.decide(NEW, SHIP)
    pupil.learning().accept_harmless("命令行", 50)
    entry = pupil.store.entry(SHIP)
    edited = save_entry(pupil.store, pupil.engine, _asked_too(entry, "啥时候能寄"))
    assert next((p.text, p.origin) for p in edited.phrasings) == (NEW, Origin.FEEDBACK)
    assert pupil.first(NEW) == (SHIP, 0.99)


def _asked_too(entry: Entry, text: str) -> Entry:
    return replace(entry, phrasings=(*entry.phrasings, Phrasing("p_new", text, origin=Origin.TRAINER)))
