// What answers a drawing: MNIST's form of an image, and the forward pass of dense layers and ReLU.
const SIDE = 28; // pixels of an image's side
const BOX = 20; // and of the box's into which its authors scaled a digit
const SAMPLES = 8; // a side, of each pixel of the box

// Return the bytes of a base64 text.
export function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// Return a drawing as an image [28 * 28], null of a blank one: scaled into the box, keeping its
// aspect ratio, then moved so that its centre of mass is the image's. `ink` is 0 to 255 for each
// pixel, 0 is no ink, `width` pixels a row.
export function prepare(ink, width) {
  let [left, right, top, bottom] = [width, -1, -1, -1];
  ink.forEach((value, place) => {
    if (!value) return;
    left = Math.min(left, place % width);
    right = Math.max(right, place % width);
    bottom = Math.floor(place / width);
    if (top < 0) top = bottom;
  });
  if (right < 0) return null;
  const [wide, high] = [right - left + 1, bottom - top + 1];
  const scale = BOX / Math.max(wide, high);
  const [columns, rows] = [wide, high].map((side) => Math.max(1, Math.round(side * scale)));
  const small = Array.from({ length: columns * rows }, (_, place) => {
    let sum = 0; // each pixel is the mean of the area that it covers
    for (let sample = 0; sample < SAMPLES ** 2; sample += 1) {
      const [down, across] = [Math.floor(sample / SAMPLES), sample % SAMPLES];
      const row = Math.floor(place / columns) + (down + 0.5) / SAMPLES;
      const column = (place % columns) + (across + 0.5) / SAMPLES;
      const y = top + Math.floor((row * high) / rows);
      sum += ink[y * width + left + Math.floor((column * wide) / columns)];
    }
    return Math.round(sum / SAMPLES ** 2);
  });
  const mass = small.reduce((sum, value) => sum + value, 0);
  // Return where an extent begins for its centre of mass to be pixel 14, the image's centre.
  const start = (extent, coordinate) => {
    const moment = small.reduce((sum, value, place) => sum + value * coordinate(place), 0);
    return Math.min(Math.max(Math.ceil(SIDE / 2 - moment / mass - 0.5), 0), SIDE - extent);
  };
  const x = start(columns, (place) => place % columns);
  const y = start(rows, (place) => Math.floor(place / columns));
  const image = new Uint8Array(SIDE * SIDE);
  small.forEach((value, place) => {
    image[(y + Math.floor(place / columns)) * SIDE + x + (place % columns)] = value;
  });
  return mass ? image : null;
}

// Return the layers of the page's data: kernels [inputs * outputs] row by row, biases [outputs].
export function layersOf({ layers }) {
  const numbers = (text) => new Float32Array(bytes(text).buffer);
  return layers.map(({ kernel, bias, relu }) => (
    { kernel: numbers(kernel), bias: numbers(bias), relu }
  ));
}

// Return the logits of an image, 0 to 255 for each pixel.
export function forward(layers, image) {
  let values = Float32Array.from(image, (pixel) => pixel / 255);
  for (const { kernel, bias, relu } of layers) {
    const sums = Float64Array.from(bias);
    values.forEach((value, row) => {
      for (let column = 0; column < sums.length; column += 1) {
        sums[column] += value * kernel[row * sums.length + column];
      }
    });
    values = relu ? sums.map((sum) => Math.max(sum, 0)) : sums;
  }
  return [...values];
}
