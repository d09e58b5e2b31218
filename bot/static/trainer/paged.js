// A searchable, paged table: what entries and products have in common.
import { explain } from "../shared/api.js";
import { $, debounce } from "../shared/dom.js";

export const PAGE = 50;

/** name: prefix of the element ids; fetchPage(offset, limit) → {total, rows}; drawRows(rows) fills the body. */
export function mountPaged(name, { fetchPage, drawRows, nothing }) {
  let offset = 0, round = 0, total = 0;
  const at = (part) => $(`${name}-${part}`);

  async function load() {
    const mine = ++round;
    at("progress").classList.add("on");
    try {
      const reply = await fetchPage(offset, PAGE);
      if (mine !== round) return;
      total = reply.total;
      // The last row of the last page may just have been moved away by a filter or a colleague.
      if (offset >= total && offset > 0) { offset = Math.floor(Math.max(0, total - 1) / PAGE) * PAGE; load(); return; }
      drawRows(reply.rows);
      at("say").textContent = reply.rows.length ? "" : nothing();
      at("count").textContent = `共 ${total} 条`;
      at("page").textContent = total ? `${Math.floor(offset / PAGE) + 1} / ${Math.ceil(total / PAGE)}` : "";
      at("prev").disabled = offset === 0;
      at("next").disabled = offset + PAGE >= total;
    } catch (error) {
      if (mine !== round) return;
      drawRows([]);
      at("say").textContent = explain(error).whole;
    } finally {
      if (mine === round) at("progress").classList.remove("on");
    }
  }

  const first = () => { offset = 0; return load(); };
  const turn = (pages) => { offset += pages * PAGE; at("rows").closest(".table-box").scrollTop = 0; load(); };
  at("prev").addEventListener("click", () => turn(-1));
  at("next").addEventListener("click", () => turn(1));
  at("q").addEventListener("input", debounce(first, 250));
  at("filter").addEventListener("submit", (event) => { event.preventDefault(); first(); });
  document.addEventListener("huashu:shop", () => { offset = 0; round += 1; drawRows([]); at("count").textContent = ""; });
  return { load, first };
}
