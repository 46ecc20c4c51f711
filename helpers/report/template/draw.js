// A surface to draw a digit on. JupyterLab runs this file as a widget, the report's page runs it
// with network.js behind it. What is drawn is brought into the form of MNIST's images as the
// authors of the data set describe it: scaled into a box, anti-aliased, keeping its aspect ratio,
// then moved so that its centre of mass is the centre of the image.
const SIDE = 28; // pixels of an image's side
const BOX = 20; // and of the box's
const SIZE = 280; // pixels of the surface's side
const PEN = 22; // of a stroke's width
// A picture's pixels that differ from its background by less than this share of the most are paper.
const PAPER = 0.25;
const LEAST = 32; // of 255: a picture with less contrast is blank

// Return the bytes of a base64 text.
export function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// Return a drawing as an image [28 * 28], null of a blank one. `ink` has 0 to 255 for each pixel,
// 0 is black and no ink, `width` pixels a row.
export function prepare(ink, width) {
  const box = boundsOf(ink, width);
  if (!box) return null;
  const scale = BOX / Math.max(box.width, box.height);
  const columns = Math.max(1, Math.round(box.width * scale));
  const rows = Math.max(1, Math.round(box.height * scale));
  const small = shrink(ink, width, box, columns, rows);
  let [mass, x, y] = [0, 0, 0];
  small.forEach((value, place) => {
    mass += value;
    x += value * (place % columns);
    y += value * Math.floor(place / columns);
  });
  const [left, top] = [start(x / mass, columns), start(y / mass, rows)];
  const image = new Uint8Array(SIDE * SIDE);
  small.forEach((value, place) => {
    const row = top + Math.floor(place / columns);
    image[row * SIDE + left + (place % columns)] = Math.round(value);
  });
  return image.some(Boolean) ? image : null;
}

// Return where something of an extent begins for its centre of mass to be the image's centre,
// pixel 14 in MNIST; nothing is moved out of the image for that.
function start(centre, extent) {
  return Math.min(Math.max(Math.ceil(SIDE / 2 - centre - 0.5), 0), SIDE - extent);
}

// Return the smallest rectangle that holds all ink, null without any.
function boundsOf(ink, width) {
  let [left, right, top, bottom] = [width, -1, -1, -1];
  ink.forEach((value, place) => {
    if (!value) return;
    const [column, row] = [place % width, Math.floor(place / width)];
    left = Math.min(left, column);
    right = Math.max(right, column);
    if (top < 0) top = row;
    bottom = row;
  });
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

// Return a rectangle of the ink in fewer pixels: each is the mean of the area that it covers.
function shrink(ink, width, box, columns, rows) {
  const [across, down] = [box.width / columns, box.height / rows];
  return Float64Array.from({ length: columns * rows }, (_, place) => {
    let sum = 0;
    for (const [row, high] of covered(Math.floor(place / columns), down)) {
      for (const [column, wide] of covered(place % columns, across)) {
        sum += high * wide * ink[(box.top + row) * width + box.left + column];
      }
    }
    return sum / (across * down);
  });
}

// Return the pixels, and how much of each, that the pixel `place` of a smaller line covers.
function covered(place, step) {
  const [begin, end] = [place * step, (place + 1) * step];
  const found = [];
  for (let pixel = Math.floor(begin); pixel < end - 1e-9; pixel += 1) {
    found.push([pixel, Math.min(pixel + 1, end) - Math.max(pixel, begin)]);
  }
  return found;
}

// Return the ink of a picture, dark on light or light on dark: how far each pixel is from the
// background, which is the median of the picture's edge. `rgba` has four values a pixel.
export function inkOf(rgba, width) {
  const grey = Float64Array.from({ length: rgba.length / 4 }, (_, place) => {
    const [red, green, blue, opaque] = rgba.subarray(4 * place, 4 * place + 4);
    return 255 + ((0.299 * red + 0.587 * green + 0.114 * blue - 255) * opaque) / 255;
  });
  const last = grey.length / width - 1;
  const edge = grey.filter((_, place) => {
    const [column, row] = [place % width, Math.floor(place / width)];
    return !(column && row && width - 1 - column && last - row);
  }).sort();
  const background = edge[Math.floor(edge.length / 2)];
  const far = grey.map((value) => Math.abs(value - background));
  const most = far.reduce((one, other) => Math.max(one, other), 0);
  return Uint8Array.from(far, (value) => (
    most < LEAST || value < PAPER * most ? 0 : Math.round((255 * value) / most)
  ));
}

function make(kind, attributes = {}, ...children) {
  const element = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Draw an image or a picture's ink into a canvas, as large as fits.
function paint(canvas, ink, width) {
  const height = ink.length / width;
  const rgba = new ImageData(width, height);
  ink.forEach((value, place) => rgba.data.set([value, value, value, 255], 4 * place));
  const small = make("canvas", { width, height });
  small.getContext("2d").putImageData(rgba, 0, 0);
  const scale = canvas.width / Math.max(width, height);
  const [across, down] = [width * scale, height * scale];
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const place = [(canvas.width - across) / 2, (canvas.height - down) / 2];
  context.drawImage(small, ...place, across, down);
}

// Return a picture file's ink and its width, at most as large as the surface. It rejects of a file
// that is no picture.
async function read(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIZE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const context = make("canvas", { width, height }).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return [inkOf(context.getImageData(0, 0, width, height).data, width), width];
}

function softmax(logits) {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((one, other) => one + other, 0);
  return powers.map((value) => value / sum);
}

const percent = (share) => `${(100 * share).toFixed(1)}%`;

// Return a table of the classes' probabilities, a column for each that answered.
function bars(classes, answers) {
  const head = answers.map(({ name, time }) => make(
    "th", { scope: "col" }, name, ...(time ? [make("small", {}, time)] : []),
  ));
  const rows = classes.map((label, row) => make(
    "tr", {}, make("th", { scope: "row" }, label), ...answers.map(({ shares, best }) => {
      const bar = make("span", { class: "bar" });
      bar.style.width = `${4 * shares[row]}em`;
      const share = make("span", { class: "share" }, percent(shares[row]));
      return make("td", row === best ? { class: "best" } : {}, share, bar);
    }),
  ));
  return make(
    "table", {},
    make("caption", {}, "Probability of each class"),
    make("thead", {}, make("tr", {}, make("td"), ...head)),
    make("tbody", {}, ...rows),
  );
}

// Build the surface in `root` and return how answers and words are shown on it. `ask` gets every
// image [28 * 28] that is drawn. `about` is {thing, classes, tests}: what is drawn, such as "digit",
// the names of its classes, and test images as [{label, image}], an image in base64.
export function build(root, { thing, classes, tests }, ask) {
  const blank = `Draw something first, or load a test ${thing}.`;
  const surface = make("canvas", {
    width: SIZE, height: SIZE, class: "surface", role: "img", "aria-label": "Surface to draw on",
  });
  const seen = make("canvas", {
    width: SIDE, height: SIDE, class: "seen", role: "img", "aria-label": "What the network sees",
  });
  const status = make("p", { role: "status" });
  const test = make("button", { type: "button" }, `Load a test ${thing}`);
  const clear = make("button", { type: "button" }, "Clear");
  const answered = make("div");
  root.append(
    make("div", {}, surface, make("div", { class: "buttons" }, test, clear), status),
    make("div", {}, seen, make("small", {}, `What the network sees, ${SIDE} × ${SIDE} pixels`)),
    answered,
  );
  const pen = surface.getContext("2d", { willReadFrequently: true });
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", strokeStyle: "#fff", fillStyle: "#000" });
  let origin = ""; // what is said of an image beside its answers
  let [number, last] = [0, null];

  const say = (words) => { status.textContent = words; };
  const look = (image, from) => {
    origin = from;
    answered.replaceChildren();
    paint(seen, image ?? new Uint8Array(SIDE * SIDE), SIDE);
    if (image) ask(image);
    else say(blank);
  };
  // What is drawn is white, so one of the four values of a pixel is its ink.
  const lookAtSurface = (from) => {
    const { data } = pen.getImageData(0, 0, SIZE, SIZE);
    look(prepare(data.filter((_, place) => place % 4 === 0), SIZE), from);
  };
  const at = (event) => [event.offsetX, event.offsetY].map(
    (value) => (value * SIZE) / surface.clientWidth,
  );
  const stroke = (from, to) => {
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  };
  const lift = () => {
    if (last) lookAtSurface("");
    last = null;
  };

  surface.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    surface.setPointerCapture(event.pointerId);
    last = at(event);
    stroke(last, last);
  });
  surface.addEventListener("pointermove", (event) => {
    if (!last || !event.isPrimary) return;
    const moves = event.getCoalescedEvents();
    for (const move of moves.length ? moves : [event]) {
      stroke(last, at(move));
      last = at(move);
    }
  });
  surface.addEventListener("pointerup", lift);
  surface.addEventListener("pointercancel", lift);
  surface.addEventListener("dragover", (event) => event.preventDefault());
  surface.addEventListener("drop", async (event) => {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    const picture = await read(file).catch(() => null);
    if (!picture) {
      say(`${file.name} is no picture that this browser reads; drop a PNG or JPEG file.`);
      return;
    }
    paint(surface, ...picture);
    lookAtSurface(`${file.name}. `);
  });
  test.addEventListener("click", () => {
    const { label, image } = tests[number];
    number = (number + 1) % tests.length;
    paint(surface, bytes(image), SIDE);
    look(bytes(image), `A test ${thing}, labelled ${label}. `);
  });
  clear.addEventListener("click", () => {
    paint(surface, new Uint8Array(SIDE * SIDE), SIDE);
    look(null, "");
  });
  clear.click();

  return {
    say,
    // Each answer is {name, logits}, in a runtime with the time of the call.
    show(answers) {
      const told = answers.map((answer) => {
        const shares = softmax(answer.logits);
        return { ...answer, shares, best: shares.indexOf(Math.max(...shares)) };
      });
      answered.replaceChildren(bars(classes, told));
      const words = told.map(
        ({ name, shares, best }) => `${name}: ${classes[best]} (${percent(shares[best])})`,
      );
      say(`${origin}${words.join("; ")}`);
    },
  };
}

// The widget: Python gets the finished image and sends back what the runtimes answer.
function render({ model, el }) {
  el.classList.add("draw");
  el.dataset.lmSuppressShortcuts = "true"; // the keys are the buttons', not the notebook's
  const surface = build(el, model.get("about"), (image) => model.send({}, undefined, [image.buffer]));
  model.on("msg:custom", ({ answers, wrong }) => (wrong ? surface.say(wrong) : surface.show(answers)));
}

export default { render };
