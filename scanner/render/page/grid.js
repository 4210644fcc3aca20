// The matrix: a row for each host, of which only those in sight are in the document.
// The table keeps the focus; which cell is meant stands in aria-activedescendant.

const OVERSCAN = 6, PRINTED = 2000, LABEL = 28;

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
    this.drawn = [0, -1];
    this.rowHeight = 32;
    this.height = 0;
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
    if (this.drawn[1] >= 0 && same(this.hosts, hosts) && same(this.columns, columns)) return;
    if (this.scroller.scrollTop) this.scroller.scrollTop = 0;
    this.hosts = hosts;
    this.columns = columns;
    this.row = Math.min(this.row, hosts.length);
    this.column = Math.min(this.column, columns.length);
    this.table.setAttribute("aria-rowcount", hosts.length + 1);
    this.table.setAttribute("aria-colcount", columns.length + 1);
    this.table.style.setProperty("--columns", columns.length);
    const names = columns.map((number) => {
      const { name, check } = this.data.columns[number];
      const said = check === name ? name : `${name} (${check})`;
      return make("th", { scope: "col", title: said, "aria-label": said },
        make("span", {}, shorten(name, LABEL)));
    });
    const corner = make("th", { scope: "col" }, make("span", {}, "host"));
    this.head.replaceChildren(make("tr", { "aria-rowindex": 1 }, corner, ...names));
    this.drawn = [0, -1];
    this.draw();
  }

  // Asked of the browser where a size may have changed, and not at each draw: it would have to
  // lay out the table before and after.
  measure() {
    const row = this.body.querySelector("tr[data-row]");
    const tall = row ? row.offsetHeight : 0;
    if (tall && tall !== this.rowHeight) {
      this.rowHeight = tall;
      this.drawn = [0, -1];
    }
    this.height = this.scroller.clientHeight;
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
    const last = this.hosts.length;
    this.height ||= this.scroller.clientHeight;
    const top = Math.floor(this.scroller.scrollTop / this.rowHeight);
    const seen = Math.ceil(this.height / this.rowHeight);
    const [first, end] = this.drawn;
    if (!all && end >= 0 && first <= Math.max(0, top - 2) && end >= Math.min(last, top + seen + 2)) return;
    const from = all ? 0 : Math.max(0, Math.min(top, last - seen) - OVERSCAN);
    const to = Math.min(last, all ? PRINTED : top + seen + OVERSCAN);
    const rows = [];
    for (let place = from; place < to; place += 1) rows.push(this.hostRow(place));
    const below = all && to < last
      ? make("tr", { class: "space" }, make("th", { scope: "row" }, `and ${last - to} more`))
      : this.space(last - to);
    this.body.replaceChildren(this.space(from), ...rows, below);
    this.drawn = all ? [0, -1] : [from, to];
    this.mark();
  }

  space(rows) {
    const row = make("tr", { "aria-hidden": "true", class: "space" });
    row.style.height = `${rows * this.rowHeight}px`;
    return row;
  }

  hostRow(place) {
    const number = this.hosts[place], host = this.data.hosts[number];
    const status = make("span", { class: `s-${host.status}`, title: statusWord(host.status) },
      statusSymbol(this.data, host.status));
    const name = make("th", { scope: "row", "aria-label": `${host.name}, ${statusWord(host.status)}` },
      status, make("span", { class: "name", title: host.name }, host.name));
    const cells = this.columns.map((column) => {
      const result = resultAt(this.data, number, column);
      return (result ? this.cells.get(result.verdict) : this.noCell).cloneNode(true);
    });
    return make("tr", { "data-row": place + 1, "aria-rowindex": place + 2 }, name, ...cells);
  }

  cellAt(row, column) {
    const line = row === 0 ? this.head.rows[0] : this.body.querySelector(`tr[data-row="${row}"]`);
    return line ? line.cells[column] : undefined;
  }

  placeOf(target) {
    const cell = target.closest("th, td"), line = cell && cell.closest("tr:not(.space)");
    return line ? [Number(line.dataset.row || 0), cell.cellIndex] : null;
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
    this.draw();
    this.mark();
    const cell = this.cellAt(this.row, this.column);
    if (cell && this.column > 0) {
      const names = this.head.rows[0].cells[0].offsetWidth, { scrollLeft, clientWidth } = this.scroller;
      if (cell.offsetLeft < scrollLeft + names) this.scroller.scrollLeft = cell.offsetLeft - names;
      else if (cell.offsetLeft + cell.offsetWidth > scrollLeft + clientWidth) {
        this.scroller.scrollLeft = cell.offsetLeft + cell.offsetWidth - clientWidth;
      }
    } else this.scroller.scrollLeft = 0;
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
