// The matrix: a row for each host, of which only the cells in sight are in the document.
// The table keeps the focus; which cell is meant stands in aria-activedescendant.

const OVERSCAN = 4, PRINTED = 2000, LABEL = 28;

function shorten(text, length) {
  if (text.length <= length) return text;
  const tail = Math.floor(length * 0.6);
  return `${text.slice(0, length - tail - 1)}\u2026${text.slice(-tail)}`;
}

function statusSymbol(data, status) {
  return data.symbols.get(status === "ready" || status === "member" ? "pass" : "fail");
}

class Grid {
  constructor(data, scroller, caption, open, choose) {
    Object.assign(this, { data, scroller, caption, open, choose });
    this.table = scroller.querySelector("table");
    this.head = this.table.tHead;
    this.body = this.table.tBodies[0];
    this.hosts = [];
    this.columns = [];
    this.row = 1;
    this.column = 0;
    this.drawn = null;
    this.rowHeight = 32;
    this.columnWidth = 35;
    this.height = this.width = 0;
    this.cells = new Map([...data.symbols].map(([verdict, symbol]) => (
      [verdict, make("td", { class: `v-${verdict}`, "aria-label": wordOf(verdict) }, symbol)]
    )));
    this.noCell = make("td", { "aria-label": "no such check" });
    this.table.tabIndex = 0;
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("click", (event) => this.click(event));
    this.table.addEventListener("focus", () => this.mark());
    this.table.addEventListener("mouseover", (event) => this.tell(this.placeOf(event.target)));
    this.table.addEventListener("mouseleave", () => this.tell([this.row, this.column]));
    scroller.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(scroller);
  }

  set(hosts, columns) {
    const same = (old, now) => old.length === now.length && old.every((one, n) => one === now[n]);
    // a host was opened or left: what was in sight stays there
    if (this.drawn && same(this.hosts, hosts) && same(this.columns, columns)) return;
    if (this.scroller.scrollTop) this.scroller.scrollTop = 0;
    if (this.scroller.scrollLeft) this.scroller.scrollLeft = 0;
    this.hosts = hosts;
    this.columns = columns;
    this.row = Math.min(this.row, hosts.length);
    this.column = Math.min(this.column, columns.length);
    this.table.setAttribute("aria-rowcount", hosts.length + 1);
    this.table.setAttribute("aria-colcount", columns.length + 1);
    this.table.style.setProperty("--columns", columns.length);
    const names = columns.map((number, place) => {
      const { name, check } = this.data.columns[number];
      const said = check === name ? name : `${name} (${check})`;
      return make("th", { scope: "col", title: said, "aria-label": said, "aria-colindex": place + 2 },
        make("span", {}, shorten(name, LABEL)));
    });
    const corner = make("th", { scope: "col", "aria-colindex": 1 }, make("span", {}, "host"));
    this.head.replaceChildren(make("tr", { "aria-rowindex": 1 }, corner, ...names));
    this.drawn = null;
    this.draw();
  }

  // Asked of the browser where a size may have changed, and not at each draw: it would have to
  // lay out the table before and after.
  measure() {
    const row = this.body.querySelector("tr[data-row]"), head = this.head.rows[0];
    const tall = (row && row.offsetHeight) || this.rowHeight;
    const wide = (head && head.cells[1] && head.cells[1].offsetWidth) || this.columnWidth;
    if (tall !== this.rowHeight || wide !== this.columnWidth) this.drawn = null;
    [this.rowHeight, this.columnWidth] = [tall, wide];
    [this.height, this.width] = [this.scroller.clientHeight, this.scroller.clientWidth];
    this.draw();
  }

  soon() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  // Draws what is in sight; `all` is for paper, which does not scroll.
  draw(all) {
    const rows = this.hosts.length, columns = this.columns.length;
    this.height ||= this.scroller.clientHeight;
    this.width ||= this.scroller.clientWidth;
    const top = Math.floor(this.scroller.scrollTop / this.rowHeight);
    const left = Math.floor(this.scroller.scrollLeft / this.columnWidth);
    const bottom = Math.min(rows, top + Math.ceil(this.height / this.rowHeight));
    const right = Math.min(columns, left + Math.ceil(this.width / this.columnWidth));
    const old = this.drawn;
    if (!all && old && old.from <= top && old.to >= bottom && old.left <= left && old.right >= right) return;
    const seen = all ? { from: 0, to: Math.min(rows, PRINTED), left: 0, right: columns } : {
      from: Math.max(0, Math.min(top, rows) - OVERSCAN), to: Math.min(rows, bottom + OVERSCAN),
      left: Math.max(0, left - OVERSCAN), right: Math.min(columns, right + OVERSCAN),
    };
    const lines = [];
    for (let place = seen.from; place < seen.to; place += 1) lines.push(this.hostRow(place, seen));
    const below = all && seen.to < rows
      ? make("tr", { class: "space" }, make("th", { scope: "row" }, `and ${rows - seen.to} more`))
      : this.space(rows - seen.to);
    this.body.replaceChildren(this.space(seen.from), ...lines, below);
    this.drawn = all ? null : seen;
    this.mark();
  }

  space(rows) {
    const row = make("tr", { "aria-hidden": "true", class: "space" });
    row.style.height = `${rows * this.rowHeight}px`;
    return row;
  }

  hostRow(place, { left, right }) {
    const number = this.hosts[place], host = this.data.hosts[number];
    const status = make("span", { class: `s-${host.status}`, title: statusWord(host.status) },
      statusSymbol(this.data, host.status));
    const name = make("th", { scope: "row", "aria-colindex": 1, "aria-label": `${host.name}, ${statusWord(host.status)}` },
      status, make("span", { class: "name", title: host.name }, host.name));
    const cells = this.columns.slice(left, right).map((column, n) => {
      const result = resultAt(this.data, number, column);
      const cell = (result ? this.cells.get(result.verdict) : this.noCell).cloneNode(true);
      cell.setAttribute("aria-colindex", left + n + 2);
      return cell;
    });
    const gap = (count) => count && make("td", { class: "space", "aria-hidden": "true", colspan: count });
    return make("tr", { "data-row": place + 1, "aria-rowindex": place + 2 },
      name, gap(left) || "", ...cells, gap(this.columns.length - right) || "");
  }

  cellAt(row, column) {
    const line = row === 0 ? this.head.rows[0] : this.body.querySelector(`tr[data-row="${row}"]`);
    return line && line.querySelector(`[aria-colindex="${column + 1}"]`);
  }

  placeOf(target) {
    const cell = target.closest("[aria-colindex]"), line = cell && cell.closest("tr");
    return line ? [Number(line.dataset.row || 0), cell.getAttribute("aria-colindex") - 1] : null;
  }

  mark() {
    const before = this.table.querySelector("#active");
    if (before) {
      before.removeAttribute("id");
      before.removeAttribute("aria-describedby");
    }
    const cell = this.cellAt(this.row, this.column);
    if (cell) {
      cell.id = "active";
      cell.setAttribute("aria-describedby", this.caption.id);
      this.table.setAttribute("aria-activedescendant", "active");
    } else this.table.removeAttribute("aria-activedescendant");
  }

  // The line below the matrix: what the cell says, without opening the host.
  tell(place) {
    this.caption.textContent = place ? this.words(...place) : "\u00a0";
  }

  words(row, column) {
    const host = this.data.hosts[this.hosts[row - 1]], check = this.data.columns[this.columns[column - 1]];
    if (!host) return check ? check.name : "\u00a0";
    if (!check) {
      return [host.name, statusWord(host.status), host.reason].filter(Boolean).join(": ");
    }
    const result = resultAt(this.data, host.number, this.columns[column - 1]);
    const said = result ? [wordOf(result.verdict), result.message] : ["no such check"];
    return [`${host.name}, ${check.name}`, ...said].filter(Boolean).join(": ");
  }

  move(row, column) {
    this.row = Math.max(0, Math.min(this.hosts.length, row));
    this.column = Math.max(0, Math.min(this.columns.length, column));
    const room = this.scroller.clientHeight - this.head.offsetHeight;
    const top = (this.row - 1) * this.rowHeight;
    if (this.row > 0 && top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (this.row > 0 && top + this.rowHeight > this.scroller.scrollTop + room) {
      this.scroller.scrollTop = top + this.rowHeight - room;
    }
    const names = this.head.rows[0].cells[0].offsetWidth, { scrollLeft, clientWidth } = this.scroller;
    const left = (this.column - 1) * this.columnWidth, right = names + left + this.columnWidth;
    if (left < scrollLeft) this.scroller.scrollLeft = Math.max(0, left);
    else if (right > scrollLeft + clientWidth) this.scroller.scrollLeft = right - clientWidth;
    this.draw();
    this.mark();
    this.tell([this.row, this.column]);
  }

  key(event) {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((this.scroller.clientHeight - this.head.offsetHeight) / this.rowHeight) - 1);
    const { row, column } = this, far = event.ctrlKey;
    const moves = {
      ArrowUp: [far ? 1 : row - 1, column], ArrowDown: [far ? this.hosts.length : row + 1, column],
      ArrowLeft: [row, far ? 0 : column - 1], ArrowRight: [row, far ? this.columns.length : column + 1],
      Home: [far ? 1 : row, 0], End: [far ? this.hosts.length : row, this.columns.length],
      PageUp: [Math.max(1, row - page), column], PageDown: [row + page, column],
    };
    if (moves[event.key]) this.move(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.activate();
    else return;
    event.preventDefault();
  }

  click(event) {
    const place = this.placeOf(event.target);
    if (!place) return;
    this.move(...place);
    this.activate();
  }

  activate() {
    const host = this.hosts[this.row - 1], column = this.columns[this.column - 1];
    if (host !== undefined) this.open(host, column);
    else if (this.row === 0 && column !== undefined) this.choose(column);
  }
}
