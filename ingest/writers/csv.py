"""A page as comma separated text: UTF-8 with a mark, which Excel and WPS open with Chinese as Chinese."""

from __future__ import annotations

import codecs
import csv
import io

from ingest.quote import quote
from ingest.sheet import safe
from ingest.writers.page import Page


def write_csv(page: Page) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([quote(safe(header.text)) for header in page.headers])
    writer.writerows([quote(safe(text)) for text in row] for row in page.rows)
    return codecs.BOM_UTF8 + out.getvalue().encode()
