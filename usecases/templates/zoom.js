// Zoom of the drawings of a report: wheel with Ctrl, drag, double click, buttons. Without it they still show, and so do their texts.
for (const figure of document.querySelectorAll("figure.drawing")) {
  const svg = figure.querySelector("svg");
  const whole = svg.getAttribute("viewBox").split(" ").map(Number);
  let box = whole.slice();
  let from = null;

  const show = () => svg.setAttribute("viewBox", box.join(" "));
  const scale = (factor, x, y) => {
    const width = Math.min(whole[2], Math.max(whole[2] / 60, box[2] * factor));
    const height = width * whole[3] / whole[2];
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
    return [box[0] + (event.clientX - frame.left) / frame.width * box[2],
            box[1] + (event.clientY - frame.top) / frame.height * box[3]];
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
  svg.addEventListener("pointerdown", (event) => {
    if (box[2] === whole[2]) return;
    from = place(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!from) return;
    const now = place(event);
    box[0] += from[0] - now[0];
    box[1] += from[1] - now[1];
    keep();
  });
  svg.addEventListener("pointerup", () => { from = null; });
  svg.addEventListener("pointercancel", () => { from = null; });
}
