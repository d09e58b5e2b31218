"""What an uplift report says, in Chinese and English: page one for whoever pays, the rest for whoever checks."""

from __future__ import annotations

from eval.paper.words import Words, sayer

WORDS: Words = {
    "title": ("机器人带来了多少：效果报告", "What the bot earned: uplift report"),
    "shop": ("{name}", "{name}"),
    # page one
    "change_up": (
        "每 100 个会话，有机器人帮忙的成交 {treated} 个，没有的（对照组）成交 {control} 个：提升 {value}（95% 区间 {low} 到 {high}）。",
        "Of 100 conversations, {treated} with the bot and {control} without it (control group) end in an order: "
        "a gain of {value} (95% interval {low} to {high}).",
    ),
    "change_down": (
        "每 100 个会话，有机器人帮忙的成交 {treated} 个，没有的（对照组）成交 {control} 个：变化 {value}（95% 区间 {low} 到 {high}）。",
        "Of 100 conversations, {treated} with the bot and {control} without it (control group) end in an order: "
        "a change of {value} (95% interval {low} to {high}).",
    ),
    "change_money": (
        "平均每个会话，有机器人帮忙的带来 {treated}，没有的（对照组）带来 {control}：相差 {value}（95% 区间 {low} 到 {high}）。",
        "A conversation brings {treated} with the bot and {control} without it (control group): a difference of "
        "{value} (95% interval {low} to {high}).",
    ),
    "unknown": (
        "会话太少，还算不出区间，什么都不能说。",
        "Too few conversations for any interval: nothing can be said yet.",
    ),
    "gain": (
        "可以下结论：有提升，不是碰巧。天天来看也站得住。",
        "This can be said: there is a gain, and it is not chance. It holds even for whoever looks every day.",
    ),
    "gain_once": (
        "可以下结论：有提升。前提是结束日事先定好、只在今天看这一次。",
        "This can be said: there is a gain, given that the end was fixed beforehand and this is the only look.",
    ),
    "loss": (
        "可以下结论：变差了，不是碰巧。建议先停用，查明原因。",
        "This can be said: it got worse, and that is not chance. Stop the treatment and find out why.",
    ),
    "early_gain": (
        "看起来有提升，但还不能下结论：如果是天天看、看到好就停，{more}。如果结束日是事先定好的，今天就可以说有提升。",
        "It looks like a gain, but cannot be said yet by whoever looks every day and stops when it looks good: {more}. "
        "If the end was fixed beforehand, it can be said today.",
    ),
    "early_loss": (
        "看起来变差了，但还不能下结论：如果是天天看，{more}。如果结束日是事先定好的，今天就可以说变差了。",
        "It looks worse, but cannot be said yet by whoever looks every day: {more}. "
        "If the end was fixed beforehand, it can be said today.",
    ),
    "open": (
        "还不能下结论：区间里包含 0。要看清 {worth} 的差别（八成把握），{more}。",
        "Nothing can be said yet: the interval contains 0. To see a difference of {worth} (with 80% power), {more}.",
    ),
    "enough": (
        "看不出差别。会话已经够多，真有 {worth} 的差别多半早就看见了。",
        "No difference can be seen. There are enough conversations: a difference of {worth} would most likely have shown.",
    ),
    "more": ("还要约 {count} 个会话", "about {count} more conversations are needed"),
    "no_more": ("还要一些会话", "some more conversations are needed"),
    "earned": (
        "钱：有机器人帮忙的 {n} 个会话，一共多带来 {sum}（已扣退款；95% 区间 {low} 到 {high}），平均每个会话多 {each}。",
        "Money: the {n} conversations with it brought {sum} more (refunds taken off; 95% interval {low} to {high}), "
        "{each} for each conversation.",
    ),
    "earned_open": (
        "钱：还看不清。有机器人帮忙的 {n} 个会话，一共{low}到{high}都有可能（已扣退款）。",
        "Money: not clear yet. For the {n} conversations with it, anything from {low} to {high} is possible "
        "(refunds taken off).",
    ),
    "once_only": (
        "（这一条只在事先定好、只看一次时算数。）",
        " (This holds only for one look that was planned.)",
    ),
    "more_money": ("多 {sum}", "{sum} more"),
    "less_money": ("少 {sum}", "{sum} less"),
    "order": (
        "客单价（每个成交会话，已扣退款）：有机器人帮忙的 {treated}，没有的 {control}，{told}（相差的 95% 区间 {low} 到 {high} 元）。",
        "Average order (refunds taken off): {treated} with the bot and {control} without it, {told} (95% interval of the "
        "difference {low} to {high} CNY).",
    ),
    "order_1": ("高了 {value}", "{value} more"),
    "order_0": ("看不出差别", "no difference can be seen"),
    "order_-1": ("低了 {value}", "{value} less"),
    "trust": (
        "可信吗：{units} 个{unit}随机分成 {arms} 组，分组核对通过（分组比例 {ratio}，分组前的特征 {balance}）。",
        "Can it be trusted: {units} {unit} were split into {arms} groups at random, and the split was checked (shares {ratio}, what was "
        "known before {balance}).",
    ),
    "trust_unchecked": (
        "可信吗：分组比例正常（{ratio}），但文件里没有分组之前就知道的特征，查不出是不是随机分的。",
        "Can it be trusted: the shares are as planned ({ratio}), but the file holds nothing known before the "
        "assignment, so whether it was random cannot be checked.",
    ),
    "trust_blind": (
        "可信吗：分组比例没有看出问题（{ratio}），但只有 {units} 个分配单位，太少了，查不出是不是随机分的：再偏也不会被发现。",
        "Can it be trusted: nothing is wrong with the shares ({ratio}), but {units} assigned units are too few to check whether the "
        "assignment was random: no bias, however large, would be found.",
    ),
    "units_conversation": ("会话", "conversations"),
    "units_cluster": ("分配单位（班次或店铺）", "assigned units (shifts or shops)"),
    "guards_hold": (
        "没有副作用：{names}都没有变差到约定的范围之外。",
        "No harm: {names} did not get worse beyond the margins.",
    ),
    "guards_unclear": ("还看不清有没有副作用：{names}。", "Harm cannot be ruled out yet: {names}."),
    "guards_broken": (
        "注意，有副作用：{names}变差了，超过了约定的范围。",
        "Harm: {names} got worse beyond the margin.",
    ),
    "refused": (
        "不能下结论：分组核对没有通过，各组不能直接比。成交上的差别可能是买家本来就不同，不能算在机器人头上。",
        "Nothing can be concluded: the split failed its check, so the groups cannot be compared. A difference in "
        "orders may be one of buyers, and cannot be credited to the bot.",
    ),
    "refused_ratio": (
        "两组的数量不对：计划 {planned}，实际 {seen}（{p}）。可能有一组的会话丢了，或重复记了。"
        "如果计划的比例就不是一比一，请用 --shares 写明。",
        "The groups' sizes are wrong: planned {planned}, found {seen} ({p}). Rows of one group may be lost or counted "
        "twice. If another split was planned, say so with --shares.",
    ),
    "refused_balance": (
        "分组之前的特征就差很多（{p}）：差得最多的是 {names}。",
        "What was known before the assignment differs ({p}), most of all: {names}.",
    ),
    "refused_do": (
        "怎么办：让系统按会话或班次随机分组（huashu experiment），重新收集；按这份数据只能说两组不同，不能说机器人带来了什么。",
        "What to do: let the system assign conversations or shifts at random (huashu experiment) and collect again.",
    ),
    "warned": (
        "注意：分组核对没有通过，下面的数字不能当作机器人的效果。",
        "The assignment failed its check: the figures below are not the bot's effect.",
    ),
    "doubted": (
        "分组之前的特征有些不一样（{p}），还在随机的范围内，请留意。",
        "What was known before differs somewhat ({p}), still within chance. Keep an eye on it.",
    ),
    "ramped": (
        "注意：分组的比例中途变过（{p}）。不同日子混在一起比会失真，请只用比例不变的那一段。",
        "The arms' shares changed on the way ({p}). Days then weigh differently in each arm: use one stage only.",
    ),
    "doubted_ratio": (
        "各组的大小和计划有些不一样（{p}），还在随机的范围内，请留意有没有丢会话。",
        "The groups' sizes differ somewhat from the plan ({p}), still within chance. Look whether rows are lost.",
    ),
    "few_units": (
        "只有 {units} 个分配单位，区间按小样本放宽了；单位越多越准。",
        "There are only {units} assigned units; intervals are widened for that. More units make them narrower.",
    ),
    "contaminated": (
        "{n} 个会话（{share}）看到了另一组的做法。它们仍按分到的组计算，所以算出来的效果偏小。",
        "{n} conversations ({share}) saw the other arm too. They are counted where they were assigned, which makes the "
        "effect look smaller than it is.",
    ),
    "crossed": (
        "{units} 个分配单位（班次或店铺）因为比例改了，两组都进过：它们的 {n} 个会话没有算进来。谁会换组是随机定的，略去不偏向哪一组。",
        "{units} assigned units (shifts or shops) met both arms when the shares were changed: their {n} conversations are left "
        "out. Which units change arm is drawn by lot, so this favours neither arm.",
    ),
    # sections
    "s_effect": ("两组相比", "The groups compared"),
    "s_always": ("天天看也算数的区间", "Intervals for daily looking"),
    "s_trust": ("分组核对", "Was the split random?"),
    "s_novelty": ("效果会不会越来越小", "Does it wear off?"),
    "s_guards": ("副作用", "Guardrails"),
    "s_segments": ("对谁更有用", "For whom does it work?"),
    "s_cuped": ("用分组前的信息收窄区间", "Narrower intervals from what was known before"),
    "s_power": ("还要多少会话", "How many conversations does it take?"),
    "s_score": ("打分排得好不好", "Does the score find whom it moves?"),
    "s_methods": ("方法", "Methods"),
    # measures
    "conversion": ("成交率", "Conversion"),
    "net": ("每个会话净收入", "Net money per conversation"),
    "order_value": ("客单价", "Average order"),
    "items": ("每单件数", "Items per order"),
    "refund": ("退款率", "Refund rate"),
    "complaint": ("投诉率", "Complaint rate"),
    "first_reply": ("首次响应", "First reply"),
    "d_conversion": ("有付款的会话 ÷ 全部会话", "conversations with a paid order ÷ all"),
    "d_net": ("（付款 − 退款）÷ 全部会话", "(paid − refunded) ÷ all conversations"),
    "d_order_value": ("成交会话的（付款 − 退款）÷ 成交会话数", "(paid − refunded) ÷ conversations with an order"),
    "d_items": ("成交会话的件数 ÷ 成交会话数", "items ÷ conversations with an order"),
    "d_refund": ("成交后有退款的会话 ÷ 成交会话数", "with a refund ÷ conversations with an order"),
    "d_complaint": ("有投诉的会话 ÷ 全部会话", "with a complaint ÷ all conversations"),
    "d_first_reply": ("首次人工回复的平均秒数", "mean seconds to the first human reply"),
    "difference": ("{name}：{arm} − 对照组", "{name}: {arm} − control"),
    "exposed_only": ("{name}：只看本可推荐的会话", "{name}: only where it could act"),
    "bootstrap": ("{name}（bootstrap-t，适合少数大单）", "{name} (bootstrap-t, for skewed money)"),
    "adjusted": ("{name}（CUPED）", "{name} (CUPED)"),
    "any": ("全部实验组", "all treatments"),
    "control": ("对照组", "Control"),
    # grids
    "caption_ratio": (
        "各组的大小和计划一样吗：{p}；天天看也算数的检验：{always}",
        "Are the groups as large as planned: {p}; by the test that may be looked at daily: {always}",
    ),
    "caption_balance": (
        "分组之前的特征一样吗（差得最多的在前）：",
        "Was what was known before the same, largest difference first:",
    ),
    "arm": ("组", "Arm"),
    "units": ("分配单位数", "Units"),
    "conversations": ("会话数", "Conversations"),
    "planned": ("计划比例", "Planned"),
    "seen": ("实际比例", "Found"),
    "measure": ("指标", "Measure"),
    "treated": ("实验组", "Treated"),
    "covariate": ("分组前的特征", "Known before"),
    "smd": ("标准化差", "Std. difference"),
    "margin": ("允许变差", "Margin"),
    "state": ("判断", "State"),
    "holds": ("没有变差", "holds"),
    "broken": ("变差了", "broken"),
    "unclear": ("看不清", "unclear"),
    "cut": ("分法", "Cut"),
    "part": ("部分", "Part"),
    "effect": ("变化", "Change"),
    "interval": ("95% 区间", "95% interval"),
    "p_holm": ("p（Holm 校正）", "p (Holm)"),
    "p_fdr": ("q（BH 校正）", "q (BH)"),
    "equal": ("各部分相同？p（Holm 校正）", "parts equal? p (Holm)"),
    "reduction": ("方差减少", "Variance taken out"),
    "mde": ("要看清的差别", "Difference to see"),
    "wanted": ("共需会话（只看一次）", "Conversations (one look)"),
    "wanted_always": ("共需会话（天天看）", "Conversations (daily)"),
    "day": ("日期", "Day"),
    "always_line": ("天天看也算数", "valid every day"),
    "naive_line": ("普通区间（只看一次才算数）", "ordinary (valid once)"),
    "buyer": ("新老客", "Buyer"),
    "platform": ("平台", "Platform"),
    "scene": ("场景", "Scene"),
    "shop_cut": ("店铺", "Shop"),
    # captions and prose
    "plot_relative": (
        "各指标相对对照组的变化，横线是 95% 区间，虚线是没有变化",
        "Change against the control group with 95% intervals",
    ),
    "plot_always": (
        "累计到每一天的变化。宽的区间天天看都算数；窄的只有事先定好看一次才算数",
        "The change up to each day. The wide band holds for daily looking, the narrow one only for one planned look",
    ),
    "plot_novelty": ("每一天自己的变化和 95% 区间", "Each day's own change with its 95% interval"),
    "plot_segments": ("各部分的变化和 95% 区间（未校正）", "Change by part with 95% intervals (uncorrected)"),
    "plot_score": (
        "按打分从高到低推荐，累计多成交的会话（Qini 曲线）",
        "Orders won when the best scores come first (Qini)",
    ),
    "no_days": (
        "没有给出：文件里没有日期、只有一天，或者分配单位跨了多天（例如按店铺分组），这样的区间要按天独立才成立。",
        "Not given: no days are told, there is only one, or units go on for several days (as shops do).",
    ),
    "trend_flat": ("看不出越来越大或越来越小（每天 {slope}，{p}）。", "No trend can be seen ({slope} a day, {p})."),
    "trend_down": (
        "效果在变小：每天 {slope}（{p}）。新鲜感可能正在过去，长期效果会比上面的数字小。",
        "The effect shrinks by {slope} a day ({p}): the novelty may wear off, and the lasting effect be smaller.",
    ),
    "trend_up": ("效果在变大：每天 {slope}（{p}）。", "The effect grows by {slope} a day ({p})."),
    "segments_same": (
        "各部分的效果看不出不同，不要从中挑一个好看的。",
        "The parts cannot be told apart: do not pick the best one.",
    ),
    "segments_differ": ("{names} 的各部分效果不同，值得分开看。", "The effect differs by {names}."),
    "cuped_text": (
        "这里只用分组之前就知道的信息，不改变效果，只让区间变窄；第一页的数字没有用它。",
        "Only what was known before is used: the effect stays what it is, the interval gets narrower. Page one does not use it.",
    ),
    "score_text": (
        "Qini 系数 {qini}，AUUC {auuc}（0 是随机，1 是最好）。",
        "Qini {qini}, AUUC {auuc} (0 is random, 1 is best).",
    ),
    "methods_text": (
        "区间：Welch t（单个会话）；按班次或店铺分组时为 CR2 稳健方差加 Bell–McCaffrey 自由度；"
        "客单价用 delta 方法；金额另给 bootstrap-t。"
        "天天看的区间是渐近置信序列（Waudby-Smith 等，2024）。分组比例用卡方检验，分组前特征用 Hansen–Bowers 联合检验，"
        "p 小于 0.001 就拒绝下结论。公式和出处见 docs/uplift.md。",
        "Intervals: Welch's t for single conversations; CR2 with Bell–McCaffrey degrees of freedom where shifts or shops "
        "were assigned; delta method for averages of orders; bootstrap-t beside it for money. Daily: asymptotic confidence "
        "sequence (Waudby-Smith et al., 2024). Split: chi-square; what was known before: Hansen–Bowers; refused at p < "
        "0.001. Formulas and sources: docs/uplift.md.",
    ),
    "method": (
        "huashu eval uplift；{control} 为对照组；{design}",
        "huashu eval uplift; control group {control}; {design}",
    ),
    "by_conversation": ("按会话分组", "conversations assigned"),
    "by_cluster": ("按班次或店铺分组", "clusters assigned"),
    "range": ("{file}，{first} 至 {last}", "{file}, {first} to {last}"),
    "n_of": ("{rows} 个会话，{units} 个分配单位", "{rows} conversations, {units} units"),
    "and": ("、", ", "),
    "rows_days": ("每天", "Days"),
    "rows_parts": ("各部分", "Parts"),
    "rows_raw": ("会话", "Conversations"),
    "converted": ("成交", "Orders"),
    "paid": ("付款", "Paid"),
    "refunded": ("退款", "Refunded"),
}
say = sayer(WORDS)
