// Zoom of the drawings of a report: wheel with Ctrl, drag, double click, buttons. Without it they still show, and so do their texts.
for (const figure of document.querySelectorAll("figure.drawing")) {
  const svg = figure.querySelector("svg");
  const full = svg.getAttribute("viewBox").split(" ").map(Number);
  const left = Number(svg.dataset.from), timeline = "from" in svg.dataset;  // a timeline zooms along x, right of its names
  const whole = timeline ? [left, full[1], full[0] + full[2] - left, full[3]] : full;
  const right = whole[0] + whole[2];
  const told = figure.querySelector(".told");
  let box = whole.slice();
  let from = null;

  const moving = !timeline ? [] : [...svg.querySelectorAll("rect, line, text")].flatMap((shape) => {
    const at = (name, other) => Number(shape.getAttribute(name) ?? shape.getAttribute(other));
    const start = at("x", "x1");
    const end = shape.tagName === "rect" ? start + at("width") : shape.tagName === "line" ? at("x2") : start;
    return start >= left && at("y", "y1") >= Number(svg.dataset.top) ? [{ shape, start, end }] : [];
  });
  const stretch = ({ shape, start, end }) => {
    const to = (x) => left + (x - box[0]) / box[2] * whole[2];
    const from = Math.max(to(start), left), until = Math.min(to(end), right);
    shape.style.display = to(end) < left - .01 || to(start) > right + .01 ? "none" : "";
    if (shape.tagName === "line") { shape.setAttribute("x1", from); shape.setAttribute("x2", until); }
    else shape.setAttribute("x", from);
    if (shape.tagName === "rect") shape.setAttribute("width", Math.max(until - from, 0));
  };
  const show = () => {
    if (timeline) moving.forEach(stretch);
    else svg.setAttribute("viewBox", box.join(" "));
    svg.style.setProperty("--k", box[2] / whole[2]);  // marks and words of a map keep their size on the screen
    svg.style.touchAction = box[2] < whole[2] ? "none" : "";
  };
  const scale = (factor, x, y) => {
    const width = Math.min(whole[2], Math.max(whole[2] / 60, box[2] * factor));
    const height = timeline ? whole[3] : width * whole[3] / whole[2];
    box = [x - (x - box[0]) * width / box[2], y - (y - box[1]) * height / box[3], width, height];
    keep();
  };
  const keep = () => {  // never leave the drawing
    box[0] = Math.min(Math.max(box[0], whole[0]), whole[0] + whole[2] - box[2]);
    box[1] = Math.min(Math.max(box[1], whole[1]), whole[1] + whole[3] - box[3]);
    show();
  };
  const place = (event) => {
    const frame = svg.getBoundingClientRect();
    const x = full[0] + (event.clientX - frame.left) / frame.width * full[2];
    return [box[0] + Math.max(0, x - whole[0]) / whole[2] * box[2],
            box[1] + (event.clientY - frame.top) / frame.height * box[3]];
  };
  const tell = (event) => {  // on touch nothing hovers: a tap shows the text
    let shape = document.elementFromPoint(event.clientX, event.clientY);
    while (shape && shape !== svg && !shape.querySelector(":scope > title")) shape = shape.parentElement;
    told.textContent = shape && shape !== svg && svg.contains(shape) ? shape.querySelector(":scope > title").textContent : "";
  };

  figure.querySelector(".zoom").addEventListener("click", (event) => {
    const action = event.target.dataset.zoom;
    if (action === "all") { box = whole.slice(); show(); }
    if (action === "in") scale(1 / 1.6, box[0] + box[2] / 2, box[1] + box[3] / 2);
    if (action === "out") scale(1.6, box[0] + box[2] / 2, box[1] + box[3] / 2);
  });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;  // without Ctrl the wheel scrolls the page
    event.preventDefault();
    scale(event.deltaY < 0 ? 1 / 1.25 : 1.25, ...place(event));
  }, { passive: false });
  svg.addEventListener("dblclick", (event) => scale(1 / 2, ...place(event)));
  svg.addEventListener("click", tell);
  svg.addEventListener("pointerdown", (event) => {
    if (box[2] === whole[2]) return;
    from = place(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!from) return;
    if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    const now = place(event);
    box[0] += from[0] - now[0];
    box[1] += from[1] - now[1];
    keep();
  });
  svg.addEventListener("pointerup", () => { from = null; });
  svg.addEventListener("pointercancel", () => { from = null; });
}
