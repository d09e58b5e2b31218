"""What the merchant's page says, in Chinese and English. Written for a shop owner: no arm, no p, no confidence level unexplained."""

from __future__ import annotations

from eval.paper.words import Words, sayer

_TABLE: Words = {
    "title": ("客服成效报告", "Customer service report"),
    "period": ("{first} 至 {last}，共 {days} 天", "{first} to {last}, {days} days"),
    "earned": ("机器人多卖了多少钱", "What the bot earned"),
    "net_note": (
        "已减去退款。把会话随机分成“用推荐”和“不用推荐”两组来比：两组别的都一样，差出来的就是推荐带来的。",
        "Net of refunds. Chats were split at random into with and without offers; all else is equal: the difference is the bot's.",
    ),
    "net_only": ("已减去退款。把会话分成“用推荐”和“不用推荐”两组来比。", "Net of refunds: chats with offers beside those without."),
    "so_far": ("本期已多卖", "Earned this period"),
    "so_far_note": ("{n} 个会话用了推荐", "in the {n} chats that had it"),
    "per_100": ("每 100 个会话多卖", "Per 100 chats"),
    "per_100_note": ("不用推荐时卖 {base} 元", "{base} CNY without it"),
    "monthly": ("全部会话都用，每月约多卖", "Per month, if all chats had it"),
    "monthly_note": ("按每 30 天 {n} 个会话算", "at {n} chats per 30 days"),
    "range": ("可能在 {low} 到 {high} 之间", "likely {low} to {high}"),
    "no_range": ("会话太少，算不出范围", "too few chats for a range"),
    "yuan": ("{value} 元", "{value} CNY"),
    "sure": ("有把握：多卖了", "Sure: it earned more"),
    "sure_note": (
        "连天天看都算数的范围（细线）也全在 0 以上，所以不管看过几次，这句话都算数。",
        "Even the range that allows for daily looking (thin line) lies wholly above 0: this holds however often you have looked.",
    ),
    "unsure": ("还不能下结论", "No conclusion yet"),
    "unsure_note": (
        "可能范围里还有 0：多卖、少卖、没差别都还说得通。现在有 {n} 个会话，要看清 10% 的差别，大约还要 {more} 个。",
        "The likely range still holds 0: more, less or no difference. There are {n} chats; a 10% difference takes about {more} more.",
    ),
    "early_note": (
        "只看今天，可能范围不含 0；但天天看总会碰巧遇到，天天看也算数的范围（细线）还含 0。现在有 {n} 个会话，大约还要 {more} 个。",
        "Today's range alone leaves 0 out, but whoever looks daily meets that by chance; the range for daily looking (thin line) "
        "still holds 0. There are {n} chats; it takes about {more} more.",
    ),
    "unsure_few": (
        "会话还太少（每组要 100 个，按班分组还要 20 个班），算不出天天看也算数的范围，请先接着用。",
        "Too few chats (each group needs 100, of 20 shifts where those are split) for a range that allows daily looking; keep it running.",
    ),
    "unsure_open": ("多卖、少卖、没差别都还说得通，请先接着用。", "It may be more, less or no difference; keep it running."),
    "unsure_never": (
        "只有一天的会话，或整店一起分组：算不出天天看也算数的范围，所以不下结论。",
        "Chats of one day only, or whole shops as groups: no range allows for daily looking, so nothing is concluded.",
    ),
    "none": ("看不出差别", "No difference to be seen"),
    "none_note": (
        "会话已经够多：真有 10% 的差别，多半早就看出来了。可能范围里仍有 0。",
        "There are chats enough to have seen a 10% difference most likely. The likely range still holds 0.",
    ),
    "loss": ("有把握：少卖了", "Sure: it earned less"),
    "loss_note": (
        "连天天看都算数的范围（细线）也全在 0 以下，建议先停用推荐，和服务商一起查原因。",
        "Even the range that allows for daily looking (thin line) lies wholly below 0. Stop the offers for now and look for the reason.",
    ),
    "ranges_note": (
        "“可能范围”（粗条）是只看今天的 95% 范围；有没有把握由细线决定，它天天看也算数，所以更宽。",
        " “Likely” (thick bar) is today's 95% range; the thin line, wider since it allows for daily looking, decides what is sure.",
    ),
    "decides": ("每 100 个会话多卖，天天看也算数的范围", "Per 100 chats, range that allows for daily looking"),
    "not_checked": (
        "两组原来是不是一样，没有核对：数据里没有分组之前就知道的信息。",
        "Whether the groups were alike beforehand was not checked: the data holds nothing known before the assignment.",
    ),
    "blind": (
        "两组原来是不是一样，核对不出来：只有 {units} 个班或店，太少，再偏也不会被发现。",
        "Whether the groups were alike beforehand cannot be checked: {units} shifts or shops are too few to find any bias.",
    ),
    "refused": ("这次不能作数", "Not to be relied on"),
    "refused_note": (
        "两组会话不像是随机分的（{why}），差别可能不是推荐带来的。请服务商查清分组再算。",
        "The two groups do not look randomly assigned ({why}), so the difference may not be the bot's. Have the assignment checked first.",
    ),
    "why_ratio": ("两组的数量与计划不符", "their sizes are not as planned"),
    "why_ramped": ("两组的比例中途变过", "their shares changed on the way"),
    "why_balance": ("分组之前就不一样", "they differed beforehand"),
    "scale": ("每 100 个会话多卖的钱（元）", "Earned per 100 chats (CNY)"),
    "scale_alt": ("每 100 个会话多卖 {value} 元，可能在 {low} 到 {high} 之间", "{value} CNY per 100 chats, likely {low} to {high}"),
    "nothing": ("没差别", "no difference"),
    "how": ("钱是怎么多出来的", "Where it came from"),
    "with": ("用推荐", "With"),
    "without": ("不用推荐", "Without"),
    "difference": ("差别", "Difference"),
    "likely": ("可能范围", "Likely range"),
    "conversion": ("会话成交率", "Chats that buy"),
    "order_value": ("每个成交会话的金额", "Value of a chat that buys"),
    "five": ("服务五项", "The five measures"),
    "no_log": (
        "日志里没有这家店这段时间的会话，服务五项算不出来；请核对店铺代号和日志的日期。",
        "The log has no chats of this shop in this period; check the shop's code and the log's dates.",
    ),
    "measure": ("指标", "Measure"),
    "now": ("本期", "Now"),
    "before": ("上期", "Before"),
    "change": ("变化", "Change"),
    "better": ("变好", "better"),
    "worse": ("变差", "worse"),
    "same": ("差不多", "about the same"),
    "to": ("到", "to"),
    "along": ("搭着卖出去的", "What was sold along"),
    "along_none": ("本期没有搭着卖出的商品。", "Nothing was sold along."),
    "orders": ("单数", "Orders"),
    "product": ("商品", "Product"),
    "along_note": ("{share} 的咨询订单不止一种商品", "{share} of orders hold more than one product"),
    "open": ("买家问了、店里还答不上的", "Asked, and not answered yet"),
    "open_none": ("本期没有记录到答不上的问题。", "None was recorded."),
    "open_note": ("请告诉我们答案，下个月就能答", "Tell us the answers and the bot will know them"),
    "question": ("问题", "Question"),
    "times": ("次数", "Times"),
    "guards": ("有没有副作用", "Side effects"),
    "refund": ("成交会话的退款率", "Refunds of chats that buy"),
    "complaint": ("投诉率", "Complaints"),
    "first_reply": ("首次响应", "First reply"),
    "holds": ("没有变差", "no worse"),
    "broken": ("变差了", "worse"),
    "unclear": ("还看不清", "unclear yet"),
    "method": (
        "随机分组对照；差异的 95% 区间按 Welch（同一单位多个会话时按单位聚类 CR2），只算看一次；"
        "“有把握”按天天看也算数的置信序列（Waudby-Smith 等 2024）",
        "randomised hold-out; 95% intervals of differences by Welch, clustered by unit (CR2) where several chats share one, for one look; "
        "“sure” by a confidence sequence, which allows daily looks (Waudby-Smith et al. 2024)",
    ),
    "method_refused": ("分组核对没有通过，不作比较", "the check of the assignment failed; nothing is compared"),
    "crossed": ("另有 {n} 个会话的班中途换了组，没有算", "{n} more chats whose shift changed groups are left out"),
    "settled": (
        "“差不多”：变化没有超出偶然的范围。报告里没有买家，客服用代号；每个数怎么算，请向服务商要口径说明。",
        "“About the same”: within chance. No buyer appears, agents go by pseudonyms; your provider has every definition.",
    ),
    "rests": (
        "知识版本 {knowledge} · 模型指纹 {model} · 种子 {seed}",
        "Knowledge version {knowledge} · model fingerprint {model} · seed {seed}",
    ),
    "rows": ("会话明细", "Chats"),
    "agent": ("客服{number}", "Agent {number}"),
    "of_shop": ("店铺", "Shop"),
    "chats": ("{n} 个会话", "{n} chats"),
    "counted": ("{n} 个会话，用推荐 {treated} 个，不用 {rest} 个", "{n} chats, {treated} with and {rest} without offers"),
}  # fmt: skip

say = sayer(_TABLE)
