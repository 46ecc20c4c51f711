// The surface to draw on: strokes of a mouse, a pen or a finger, or a test image, and the answer.
const PEN = 22; // pixels of a stroke's width

function surface(root) {
  const find = (selector) => root.querySelector(selector);
  const { classes, tests, network, layers } = JSON.parse(find("script").textContent);
  const weights = layersOf({ layers });
  const [canvas, seen] = [find(".pen"), find(".seen")];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", strokeStyle: "#fff" });
  pen.imageSmoothingEnabled = false;
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  let [number, last] = [0, null];

  const answer = (image, origin) => {
    const rgba = new ImageData(SIDE, SIDE);
    image.forEach((value, place) => rgba.data.set([value, value, value, 255], 4 * place));
    seen.getContext("2d").putImageData(rgba, 0, 0);
    const logits = forward(weights, image);
    const most = Math.max(...logits);
    const powers = logits.map((value) => Math.exp(value - most));
    const sum = powers.reduce((one, other) => one + other, 0);
    find("ul").replaceChildren(...powers.map((power, label) => {
      const [row, bar] = [document.createElement("li"), document.createElement("span")];
      bar.style.width = `${(5 * power) / sum}em`;
      row.append(`${classes[label]}: ${percent(power / sum)}`, bar);
      return row;
    }));
    const best = `${classes[logits.indexOf(most)]} (${percent(1 / sum)})`;
    find("[role=status]").textContent = `${origin}The ${network} answers ${best}.`;
  };
  const clear = () => {
    pen.fillRect(0, 0, canvas.width, canvas.height);
    answer(new Uint8Array(SIDE * SIDE), "");
    find("ul").replaceChildren();
    find("[role=status]").textContent = "Draw here, or load a test image.";
  };
  const stroke = (event) => {
    const to = [event.offsetX, event.offsetY].map(
      (value) => (value * canvas.width) / canvas.clientWidth,
    );
    pen.beginPath();
    pen.moveTo(...(last ?? to));
    pen.lineTo(...to);
    pen.stroke();
    last = to;
  };
  const lift = () => {
    if (!last) return;
    last = null;
    // What is drawn is white, so one of the four values of a pixel is its ink.
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const image = prepare(data.filter((_, place) => place % 4 === 0), canvas.width);
    if (image) answer(image, ""); // null is a blank surface
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    canvas.setPointerCapture(event.pointerId);
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last && event.isPrimary) stroke(event);
  });
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  find(".clear").addEventListener("click", clear);
  find(".test").addEventListener("click", () => {
    const { label, image } = tests[number];
    number = (number + 1) % tests.length;
    answer(bytes(image), `A test image, labelled ${label}. `);
    pen.drawImage(seen, 0, 0, canvas.width, canvas.height);
  });
  root.querySelectorAll("[hidden]").forEach((part) => { part.hidden = false; });
  clear();
}

document.querySelectorAll(".draw").forEach(surface);
