"""Everything that can go wrong, as one tree; every leaf has a stable code, a cause and a remedy.

HuashuError
├── NotFound            HS-404   the thing does not exist *for this credential*
├── Conflict            HS-409   somebody changed it first
├── Invalid             HS-422   the request or the row is not acceptable
│   └── BadFile         HS-415   a file cannot be read at all
├── TooLarge            HS-413   over a stated limit
├── Unauthorised        HS-401   no key, an expired or a revoked one
├── Forbidden           HS-403   a good key without the role for this
├── TooMany             HS-429   more requests, or wrong passwords, than are let through
├── Busy                HS-503   a lock or a queue is held; retrying helps
├── Cancelled           HS-499   the caller stopped the work; what was finished is kept
├── StoreFailed         HS-507   the disk refused a write; nothing was acknowledged
└── EngineFailed        HS-520   the embedding model cannot be used; search goes on lexically

`message` is for an agent, trainer or shop owner and therefore Chinese; `remedy` says what to do next.
`bot.problem` maps the tree to RFC 9457 in one place; a test walks all leaves.
"""

from __future__ import annotations

from typing import ClassVar


class HuashuError(Exception):
    """Base of every error this project raises on purpose."""

    code: ClassVar[str] = "HS-500"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "内部错误"
    remedy: ClassVar[str] = "请把时间和编号告诉管理员。"

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = remedy or self.remedy


class NotFound(HuashuError):
    """The thing does not exist, or belongs to a shop this credential cannot name: both look the same."""

    code = "HS-404"
    status = 404
    title = "没有找到"
    remedy = "请检查编号是否正确，以及当前店铺是否选对。"


class Conflict(HuashuError):
    """The caller edited an older version than the stored one."""

    code = "HS-409"
    status = 409
    title = "内容已经变了"
    remedy = "请重新打开这一条，核对后再保存。"


class Invalid(HuashuError):
    """The request is well-formed but not acceptable."""

    code = "HS-422"
    status = 422
    title = "内容不符合要求"
    remedy = "请按提示修改后重试。"


class BadFile(Invalid):
    """A file that cannot be read as what it claims to be."""

    code = "HS-415"
    status = 415
    title = "文件读不出来"
    remedy = "请用 Excel 或 WPS 打开后另存为 xlsx 或 csv，再导入。"


class TooLarge(HuashuError):
    """A stated limit is exceeded."""

    code = "HS-413"
    status = 413
    title = "内容太大"
    remedy = "请拆成几份后重试。"


class Unauthorised(HuashuError):
    """Nobody logged in, or a key or session that is unknown, expired or revoked."""

    code = "HS-401"
    status = 401
    title = "需要登录"
    remedy = "请重新登录；还是不行请找管理员。"


class Forbidden(HuashuError):
    """Somebody known whose roles, or whose key's scopes, do not reach this route."""

    code = "HS-403"
    status = 403
    title = "没有权限"
    remedy = "请让管理员给您相应的角色。"


class TooMany(HuashuError):
    """More requests than one credential may send, or more wrong passwords than anybody needs."""

    code = "HS-429"
    status = 429
    title = "太频繁"
    remedy = "请过一会儿再试。"

    def __init__(self, message: str, *, remedy: str | None = None, retry_s: float = 1.0) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_s = retry_s


class Busy(HuashuError):
    """Something else holds the lock or fills the queue."""

    code = "HS-503"
    status = 503
    title = "暂时忙"
    remedy = "请稍后重试；没有确认成功的内容不会被写入。"


class Cancelled(HuashuError):
    """Somebody stopped long work, or the service is stopping; nothing but what can be taken up again was written."""

    code = "HS-499"
    status = 499
    title = "已取消"
    remedy = "再导入同一个文件，会接着上次的进度。"


class StoreFailed(HuashuError):
    """The disk refused a write (full, read-only, damaged); nothing was acknowledged."""

    code = "HS-507"
    status = 507
    title = "写入失败"
    remedy = "请检查磁盘空间和数据目录权限；已确认的内容不受影响。"


class EngineFailed(HuashuError):
    """The embedding model is missing, damaged or of the wrong shape."""

    code = "HS-520"
    status = 503
    title = "语义模型不可用"
    remedy = "仍可按关键词推荐；请管理员检查模型设置后重启服务。"
